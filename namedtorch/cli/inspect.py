"""`namedtorch inspect`: what an archive takes and gives."""

import argparse

from namedtorch.archive.container import Archive, read_archive
from namedtorch.archive.inspect import describe, to_dict
from namedtorch.archive.pin import HASHED_BELOW, sha256_of
from namedtorch.archive.sentence import one_line
from namedtorch.cli.command import Answer, Command
from namedtorch.cli.html_page import html_page
from namedtorch.cli.loading import require_digests
from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.serving import add_serving, check_serving, serving

_NOTES = """\
Reads the manifest, and of a file under 256 MB all bytes, for the sha256 that `load(sha256=)` and `run --sha256` pin it
by; --sha256 and --check read a larger one, too. Needs no torch."""

_EXAMPLES = """\
  namedtorch inspect classifier.pt
  namedtorch inspect classifier.pt --check
  namedtorch inspect classifier.pt --json | jq -r .signature
  namedtorch inspect classifier.pt --json | jq -r .sha256  # what load(sha256=) takes
  namedtorch inspect classifier.pt --html -o classifier.html
  namedtorch inspect classifier.pt --as triton -o models/classifier/config.pbtxt
  namedtorch inspect tagger.onnx --as oip --name tagger --dtype words=int64"""


def _run(options: argparse.Namespace) -> Answer:
    """Answers the manifest of an archive, readable or as data; torch is not loaded."""
    check_serving(options)
    if options.html and options.target is not None:
        raise WrongUse("--html and --as are two answers: ask for one of them")
    if options.output is not None and options.target is None and not options.html:
        raise WrongUse("-o goes with --html or --as: the description is printed")
    if options.sha256 and options.target is not None:
        raise WrongUse("--sha256 goes without --as, whose answers have no place for it")
    archive = read_archive(options.archive)
    if options.check:
        _check(archive)
    if options.target is not None:
        return serving(archive, options)
    # A large file is read for who asks; of any other, hashing takes no time that is felt.
    is_read = options.sha256 or options.check or archive.size < HASHED_BELOW
    sha256 = sha256_of(archive.path, one_line(str(archive.path))) if is_read else ""
    if options.html:
        return html_page(archive, sha256, options)
    text, data = describe(archive, sha256), to_dict(archive, sha256)
    if options.check:
        text += "\n\nchecked: every record is as it was saved"
        data["checked"] = True
    return Answer(text, data)


def _check(archive: Archive) -> None:
    """Reads the whole file; raises ArchiveError where it changed, Refused where it holds no digests."""
    require_digests(archive)
    # Hashing is for who asks: without it, a file of any size is inspected at once.
    from namedtorch.archive.seal import verify

    verify(archive.path, archive.manifest, str(archive.path))


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", metavar="FILE", help="an archive (.pt, .ptl, .pt2, .onnx, .pte)")
    parser.add_argument(
        "--check", action="store_true", help="read the whole file, and hold it against its digests"
    )
    parser.add_argument(
        "--sha256", action="store_true", help="read the whole file for its sha256, also where it is large"
    )
    parser.add_argument(
        "--html", action="store_true", help="a page of all that is known, with the model drawn as a picture"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="with --html or --as: the file to write")
    add_serving(parser)


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

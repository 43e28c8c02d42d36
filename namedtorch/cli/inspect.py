"""`namedtorch inspect`: what an archive takes and gives."""

import argparse

from namedtorch.archive.container import Archive, read_archive
from namedtorch.archive.inspect import describe, to_dict
from namedtorch.cli.command import Answer, Command
from namedtorch.cli.loading import require_digests

_NOTES = """\
Reads the directory of the file and the manifest, not the weights, but for --check; needs no torch."""

_EXAMPLES = """\
  namedtorch inspect classifier.pt
  namedtorch inspect classifier.pt --check
  namedtorch inspect classifier.pt --json | jq -r .signature"""


def _run(options: argparse.Namespace) -> Answer:
    """Answers the manifest of an archive, readable or as data; torch is not loaded."""
    archive = read_archive(options.archive)
    text, data = describe(archive), to_dict(archive)
    if options.check:
        _check(archive)
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
    parser.add_argument("archive", metavar="FILE", help="an archive (.pt, .ptl)")
    parser.add_argument(
        "--check", action="store_true", help="read the whole file, and hold it against its digests"
    )


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

"""`namedtorch annotate`: a signature for a file that exists already."""

import argparse
from typing import Any

from namedtorch.cli.command import Answer, Command
from namedtorch.cli.metadata import metadata
from namedtorch.cli.methods import signatures
from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.written import check_archive, written

_NOTES = """\
OLD is TorchScript, written by torch.jit.save or for the lite interpreter, and stays as it is. The guard goes into its
graph: the new file refuses what does not fit under plain torch, too. Nothing of the model is run, unless --check asks
for one call of each method. `...` stands for a parameter that gets no dims."""

_EXAMPLES = """\
  namedtorch annotate old.pt "image: N C=3 H W -> N 1000" -o new.pt
  namedtorch annotate old.pt "image: N C=3 H W -> N 1000 where H >= 32" -o new.pt --metadata labels.json
  namedtorch annotate old.pt "x: N T -> N" "encode=x: N T -> N D" -o new.pt        # two methods
  namedtorch annotate old.pt "x: N T -> N D" --method encode -o new.pt"""


def _run(options: argparse.Namespace) -> Answer:
    """Writes a new archive of an old file, says what it wrote."""
    output = check_archive(options.output, scripts=True)
    given: dict[str, Any] = {}
    if options.metadata:
        given["metadata"] = metadata(options.metadata)
    signature = signatures(options.signature)
    if options.check:
        given["check"] = True
    if options.method is not None:
        if not isinstance(signature, str):
            raise WrongUse("--method says whose the one SIGNATURE is; several are written METHOD=SIGNATURE")
        given["method"] = options.method
    from namedtorch.lower.annotate import annotate

    return written(output, annotate(options.archive, signature, output, **given))


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", metavar="OLD", help="a TorchScript file without a manifest (.pt, .ptl)")
    parser.add_argument(
        "signature",
        nargs="+",
        metavar="[METHOD=]SIGNATURE",
        help='what a method takes and gives: "image: N C=3 H W -> N 1000" (of forward where none is named)',
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="NEW", help="the archive to write (.pt, .ptl)"
    )
    parser.add_argument(
        "--check", action="store_true", help="call each method once with inputs drawn from its signature"
    )
    parser.add_argument("--method", metavar="NAME", help="the method that SIGNATURE is of (default: forward)")
    parser.add_argument(
        "--metadata",
        action="append",
        default=[],
        metavar="FILE.json|NAME=VALUE",
        help="what the archive is to say besides: an object in a file, or one value of it; can be repeated",
    )


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

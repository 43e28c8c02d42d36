"""`namedtorch inspect`: what an archive takes and gives."""

import argparse
import json

from namedtorch.archive.container import read_archive
from namedtorch.archive.inspect import describe, to_dict
from namedtorch.cli.command import Command

_EXAMPLES = """\
  namedtorch inspect classifier.pt
  namedtorch inspect classifier.pt --json"""


def _run(options: argparse.Namespace) -> None:
    """Prints the manifest of an archive, readable or as JSON; torch is not loaded."""
    archive = read_archive(options.archive)
    if options.json:
        print(json.dumps(to_dict(archive), indent=2))
    else:
        print(describe(archive))


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", metavar="FILE", help="an archive (.pt, .ptl)")
    parser.add_argument("--json", action="store_true", help="print JSON, the manifest included")


COMMAND = Command("inspect", "show what an archive takes and gives", _EXAMPLES, _options, _run)

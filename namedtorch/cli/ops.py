"""`namedtorch ops`: the operators that a phone needs for archives."""

import argparse
from typing import Any

from namedtorch.archive.container import read_archive
from namedtorch.cli.command import Answer, Command
from namedtorch.cli.written import check_folder

_NOTES = """\
The list is that of the bytecode in a .ptl, guard and bundled inputs included: the operators that the model calls
itself, with their overloads. A build of torch adds what they call in turn. Of a .pt it is that of the .ptl which
would be written of it. Each operator stands in the file once, whatever number of archives needs it."""

_EXAMPLES = """\
  namedtorch ops classifier.ptl                          # prints the list
  namedtorch ops classifier.ptl detector.ptl -o ops.yaml # one list for an app with both
  SELECTED_OP_LIST=ops.yaml ./scripts/build_mobile.sh    # in torch's sources"""


def _run(options: argparse.Namespace) -> Answer:
    """Reads the archives, answers or writes the operators of all of them."""
    if options.output is not None:
        check_folder(options.output)
    for path in options.archives:
        # What is no archive is said at once, without torch.
        read_archive(path)
    from namedtorch.lower.mobile.operator_list import operators_in, write_list, yaml_list

    found = {path: operators_in(path) for path in options.archives}
    names = tuple(sorted({name for one in found.values() for name in one}))
    data: dict[str, Any] = {
        "operators": list(names),
        "archives": {path: list(one) for path, one in found.items()},
        "output": options.output,
    }
    if options.output is None:
        return Answer(yaml_list(names).rstrip("\n"), data)
    write_list(options.output, names)
    many = "" if len(options.archives) == 1 else f" of {len(options.archives)} archives"
    return Answer(f"{options.output}: {len(names)} operators{many}", data)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archives", nargs="+", metavar="FILE", help="archives (.ptl, .pt)")
    parser.add_argument(
        "-o", "--output", metavar="FILE.yaml", help="write the list, as selective builds of torch read it"
    )


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

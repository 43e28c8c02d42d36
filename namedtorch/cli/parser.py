"""The command line as a whole: its commands, its help."""

import argparse

from namedtorch.archive.version import NAMEDTORCH_VERSION
from namedtorch.cli import explain, inspect, lower, run


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line; `command` of what it parses is the command that was given."""
    parser = argparse.ArgumentParser(
        prog="namedtorch",
        description="Dimension names for PyTorch: lower a checked model to a file, and use the file.",
        epilog="namedtorch COMMAND --help shows examples. Exit codes: 0, 1 (refused), 2 (wrong use).",
    )
    parser.add_argument("--version", action="version", version=f"namedtorch {NAMEDTORCH_VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (lower.COMMAND, inspect.COMMAND, run.COMMAND, explain.COMMAND):
        one = commands.add_parser(
            command.name,
            help=command.what,
            description=command.what[0].upper() + command.what[1:] + ".",
            epilog=f"examples:\n{command.examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.options(one)
        one.add_argument("--traceback", action="store_true", help="show Python's traceback with an error")
        one.set_defaults(command=command)
    return parser

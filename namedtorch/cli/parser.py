"""The command line as a whole: its commands, its help, and what was probably meant by a word that it has not."""

import argparse
import difflib
import functools
import importlib
import re
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import NoReturn, cast

from namedtorch.archive.targets import SUFFIXES
from namedtorch.archive.version import NAMEDTORCH_VERSION
from namedtorch.cli.command import Command
from namedtorch.cli.outcome import WrongUse

COMMANDS = {
    "check": "find dimension errors in source files, without running them",
    "reveal": "show the dims that are inferred in a source file",
    "lower": "lower a model to a file with its guard and manifest",
    "annotate": "give a signature, guard and manifest to a TorchScript file that exists already",
    "inspect": "show what an archive takes and gives",
    "compare": "say whether a new archive can stand in the place of an old one",
    "run": "call the model of an archive",
    "bench": "measure the latency of archives",
    "ops": "list the operators that a phone needs for archives",
    "explain": "explain the code of an error",
}
"""What each command does, by name; `namedtorch.cli.NAME` holds the command, and is imported for it alone."""

_HELP = """\
usage: namedtorch COMMAND ...

Dimension names for PyTorch: lower a checked model to a file, and use the file.

commands:
{commands}

examples:
  namedtorch check src
  namedtorch lower models.digits:Classifier --arg classes=10 -o classifier.pt
  namedtorch inspect classifier.pt
  namedtorch compare deployed.pt candidate.pt
  namedtorch run classifier.pt image=@digits.npy -o scores.npy
  namedtorch bench classifier.pt other.pt --sizes N=1,32 H=224 W=224
  namedtorch annotate old.pt "image: N C=3 H W -> N 1000" -o new.pt

namedtorch COMMAND --help shows the options of a command, and examples. Every command takes --json, and --traceback.
Exit codes: 0, 1 (refused, or findings), 2 (wrong use)."""

_WIDEST = 100
"""Help is no wider, on whatever terminal."""

_JSON = """\
With --json, the standard output is one JSON object. An error is one too, with `error` (its kind), `message`, `exit`
(the exit code), and for dims that do not fit `codes` and `failures`; the standard error says the same in words."""


def parse(words: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """The command that the words are for, and its options.

    Raises WrongUse for words that no command takes; prints and exits (SystemExit) for `--help` and `--version`.
    """
    if not words:
        raise WrongUse("no command is given")
    first, *rest = words
    if first == "help":
        first, rest = (rest[0], ["--help"]) if rest else ("--help", [])
    if first in ("-h", "--help"):
        print(program_help())
        raise SystemExit(0)
    if first in ("-V", "--version"):
        print(f"namedtorch {NAMEDTORCH_VERSION}")
        raise SystemExit(0)
    if first not in COMMANDS:
        raise WrongUse(_no_command(first, rest))
    # One command's room only: `inspect` is not to wait for what `lower` imports.
    command = cast("Command", importlib.import_module(f"namedtorch.cli.{first}").COMMAND)
    return command, _parser(first, command).parse_intermixed_args(rest)


def program_help() -> str:
    """The help of the program."""
    width = max(map(len, COMMANDS))
    return _HELP.format(commands="\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items()))


def _parser(name: str, command: Command) -> argparse.ArgumentParser:
    parser = _Parser(name, command)
    command.options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--traceback", action="store_true", help="show Python's traceback with an error")
    return parser


class _Parser(argparse.ArgumentParser):
    """The parser of a command; its errors are ours, in one sentence without the usage."""

    def __init__(self, name: str, command: Command) -> None:
        what, width = COMMANDS[name], _width()
        texts = [f"{what[0].upper()}{what[1:]}.", command.notes]
        super().__init__(
            prog=f"namedtorch {name}",
            description="\n\n".join(textwrap.fill(text, width) for text in texts),
            epilog=f"examples:\n{command.examples}\n\n{textwrap.fill(_JSON, width)}",
            formatter_class=functools.partial(argparse.RawDescriptionHelpFormatter, width=width),
            # An abbreviation that is clear today would be ambiguous with the options of a later version.
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raises WrongUse, with what was probably meant."""
        unknown = re.fullmatch(r"unrecognized arguments: (.+)", message)
        if unknown:
            options = re.findall(r"--?[a-z][\w-]*", self.format_usage())
            raise WrongUse(message + _near(unknown[1].split()[0].partition("=")[0], options))
        choice = re.fullmatch(r"(.*invalid choice: '?(.*?)'?) \(choose from (.*)\)", message)
        if choice:
            raise WrongUse(f"{choice[1]}; it is one of " + choice[3].replace("'", ""))
        raise WrongUse(message)


def _no_command(word: str, rest: Sequence[str]) -> str:
    if word.startswith("-"):
        command = next((one for one in rest if one in COMMANDS), None)
        return f"{word} stands before the command" + (
            f": namedtorch {command} ... {word}" if command else "; options stand behind it"
        )
    if word.endswith(tuple(SUFFIXES.values())):
        return f"`{word}` is no command; did you mean namedtorch inspect {word}?"
    if word.endswith((".py", ".pyi")):
        return f"`{word}` is no command; did you mean namedtorch check {word}?"
    return f"there is no command `{word}`" + (_near(word, COMMANDS) or "; there are " + ", ".join(COMMANDS))


def _near(word: str, words: Iterable[str]) -> str:
    # The dashes, which all options share, make none of them like another.
    known = {one.lstrip("-"): one for one in words}
    near = [known[one] for one in difflib.get_close_matches(word.lstrip("-"), known, n=2, cutoff=0.6)]
    return "; did you mean " + " or ".join(near) + "?" if near else ""


def _width() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST) - 2


def wants_json(words: Sequence[str]) -> bool:
    """Whether the answer is to be JSON, also where the words are wrong otherwise."""
    return "--json" in words


def command_of(words: Sequence[str]) -> str:
    """The name of the command that the words begin with; "" if they begin with none."""
    return words[0] if words and words[0] in COMMANDS else ""

"""`namedtorch explain`: the page of a code."""

import argparse
import difflib

from namedtorch.cli.command import Answer, Command
from namedtorch.cli.outcome import WrongUse
from namedtorch.diagnostics import CODES, Code

_EXAMPLES = """\
  namedtorch explain dims-differ
  namedtorch explain                 # all codes
  namedtorch explain --json          # all codes and their pages"""


def _run(options: argparse.Namespace) -> Answer:
    """Answers the page of a code, or all codes with their titles."""
    if options.code is None:
        width = max(len(code) for code in CODES)
        lines = [f"{code.name:<{width}}  {code.title}" for code in CODES.values()]
        return Answer("\n".join(lines), {"codes": [_data(code) for code in CODES.values()]})
    code = _code(options.code)
    return Answer(f"{code.name}: {code.title}\n\n{code.page.rstrip()}", _data(code))


def _code(name: str) -> Code:
    # Codes are pasted as they are printed: error[dims-differ].
    wanted = name.strip().removeprefix("error").strip("[]").lower().replace("_", "-")
    if wanted in CODES:
        return CODES[wanted]
    near = difflib.get_close_matches(wanted, CODES, n=3, cutoff=0.5)
    meant = (
        "did you mean " + " or ".join(f"`{one}`" for one in near) + "?"
        if near
        else "`namedtorch explain` lists all"
    )
    raise WrongUse(f"there is no code `{name}`; {meant}")


def _data(code: Code) -> dict[str, str]:
    return {"code": code.name, "title": code.title, "page": code.page.rstrip()}


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="a code such as dims-differ; without it, list all"
    )


COMMAND = Command(
    "Codes stand in brackets, or behind `see:`, in what namedtorch reports.", _EXAMPLES, _options, _run
)

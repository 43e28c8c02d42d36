"""`namedtorch explain`: the page of a code."""

import argparse
import difflib

from namedtorch.cli.command import Command
from namedtorch.cli.outcome import WrongUse
from namedtorch.diagnostics import CODES

_EXAMPLES = """\
  namedtorch explain dims-differ
  namedtorch explain                 # all codes"""


def _run(options: argparse.Namespace) -> None:
    """Prints the page of a code, or all codes with their titles."""
    name: str | None = options.code
    if name is None:
        width = max(len(code) for code in CODES)
        for code in CODES.values():
            print(f"{code.name:<{width}}  {code.title}")
        return
    # Codes are pasted as they are printed: error[dims-differ].
    wanted = name.strip().removeprefix("error").strip("[]").lower().replace("_", "-")
    if wanted not in CODES:
        near = difflib.get_close_matches(wanted, CODES, n=3, cutoff=0.5)
        meant = (
            "did you mean " + " or ".join(f"`{one}`" for one in near) + "?"
            if near
            else "`namedtorch explain` lists all"
        )
        raise WrongUse(f"there is no code `{name}`; {meant}")
    code = CODES[wanted]
    print(f"{code.name}: {code.title}\n\n{code.page.rstrip()}")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="a code such as dims-differ; without it, list all"
    )


COMMAND = Command("explain", "explain the code of an error", _EXAMPLES, _options, _run)

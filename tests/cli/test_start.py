"""What a command waits for before it does its work: the rooms of no other command."""

import subprocess
import sys

import pytest

from namedtorch.cli.parser import COMMANDS

HEAVY = {"torch", "numpy", "beartype", "jaxtyping"}
DATA = {*HEAVY, "lark", "namedtorch.signature", "namedtorch.archive.manifest"}
LIGHT = [
    (["explain", "dims-differ"], DATA),
    (["explain", "--json"], DATA),
    (["--help"], DATA),
    (["--version"], DATA),
    (["melt"], DATA),
    (["inspect", "no-such-file.pt"], HEAVY),
    (["run", "--help"], HEAVY),
    (["run", "no-such-file.pt"], HEAVY),
    (["bench", "--help"], HEAVY),
    (["bench", "no-such-file.pt"], HEAVY),
    (["ops", "no-such-file.ptl"], HEAVY),
    (["annotate", "no.pt", "x: N -> N", "-o", "no-such-folder/m.pt"], HEAVY),
    (["lower", "no_such_module:x", "-o", "m.pt"], {"torch"}),
]


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """Which modules a fresh interpreter holds after each of the commands, by its words."""
    found: dict[str, set[str]] = {}
    for words, _ in LIGHT:
        code = f"import sys; from namedtorch.cli import main; main({words!r}); print(*sys.modules, file=sys.stderr)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        found[" ".join(words)] = set(done.stderr.splitlines()[-1].split())
    return found


@pytest.mark.parametrize(("words", "unwanted"), LIGHT, ids=[" ".join(words) for words, _ in LIGHT])
def test_light_commands_load_nothing_heavy(
    loaded: dict[str, set[str]], words: list[str], unwanted: set[str]
) -> None:
    assert loaded[" ".join(words)] & unwanted == set()


@pytest.mark.parametrize("words", [words for words, _ in LIGHT], ids=" ".join)
def test_no_other_command_is_imported(loaded: dict[str, set[str]], words: list[str]) -> None:
    rooms = {name for name in COMMANDS if f"namedtorch.cli.{name}" in loaded[" ".join(words)]}
    assert rooms <= {words[0]}

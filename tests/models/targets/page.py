"""The page of which models go to ONNX; `python -m tests.models.targets.page` runs them all, and writes it anew.

Each model is lowered, saved, loaded and called in a process of its own. That takes about a quarter of an hour.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.models.corpus import MODELS, written_signature
from tests.models.targets.attempt import Outcome

PAGE = Path(__file__).parents[3] / "docs" / "targets-models.md"

SECONDS = 600
"""A model that takes longer is a failure of this script."""

HEAD = """\
# Which models go to ONNX

Written by `python -m tests.models.targets.page`, which lowers the models of `tests/models`, saves them, loads them by
`namedtorch.load`, and holds what is loaded to the model at two assignments of sizes. They were written for TorchScript,
and are lowered to it as they stand, loops, branches and all. Nothing was changed for ONNX, nor given but what its
refusals advise: `where=` stands in the last column, where a loop over a length is unrolled, and the file has one length
only.
"""


def page(outcomes: dict[str, Outcome]) -> str:
    """The page of what came of each model."""
    taken = sum(not one.refused for one in outcomes.values())
    lines = [
        HEAD,
        f"{taken} of {len(outcomes)} are taken.\n",
        "| model | its call | ONNX |",
        "|---|---|---|",
        *(f"| {name} | `{_call(name)}` | {_told(one)} |" for name, one in outcomes.items()),
    ]
    return "\n".join(lines) + "\n"


def outcome(name: str) -> Outcome:
    """What comes of a model in a process of its own; raises RuntimeError for a crash, and for a wrong number."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.models.targets.attempt", name, "onnx"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if made.returncode:
        raise RuntimeError(f"{name}: {made.stderr}")
    found = Outcome(**json.loads(made.stdout.splitlines()[-1]))
    if found.wrong:
        raise RuntimeError(f"{name}: {found.wrong}")
    return found


def _call(name: str) -> str:
    model = next(one for one in MODELS if one.name == name)
    return str(written_signature(model.make(), "forward")).replace("|", "\\|")


def _told(one: Outcome) -> str:
    if not one.refused:
        return f"yes, `{one.where}`" if one.where else "yes"
    lines = one.refused.splitlines()
    place = next((index for index, line in enumerate(lines) if ".py:" in line), None)
    code = "" if place is None or place + 1 == len(lines) else f": `{lines[place + 1].strip()}`"
    # Where results differ, the last line says why.
    told = lines[-1] if "does not compute" in lines[0] else lines[0]
    said = told.strip().partition(";")[0].partition(", and ")[0].partition(": use ")[0]
    return f"no: {said}{code}".replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page({one.name: outcome(one.name) for one in MODELS}), encoding="utf-8")

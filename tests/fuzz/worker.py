"""One target under atheris, until its seconds are over: `python -m tests.fuzz.worker TARGET FOLDER [OPTION...]`."""

import random
import sys
from pathlib import Path

import atheris

# What reads strangers' files; the rest of the package would only be slow.
READERS = (
    "namedtorch.archive",
    "namedtorch.deploy.runtimes.program",
    "namedtorch.deploy.runtimes.symbolic_text",
    "namedtorch.dims",
    "namedtorch.runtime.source",
    "namedtorch.runtime.structure",
    "namedtorch.signature",
    "namedtorch.syntax",
)
ROOT = Path(__file__).parents[2]
MODULES = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.glob("namedtorch/**/*.py")]
OTHERS = [name.removesuffix(".__init__") for name in MODULES if not name.startswith(READERS)]

with atheris.instrument_imports(include=["namedtorch"], exclude=OTHERS):
    from tests.fuzz.bounds import held
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Runs libFuzzer, which ends the process."""
    name, folder, *options = sys.argv[1:]
    target = TARGETS[name]
    taken = refused = 0
    report = Path(folder) / "taken.txt"

    def check(data: bytes) -> None:
        nonlocal taken, refused
        answer = held(target.check, data, target.seconds)
        taken += answer
        refused += not answer
        if (taken + refused) % 1000 == 0:
            report.write_text(f"{taken} {refused}")

    def change(data: bytes, most: int, seed: int) -> bytes:
        return target.mutate(data, most, random.Random(seed), atheris.Mutate)

    atheris.Setup([sys.argv[0], *options], check, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""What the fuzzer kept, replayed; and its mutators, which run here without it."""

import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fuzz.bounds import OutOfBounds, held
from tests.fuzz.targets import TARGETS, Target

DRAWS = 60


def kept(target: Target) -> list[Path]:
    return sorted(target.seeds.iterdir())


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_was_found_holds(name: str) -> None:
    target = TARGETS[name]
    answers = [held(target.check, path.read_bytes(), target.seconds) for path in kept(target)]
    assert any(answers), "none is taken: what holds for those that are was never looked at"


def edited(draw: random.Random) -> object:
    """A change of bytes, as a fuzzer makes them."""

    def mutate(data: bytes, most: int) -> bytes:
        at = draw.randrange(len(data) + 1)
        kinds = [b"", draw.randbytes(draw.randrange(1, 5)), data[at : at + 8] * 2, b"\xff\xff\xff\xff", b"0"]
        return (data[:at] + draw.choice(kinds) + data[at + draw.randrange(4) :])[:most]

    return mutate


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_changed_inputs_hold(name: str) -> None:
    target = TARGETS[name]
    draw = random.Random(name)
    mutate = edited(draw)
    inputs = [path.read_bytes() for path in kept(target)]
    for _ in range(DRAWS):
        data = target.mutate(draw.choice(inputs), 20_000, draw, mutate)  # type: ignore[arg-type]
        held(target.check, data, target.seconds)
        inputs.append(data)


def test_seeds_are_small() -> None:
    sizes = [path.stat().st_size for target in TARGETS.values() for path in kept(target)]
    assert sum(sizes) < 1_500_000
    assert max(sizes) <= 64 * 1024


def test_an_input_that_takes_long_is_told() -> None:
    def slow(_: bytes) -> bool:
        until = time.process_time() + 0.02
        while time.process_time() < until:
            pass
        return True

    assert held(slow, b"data")
    with pytest.raises(OutOfBounds, match=r"took 0\.\d\d s of 0\.01 s for 4 bytes"):
        held(slow, b"data", 0.01)


LARGE = """
from tests.fuzz.bounds import held
held(lambda data: len(b"x" * (100 * 2**20)) > len(data), b"data")
held(lambda data: len(b"x" * (400 * 2**20)) > len(data), b"data")
"""


def test_an_input_that_takes_much_memory_is_told() -> None:
    """In a process that has held little so far."""
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=False)
    assert re.search(r"OutOfBounds: took \d+ MiB of 200 MiB for 4 bytes\n$", done.stderr)

"""Random programs over names: erased, and scripted, they give the numbers that they give under names."""

from pathlib import Path

import pytest
import torch

from namedtorch import NamedTensor
from tests.erase.programs import programs
from tests.erase.running import all_compiled, hold


@pytest.mark.parametrize("seed", range(6))
def test_programs_give_the_same_numbers(seed: int, tmp_path: Path) -> None:
    made = programs(seed, 15)
    text = "\n\n".join(one.text for one in made.values())
    erased = all_compiled(text, tmp_path, list(made))
    generator = torch.Generator().manual_seed(seed)
    for name, program in made.items():
        tensor = torch.rand(tuple(program.given.values()), generator=generator, dtype=torch.float64)
        try:
            hold(erased[name], (NamedTensor(tensor, tuple(program.given)), 2))
        except Exception as error:
            raise AssertionError(f"{program.text}\n\nbecame\n\n{erased[name].text}\n\n{error}") from error


def test_programs_do_something() -> None:
    lines = [line for one in programs(0, 60).values() for line in one.lines]
    for word in ("rearrange", "reduce(", "align_to", "align_as", "contract", "einsum", "unflatten", "repeat"):
        assert any(word in line for line in lines), word

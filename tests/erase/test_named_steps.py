"""Random programs by names, as the checker's tests draw them: erased, they give what they gave under names."""

import importlib.util
import warnings
from pathlib import Path
from types import ModuleType

import pytest
import torch

from namedtorch import EraseError, NamedTensor, erase
from tests.static.named_steps import Program, drawn

SEEDS = range(40)

UNTOLD = {16}
"""Programs with a step of which the rows do not tell that its only axis has no name."""


def _module(program: Program, folder: Path) -> ModuleType:
    """The program as a module, whose function returns all of its steps."""
    steps = ", ".join(name for name, _ in program.steps)
    path = folder / "program.py"
    path.write_text(program.source("named").replace("return 0", f"return ({steps},)"))
    spec = importlib.util.spec_from_file_location("drawn_program", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", SEEDS)
def test_an_erased_program_gives_what_it_gave_under_names(seed: int, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        # Of a deviation of one number, and of a mean of two shapes, torch warns.
        warnings.simplefilter("ignore", UserWarning)
        program = drawn(seed)
        module = _module(program, tmp_path)
        arguments = [program.values[name] for name in program.parameters]
        torch.manual_seed(0)
        expected = module.program(*arguments)
        torch.manual_seed(0)
        if seed in UNTOLD:
            with pytest.raises(EraseError, match="the names of its result are not known"):
                erase(module.program)(*arguments)
            return
        found = erase(module.program)(*arguments)
    for (name, text), one, other in zip(program.steps, expected, found, strict=True):
        assert isinstance(other, NamedTensor), f"{name} = {text}"
        assert other.dims == one.dims, f"{name} = {text}"
        torch.testing.assert_close(
            other.tensor, one.tensor, equal_nan=True, msg=lambda said, text=text: f"{text}: {said}"
        )

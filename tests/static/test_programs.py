"""Random programs: of what torch runs nothing is said, and the inferred dims are torch's sizes."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from namedtorch.static.checked import Checked, Options
from namedtorch.static.checker import check_module
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule
from tests.static.expectations import UNKNOWN, inferred_dims
from tests.static.program_source import ARGUMENTS, DIMS, Program, value
from tests.static.programs import STEPS, programs

SLOW = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
FACTORS = re.compile(r"\(([^()]* [^()]*)\)")
PROBE = re.compile(r"\s+probe_(\w+) = ")
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")


def checked(source: str) -> Checked:
    module = SourceModule("program", "program.py", source, ast.parse(source), False)
    return check_module(
        module, Project.of(["program.py"], Configuration(str(Path(__file__).parent))), Options()
    )


def run(source: str, program: Program) -> dict[str, tuple[int, ...]]:
    """The sizes of the tensors of a run, by name."""
    scope: dict[str, object] = {}
    exec(compile(source, "program.py", "exec"), scope)
    sizes = DIMS | ARGUMENTS
    with torch.device("meta"):
        net = scope["Net"](**ARGUMENTS)  # pyright: ignore[reportCallIssue]
        given = [
            torch.ones([value(axis, sizes) for axis in program.tensors[name]]) for name in program.parameters
        ]
        found = net(*given)
    return {name: tuple(held.shape) for name, held in found.items() if isinstance(held, torch.Tensor)}


def agrees(text: str, shape: tuple[int, ...]) -> bool:
    """Whether inferred dims, at the sizes of the run, are the sizes of a tensor; `_` is any one size."""
    axes = FACTORS.sub(lambda match: f"({match[1].replace(' ', '*')})", text).split()
    if any(axis == "..." or axis.startswith("*") for axis in axes):
        return len(axes) - 1 <= len(shape)
    sizes = DIMS | ARGUMENTS
    return len(axes) == len(shape) and all(
        axis == "_" or value(axis, sizes) == size for axis, size in zip(axes, shape, strict=True)
    )


def probed_dims(source: str, found: Checked) -> dict[str, str]:
    """What is inferred of each tensor at the end."""
    dims = inferred_dims(ast.parse(source), found.inferred)
    probes = {line: PROBE.match(text) for line, text in enumerate(source.split("\n"), start=1)}
    return {match[1]: dims[line][0] for line, match in probes.items() if match is not None}


@SLOW
@given(programs())
def test_right_programs_have_no_finding_and_dims_of_torch(program: Program) -> None:
    source = program.source()
    note(source)
    shapes = run(source, program)
    for name, axes in program.tensors.items():
        assert shapes[name] == tuple(value(axis, DIMS | ARGUMENTS) for axis in axes), "drawn wrong"
    found = checked(source)
    assert [(one.place.line, one.code, one.message) for one in found.problems] == []
    assert found.over_budget == ()
    for name, text in probed_dims(source, found).items():
        assert text != UNKNOWN
        assert agrees(text, shapes[name]), f"{name}: {text}, and torch says {shapes[name]}"


def with_wrong_number(source: str, data: st.DataObject) -> str:
    """A program one of whose numbers is another one."""
    start = source.index("class Net")
    spot = data.draw(st.sampled_from([match for match in NUMBER.finditer(source) if match.start() > start]))
    number = int(spot[0]) + data.draw(st.sampled_from([1, -1, 7]))
    return source[: spot.start()] + str(number) + source[spot.end() :]


@settings(SLOW, max_examples=60)
@given(programs(), st.data())
def test_programs_with_a_wrong_number_do_not_break_the_checker(program: Program, data: st.DataObject) -> None:
    wrong = with_wrong_number(program.source(), data)
    note(wrong)
    found = checked(wrong)
    lines = wrong.count("\n") + 1
    assert all(1 <= one.place.line <= lines and one.message for one in found.problems)


def test_most_wrong_numbers_that_torch_refuses_are_found() -> None:
    refused: list[bool] = []

    @settings(SLOW, max_examples=250, database=None, derandomize=True, phases=[Phase.generate])
    @given(programs(), st.data())
    def collect(program: Program, data: st.DataObject) -> None:
        wrong = with_wrong_number(program.source(), data)
        try:
            run(wrong, program)
        except Exception:
            refused.append(bool(checked(wrong).problems))

    collect()
    assert len(refused) >= 30
    assert sum(refused) >= 0.75 * len(refused)


AGREEMENTS = [
    ("N C", (11, 13), True),
    ("N 2*C", (11, 26), True),
    ("N C", (13, 11), False),
    ("N", (11, 13), False),
    ("N _", (11, 5), True),
    ("_ N", (11, 5), False),
    ("", (), True),
    ("", (1,), False),
    ("(N C) H//2", (143, 8), True),
    ("(H-1)//2+1 width", (9, 7), True),
    ("N ... C", (11, 2, 3, 13), True),
]


@pytest.mark.parametrize(("text", "shape", "does"), AGREEMENTS)
def test_what_it_means_that_dims_agree(text: str, shape: tuple[int, ...], does: bool) -> None:
    assert agrees(text, shape) is does


def test_every_family_of_statements_is_drawn() -> None:
    seen: Counter[str] = Counter()

    @settings(SLOW, max_examples=80, database=None, derandomize=True)
    @given(programs())
    def collect(program: Program) -> None:
        seen.update(program.taken)

    collect()
    assert set(seen) == set(STEPS)

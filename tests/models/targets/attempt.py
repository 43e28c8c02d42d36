"""One model of tests/models to one target: lowered, written, loaded, and held to eager at two assignments of sizes.

`python -m tests.models.targets.attempt NAME TARGET` prints, as its last line, what came of it as JSON.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

import torch
from torch import nn

from namedtorch import Exported, LowerError, load, lower
from tests.models.corpus import MODELS, Call, Model, arguments, plain

Target = Literal["onnx", "executorch"]

SUFFIXES = {"onnx": ".onnx", "executorch": ".pte"}
"""The targets, and what their files are called."""

TOLERANCES = {"onnx": (1e-4, 1e-4), "executorch": (1e-3, 1e-3)}
"""Relative and absolute: XNNPACK sums in another order."""

_TRIES = 5
_ASKED = re.compile(r'where="([^"]+)"')
_BOUND = re.compile(r"(\w+) <= 64")
_PLAIN = re.compile(r"\w+ (<=|>=|==) \d+")
_EQUAL = re.compile(r"(\w+) == (\d+)")
_RUNS = re.compile(r"XNNPACK runs (none|\d+) of (?:the )?(\d+) operators")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    `where` is what was asked for, `refused` why the target does not take the model, `wrong` what its file does
    otherwise, `runs` how many operators XNNPACK runs, each empty where there is none.
    """

    where: str = ""
    refused: str = ""
    wrong: str = ""
    runs: str = ""


def attempt(model: Model, target: Target) -> Outcome:
    """Lowers a model as the refusals of its target advise, and calls what was saved and loaded."""
    where: list[str] = []
    example: tuple[Any, ...] | None = None
    for _ in range(_TRIES):
        asked = ", ".join(where)
        try:
            made = lower(model.make(), to=target, where=asked or None, example=example)
        except LowerError as error:
            if example is None and "example=" in str(error):
                example = _example(model, where)
                continue
            found = _ASKED.search(str(error))
            advised = [] if found is None else [_bounded(model, one) for one in found[1].split(", ")]
            # Other constraints leave out calls that the model is for.
            if not set(advised) - set(where) or not all(map(_PLAIN.fullmatch, advised)):
                return Outcome(asked, refused=str(error))
            fixed = {one[1] for one in map(_EQUAL.fullmatch, advised) if one is not None}
            where = [one for one in where if one.partition(" ")[0] not in fixed]
            where += [one for one in advised if one not in where]
            continue
        assert isinstance(made, Exported)
        interface = made.manifest.interface
        assert interface is not None
        if example is None and any(one.value is not None for one in interface.fixed):
            # Numbers are those of the example.
            example = _example(model, where)
            continue
        return Outcome(asked, wrong=_wrong(model, made, target, asked), runs=_runs(made))
    return Outcome(", ".join(where), refused="its advice does not end")


def _example(model: Model, where: Sequence[str]) -> tuple[Any, ...]:
    return next(_calls(model, ", ".join(where))).args


def _bounded(model: Model, constraint: str) -> str:
    """A bound that a message gives as an example, with the size that the model's own calls ask for."""
    largest = {name: max(one[name] for one in model.file.SIZES) for name in model.file.SIZES[0]}
    return _BOUND.sub(lambda found: f"{found[1]} <= {2 * largest.get(found[1], 32)}", constraint)


def _wrong(model: Model, made: Exported, target: Target, where: str) -> str:
    """What a loaded file does otherwise than the model."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{model.name}{SUFFIXES[target]}"
        made.save(path)
        loaded = load(path)
        eager = model.make()
        for call in _calls(model, where):
            call = _left_out(made, call)
            expected = _eager(eager, call)
            try:
                relative, absolute = TOLERANCES[target]
                torch.testing.assert_close(plain(loaded(*call.args)), expected, rtol=relative, atol=absolute)
            # Whatever falls is told, with what fell.
            except Exception as error:
                return f"{type(error).__name__}: {error}"
    return ""


def _left_out(made: Exported, call: Call) -> Call:
    """The call without what the file has as None."""
    assert made.manifest.interface is not None
    absent = {
        one.path[0] for one in made.manifest.interface.fixed if one.value is None and len(one.path) == 1
    }
    names = [one.name for one in made.signature.parameters]
    pairs = zip(names, call.args, strict=False)
    return Call(call.method, tuple(None if name in absent else value for name, value in pairs))


def _eager(module: nn.Module, call: Call) -> Any:
    with torch.no_grad():
        return plain(module(*arguments(module, call)))


def _calls(model: Model, where: str) -> Iterator[Call]:
    """A call of forward at each assignment of sizes, with those that are fixed."""
    fixed = {name: int(size) for name, size in _EQUAL.findall(where)}
    for number, sizes in enumerate(model.file.SIZES):
        torch.manual_seed(number)
        taken = {name: size for name, size in fixed.items() if name in sizes}
        yield Call("forward", model.file.example(**{**sizes, **taken}))


def _runs(made: Exported) -> str:
    found = _RUNS.search(str(made.report))
    return "" if found is None else f"{found[1].replace('none', '0')} of {found[2]}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    name, to = sys.argv[1:]
    found = next(one for one in MODELS if one.name == name)
    print(json.dumps(asdict(attempt(found, cast("Target", to)))))

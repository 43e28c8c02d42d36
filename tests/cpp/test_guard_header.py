"""The guard of the C++ header says what Python's says: one table of calls, held text for text."""

import hashlib
import json
import subprocess
from collections import namedtuple
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor

from namedtorch import Float, Int, Shaped
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature
from tests.cpp.conftest import Programs
from tests.cpp.described import guard_json, python_json
from tests.guards.calls import Call, draw_call
from tests.guards.cases import MESSAGES, SEEN, annotated, call_of, of, z

DRAWN = 250

STRANGE = (
    None, True, -1, 0, 7, 2**31, 2**63 - 1, -(2**63), 2**80, 1.5, "", "A", "{n}", "self.x", "...", [], {}, ["min"],
    ["**", "A", 64], ["*", "A", 2**62, "B"], ["//", "A", 0], ["%", -(2**63), -1], ["+", "A", 2**63 - 1],
)  # fmt: skip


class State(NamedTuple):
    h: Float[Tensor, "N D"]
    c: Float[Tensor, "N D"] | None


Plain = namedtuple("Plain", "c h")  # a record of another class, its fields in another order

# What hints of values are about, and the hints behind a failure; the tables of all guards are about dims.
VALUES: list[tuple[Signature, tuple[Any, ...], Any]] = [
    *(
        (annotated(x=Shaped[Tensor, "N"], returns=Any), (value,), None)
        for value in (
            None, 3, 2.5, 1e-5, 1e16, 123456.789, 2j, 1.5 - 2j, 1e16 + 1j, True, "it's", "é😀\n\"", "é" * 60,
            [z(2)], (z(2),), {},
        )
    ),
    (annotated(x=Int[Tensor, "N"]), (z(3, dtype=torch.uint8),), None),
    (annotated(x=Float[Tensor, "N"]), (z(3, dtype=torch.bfloat16),), None),
    (annotated(x=Float[Tensor, "N"]), (z(3, dtype=torch.complex64),), None),
    (annotated(x=Float[Tensor, "N"], n=int), (z(3), 2.0), None),
    (annotated(x=Float[Tensor, "N"], n=float), (z(3), 2), None),
    (annotated(x=Float[Tensor, "N"], n=float | None), (z(3), "2"), None),
    (annotated(x=Float[Tensor, "N"], n=bool), (z(3), 1), None),
    (annotated(x=Float[Tensor, "N"], n=list[int]), (z(3), [1, 2]), None),
    (annotated(x=Float[Tensor, "N"], n=list[int]), (z(3), ["a"]), None),
    (annotated(x=Float[Tensor, "N"], n=list[int]), (z(3), 3), None),
    (annotated(x=Float[Tensor, "N"], n=list[int]), (z(3), (1, 2.5)), None),
    (annotated(x=Float[Tensor, "N"], n=list[int]), (z(3), {"a": ["it's", None], "b": (True,)}), None),
    (annotated(x=Float[Tensor, "N"], n=list[int]), (z(3), tuple(range(99))), None),
    (annotated(x=Float[Tensor, "N"], n=list[int]), (z(3), "é" * 99), None),
    (annotated(x=Float[Tensor, "N"], n=list[float]), (z(3), ["é" * 99]), None),
    (annotated(x=Float[Tensor, "N"], n=str), (z(3), "x"), None),
    (annotated(x=Float[Tensor, "N {n}"], n=int), (z(2, 3), 3), None),
    (annotated(x=Float[Tensor, "N {n}"], n=int), (z(2, 3), 4), None),
    (annotated(x=Float[Tensor, "N {n}"], n=int), (z(2, 3), True), None),
    (annotated(x=Float[Tensor, "N {n}"], n=int), (z(2, 3), -(2**63)), None),
    (annotated(x=Float[Tensor, "N {n}"], n=int), (z(2, 3), "3"), None),
    (annotated(x=Float[Tensor, "N {n}"] | None, n=int | None), (None, None), None),
    (annotated(state=State), (State(z(2, 3), z(2, 3)),), None),
    (annotated(state=State), (State(z(2, 3), None),), None),
    (annotated(state=State), (State(z(2, 3), z(2, 4)),), None),
    (annotated(state=State), (Plain(z(2, 3), z(2, 3)),), None),
    (annotated(state=State), (z(2, 3),), None),
    (annotated(state=State, returns=State), (State(z(2, 3), None),), State(z(2, 4), None)),
    (annotated(xs=list[Shaped[Tensor, "N"]]), (z(3),), None),
    (annotated(xs=list[Shaped[Tensor, "N"]]), ((z(3),),), None),
    (annotated(xs=list[Shaped[Tensor, "N"]]), ([z(3), None],), None),
    (annotated(xs=tuple[Shaped[Tensor, "N"], Shaped[Tensor, "N"]]), ((z(3),),), None),
    (annotated(xs=dict[str, Shaped[Tensor, "N"]]), ([z(3)],), None),
    (annotated(xs=dict[str, Shaped[Tensor, "N"]]), ({"é😀": z(3), "it's": z(4)},), None),
    (annotated(x=Shaped[Tensor, "N"] | int), ("a",), None),
    (annotated(x=Shaped[Tensor, "3 N"] | list[Shaped[Tensor, "N"]]), ([z(2), z(4)],), None),
    # What an axis too few or too many is, and another layout.
    (of("x: N C=3 H W -> N"), (z(3, 5, 7),), None),
    (of("x: N C=3 H W -> N"), (z(1, 2, 3, 5, 7),), None),
    (of("x: N C=3 H W -> N"), (z(2, 5, 7, 3),), None),
    (of("x: N C=3 H W=8 -> N"), (z(2, 5, 8, 3),), None),
    (of("x: N C H W, mean: C -> N"), (z(2, 5, 7, 3), z(3)), None),
    (of("x: N C H W, y: N 2*C H W -> N"), (z(2, 3, 5, 7), z(2, 5, 7, 6)), None),
    (of("x: N C H, y: N 3*C-1 H//2 min(N,4) -> N"), (z(2, 3, 5), z(3, 7, 4, 5)), None),
    (of("x: A B, y: A*B+A**2-B (A+1)//2 1-A+B -> A"), (z(2, 3), z(2, 3, 5)), None),
    (of("x: A B, y: max(A,B)*2 A%B+1 -(A//B)+9 -> A"), (z(5, 3), z(2, 3, 5)), None),
    (of("x: N C H W @ channels_last -> N"), (z(2, 3, 4, 5),), None),
    (of("x: N C H W @ channels_last -> N"), (z(2, 3, 4, 5).to(memory_format=torch.channels_last),), None),
    (of("x: N, y: N, z: N -> N"), (z(2), z(3), z(4)), None),
    (of("x: N C -> N where N < C, C % 2 == 0"), (z(5, 3),), None),
    (of("x: A B, y: A//(B-3) -> A where A//(B-3) > 1"), (z(4, 3), z(4)), None),
]  # fmt: skip


def table() -> list[Call]:
    calls = [call_of(annotations, arguments, result) for annotations, arguments, result, _ in SEEN]
    given = [*((one, values, result) for one, values, result, _ in MESSAGES), *VALUES]
    calls += [Call(one, build_plan(one), values, result, False) for one, values, result in given]
    drawn = (draw_call(Random(seed)) for seed in range(DRAWN))
    return calls + [one for one in drawn if one is not None]


def answers(programs: Programs, folder: Path, asked: list[dict[str, Any]]) -> list[Any]:
    """What the C++ program says of each."""
    file = folder / "asked.json"
    file.write_text(json.dumps(asked))
    done = subprocess.run([programs.checks, file], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(asked)
    return found


def test_both_guards_say_the_same(programs: Programs, tmp_path: Path) -> None:
    calls = table()
    found = answers(programs, tmp_path, [guard_json(one) for one in calls])
    refused = 0
    for call, said in zip(calls, found, strict=True):
        wanted = json.loads(json.dumps(python_json(call)))
        assert said == wanted, str(call)
        refused += "error" in said
    assert refused > 80
    assert len(calls) - refused > 80


def test_a_hint_of_numbers_does_not_show_more_than_it_needs(programs: Programs, tmp_path: Path) -> None:
    """Every element of a list of numbers is looked at, where Python's guard looks at one."""
    call = call_of({"x": Float[Tensor, "N"], "n": list[int]}, (z(3), [1, 2, 2.5]), None)
    (said,) = answers(programs, tmp_path, [guard_json(call)])
    assert said["message"].startswith(
        "`n` is a list of 3, but the annotation asks for list[int] (list index 2 item float 2.5 not instance of int)"
    )


def test_values_are_made_ready(programs: Programs, tmp_path: Path) -> None:
    """By the types of a graph: what each becomes, of which type it then is, and whether the graph takes it."""
    one = {"tensor": {"dtype": "float32", "sizes": [2], "strides": [1]}}
    record = {"record": [["n", "float"], ["x", "Tensor"]]}
    fits: list[tuple[Any, Any, str, str, bool]] = [
        ({"int": 3}, "float", "the float 3.0", "float", True),
        ({"bool": True}, "int", "the int 1", "int", True),
        ({"bool": True}, "float", "the float 1.0", "float", True),
        ({"float": 2.5}, "complex", "the complex (2.5+0j)", "complex", True),
        ({"float": 2.5}, "int", "the float 2.5", "float", False),
        ({"str": "a"}, "float", "the str 'a'", "str", False),
        (one, "Tensor", "a float32 Tensor (2,)", "Tensor", True),
        ({"dict": []}, "Tensor", "a dict of 0", "Dict[str, Any]", False),
        ({"list": []}, {"list": "Tensor"}, "a list of 0", "List[Tensor]", True),
        ({"list": [{"int": 1}, {"float": 2.5}]}, {"list": "float"}, "a list of 2", "List[float]", True),
        ({"list": [{"str": "a"}]}, {"list": "float"}, "a list of 1", "List[Any]", False),
        ({"list": [one, None]}, {"list": {"optional": "Tensor"}}, "a list of 2", "List[Optional[Tensor]]", True),
        (None, {"optional": {"list": "float"}}, "None", "NoneType", True),
        ({"dict": [["k", one]]}, {"dict": "Tensor"}, "a dict of 1", "Dict[str, Tensor]", True),
        ({"dict": [["k", {"int": 1}]]}, {"dict": "Tensor"}, "a dict of 1", "Dict[str, Any]", False),
        ({"int": 2}, {"union": ["str", "float"]}, "the float 2.0", "float", True),
        (one, {"union": ["str", "float"]}, "a float32 Tensor (2,)", "Tensor", False),
        ({"tuple": [{"int": 1}, one]}, record, "a Record of 2", "tests.Record", True),
        ({"tuple": [{"int": 1}, {"str": "a"}]}, record, "a Record of 2", "tests.Record", False),
        ({"tuple": [{"int": 1}]}, record, "a tuple of 1", "Tuple[int]", False),
        ({"record": {"name": "R", "fields": [["x", one], ["n", {"int": 1}]]}}, record, "a Record of 2",
         "tests.Record", True),
    ]  # fmt: skip
    asked = [{"do": "fit", "value": value, "type": wanted} for value, wanted, *_ in fits]
    for said, (*_, value, type, does) in zip(answers(programs, tmp_path, asked), fits, strict=True):
        assert said == {"value": value, "type": type, "fits": does}


def test_a_plan_of_a_stranger_is_refused_or_followed(programs: Programs, tmp_path: Path) -> None:
    """Plans and signatures with something in them changed: an answer for each, and no crash."""
    random = Random(0)
    asked: list[dict[str, Any]] = []
    calls = [one for seed in range(60) if (one := draw_call(Random(seed))) is not None]
    for call in calls:
        for _ in range(12):
            changed = json.loads(json.dumps(guard_json(call)))
            part = changed[random.choice(("plan", "plan", "signature"))]
            for _ in range(random.choice((1, 1, 3))):
                mutate(part, random)
            asked.append(changed)
    said = answers(programs, tmp_path, asked)
    kinds = {one.get("error", "accepted") for one in said}
    assert kinds == {"Malformed", "DimError", "accepted"}


def mutate(part: Any, random: Random) -> None:
    """Changes one place of JSON data, somewhere in it."""
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(part[key], dict | list) and part[key] and random.random() < 0.85:
            part = part[key]
            continue
        part[key] = json.loads(json.dumps(random.choice((*STRANGE, part[key]))))
        return


def test_limits_of_what_is_read(programs: Programs, tmp_path: Path) -> None:
    call = call_of({"x": Float[Tensor, "N M"]}, (z(2, 3),), None)
    deep: Any = "N"
    for _ in range(105):
        deep = ["+", deep, 1]
    hint: Any = {"plain": "int"}
    for _ in range(40):
        hint = {"optional": hint}
    steps = [
        {"op": "equal", "site": 0, "each": [], "axis": 0, "dim": None, "size": deep, "broadcast": False},
        {"op": "equal", "site": 0, "each": [], "axis": 2, "dim": None, "size": 3, "broadcast": False},
        {"op": "equal", "site": 1, "each": [], "axis": 0, "dim": None, "size": 3, "broadcast": False},
        {"op": "group", "site": 0, "each": [], "start": 2, "behind": 1,
         "group": {"group": "g", "broadcast": False, "per_element": False}},
        {"op": "memory-format", "site": 0, "each": [], "format": "x", "order": [0, 1, 2]},
        {"op": "where", "site": None, "each": [], "constraint": ["=", "N", 1]},
    ]  # fmt: skip
    asked = [guard_json(call) for _ in steps]
    for one, step in zip(asked, steps, strict=True):
        one["plan"]["before"].append(step)
    nested = guard_json(call)
    nested["signature"]["parameters"].append({"name": "n", "kind": "positional", "hint": hint})
    said = answers(programs, tmp_path, [*asked, nested])
    assert [one["message"] for one in said] == [
        "holds a size that is nested too deep or too long",
        "has a step of an axis that its tensor may lack",
        "holds a number out of range, 1",
        "has a step of axes that its tensor may lack",
        "has a memory format of axes that its tensor may lack",
        "holds a constraint with an unknown relation",
        "has hints that nest deeper than 20",
    ]


def test_arithmetic_of_more_than_64_bits_is_refused(programs: Programs, tmp_path: Path) -> None:
    signature = replace(of("x: N M -> N M"), where=of("x: N -> N where N**40 > 1").where)
    call = Call(signature, build_plan(signature), (z(9, 2),), z(9, 2), False)
    (said,) = answers(programs, tmp_path, [guard_json(call)])
    assert said["message"].startswith(
        "the signature has an annotation that computes a size of more than 64 bits"
    )


def test_digests(programs: Programs, tmp_path: Path) -> None:
    """With the processor's instructions, where it has them, and without."""
    texts = ["abc" * count for count in range(70)]
    found = answers(programs, tmp_path, [{"do": "hash", "text": one} for one in texts])
    wanted = [hashlib.sha256(one.encode()).hexdigest() for one in texts]
    assert found == [[one, one] for one in wanted]


def test_a_guard_is_timed(programs: Programs, tmp_path: Path) -> None:
    call = Call(of("x: N C -> N"), build_plan(of("x: N C -> N")), (z(2, 3),), z(2), True)
    (said,) = answers(programs, tmp_path, [guard_json(call, "time")])
    assert said["nanoseconds"] > 0

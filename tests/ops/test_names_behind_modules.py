"""Which names the results of modules carry whose rows are rules."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.table import MODULES
from tests.ops.names.harness import carried, shown
from tests.ops.oracle import row_value, t

X, STATE = t(7, 3, 5), t(1, 3, 11)
_BATCH_FIRST: dict[str, Any] = {"batch_first": True}
_BOTH: dict[str, Any] = {"bidirectional": True}

CASES: list[tuple[str, str, tuple[Any, ...], dict[str, Any], tuple[Any, ...]]] = [
    # Steps and batch stay; what the layer makes has no name unless the state that it begins with has one.
    ("T N C -> T N _, _ N _", "GRU", (5, 11), {}, (X,)),
    ("N T C -> N T _, _ N _", "GRU", (5, 11), _BATCH_FIRST, (t(3, 7, 5),)),
    ("T C -> T _, _ _", "RNN", (5, 11), {}, (t(7, 5),)),
    ("T N C -> T N _, _ N _, _ N _", "LSTM", (5, 11), _BOTH, (X,)),
    ("T N C, _ N H -> T N H, _ N H", "GRU", (5, 11), {}, (X, STATE)),
    ("T N C, L N H -> T N H, L N H", "RNN", (5, 11), _BOTH, (X, t(2, 3, 11))),
    ("T _ C, _ N _ -> T N _, _ N _", "GRU", (5, 11), {}, (X, STATE)),
    ("T N C, _ M H -> refused", "GRU", (5, 11), {}, (X, STATE)),
    ("T N C, _ _ H, _ N _ -> T N H, _ N H, _ N H", "LSTM", (5, 11), {}, (X, (STATE, STATE))),
    ("T _ C, _ _ _, L N H -> T N H, L N H, L N H", "LSTM", (5, 11), {}, (X, (STATE, STATE))),
    (
        "T N C, _ _ P, _ _ H -> T N P, _ N P, _ N H",
        "LSTM",
        (5, 11),
        {"proj_size": 2},
        (X, (t(1, 3, 2), STATE)),
    ),
    ("T N C, _ N H, _ N G -> refused", "LSTM", (5, 11), {}, (X, (STATE, STATE))),
    ("T _ C, _ N H, _ M H -> refused", "LSTM", (5, 11), {}, (X, (STATE, STATE))),
    ("N C -> N _", "GRUCell", (5, 11), {}, (t(3, 5),)),
    ("N C, _ H -> N H", "RNNCell", (5, 11), {}, (t(3, 5), t(3, 11))),
    ("_ C, N H, _ _ -> N H, N H", "LSTMCell", (5, 11), {}, (t(3, 5), (t(3, 11), t(3, 11)))),
    ("N C, M H -> refused", "GRUCell", (5, 11), {}, (t(3, 5), t(3, 11))),
    # Views.
    ("N C H W -> N (C H W)", "Flatten", (), {}, (t(2, 3, 5, 7),)),
    ("N C H W -> N C (H W)", "Flatten", (2,), {}, (t(2, 3, 5, 7),)),
    ("N C T -> N _ _ T", "Unflatten", (1, (2, 3)), {}, (t(5, 6, 7),)),
    ("N (C H) T -> N _ _ T", "Unflatten", (1, (2, 3)), {}, (t(5, 6, 7),)),
]

LAYERS: list[tuple[str, str, tuple[Any, ...], dict[str, Any], tuple[Any, ...]]] = [
    ("N C H -> N (H C)", "Rearrange", ("b c h -> b (h c)",), {}, (t(2, 3, 5),)),
    ("N T (h d) -> N _ T _", "Rearrange", ("b t (h d) -> b h t d",), {"h": 2}, (t(2, 3, 6),)),
    ("N C H -> N C H", "Reduce", ("b c (h 2) -> b c h", "max"), {}, (t(2, 3, 6),)),
]


@pytest.mark.parametrize(
    ("home", "dims", "name", "made", "options", "given"),
    [*(("torch.nn", *case) for case in CASES), *(("einops.layers.torch", *case) for case in LAYERS)],
)
def test_names_behind_a_module(
    home: str, dims: str, name: str, made: tuple[Any, ...], options: dict[str, Any], given: tuple[Any, ...]
) -> None:
    before, _, after = dims.partition("->")
    inputs = iter([one.strip() for one in before.split(",")])
    rule, judge = MODULES[f"{home}.{name}"], Plain()
    attributes = rule.made(
        [row_value(one) for one in made], {key: row_value(one) for key, one in options.items()}, judge
    )
    values = [carried(one, inputs) for one in given]
    assert next(inputs, None) is None
    try:
        told, why = shown(rule.call(lambda key: attributes.get(key, Unknown), values, {}, judge)), ""
    except Misfit as misfit:
        told, why = "refused", misfit.detail
    assert told == after.strip(), why

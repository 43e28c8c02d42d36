"""What goes element by element, on tensors whose sizes are symbols."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims, gives, module_gives

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("torch.add", (dims("N C"), dims("N C")), "N C"),
    ("torch.add", (dims("N C"), dims("C")), "N C"),
    ("torch.add", (dims("N C"), dims("N")), "broadcast-dims-differ other[0]"),
    ("torch.add", (dims("N 1"), dims("N")), "N N !broadcast-repeats-dim"),
    ("torch.add", (dims("N 1"), dims("1 M")), "N M"),
    ("torch.add", (dims("N C"), Unknown), "... N C"),
    ("torch.add", (dims("N C"), dims("... C")), "... N C"),
    ("torch.add", (dims("... C"), dims("C")), "... C"),
    ("torch.add", (dims("*b C"), dims("*b C")), "*b C"),
    ("torch.add", (dims("*b C"), dims("*b D")), "broadcast-dims-differ other[0]"),
    ("torch.add", (dims("*b C"), dims("*c C")), "... C"),
    ("operator.add", (Unknown, 1), "?"),
    ("operator.add", (Unknown, Unknown), "?"),
    ("operator.mul", (2, dims("N C")), "N C"),
    ("operator.sub", (dims("N 2*C"), dims("N C")), "broadcast-dims-differ other[1]"),
    ("operator.sub", (dims("N H//2"), dims("N K")), "N H//2"),
    ("torch.Tensor.masked_fill", (dims("B H T T"), dims("B T T"), 0.0), "broadcast-dims-differ mask[0]"),
    ("torch.Tensor.masked_fill", (dims("B H T T"), dims("T T"), 0.0), "B H T T"),
    ("torch.Tensor.masked_fill", (dims("B H T T"), dims("B 1 1 T"), 0.0), "B H T T"),
    ("torch.where", (dims("N C"), dims("N C"), 0.0), "N C"),
    ("torch.where", (dims("N C"),), ("_", "_")),
    ("torch.where", (Unknown,), "?"),
    ("torch.clamp", (dims("N C"), 0, Unknown), "N C"),
    ("torch.nn.functional.softmax", (dims("N C"), -1), "N C"),
    ("torch.nn.functional.softmax", (dims("... C"), -1), "... C"),
    ("torch.nn.functional.softmax", (dims("... C"), 1), "... C"),
    ("torch.nn.functional.softmax", (dims("N C"), 2), "axis-out-of-range input"),
    ("torch.nn.functional.glu", (dims("N 2*C T"), 1), "N C T"),
    ("torch.nn.functional.glu", (dims("N C T"), 1), "N C//2 T"),
    ("torch.nn.functional.glu", (dims("N 5 T"), 1), "split-sizes-differ input[1]"),
    ("torch.nn.functional.glu", (dims("... C"),), "... C//2"),
    ("torch.prelu", (dims("N C H"), dims("C")), "N C H"),
    ("torch.prelu", (dims("N C H"), dims("H")), "channels-differ input[1]"),
    ("torch.prelu", (dims("... C"), dims("D")), "... C"),
    ("torch.view_as_complex", (dims("N T 2"),), "N T"),
    ("torch.view_as_complex", (dims("N T 3"),), "size-unfit input[2]"),
    ("torch.view_as_complex", (dims("N T D"),), "N T"),
    ("torch.view_as_real", (dims("... D"),), "... D 2"),
    ("torch.Tensor.to", (dims("N C"), "cuda"), "N C"),
    ("torch.Tensor.float", (dims("... C"),), "... C"),
    ("torch.Tensor.add", (dims("... N C"), dims("C")), "... N C"),
    ("torch.clamp", (dims("N C"), dims("C"), dims("N 1")), "N C"),
    ("torch.lerp", (dims("N C"), dims("N C"), dims("N")), "broadcast-dims-differ weight[0]"),
    ("torch.lt", (dims("T"), dims("T 1")), "T T !broadcast-repeats-dim"),
    ("torch.lt", (dims("M"), dims("T 1")), "T M"),
    ("torch.logical_and", (dims("B 1 T"), dims("B S 1")), "B S T"),
    ("operator.eq", (dims("N C"), None), "?"),
    ("torch.nn.functional.normalize", (dims("N D"), 2.0, -1), "N D"),
    ("torch.nn.functional.gumbel_softmax", (dims("N V"), 1.0, True), "N V"),
    ("torch.Tensor.copy_", (dims("N C"), dims("C")), "N C"),
    ("torch.isclose", (dims("N C"), dims("N D")), "broadcast-dims-differ other[1]"),
    ("torch.allclose", (dims("N C"), dims("N D")), "broadcast-dims-differ other[1]"),
    ("torch.allclose", (dims("N C"), dims("N C")), "?"),
    ("torch.equal", (dims("N C"), dims("N D")), "?"),
    ("torch.complex", (dims("N C"), dims("N C")), "N C"),
    ("torch.nn.Parameter", (dims("N C"),), "N C"),
    ("torch.nn.Parameter", (Unknown,), "?"),
    ("operator.pow", (dims("N C"), Unknown), "N C"),
    ("operator.pow", (Unknown, dims("N C")), "... N C"),
    ("torch.clamp", (dims("N C"), Unknown, dims("M N C")), "M N C"),
    ("torch.lerp", (dims("N C"), dims("N C"), Unknown), "N C"),
    ("torch.Tensor.masked_fill", (dims("B H T T"), Unknown, 0.0), "B H T T"),
    ("torch.Tensor.masked_fill", (dims("B H T T"), dims("... T"), 0.0), "B H T T"),
    ("torch.Tensor.masked_fill", (dims("B H T T"), dims("... S"), 0.0), "broadcast-dims-differ mask[0]"),
    ("torch.Tensor.masked_fill", (Unknown, dims("T T"), 0.0), "... T T"),
]


@pytest.mark.parametrize(("spelling", "arguments", "result"), CASES)
def test_elements_keep_or_broadcast_their_dims(
    spelling: str, arguments: tuple[Any, ...], result: Any
) -> None:
    assert gives(spelling, *arguments) == result


MODULES: list[tuple[str, tuple[Any, ...], Any, Any]] = [
    ("torch.nn.ReLU", (), dims("... C"), "... C"),
    ("torch.nn.Dropout1d", (), dims("N C T"), "N C T"),
    ("torch.nn.Dropout1d", (), dims("N C H W"), "rank-unfit input"),
    ("torch.nn.Softmax", (1,), dims("B C"), "B C"),
    ("torch.nn.Softmax", (0,), dims("B C"), "B C !batch-normalized"),
    ("torch.nn.Softmax", (1,), dims("N 1"), "N 1 !normalizes-one"),
    ("torch.nn.LogSoftmax", (2,), dims("B C"), "axis-out-of-range input"),
    ("torch.nn.LogSoftmax", (Unknown,), dims("B C"), "B C"),
    ("torch.nn.Softmax2d", (), dims("B C"), "rank-unfit input"),
    ("torch.nn.GLU", (), dims("N 2*C"), "N C"),
    ("torch.nn.GLU", (1,), dims("N 7 T"), "split-sizes-differ input[1]"),
    ("torch.nn.GLU", (1,), dims("... T"), "?"),
    ("torch.nn.PReLU", (), dims("N C T"), "N C T"),
    ("torch.nn.PReLU", (3,), dims("N 3 T"), "N 3 T"),
    ("torch.nn.PReLU", (3,), dims("N 5 T"), "channels-differ input[1]"),
    ("torch.nn.Identity", (54,), dims("N C"), "N C"),
]


@pytest.mark.parametrize(("name", "made", "given", "result"), MODULES)
def test_modules_keep_dims(name: str, made: tuple[Any, ...], given: Any, result: Any) -> None:
    assert module_gives(name, made, {}, given) == result

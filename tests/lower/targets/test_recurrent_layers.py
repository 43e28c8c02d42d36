"""Recurrent layers over a length that is free: no size of what follows becomes a constant."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

from namedtorch.lower.targets.recurrent_layers import free_lengths, free_steps


class Steps(nn.Module):
    """Both directions of a recurrent layer, added."""

    def __init__(self, kind: Any, **more: Any) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = kind(6, 4, num_layers=2, bidirectional=True, **more)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y, state = self.layer(x)
        return y.unflatten(-1, (2, -1)).sum(-2), state[0] if isinstance(state, tuple) else state


# torch tells of weights that a layer lists beside its parameters.
@pytest.mark.filterwarnings("ignore:The tensor attributes self.layer._flat_weights")
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (nn.GRU, {}),
        (nn.LSTM, {}),
        (nn.LSTM, {"proj_size": 3}),
        (nn.RNN, {}),
        (nn.RNN, {"nonlinearity": "relu"}),
    ],
)
def test_lengths_stay_free(kind: type[nn.RNNBase], more: dict[str, Any], batch_first: bool) -> None:
    model = Steps(kind, batch_first=batch_first, **more).eval()
    shapes: Any = ({0: Dim("A"), 1: Dim("B")},)
    with torch.no_grad(), free_lengths():
        program = torch.export.export(model, (torch.randn(5, 3, 6),), dynamic_shapes=shapes, strict=False)
    steps = free_steps(program)
    assert steps is not None
    node, length = steps
    (given,) = (one for one in program.graph.nodes if one.name == "x")
    assert node.args[0] is given
    assert str(length) == str(given.meta["val"].shape[int(batch_first)])
    x = torch.randn(7, 2, 6)
    torch.testing.assert_close(program.module(check_guards=False)(x), model(x))


def test_a_length_that_is_fixed_is_not_free() -> None:
    model = Steps(nn.GRU, batch_first=True).eval()
    shapes: Any = ({0: Dim("N")},)
    with torch.no_grad(), pytest.warns(UserWarning, match="_flat_weights"), free_lengths():
        program = torch.export.export(model, (torch.randn(3, 5, 6),), dynamic_shapes=shapes, strict=False)
    assert free_steps(program) is None


def test_torch_is_as_it_was_afterwards() -> None:
    operator: Any = torch.ops.aten.gru.input
    before = dict(operator.py_kernels)
    layer, x = nn.GRU(4, 2), torch.randn(3, 1, 4)
    expected = layer(x)
    with free_lengths():
        assert dict(operator.py_kernels) != before
        # Tensors with values are computed.
        torch.testing.assert_close(layer(x), expected)
    assert dict(operator.py_kernels) == before

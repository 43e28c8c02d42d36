"""The text of graphs: dims beside values, what changes between stages, what torch fuses."""

import copy
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, LowerError
from tests.lower.test_stages import IMAGE, Net, lowered_net, scaled
from tests.lower.unverified import lower


def lines_of(text: str, *words: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if any(word in line for word in words)]


def test_dims_stand_beside_values() -> None:
    graphs = lowered_net().stage_graphs()
    assert list(graphs) == ["scripted", "frozen", "fused"]
    # In the order in which they are first used.
    assert lines_of(graphs["scripted"], "Float(", "graph(") == [
        "graph(%image : Float(N, C=3, H, W)):",
        "%self.conv.weight : Float(out=4, in=3, kh=3, kw=3) = attribute",
        (
            "%conv2d : Float(N, 4, (H-1)//2, (W-1)//2) = aten::conv2d(%image, %self.conv.weight, %self.conv.bias, "
            "[2, 2], [0, 0], [1, 1], 1)"
        ),
        (
            "%batch_norm : Float(N, 4, (H-1)//2, (W-1)//2) = aten::batch_norm(%conv2d, %self.norm.weight, "
            "%self.norm.bias, %self.norm.running_mean, %self.norm.running_var, self.norm.training, 0.1, 1e-05, True)"
        ),
        "%relu : Float(N, 4, (H-1)//2, (W-1)//2) = aten::relu(%batch_norm)",
        "%mean : Float(N, 4) = aten::mean(%relu, [2, 3], False, None)",
        "%self.head.weight : Float(10, 4) = attribute",
        "%linear : Float(N, 10) = aten::linear(%mean, %self.head.weight, %self.head.bias)",
        "%result : Float(N, classes=10) = aten::mul(%linear, self.scale)",
    ]
    assert lines_of(graphs["frozen"], "Float(") == [
        "graph(%image : Float(N, C=3, H, W)):",
        "%self.conv.weight_fused_bn : Float(4, 3, 3, 3) = constant",
        "%self.conv.bias_fused_bn : Float(4) = constant",
        (
            "%conv2d : Float(N, 4, (H-1)//2, (W-1)//2) = aten::conv2d(%image, %self.conv.weight_fused_bn, "
            "%self.conv.bias_fused_bn, [2, 2], [0, 0], [1, 1], 1)"
        ),
        "%relu : Float(N, 4, (H-1)//2, (W-1)//2) = aten::relu(%conv2d)",
        "%mean : Float(N, 4) = aten::mean(%relu, [2, 3], False, None)",
        "%self.head.weight : Float(10, 4) = constant",
        "%self.head.bias : Float(10) = constant",
        "%linear : Float(N, 10) = aten::linear(%mean, %self.head.weight, %self.head.bias)",
        "%result : Float(N, classes=10) = aten::mul(%linear, 2.0)",
    ]


def test_a_guard_is_a_line_for_each_refusal() -> None:
    text = lowered_net().stage_graphs(IMAGE)["scripted"]
    assert "  if aten::ne(aten::len(%s0), 4): raise '" in text
    assert "`image` has size {} at axis 1, but `C` is 3" in text


def test_a_function_has_two_stages() -> None:
    graphs = lower(scaled, guards="none").stage_graphs()
    assert graphs["scripted"] == (
        "graph(%x : Float(*batch, C), %y : Float(C), %by : float):\n"
        "  %mul : Float(*batch, C) = aten::mul(%x, %y)\n"
        "  %tanh : Float(*batch, C) = aten::tanh(%mul)\n"
        "  %mul.2 : Float(*batch, C) = aten::mul(%tanh, %by)\n"
        "  return %mul.2\n"
    )
    assert list(graphs) == ["scripted", "fused"]


def test_sizes_of_inputs_that_are_given_are_named_where_nothing_else_has_them() -> None:
    graphs = lowered_net().stage_graphs(torch.rand(7, 3, 16, 10))
    (line,) = lines_of(graphs["frozen"], "%conv2d :")
    # One of the axes of size 7 is no `N`.
    assert line.startswith("%conv2d : Float(7, 4, 7, 4) = ")
    graphs = lowered_net().stage_graphs(torch.rand(6, 3, 16, 10))
    (line,) = lines_of(graphs["frozen"], "%conv2d :")
    assert line.startswith("%conv2d : Float(N, 4, 7, 4) = ")


def test_what_changes_is_a_diff() -> None:
    lowered = lower(Net(), guards="none")
    text = lowered.graph_diff("scripted", "frozen")
    changed = [line for line in text.splitlines() if line.startswith(("+", "-"))]
    assert changed[:2] == ["--- scripted", "+++ frozen"]
    assert [line for line in changed if line.startswith("+")][1:] == [
        "+  %self.conv.weight_fused_bn : Float(4, 3, 3, 3) = constant",
        "+  %self.conv.bias_fused_bn : Float(4) = constant",
        (
            "+  %conv2d : Float(N, 4, (H-1)//2, (W-1)//2) = aten::conv2d(%image, %self.conv.weight_fused_bn, "
            "%self.conv.bias_fused_bn, [2, 2], [0, 0], [1, 1], 1)"
        ),
        "+  %relu : Float(N, 4, (H-1)//2, (W-1)//2) = aten::relu(%conv2d)",
        "+  %self.head.weight : Float(out=10, in=4) = constant",
        "+  %self.head.bias : Float(out=10) = constant",
        "+  %mul : Float(N, classes=10) = aten::mul(%linear, 2.0)",
    ]
    # The guard is the same in both.
    assert not [
        line for line in lowered_net().graph_diff("scripted", "frozen").splitlines() if "+  if" in line
    ]
    assert lowered.graph_diff("frozen", "frozen") == ""
    with pytest.raises(LowerError) as caught:
        lowered.graph_diff("scripted", "frosen")
    assert str(caught.value) == (
        'there is no stage "frosen" of this graph; there are "scripted", "frozen", "fused"'
    )
    assert list(lowered.freeze().stage_graphs()) == ["frozen", "fused"]


def test_looking_at_stages_changes_nothing() -> None:
    lowered = lower(Net(), train=True)
    state = copy.deepcopy(lowered.module.state_dict())
    code = lowered.code
    seed = torch.random.get_rng_state()
    assert list(lowered.stage_graphs()) == ["scripted", "fused"]
    assert torch.equal(torch.random.get_rng_state(), seed)
    assert all(torch.equal(one, state[path]) for path, one in lowered.module.state_dict().items())
    assert lowered.code == code


def test_inputs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DimError, match=r"^`image` has size 5 at axis 1, but `C` is 3"):
        lowered_net().stage_graphs(torch.rand(2, 5, 8, 8))


@pytest.fixture
def fusing() -> Iterator[None]:
    """Lets torch fuse on a CPU, whether or not it was built to run that fast."""
    needs, fuses = torch._C._jit_get_te_must_use_llvm_cpu(), torch._C._jit_can_fuse_on_cpu()
    torch._C._jit_set_te_must_use_llvm_cpu(False)
    torch._C._jit_override_can_fuse_on_cpu(True)
    try:
        yield
    finally:
        torch._C._jit_set_te_must_use_llvm_cpu(needs)
        torch._C._jit_override_can_fuse_on_cpu(fuses)


@pytest.mark.usefixtures("fusing")
def test_fused_groups_show_what_is_in_them() -> None:
    with torch.no_grad():
        text = lower(scaled, guards="none").stage_graphs()["fused"]
    group = text.index("prim::TensorExprGroup")
    assert "%tanh : Float(*batch, C) = aten::tanh(%mul)" in text[group:]
    (check,) = lines_of(text, "prim::TypeCheck")
    assert "Float(C)" in check
    assert "Float(*batch, C)" in check


class Steps(nn.Module):
    def forward(self, xs: list[Float[Tensor, "C"]], n: int, sign: bool) -> Float[Tensor, "C"]:
        y = xs[0]
        for i in range(n):
            y = y * i if sign else y.relu()
        return y


def test_branches_and_loops_are_blocks() -> None:
    text = lower(Steps(), guards="none").stage_graphs()["scripted"]
    assert text == (
        "graph(%xs : List[Tensor], %n : int, %sign : bool):\n"
        "  %y : Float(C) = aten::__getitem__(%xs, 0)\n"
        "  %y.2 : Float(C) = loop(%n, True, %y)\n"
        "  with %i : int, %y.3 : Tensor:\n"
        "    %y.4 : Tensor = if %sign:\n"
        "      %mul : Tensor = aten::mul(%y.3, %i)\n"
        "      -> %mul\n"
        "    else:\n"
        "      %relu : Tensor = aten::relu(%y.3)\n"
        "      -> %relu\n"
        "    -> True, %y.4\n"
        "  return %y.2\n"
    )

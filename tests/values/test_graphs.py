"""Named tensors inside of what is captured as a graph: the numbers are those of eager mode, and the graph is plain."""

import warnings
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.proxy_tensor import make_fx

from namedtorch import DimError, NamedTensor, contract, named, symbolic_trace
from tests.values.pages import run as run_page

X = torch.randn(2, 4, 6)
LAYER = nn.Linear(6, 3)


def attention(t: Tensor) -> Tensor:
    x = named(t, "N T D")
    scores = x.matmul(x.transpose("T", "D")) * 0.5
    return (scores.softmax(-1) + 1).tensor @ t


def layer(t: Tensor) -> Tensor:
    return LAYER(named(t, "N T D")).relu().sum("T").tensor


def views(t: Tensor) -> Tensor:
    x = named(t, "N T D")
    y = x.view(x.size(0), -1)
    assert y.dims == ("N", "(T D)")
    return (y + x.flatten(1)).sum("N").tensor


def several(t: Tensor) -> Tensor:
    x = named(t, "N T D")
    values, _ = x.max("T")
    first, second = x.chunk(2, dim="T")
    return (values + first.sum("T") + second.mean("T")).tensor


def naming(t: Tensor) -> Tensor:
    x = named(t, "N T D")
    mean = x.mean("D").align_as(x)
    return (x - mean).align_to("D", ..., "N").rename(T="S").tensor


def pattern(t: Tensor) -> Tensor:
    x = named(t, "N T D")
    return contract(x.rearrange("N T (h d) -> N h T d", h=2), named(torch.ones(3), "d"), over="d").tensor


def indexing(t: Tensor) -> Tensor:
    x = named(t, "N T D")
    return (x["T", 0] + x[{"T": 1}] + x[:, -1]).tensor


FUNCTIONS = [attention, layer, views, several, naming, pattern, indexing]
EACH = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.__name__)


class Wrapped(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function
        self.layer = LAYER

    def forward(self, t: Tensor) -> Tensor:
        return self.function(t)


@EACH
def test_compile_captures_one_graph(function: Callable[[Tensor], Tensor]) -> None:
    torch.compiler.reset()
    compiled = torch.compile(function, fullgraph=True, backend="eager")
    assert torch.allclose(compiled(X), function(X))
    more = torch.cat([X, X])
    assert torch.allclose(compiled(more), function(more))


@EACH
def test_export_leaves_a_plain_program_with_dynamic_sizes(function: Callable[[Tensor], Tensor]) -> None:
    batch = torch.export.Dim("N", min=2, max=64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(
            Wrapped(function), (X,), dynamic_shapes=({0: batch},) if function is not views else None
        )
    assert "amed" not in program.graph_module.code
    assert torch.allclose(program.module()(X), function(X))
    if function is not views:
        more = torch.cat([X, X])
        assert torch.allclose(program.module()(more), function(more))


@EACH
def test_make_fx_leaves_a_plain_graph(function: Callable[[Tensor], Tensor]) -> None:
    traced = make_fx(function)(X)
    assert "amed" not in traced.code
    assert torch.allclose(traced(X), function(X))


@EACH
def test_trace_leaves_a_plain_graph(function: Callable[[Tensor], Tensor]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(Wrapped(function), (X,))
    kinds = {node.kind() for node in traced.inlined_graph.nodes()}
    assert all(kind.startswith(("aten::", "prim::")) for kind in kinds)
    assert torch.allclose(traced(X), function(X))


def test_gradients_through_a_compiled_function_are_those_of_eager_mode() -> None:
    torch.compiler.reset()
    t = X.clone().requires_grad_()
    torch.compile(attention, fullgraph=True, backend="aot_eager")(t).sum().backward()
    found = t.grad
    t.grad = None
    attention(t).sum().backward()
    assert found is not None
    assert t.grad is not None
    assert torch.allclose(found, t.grad)


def test_named_tensors_go_into_and_out_of_a_compiled_function() -> None:
    torch.compiler.reset()

    def double(x: NamedTensor) -> NamedTensor:
        return (x + x).sum("T")

    result = torch.compile(double, fullgraph=True, backend="eager")(named(X, "N T D"))
    assert isinstance(result, NamedTensor)
    assert result.dims == ("N", "D")
    assert torch.equal(result.tensor, (X + X).sum(1))


def test_a_mistake_in_a_compiled_function_is_told() -> None:
    torch.compiler.reset()

    def wrong(t: Tensor) -> Tensor:
        return named(t, "N T D").sum("C").tensor

    with pytest.raises(Exception, match="`dim` is 'C', but its dims are `N`, `T`, `D`"):
        torch.compile(wrong, fullgraph=True, backend="eager")(X)


# torch.fx


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 2)

    def forward(self, x: NamedTensor) -> NamedTensor:
        y = self.norm(self.conv(x)).relu()
        return self.head(y.mean(("H", "W")))


def test_symbolic_trace_names_what_modules_make_and_leaves_a_plain_graph() -> None:
    block = Block().eval()
    images = torch.randn(2, 3, 5, 5)
    traced = symbolic_trace(block, x="N C H W")
    assert isinstance(traced, fx.GraphModule)
    assert traced.meta["dims"] == ("N", None)
    assert [one.op for one in traced.graph.nodes].count("call_module") == 3
    assert torch.allclose(traced(images), block(named(images, "N C H W")).tensor)


def test_symbolic_trace_of_functions_with_several_results() -> None:
    def function(x: NamedTensor, y: NamedTensor) -> tuple[NamedTensor, NamedTensor]:
        values, places = x.max("T")
        return values + y, places

    traced = symbolic_trace(function, x="N T D", y="D")
    assert traced.meta["dims"] == (("N", "D"), ("N", "D"))
    values, places = traced(X, torch.ones(6))
    assert torch.equal(values, X.max(1).values + 1)
    assert torch.equal(places, X.max(1).indices)


def test_symbolic_trace_refuses_what_it_can_not_tell() -> None:
    with pytest.raises(DimError, match="no parameter is called `y`: there are `x`"):
        symbolic_trace(Block(), y="N C H W")
    with pytest.raises(DimError, match="leaves the rank open"):
        symbolic_trace(Block(), x="... C H W")
    with pytest.raises(DimError, match="its dims are `N`, `T`, `W`"):
        symbolic_trace(Block(), x="N C T W")


def test_the_page_runs() -> None:
    torch.compiler.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run_page("named-graphs.md")

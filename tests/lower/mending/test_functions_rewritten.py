"""Functions made of a changed tree go through lowering as they are, and fail at the user's lines."""

import ast
import copy
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, Optional

import pytest
import torch
from torch import Tensor, nn

from namedtorch import Bool, Float, lower, reveal_dims
from namedtorch.diagnostics import LowerError
from namedtorch.erase.rewritten import rewritten
from namedtorch.lower.source import Sources


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 4)

    def forward(self, x: Float[Tensor, "N C=3"]) -> Float[Tensor, "N D=4"]:
        """Adds one."""
        y = self.grown(reveal_dims(x), 2)
        return self.linear(y + 1)

    # fmt: off
    def grown(
        self,
        x: Float[Tensor, "N C"],
        by: int,
    ) -> Float[Tensor, "N C"]:
        if by > 1:
            return (x
        + by)  # a line left of the body
        return x
    # fmt: on


def changed(function: Any, change: Callable[[ast.BinOp], ast.expr]) -> FunctionType:
    """The function with other sums."""

    class Change(ast.NodeTransformer):
        def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
            self.generic_visit(node)
            return ast.copy_location(change(node), node)

    definition = Sources().find(function)
    assert definition is not None
    return rewritten(function, Change().visit(copy.deepcopy(definition.node)))


def product(node: ast.BinOp) -> ast.expr:
    return ast.BinOp(node.left, ast.Mult(), node.right)


def failing(node: ast.BinOp) -> ast.expr:
    text = "torch.reshape(x, [-1, 99]).contiguous().contiguous().contiguous().contiguous().contiguous()"
    made = ast.parse(text, mode="eval").body
    for one in ast.walk(made):
        ast.copy_location(one, node)
    return made


def subclass(**methods: Any) -> nn.Module:
    torch.manual_seed(0)
    return type("Scaled", (Scaled,), methods)()


@pytest.mark.parametrize("guards", ["boundary", "all", "none"])
def test_a_rewritten_function_is_what_the_graph_computes(guards: Any, tmp_path: Path) -> None:
    model = subclass(forward=changed(Scaled.forward, product), grown=changed(Scaled.grown, product))
    model = subclass(forward=changed(type(model).forward, lambda node: node), grown=type(model).grown)
    lowered = lower(model, guards=guards)
    x = torch.randn(2, 3)
    expected = model.linear(x * 2 * 1)
    assert torch.equal(lowered(x), expected)
    assert "y * 1" in lowered.source
    assert "x * by" in lowered.source
    lowered.save(tmp_path / "model.pt")
    assert torch.equal(torch.jit.load(tmp_path / "model.pt")(x), expected)


def test_a_failure_inside_shows_the_line_of_the_user() -> None:
    lowered = lower(subclass(grown=changed(Scaled.grown, failing)), verify=False)
    line = Scaled.grown.__code__.co_firstlineno + 6
    with pytest.raises(RuntimeError) as caught:
        lowered(torch.randn(2, 3))
    text = str(caught.value)
    assert f'{__file__}", line {line}, in grown' in text
    assert "return (x" in text
    assert "a line left of the body" in text
    assert "----" not in text.replace("<---", "")


def test_a_refusal_names_the_line_of_the_user() -> None:
    def unknown(node: ast.BinOp) -> ast.expr:
        return ast.Call(ast.Name("missing", ast.Load()), [node.left], [])

    line = Scaled.forward.__code__.co_firstlineno + 3
    with pytest.raises(LowerError) as caught:
        lower(subclass(forward=changed(Scaled.forward, unknown)))
    (finding,) = caught.value.findings
    assert (finding.file, finding.line) == (__file__, line)
    assert "missing" in finding.what
    assert "self.linear(y + 1)" in finding.text


def test_torch_alone_reads_a_rewritten_function_as_it_is() -> None:
    script = torch.jit.script(changed(plain, product))
    assert script(torch.ones(2), 3).tolist() == [3.0, 3.0]


def plain(x: Tensor, by: int) -> Tensor:
    return x + by


class Masked(nn.Module):
    def forward(
        self, x: Float[Tensor, "N 3"], mask: Optional[Bool[Tensor, "N"]] = None
    ) -> Float[Tensor, "N 3"]:
        wide = None
        if mask is not None:
            wide = mask[:, None]
        return x if wide is None else x * wide


def test_an_optional_parameter_stays_one_where_the_body_is_rewritten() -> None:
    lowered = lower(Masked())
    x, mask = torch.ones(2, 3), torch.tensor([True, False])
    assert lowered(x).sum() == 6
    assert lowered(x, mask).sum() == 3

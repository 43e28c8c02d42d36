"""Functions of namedtorch on tensors, such as patterns and contractions by name, in plain torch."""

import ast
from typing import Any

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.plain_steps import write_recipe
from namedtorch.erase.site import Site
from namedtorch.ops.table import operator_for
from namedtorch.static.interpreter.domain import External


def write_pattern(site: Site[Any]) -> ast.expr | None:
    """A call of a function whose row has a recipe: the steps on its tensor, or the product of its operands."""
    function = site.value(site.node.func)
    row = operator_for(function.name) if isinstance(function, External) else Unknown
    if row is Unknown or row.recipe is None:
        return None
    return write_recipe(site, row, site.node.args, site.node.keywords)

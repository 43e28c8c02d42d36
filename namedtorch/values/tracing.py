"""`symbolic_trace`: torch.fx through named tensors, which leaves a graph of plain ones."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from torch import nn
from torch.fx import GraphModule, Proxy, Tracer

from namedtorch.dims.carried import expected_name
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import Mismatch
from namedtorch.ops.table import rule_for
from namedtorch.syntax.resolve import parse_shape
from namedtorch.values.named_tensor import Dims, NamedTensor, plain
from namedtorch.values.operation import Operation, Other, as_value, template_of
from namedtorch.values.proxies import is_traced, with_names
from namedtorch.values.refusal import dims_error, misfit_error


class NamedTracer(Tracer):
    """A tracer that gives parameters of the root dims, and names what leaf modules make by their rows.

    `dims` are shapes by parameter. `result_dims` are those of the results once it has traced, None for a plain one.
    """

    def __init__(self, dims: Mapping[str, str]) -> None:
        super().__init__()
        self.dims = {name: _dims(text) for name, text in dims.items()}
        self.result_dims: Any = None

    def create_args_for_root(
        self, root_fn: Any, is_module: bool, concrete_args: Any = None
    ) -> tuple[Any, list[Any]]:
        """The function to trace and its arguments, of which those with dims are named."""
        function, found = super().create_args_for_root(root_fn, is_module, concrete_args)
        arguments = cast("list[Any]", found)
        names = [one.node.target for one in arguments if isinstance(one, Proxy)]
        for name in self.dims:
            if name not in names:
                listed = ", ".join(f"`{one}`" for one in names)
                raise dims_error("dim-missing", f"no parameter is called `{name}`: there are {listed}")
        named = [
            NamedTensor(cast("Any", one), self.dims[str(one.node.target)])
            if isinstance(one, Proxy) and one.node.target in self.dims
            else one
            for one in arguments
        ]

        def traced(*given: Any) -> Any:
            result = cast("Callable[..., Any]", function)(*given)
            self.result_dims = _result_dims(result)
            return plain(result)

        return traced, named

    def create_arg(self, a: Any) -> Any:
        """An argument of a node, the plain one of a named tensor."""
        return super().create_arg(plain(a))

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """A leaf module as one node, its result named by the row of its class; any other is traced through."""
        if not is_traced(args) and not is_traced(kwargs):
            return super().call_module(m, forward, args, kwargs)
        named = any(isinstance(one, NamedTensor) for one in (*args, *kwargs.values()))
        if not named or not self.is_leaf_module(m, self.path_of_module(m)):
            return super().call_module(m, forward, args, kwargs)
        operation = Operation(f"{type(m).__name__}", forward, Unknown)
        template = _module_template(m, args, kwargs)
        result = super().call_module(m, forward, plain(args), plain(kwargs))
        return with_names(operation, result, template, args)


def symbolic_trace(root: nn.Module | Callable[..., Any], /, **dims: str) -> GraphModule:
    """Traces a module or a function by torch.fx, with these dims of its parameters; the graph holds plain tensors only.

    `symbolic_trace(model, image="N C H W")`. Parameters without dims are plain. The dims of the results are
    `meta["dims"]` of the graph module. Raises `DimError` where dims do not fit, or nothing tells those of a result.

    Source: https://docs.pytorch.org/docs/stable/fx.html
    """
    tracer = NamedTracer(dims)
    graph = tracer.trace(root)
    name = type(root).__name__ if isinstance(root, nn.Module) else getattr(root, "__name__", "function")
    made = GraphModule(tracer.root if isinstance(root, nn.Module) else torch.nn.Module(), graph, name)
    made.meta["dims"] = tracer.result_dims
    return made


def _dims(text: str) -> Dims:
    shape = parse_shape(text)
    if shape.groups:
        raise dims_error(
            "rank-unfit", f'"{text}" leaves the rank open, and torch.fx has no sizes to tell it by',
            "write one name for each axis",
        )  # fmt: skip
    names = [expected_name(axis) for axis in shape.axes]
    return tuple(None if name is Unknown else name for name in names)


def _result_dims(result: Any) -> Any:
    match result:
        case NamedTensor():
            return result.dims
        case list() | tuple():
            return tuple(_result_dims(one) for one in cast("list[Any]", result))
        case dict():
            return {name: _result_dims(one) for name, one in cast("dict[Any, Any]", result).items()}
        case _:
            return None


def _module_template(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The dims of what a module gives by its row in the table."""
    rule = rule_for(f"{one.__module__}.{one.__qualname__}" for one in type(module).__mro__)
    if rule is Unknown:
        return Other("the table has no row for the module")
    values, named = [as_value(one) for one in args], {name: as_value(one) for name, one in kwargs.items()}
    try:
        return template_of(rule.call(lambda name: getattr(module, name, Unknown), values, named, Plain()))
    except Mismatch as error:
        return Other(f"the row of the module has no such call ({error})")
    except Misfit as error:
        listed = {f"argument {place}": value for place, value in enumerate(values)}
        raise misfit_error(type(module).__name__, error, {**listed, **named}) from None

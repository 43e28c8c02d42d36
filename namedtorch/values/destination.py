"""What results are written to: the target of an operator in place, and the tensors of `out=`.

As torch's own named tensors had it: a target without names gets those of the result; one that has names has to have
all of them.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from namedtorch.ops.broadcasting import CODE
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_text
from namedtorch.values.operation import Each, Operation, Template
from namedtorch.values.refusal import dims_error


def written(operation: Operation, target: Any, result: Tensor, dims: Dims) -> Any:
    """What an operator gives that gives its first argument: the target itself, under the dims that it has after it."""
    if type(target) is NamedTensor and (operation.in_place or target.dims == dims):
        target.dims = dims
        return target
    return NamedTensor(result, dims)


def refuse_other_names(operation: Operation, out: Any, template: Template) -> None:
    """Refuses to write a result to `out` under other names than it has. Raises `DimError`."""
    if isinstance(out, list | tuple):
        targets: Sequence[Any] = out
        for place, target in enumerate(targets):
            inner = template.template if isinstance(template, Each) else template
            if isinstance(inner, list) and place < len(inner):
                inner = inner[place]
            refuse_other_names(operation, target, inner)
        return
    if type(out) is not NamedTensor or not isinstance(template, tuple):
        return
    if not any(out.dims) or not any(template) or out.dims == template:
        return
    raise dims_error(
        CODE,
        f"`{operation.name}`: the result has the dims `{dims_text(template)}`, and `out` has `{dims_text(out.dims)}`",
        "`out.rename_(None)` takes its names away, so that it gets those of the result",
    )


def into(out: Any, result: Any) -> Any:
    """`out`, under the names of the result that was written to it; it keeps its own where the result has none."""
    if isinstance(out, list | tuple):
        found = [into(*pair) for pair in zip(out, result, strict=True)]
        return type(result)(*found) if hasattr(result, "_fields") else type(result)(found)
    if type(out) is not NamedTensor or not isinstance(result, NamedTensor):
        return result
    if any(result.dims) or len(result.dims) != len(out.dims):
        out.dims = result.dims
    return out

"""`NamedTensor` as a pytree: what is done to the tensors of a nested value is done to its tensor.

DDP and FSDP2 find tensors in what models take and give this way, and so do export, `tree_map` and `torch.func`.
"""

from collections.abc import Iterable
from typing import Any, Final

from torch import Tensor
from torch.utils import _pytree as pytree

from namedtorch.values.named_tensor import Dims, NamedTensor, dims_text
from namedtorch.values.refusal import dims_error

SERIALIZED_NAME: Final = "namedtorch.NamedTensor"
"""What exported programs call it in their files; it never changes."""


def register() -> None:
    """Makes `NamedTensor` a node of torch's trees, those in C++ included; once in a process."""
    pytree.register_pytree_node(
        NamedTensor,
        flatten,
        unflatten,
        serialized_type_name=SERIALIZED_NAME,
        to_dumpable_context=_to_json,
        from_dumpable_context=_from_json,
        flatten_with_keys_fn=flatten_with_keys,
    )


def flatten(value: NamedTensor) -> tuple[list[Any], Dims]:
    """The one leaf, and the dims as context: two trees are alike only if their dims are."""
    return [value.tensor], value.dims


def flatten_with_keys(value: NamedTensor) -> tuple[list[tuple[Any, Any]], Dims]:
    """The same with the path of the leaf, `.tensor`."""
    return [(pytree.GetAttrKey("tensor"), value.tensor)], value.dims


def unflatten(leaves: Iterable[Any], dims: Dims) -> NamedTensor:
    """The leaf under the dims; it may be anything that a function of `tree_map` gives.

    Raises `DimError` for a tensor of another rank, which these are not the dims of.
    """
    (leaf,) = leaves
    if isinstance(leaf, Tensor) and leaf.dim() != len(dims):
        raise dims_error(
            "rank-differs",
            f"a tensor of {leaf.dim()} axes was put in the place of one with the dims `{dims_text(dims)}`",
            "`namedtorch.vmap`, `grad`, `jacrev` and their like know what they do to dims, those of torch.func do not",
        )
    return NamedTensor(leaf, dims)


def _to_json(dims: Dims) -> list[str | None]:
    return list(dims)


def _from_json(dims: list[str | None]) -> Dims:
    return tuple(dims)

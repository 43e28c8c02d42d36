"""Array types and families of dtypes by their qualified names, as static sources spell them."""

import re

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.table import spelled
from namedtorch.signature.array import NAMED
from namedtorch.signature.dtypes import FAMILIES, Family
from namedtorch.signature.hints import TENSOR

PARAMETER = "torch.nn.Parameter"
"""Parameters of modules, by their qualified name."""

SCALARS = frozenset({"bool", "int", "float", "complex"})
"""Python's numbers, which are arrays without axes."""

_FAMILY_HOMES = frozenset({"jaxtyping", "namedtorch"})

_SPELLED = {
    "torch.nn.parameter.Parameter": PARAMETER,
    "torch.autograd.Variable": TENSOR,
    "numpy.typing.NDArray": "numpy.ndarray",
    "jaxtyping.Array": "jax.Array",
    "jax.numpy.ndarray": "jax.Array",
    "typing.Any": "Any",
    "typing_extensions.Any": "Any",
    "namedtorch.values.NamedTensor": NAMED,
    "namedtorch.values.named_tensor.NamedTensor": NAMED,
}

# torch lets its class be imported from every module that uses it; the legacy types are its dtypes and devices.
_TENSORS = re.compile(
    r"torch\.([a-z_.]+\.)?(Tensor|(Float|Double|Half|BFloat16|Long|Int|Short|Char|Byte|Bool)Tensor)"
)


def family_named(name: str | UnknownType) -> Family | UnknownType:
    """The family of a qualified name, jaxtyping's or ours: `jaxtyping.Float`."""
    if name is Unknown:
        return Unknown
    home, _, own = name.rpartition(".")
    return FAMILIES.get(own, Unknown) if home in _FAMILY_HOMES else Unknown


def array_named(name: str | UnknownType) -> str:
    """The name of an array type as hints have it; "Any" where it is not known."""
    if name is Unknown:
        return "Any"
    if _TENSORS.fullmatch(name):
        return TENSOR
    name = spelled(name)
    return _SPELLED.get(name, name)


def narrowed(outer: Family, inner: Family) -> Family | UnknownType:
    """The family of an annotation of an annotation, `Float[Image, "N"]`; Unknown where no dtype is both."""
    if outer.dtypes is None or inner.dtypes is None:
        return inner if outer.dtypes is None else outer
    both = tuple(dtype for dtype in outer.dtypes if dtype in inner.dtypes)
    if not both:
        return Unknown
    return outer if len(both) == len(outer.dtypes) else inner


def takes_scalar(family: Family, scalar: str) -> bool:
    """Tells whether a Python number of this type has a dtype of the family."""
    return family.dtypes is None or any(dtype.startswith(scalar) for dtype in family.dtypes)

"""One dtype for each tensor, where an annotation names a family of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from namedtorch.archive.frozen import is_frozen
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.sentence import one_line
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.signature.dtypes import FAMILIES, Family

ALL = ""
"""The name under which a dtype is given for all tensors that may have it."""

_FLOATS = frozenset(FAMILIES["Float"].dtypes or ())
_USUAL = ("int8", "int16", "int32", "int64", "uint8", "float16", "float32", "float64", "bool")
_KNOWN = frozenset(one for family in FAMILIES.values() for one in family.dtypes or ())


@dataclass(frozen=True, slots=True)
class Floats:
    """The dtypes that a model's floats have, and by what they are known; `hidden` tells that none are told."""

    dtypes: frozenset[str]
    why: str = ""
    hidden: bool = False


def floats_of(manifest: Manifest) -> Floats:
    """What is known of the floats of a model: by its parameters and buffers, else by the run that drew it.

    A model without any computes as it is called: float32, where nobody says otherwise. Of a frozen model nothing says
    whether it has some.
    """
    state = manifest.state.values()
    found = frozenset(one.dtype for one in state if one.kind != "packed" and one.dtype in _FLOATS)
    if found:
        return Floats(found, ", as the weights are")
    if not is_frozen(manifest):
        return Floats(frozenset(("float32",)))
    edges = () if manifest.drawing is None else manifest.drawing.edges
    drawn = frozenset(one.dtype for one in edges if one.dtype in _FLOATS)
    return Floats(drawn, ", as in the picture of the model", hidden=not drawn)


def exact_dtype(
    family: Family, name: str, given: Mapping[str, str], floats: Floats, target: str
) -> tuple[str, str]:
    """The dtype of a tensor of a family, and why it is that one ("" where the family has no other).

    `given` has what the user says of tensors by name. Floats are as `floats` has them. Raises ServingError where the
    dtype is not known, and where the tensor never has the given one.
    """
    chosen = given.get(name)
    if chosen is not None and not _may_be(family, chosen):
        raise ServingError(
            f"`{name}` is {_text(family)}, and never {one_line(chosen, 40)}: give it one of {_choices(family)}"
        )
    everywhere = given.get(ALL)
    if chosen is None and everywhere is not None and _may_be(family, everywhere):
        chosen = everywhere
    dtypes = family.dtypes
    if dtypes is not None and len(dtypes) == 1:
        return dtypes[0], ""
    if family == FAMILIES["Bool"]:
        return "bool", ""
    if chosen is not None:
        return chosen, f"{_text(family)}, given as {chosen}"
    if dtypes is not None and _FLOATS.issuperset(dtypes):
        (float_,) = floats.dtypes if len(floats.dtypes) == 1 else ("",)
        if float_ in dtypes:
            return float_, f"{_text(family)}: {float_}{floats.why}"
        if floats.hidden:
            raise ServingError(
                f"`{name}` is {_text(family)}, and the weights of a frozen model stand in its graph, which does not "
                f"tell their dtype: --dtype {name}=float32, or whichever it is"
            )
    raise ServingError(
        f"`{name}` is {_text(family)}, and {target} asks for one dtype: --dtype {name}=DTYPE, one of {_choices(family)}"
    )


def _may_be(family: Family, dtype: str) -> bool:
    return family.takes(dtype) and dtype in _KNOWN


def _text(family: Family) -> str:
    return "of any dtype" if family.dtypes is None else one_line(family.name, 40)


def _choices(family: Family) -> str:
    usual = [one for one in _USUAL if family.takes(one)]
    return ", ".join(usual or [one_line(one, 40) for one in (family.dtypes or ())[:9]])

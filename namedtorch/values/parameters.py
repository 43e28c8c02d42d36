"""The dims of parameters: what a model's are, and how a user names them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from torch import nn
from torch.nn.parameter import is_lazy
from torch.nn.utils.parametrize import ParametrizationList

from namedtorch.diagnostics import DimError, Failure
from namedtorch.dims.bindings import Bindings
from namedtorch.ops.closing import closed_by
from namedtorch.syntax.resolve import parse_shape
from namedtorch.values.module_dims import held_by, names_in, tensor_of
from namedtorch.values.named_tensor import dims_text
from namedtorch.values.refusal import dims_error
from namedtorch.values.state_dims import keep_dims

M = TypeVar("M", bound=nn.Module)


def parameter_dims(module: nn.Module) -> dict[str, str]:
    """Returns the dims of the parameters and persistent buffers of a module, by the keys of its state dict.

    `{"0.weight": "out in", "0.bias": "out"}`: as `name_parameters` was told, else as the class annotates them, else as
    the table of operators has them for torch's own modules; `_` is an axis without a name. What nothing is known of is
    not in it.
    """
    return {
        f"{path}.{key}" if path else key: dims_text(one.dims)
        for path, inner in module.named_modules(remove_duplicate=False)
        if not isinstance(inner, ParametrizationList)
        for key, one in held_by(inner).items()
    }


def name_parameters(module: M, dims: Mapping[str, str] | None = None, /, **own: str) -> M:
    """Names the dims of parameters and buffers, and keeps all dims of the module in its state dicts.

    Parameters stay plain tensors. `own` are those of the module itself, `weight="out in"`; `dims` those at any path,
    `{"0.weight": "out in"}`. The texts are shapes of the language, whose sizes are checked; within one module, a name
    has one size. What is not named keeps the names of its annotation or of the table. From then on every
    `state_dict()` has the dims in its metadata, and `load_state_dict` refuses tensors whose dims stand in another
    order there. Returns the module. Raises `DimError`, and then nothing is named.
    """
    texts = {**(dims or {}), **own}
    found: list[tuple[nn.Module, str, str]] = []
    bindings: dict[nn.Module, Bindings] = {}
    failures: list[Failure] = []
    for path, text in texts.items():
        try:
            owner, name = _owner(module, path)
            bindings[owner] = _matched(owner, name, path, text, bindings.get(owner, Bindings()))
            found.append((owner, name, text))
        except DimError as error:
            failures += error.failures
    if failures:
        raise DimError.of(failures, function="name_parameters")
    for one in module.modules():
        if not isinstance(one, ParametrizationList):
            keep_dims(one)
    for owner, name, text in found:
        keep_dims(owner).texts[name] = text
    return module


def _owner(module: nn.Module, path: str) -> tuple[nn.Module, str]:
    """The module that holds the parameter at a path, and its name there."""
    inside, _, name = path.rpartition(".")
    try:
        owner = module.get_submodule(inside)
    except AttributeError:
        owner = None
    names = [] if owner is None else names_in(owner)
    if owner is None or name not in names:
        below = [
            f"{prefix}.{one}" if prefix else one
            for prefix, inner in module.named_modules()
            if not isinstance(inner, ParametrizationList)
            for one in names_in(inner)
        ]
        near = get_close_matches(path, below, 1, 0.5)
        raise dims_error(
            "attribute-missing",
            f"`{type(module).__name__}` has no parameter or buffer `{path}`",
            f"did you mean `{near[0]}`?"
            if near
            else f"it has {', '.join(f'`{one}`' for one in below) or 'none'}",
        )
    return owner, name


def _matched(owner: nn.Module, name: str, path: str, text: str, bindings: Bindings) -> Bindings:
    """The bindings with the sizes of one more tensor. Raises `DimError`."""
    shape = closed_by(parse_shape(text), owner)
    if shape is None:
        raise dims_error(
            "attribute-missing", f"`{path}`: {text!r} asks for sizes that the module does not have"
        )
    if len(shape.groups) > 1:
        raise dims_error(
            "place-ambiguous",
            f"`{path}`: {text!r} does not tell which axes it names",
            "use one `...` at most",
        )
    tensor = tensor_of(owner, name)
    if tensor is None:
        # Kept in several tensors by a parametrization.
        return bindings
    if is_lazy(tensor):
        raise dims_error(
            "rank-differs",
            f"`{path}` has no sizes yet, for {type(owner).__name__} makes it at the first call",
            "call the model once, then name its parameters",
        )
    return shape.match(tuple(tensor.shape), bindings, argument=path, wait=True)

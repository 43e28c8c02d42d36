"""The dims of parameters in state dicts: they are written into its metadata, and compared when it is loaded.

The metadata of a state dict (`state_dict()._metadata`) has a dict for each module, which `torch.save` keeps. Ours is
under `KEY` there: `{"version": 1, "dims": {"weight": "out in"}, "given": ["weight"]}`; `given` lists those that a user,
or an annotation, has named. Files without it load as ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from torch import Tensor, nn

from namedtorch.diagnostics import DimError, Failure
from namedtorch.ops.names import split_names
from namedtorch.values.module_dims import ATTRIBUTE, GivenDims, Held, held_by
from namedtorch.values.named_tensor import Dims, dims_text

KEY: Final = "namedtorch"
VERSION: Final = 1
CODE: Final = "state-dims-differ"

_permuting: ContextVar[bool] = ContextVar("_permuting", default=False)


@contextmanager
def permuted_loading() -> Iterator[None]:
    """Within it, `load_state_dict` permutes tensors whose dims stand in another order in the file than in the model.

    That takes names for all of their axes in both, and no name twice. Else loading such a tensor is a `DimError`.
    """
    token = _permuting.set(True)
    try:
        yield
    finally:
        _permuting.reset(token)


def keep_dims(module: nn.Module) -> GivenDims:
    """Makes one module write its dims into state dicts, and compare them; gives what users say of it."""
    found = module.__dict__.get(ATTRIBUTE)
    if isinstance(found, GivenDims):
        return found
    module.register_state_dict_post_hook(write_dims)
    module.register_load_state_dict_pre_hook(read_dims)
    made = module.__dict__[ATTRIBUTE] = GivenDims()
    return made


# Modules that are pickled as a whole hold these two hooks by their names, which therefore never change.


def write_dims(module: nn.Module, state: Mapping[str, Any], prefix: str, metadata: dict[str, Any]) -> None:
    """Writes the dims of what one module holds into its part of the metadata."""
    held = held_by(module)
    if held:
        metadata[KEY] = {
            "version": VERSION,
            "dims": {key: dims_text(one.dims) for key, one in held.items()},
            "given": [key for key, one in held.items() if one.given],
        }


def read_dims(
    module: nn.Module,
    state: dict[str, Any],
    prefix: str,
    metadata: Mapping[str, Any],
    strict: bool,
    missing: Sequence[str],
    unexpected: Sequence[str],
    errors: Sequence[str],
) -> None:
    """Compares the dims of one module with those of a state dict that is about to be loaded, and permutes its tensors.

    The module that is loaded as a whole compares those of all modules in it, before anything is loaded. Raises
    `DimError`, which lists every tensor that does not fit.
    """
    own = list(_compared(module, state, prefix, metadata))
    whole: Mapping[str, Any] | None = getattr(state, "_metadata", None)
    every = own if whole is None else list(_compared_below(module, state, prefix, whole))
    failures = [one.failure for one in every if not (_permuting.get() and one.order)]
    if failures:
        raise DimError.of(failures)
    for one in own:
        value: Tensor = state[one.key].permute(one.order)
        # What is assigned stays in the model, which is to have the strides that it would have without us.
        state[one.key] = value.contiguous() if metadata.get("assign_to_params_buffers") else value


@dataclass(frozen=True, slots=True)
class _Difference:
    """A tensor of a state dict whose dims are not those of the model; `order` permutes it to them, or is empty."""

    key: str
    saved: Dims
    here: Dims
    order: tuple[int, ...]
    moved: tuple[str, ...]

    @property
    def failure(self) -> Failure:
        saved, here = dims_text(self.saved), dims_text(self.here)
        text = f"`{self.key}`: the state dict has dims `{saved}`, and the model `{here}`"
        if not self.moved:
            text += ": these are other dims"
            help = "if they are the same, load `dict(state)`, which leaves the dims of the state dict behind"
        else:
            verb = "stand at other axes" if len(self.moved) > 1 else "stands at another axis"
            text += f": {' and '.join(f'`{name}`' for name in self.moved)} {verb}"
            help = (
                "load it within `namedtorch.permuted_loading()`, which permutes it"
                if self.order
                else "permute it, and load `dict(state)`, which leaves the dims of the state dict behind"
            )
        return Failure(CODE, text, self.key, expected=here, actual=saved, help=help)


def _compared_below(
    module: nn.Module, state: Mapping[str, Any], prefix: str, whole: Mapping[str, Any]
) -> Iterator[_Difference]:
    """The differences of a module and of all in it that keep dims."""
    for path, one in module.named_modules(remove_duplicate=False):
        if ATTRIBUTE in one.__dict__:
            inner = f"{prefix}{path}".removesuffix(".")
            yield from _compared(one, state, f"{inner}." if inner else "", whole.get(inner, {}))


def _compared(
    module: nn.Module, state: Mapping[str, Any], prefix: str, metadata: Mapping[str, Any]
) -> Iterator[_Difference]:
    """The differences of what one module holds."""
    written = metadata.get(KEY)
    if not isinstance(written, Mapping):
        return
    held = held_by(module)
    for key, text in written.get("dims", {}).items():
        one = held.get(key)
        if one is not None and isinstance(state.get(f"{prefix}{key}"), Tensor):
            found = _difference(f"{prefix}{key}", read_text(text), key in written.get("given", ()), one)
            if found is not None:
                yield found


def _difference(key: str, saved: Dims, given: bool, held: Held) -> _Difference | None:
    """How dims differ: a name stands at another axis, or an axis has two names that were both given.

    The names of the table say what an axis is for (`out`), and a user's what it is (`classes`): that is no conflict.
    """
    here = held.dims
    if len(saved) != len(here):  # torch refuses it.
        return None
    moved = tuple(
        name
        for name in dict.fromkeys(saved)
        if name is not None and name in here and _places(saved, name) != _places(here, name)
    )
    if moved:
        named = None not in here and len(set(here)) == len(here) and set(saved) == set(here)
        return _Difference(key, saved, here, tuple(map(saved.index, here)) if named else (), moved)
    if (
        given
        and held.given
        and any(None not in pair and pair[0] != pair[1] for pair in zip(saved, here, strict=True))
    ):
        return _Difference(key, saved, here, (), ())
    return None


def _places(dims: Dims, name: str) -> list[int]:
    return [place for place, one in enumerate(dims) if one == name]


def read_text(text: str) -> Dims:
    """The dims that `dims_text` wrote: `out _ (C H)` are three."""
    return tuple(None if word == "_" else word for word in split_names(text))

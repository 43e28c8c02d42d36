"""Feeding: batches as users' loaders give them, held to a signature before a model sees them."""

import contextlib
import itertools
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sized
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from namedtorch.diagnostics import DimError, LowerError
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.quantize.batch_numbers import (
    gives_nan,
    has_numbers,
    other_dtype,
    weights_without_value,
    without_value,
)
from namedtorch.lower.quantize.batches import Batches, changed
from namedtorch.lower.quantize.held import Held
from namedtorch.signature.array import array_text
from namedtorch.signature.signature import Signature
from namedtorch.values.named_tensor import NamedTensor

KEPT = 4
"""How many batches are kept as samples."""


def inputs_of(
    item: Any, signature: Signature, name: str, inputs: Callable[[Any], Any] | None = None
) -> Inputs:
    """The arguments of a call out of one batch of a loader, held to the signature; `name` is the model's.

    A mapping gives arguments by their names, and so does a NamedTuple or dataclass with such fields. Of a tuple or
    list, the first are the arguments, as many as are required; where one parameter takes a list, it may be that list.
    Anything else is the only argument. What is left are labels. Arrays of numpy become tensors of their dtype, as in a
    DataLoader; named tensors plain ones, by position. `inputs` makes the arguments of a batch instead: a tuple, a dict,
    or the only one. Raises DimError for a batch that does not fit, LowerError for one that fits in two ways.
    """
    return Batches(signature, name, inputs).inputs_of(item)


def fed(
    held: Held,
    data: Any,
    *,
    what: str = "calibrating",
    batches: int | None = None,
    inputs: Callable[[Any], Any] | None = None,
    progress: bool = True,
) -> list[Inputs]:
    """Calls a module with the batches of `data`, without gradients; gives copies of the first inputs.

    Each batch is held to the signature before the module is called, so that observers see only what fits. `batches`
    is the most that are taken; batches of no rows are passed over. A bar of tqdm, `what` beside it, shows on a terminal
    where tqdm is installed. Raises DimError with the number of a batch that does not fit; LowerError for data that is
    no iterable of batches, or empty, and where NaN comes in or out.
    """
    reader = Batches(held.signature, held._name, inputs)
    kept: list[Inputs] = []
    taken = 0
    with torch.no_grad(), contextlib.closing(_numbered(data, batches, what, progress)) as items:
        for count, item in items:
            place = _place(count)
            read = _read(reader, item, place, data)
            if not has_numbers(read):
                continue
            args, kwargs = (changed(one, _on_cpu) for one in read)
            taken += 1
            if len(kept) < KEPT:
                kept.append((changed(args, _copied), changed(kwargs, _copied)))
            _call(held, (args, kwargs), place, what)
            if taken == batches:
                break
    if not taken:
        raise LowerError("the batches of the data are all empty, so there is nothing to calibrate with")
    return kept


def _call(held: Held, inputs: Inputs, place: str, what: str) -> None:
    """Calls a module with a batch; raises LowerError where NaN comes in or out, from which no scales can be learned."""
    nan = without_value(inputs, held.signature)
    try:
        result = held(*inputs[0], **inputs[1])
    except Exception as error:
        if nan:
            raise LowerError(_without_scales(held, nan, place, "can't be called with it")) from error
        error.add_note(f"in {place}, which {held._name} was called with while {what}")
        other = other_dtype(inputs, held.signature, held)
        if other:
            error.add_note(other)
        raise
    if nan and gives_nan(result):
        raise LowerError(_without_scales(held, nan, place, "gives NaN for it"))
    if not nan and gives_nan(result, every=True):
        path = weights_without_value(held.body)
        why = f"its `{path}` has NaN" if path else "the inputs have none, and neither have its weights"
        raise LowerError(f"{held._name} gives nothing but NaN for {place}: {why}")


def _without_scales(held: Held, nan: str, place: str, result: str) -> str:
    return (
        f"{nan} in {place}, and {held._name} {result}: no scales can be learned from NaN; leave such rows out, or "
        "replace their numbers (x.nan_to_num())"
    )


def repeatable(data: Any, batches: int | None) -> Any:
    """Data that can be gone through several times: itself, or the items of an iterator, `batches` at most.

    Raises LowerError for an iterator that has none left.
    """
    if not isinstance(data, Iterator):
        return data
    items = list(itertools.islice(cast("Iterator[Any]", data), batches))
    if not items:
        raise _empty(data)
    return items


def first_items(data: Any, count: int) -> Iterator[tuple[Any, str]]:
    """The first batches of data that can be gone through again, each with the words for its place.

    Raises LowerError for what holds none.
    """
    items = list(itertools.islice(iter(_iterable(data)), count))
    if not items:
        raise _empty(data)
    for number, item in enumerate(items):
        yield item, _place(number)


def _numbered(
    data: Any, batches: int | None, what: str, progress: bool
) -> Generator[tuple[int, Any], None, None]:
    """The batches with their numbers, behind a bar of at most `batches`; raises LowerError where there are none."""
    if batches is not None and (isinstance(batches, bool) or not isinstance(batches, int) or batches < 1):
        raise LowerError(f"batches={batches!r} is no number of batches: give 1 or more, or None for all")
    source = iter(_iterable(data))
    total = len(data) if isinstance(data, Sized) and _has_length(data) else None
    if batches is not None:
        total = batches if total is None else min(total, batches)
    count = -1
    with _bar(total, what, progress) as advance:
        for count, item in enumerate(source):
            try:
                yield count, item
            finally:
                advance()
    if count < 0:
        raise _empty(data)


def _empty(data: Any) -> LowerError:
    """The error of data without batches."""
    once = (
        f"; a {type(data).__name__} gives its items once, and these were taken: give a list or a DataLoader"
        if isinstance(data, Iterator)
        else ""
    )
    return LowerError(f"the data has no batches, so there is nothing to calibrate with{once}")


def _iterable(data: Any) -> Iterable[Any]:
    """The batches of what was given as data; raises LowerError for what holds none, or is one itself."""
    if isinstance(data, Tensor | NamedTensor | np.ndarray):
        kind = "an array" if isinstance(data, np.ndarray) else "a tensor"
        split = "" if isinstance(data, np.ndarray) else ", or cut it: data=x.split(32)"
        raise LowerError(
            f"data is {kind} ({_sizes(data)}), whose rows would be taken for batches: write data=[x] for one batch"
            + split
        )
    if isinstance(data, Mapping):
        raise LowerError(
            "data is a mapping, whose keys would be taken for batches: write data=[batch] where it is one batch"
        )
    if data is None:
        raise LowerError("data=None has no batches: give a DataLoader, or a list of batches")
    if isinstance(data, Dataset) and not hasattr(type(data), "__iter__") and isinstance(data, Sized):
        # Python would ask for items until an IndexError comes, and datasets raise what they like.
        dataset = cast("Any", data)
        return (dataset[index] for index in range(len(dataset)))
    if isinstance(data, str | bytes) or not (hasattr(data, "__iter__") or hasattr(data, "__getitem__")):
        if callable(data):
            name = getattr(data, "__name__", "")
            call = f"data={name}()" if name.isidentifier() else "data=make()"
            raise LowerError(f"data is a function, and what it gives is wanted: call it, {call}")
        raise LowerError(
            f"data is {array_text(data)}, which holds no batches: give a DataLoader, or a list of batches"
        )
    return cast("Iterable[Any]", data)


def _read(reader: Batches, item: Any, place: str, data: Any) -> Inputs:
    """The inputs of a batch; what is refused is placed in the data."""
    try:
        return reader.inputs_of(item, place)
    except DimError as error:
        lines = [
            str(error),
            f"  {reader.name} was not called with it, so its observers have seen nothing of it",
        ]
        if isinstance(data, Dataset):
            lines.append(
                "  data is a Dataset, whose items are single ones: give DataLoader(data, batch_size=32)"
            )
        elif isinstance(data, tuple):
            lines.append(
                "  data is a tuple, whose parts are taken for batches: write data=[x] where x is one batch"
            )
        made = DimError("\n".join(lines))
        made.failures, made.function, made.location = error.failures, error.function, error.location
        raise made from None
    except LowerError:
        raise
    except Exception as error:  # of the user's function
        error.add_note(f"inputs= was called with {place}")
        raise


@contextlib.contextmanager
def _bar(total: int | None, what: str, progress: bool) -> Iterator[Callable[[], Any]]:
    """A bar on stderr and how it goes on; where that is no terminal, or tqdm is not installed, there is none."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield lambda: None
        return
    with tqdm(
        total=total, desc=what, unit="batch", file=sys.stderr, disable=None if progress else True
    ) as bar:
        yield bar.update


def _place(number: int) -> str:
    return f"batch {number} of the data (counted from 0)"


def _has_length(data: Sized) -> bool:
    """Whether data tells its length: a DataLoader over a stream has the method and refuses."""
    try:
        return len(data) >= 0
    except (TypeError, NotImplementedError):
        return False


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value


def _on_cpu(value: Any) -> Any:
    """Where quantized operators run."""
    return value.cpu() if isinstance(value, Tensor) and not value.is_meta else value


def _sizes(data: Any) -> str:
    return " x ".join(map(str, data.shape)) or "one number"

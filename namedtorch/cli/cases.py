"""What of an archive is measured: its model, called with inputs of given sizes."""

import contextlib
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namedtorch.archive.state_table import numbers_in
from namedtorch.cli.inputs import read_inputs
from namedtorch.cli.model import called, loaded, method_of
from namedtorch.cli.outcome import Refused
from namedtorch.cli.sizes import Size, products
from namedtorch.deploy.load import LoadedModel
from namedtorch.diagnostics import DimError
from namedtorch.dims.bindings import Bindings, value_text
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.example import example_inputs
from namedtorch.lower.interface_inputs import fitted
from namedtorch.lower.latency import Case, waited
from namedtorch.signature.batch import batch_dim, free_dims
from namedtorch.signature.hints import OptionalHint, TensorHint
from namedtorch.signature.signature import Kind, Signature, tensors_of

BATCHES = (1, 8, 32)
"""The batch sizes that are measured where none are given."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An archive under measurement; `batch` is the dim of its samples, "" where there is none."""

    path: str
    label: str
    model: LoadedModel
    call: Callable[..., Any]
    signature: Signature
    batch: str

    @property
    def device(self) -> str:
        """Where the model is, and its inputs have to be."""
        return str(self.model.device)

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return os.path.getsize(self.path)

    @property
    def parameters(self) -> int:
        """How many numbers were trained, packed or not; a parameter that is shared counts under each of its names."""
        state = self.model.manifest.state
        if not state:  # the manifest of an older schema, or a model without any
            parameters = getattr(self.model.module, "parameters", None)
            return 0 if parameters is None else sum(one.numel() for one in parameters())
        return numbers_in(state, "parameter") + numbers_in(state, "packed")


@dataclass(frozen=True, slots=True)
class Sized:
    """A case, and the sizes of the free dims and groups in it: `{"N": 8, "*batch": (2, 3)}`."""

    case: Case
    sizes: Mapping[str, Size]

    @property
    def text(self) -> str:
        """`N=8 H=224 W=224`."""
        return " ".join(f"{name}={value_text(size)}" for name, size in self.sizes.items())


@dataclass(frozen=True, slots=True)
class Left:
    """A batch size of ours that is not measured, and why: the signature or the model has no use for it."""

    sizes: Mapping[str, Size]
    why: str


def subjects(
    paths: Sequence[str], *, method: str, device: str | None, check: bool | None, dim: str | None
) -> list[Subject]:
    """Loads the archives; their labels are file names, or whole paths where two files have one name."""
    names = [Path(path).name for path in paths]
    found: list[Subject] = []
    for path, name in zip(paths, names, strict=True):
        model = loaded(path, device, check)
        call, signature = method_of(model, method), model.manifest.methods[method].signature
        batch = dim if dim in free_dims(signature) else batch_dim(signature)
        label = name if names.count(name) == 1 else path
        found.append(Subject(path, label, model, call, signature, "" if batch is Unknown else batch))
    return found


def cases(
    subject: Subject,
    sizes: Mapping[str, Sequence[Size]],
    inputs: Sequence[tuple[str, str]],
) -> tuple[list[Sized], list[Left]]:
    """The calls to measure, one for each choice of sizes, and which batch sizes are left out.

    Sizes that are not given are drawn from the signature; so are inputs. Raises Refused, with the sizes, where there
    are no such inputs, or where the model refuses them.
    """
    names = [one.name for one in subject.signature.parameters]
    words = [(name, text) for name, text in inputs if name in names]
    given = read_inputs(words, subject.signature, subject.device).keywords
    fixed = dict(_bound(subject.signature, given))
    free = free_dims(subject.signature)
    chosen: dict[str, Sequence[Size]] = {name: sizes[name] for name in free if name in sizes}
    batches = bool(subject.batch) and subject.batch not in {*chosen, *fixed}
    if batches:
        chosen = {subject.batch: BATCHES} | chosen
    found: list[Sized] = []
    refused: list[tuple[Mapping[str, Size], Refused]] = []
    for choice in products(chosen):
        try:
            found.append(_sized(subject, {**choice, **fixed}, given))
        except Refused as error:
            # Sizes that were asked for are measured, or nothing is.
            if not batches:
                raise
            refused.append((choice, error))
    if not found:
        raise refused[0][1]
    return found, [Left(choice, str(error).partition("\n")[0]) for choice, error in refused]


def _sized(subject: Subject, choice: Mapping[str, Size], given: Mapping[str, Any]) -> Sized:
    signature = subject.signature
    try:
        args, kwargs = example_inputs(signature, sizes=choice, values=given, device=subject.device)
        interface = subject.model.manifest.interface
        if interface is not None:
            args, kwargs = fitted(interface, signature, args, kwargs)
    except DimError as error:
        raise Refused(f"{subject.label}: {error}\n{_help(subject)}") from error
    bound = _bound(signature, {**_by_place(signature, args), **kwargs})
    free = free_dims(signature)
    call = waited(functools.partial(subject.call, *args, **kwargs), subject.device)
    samples = bound.sizes.get(subject.batch, 1)
    sized = Sized(Case(call, samples), {name: bound[name] for name in free if name in bound})
    try:
        called(call, (), {})
    except (DimError, Refused) as error:
        what = "inputs" if given else "inputs drawn from its signature"
        with_sizes = f" ({sized.text})" if sized.text else ""
        raise Refused(f"{subject.label}, with {what}{with_sizes}: {error}\n{_help(subject)}") from error
    return sized


def _help(subject: Subject) -> str:
    """What to do about inputs that the model does not take, in the names of its signature."""
    sizes = [f"{name}=..." for name in free_dims(subject.signature) if name != subject.batch]
    tensors = [one.name for one in subject.signature.parameters if tensors_of(one.hint)]
    ways = [f"sizes that the model takes, --sizes {' '.join(sizes)}"] if sizes else []
    ways += [f"inputs of your own, --input {name}=@FILE.npy" for name in tensors[:1]]
    return f"help: give {', or '.join(ways) or 'inputs of your own, --input NAME=VALUE'}"


def _by_place(signature: Signature, args: Sequence[Any]) -> dict[str, Any]:
    places = [one.name for one in signature.parameters if one.kind in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)]
    return dict(zip(places, args, strict=False))


def _bound(signature: Signature, values: Mapping[str, Any]) -> Bindings:
    """What the tensors among these arguments bind; tensors in containers bind nothing here."""
    bindings = Bindings()
    for one in signature.parameters:
        hint = one.hint.inner if isinstance(one.hint, OptionalHint) else one.hint
        sizes = getattr(values.get(one.name), "shape", None)
        if isinstance(hint, TensorHint) and sizes is not None:
            # What does not fit is said by the model's own guard, when it is called.
            with contextlib.suppress(DimError):
                bindings = hint.shape.match(tuple(sizes), bindings, argument=one.name, wait=True)
    return bindings

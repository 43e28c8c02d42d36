"""The tensors that a served model takes and gives, by name, as servers know them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from namedtorch.archive.interface import Constant, Interface, Output, Record, Tree
from namedtorch.archive.interface import Mapping as DictTree
from namedtorch.archive.interface import Sequence as SequenceTree
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.places import hint_at, part_of, place_text
from namedtorch.archive.sentence import one_line
from namedtorch.archive.serving.dtypes import ALL, exact_dtype, floats_of
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.archive.serving.sizes import fixed_sizes, sizes_of
from namedtorch.dims.shape import Shape
from namedtorch.signature.hints import Hint, OptionalHint, PlainHint, RecordHint, TensorHint, TupleHint
from namedtorch.signature.signature import Kind, Parameter, Signature

_FLAT = "lower the model to .onnx, whose inputs and outputs are single tensors"


@dataclass(frozen=True, slots=True)
class ServedTensor:
    """A tensor by its name: its dtype and why it is that one, its sizes (-1 for any), and the shape they are of."""

    name: str
    dtype: str
    why: str
    sizes: tuple[int, ...]
    shape: Shape

    @property
    def dims(self) -> str:
        """The dims as the signature writes them."""
        return str(self.shape.without_where())


@dataclass(frozen=True, slots=True)
class Served:
    """What a server is told of a model.

    `left_out` are arguments that are no tensors, or may be left out: a call that goes by `inputs` leaves them as they
    are by default. `fixed` says what an exported graph holds instead, a sentence each.
    """

    signature: Signature
    inputs: tuple[ServedTensor, ...]
    outputs: tuple[ServedTensor, ...]
    left_out: tuple[Parameter, ...] = ()
    fixed: tuple[str, ...] = ()

    @property
    def tensors(self) -> tuple[ServedTensor, ...]:
        """The inputs and the outputs."""
        return (*self.inputs, *self.outputs)


def served(manifest: Manifest, target: str, dtypes: Mapping[str, str]) -> Served:
    """The tensors of `forward`, which is what servers call.

    A flat graph's have the names that they have in it. Of TorchScript, inputs are called as the arguments are, outputs
    OUTPUT__0, or as the fields of a record are (boxes__0). `dtypes` are those that the user gives by name, "" for all.
    Raises ServingError for what the target (so called in the text) can't describe.
    """
    signature = manifest.signature.without("self", "cls")
    left_out: list[Parameter] = []
    if manifest.interface is None:
        inputs = list(_arguments(signature, left_out, target))
        outputs = list(_results(signature.result, target))
    else:
        inputs = [(one.name, hint_at(signature, one.path)) for one in manifest.interface.inputs]
        outputs = list(_outputs(manifest.interface, signature))
    known, floats = fixed_sizes(signature), floats_of(manifest)
    names = [name for name, _ in (*inputs, *outputs)]
    for name in dtypes:
        if name != ALL and name not in names:
            raise ServingError(
                f"--dtype {one_line(name, 80)}: there is no such tensor; there are "
                + ", ".join(one_line(one, 80) for one in names[:20])
            )

    def tensor(name: str, hint: Hint | None) -> ServedTensor:
        while isinstance(hint, OptionalHint):
            hint = hint.inner
        if not isinstance(hint, TensorHint):
            raise ServingError(f"the signature says nothing of the dims of `{one_line(name, 80)}`")
        dtype, why = exact_dtype(hint.family, name, dtypes, floats, target)
        return ServedTensor(name, dtype, why, sizes_of(hint.shape, known, name, target), hint.shape)

    found = Served(
        signature,
        tuple(tensor(*one) for one in inputs),
        tuple(tensor(*one) for one in outputs),
        tuple(left_out),
        () if manifest.interface is None else tuple(_fixed(manifest.interface)),
    )
    for what, tensors in (("takes", found.inputs), ("gives", found.outputs)):
        if not tensors:
            raise ServingError(f"the model {what} no tensors, and {target} asks for one at least")
    return found


def _arguments(signature: Signature, left_out: list[Parameter], target: str) -> Iterator[tuple[str, Hint]]:
    """The tensors among the arguments; what may be left out goes to `left_out`."""
    for one in signature.parameters:
        hint = one.hint
        if one.kind in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD):
            raise ServingError(
                f"`{one.name}` is any number of arguments, which {target} can't describe: {_FLAT}"
            )
        if isinstance(hint, TensorHint):
            yield one.name, hint
        elif not one.required:
            left_out.append(one)
        elif isinstance(hint, OptionalHint) and isinstance(hint.inner, TensorHint):
            yield one.name, hint.inner
        else:
            raise ServingError(
                f"`{one.name}` is `{one_line(str(hint), 80)}`, which {target} can't describe: {_FLAT}"
            )


def _results(hint: Hint, target: str) -> Iterator[tuple[str, Hint]]:
    """The tensors of a result: one, or those of a tuple or a record."""
    parts: list[tuple[str, Hint]]
    match hint:
        case TensorHint():
            parts = [("OUTPUT", hint)]
        case TupleHint(items=items):
            parts = [("OUTPUT", one) for one in items]
        case RecordHint(fields=fields):
            # What precedes the first `__` is the name, what follows is the place.
            parts = [("OUTPUT" if "__" in f"_{name}_" else name, one) for name, one in fields]
        case _:
            parts = []
    if not all(isinstance(one, TensorHint) for _, one in parts):
        parts = []
    if not parts:
        what = (
            "is not hinted"
            if isinstance(hint, PlainHint) and hint.text == "Any"
            else f"is `{one_line(str(hint), 80)}`"
        )
        raise ServingError(f"the result {what}, and {target} takes a tensor or a tuple of tensors: {_FLAT}")
    for place, (name, one) in enumerate(parts):
        yield f"{name}__{place}", one


def _fixed(interface: Interface) -> Iterator[str]:
    for one in interface.fixed:
        yield one_line(f"`{place_text(one.path)}` is {one.value!r}, as it was exported")


def _outputs(interface: Interface, signature: Signature) -> Iterator[tuple[str, Hint | None]]:
    """The outputs of a flat graph, each with what the signature says of it."""
    found: dict[int, Hint | None] = {}
    _place(signature.result, interface.result, found)
    for place, name in enumerate(interface.outputs):
        yield name, found.get(place)


def _place(hint: Hint | None, tree: Tree, found: dict[int, Hint | None]) -> None:
    parts: list[tuple[Any, Tree]] = []
    match tree:
        case Output(index=index):
            found[index] = hint
        case Constant():
            pass
        case SequenceTree(items=items):
            parts = list(enumerate(items))
        case DictTree(items=items):
            parts = list(items)
        case Record(fields=fields):
            parts = list(fields)
    for step, part in parts:
        _place(part_of(hint, step), part, found)

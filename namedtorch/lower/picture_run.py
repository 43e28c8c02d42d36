"""A run, recorded: which functions of torch and which modules ran, and which tensor went from one to the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from namedtorch.archive.drawing import Kind, Node, Part
from namedtorch.archive.sentence import one_line
from namedtorch.lower.functions import is_torchs
from namedtorch.lower.original import Original
from namedtorch.lower.picture_calls import apart, detail_of, label_of, shortened, version_of, versions_of
from namedtorch.lower.picture_names import (
    Names,
    names_in,
    names_seen,
    parameters_of,
    signature_or_none,
    tensors_in,
)
from namedtorch.lower.torchscript import COMPILING
from namedtorch.runtime.switch import checking
from namedtorch.signature.dtypes import dtype_name
from namedtorch.signature.hints import Hint
from namedtorch.signature.signature import Signature
from namedtorch.values.named_tensor import NamedTensor

MOST_NODES = 5000
"""A run with more nodes is not drawn: nobody could look at it, and a manifest holds no more."""

_LONGEST = 200
_CONTAINERS = (nn.Sequential, fx.GraphModule)
"""Modules of torch's own that are what the user put into them."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A tensor that goes from one node to another: its sizes, the names of its axes where they are known, its dtype."""

    source: int
    target: int
    sizes: tuple[int, ...]
    names: Names
    dtype: str


@dataclass(frozen=True, slots=True)
class Recording:
    """What ran in one call, in order."""

    parts: tuple[Part, ...]
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    def is_like(self, other: "Recording") -> bool:
        """Whether the same ran in the same order, with tensors of whatever sizes."""
        return self._order() == other._order()

    def _order(self) -> tuple[object, ...]:
        nodes = [replace(one, detail="") for one in self.nodes]
        return self.parts, nodes, [(one.source, one.target) for one in self.flows]


class TooLargeError(Exception):
    """A run has more nodes than a drawing may have."""


def recorded(
    original: Original, signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Recording:
    """Calls forward, on a copy, and records what runs; `signature` names the arguments and the axes of the result.

    Raises whatever the call raises, and TooLargeError.
    """
    target = original.copy(sharing=True)
    recorder = _Recorder(target)
    recorder.enter(signature, args, kwargs)
    with ExitStack() as stack:
        stack.enter_context(checking("off"))
        for handle in recorder.hooks():
            stack.callback(handle.remove)
        stack.enter_context(COMPILING)
        stack.enter_context(names_seen(recorder.notice))
        stack.enter_context(recorder)
        stack.enter_context(_Aloud())
        result = original.method(target, "forward")(*args, **kwargs)
    return recorder.left(signature, result)


class _Aloud(TorchDispatchMode):
    """Makes functions that torch has compiled, which call operators in silence, call them where they are heard."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # torch would load its compiler, seconds long, to tell it to stay away.
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Calls the operator."""
        return func(*args, **(kwargs or {}))


class _Recorder(TorchFunctionMode):
    """Follows tensors by what they are, not by what they hold: each is kept, so that its id stays its own."""

    def __init__(self, target: Any) -> None:
        super().__init__()
        self._target = target
        self._deaf = 0  # how many calls are running whose insides are not recorded
        self._parts = [Part(_short(getattr(target, "__name__", type(target).__name__)), "")]
        self._running = [0]
        self._nodes: list[Node] = []
        self._flows: dict[tuple[int, int, int], Flow] = {}
        self._made_by: dict[int, int] = {}
        self._stored_by: dict[int, int] = {}
        self._states: dict[tuple[int, int], int] = {}
        self._names: dict[int, Names] = {}
        self._kept: list[Tensor] = []
        self._paths = _paths(target) if isinstance(target, nn.Module) else {}

    def enter(self, signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Makes a node of each tensor among the arguments."""
        for name, hint, value in parameters_of(signature, args, kwargs):
            self._name(hint, value)
            for place, tensor in tensors_in(value, name, self.notice):
                self._made(tensor, self._node("input", place))

    def left(self, signature: Signature, result: Any) -> Recording:
        """The recording, with a node for each tensor of the result."""
        for tensor, names in names_in(signature.result, result):
            self._names[id(tensor)] = names
        for place, tensor in tensors_in(result):
            source = self._source(tensor)
            self._flow(source, self._node("output", f"result{place}"), tensor)
        return self._recording()

    # What is watched

    def hooks(self) -> Iterator[Any]:
        """Puts hooks on the modules of the target; gives what takes each away."""
        if not isinstance(self._target, nn.Module):
            return
        for path, module in self._target.named_modules():
            whole = path and is_torchs(type(module)) and not isinstance(module, _CONTAINERS)
            before, after = self._of_whole(path) if whole else self._of_part(path, module)
            yield module.register_forward_pre_hook(before, with_kwargs=True)
            yield module.register_forward_hook(after, with_kwargs=True, always_call=True)

    def _of_whole(self, path: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The hooks of a module that is one node."""
        versions: list[dict[int, int]] = []

        def before(module: nn.Module, args: Any, kwargs: Any) -> None:
            self._deaf += 1
            versions.append(versions_of((args, kwargs)))

        def after(module: nn.Module, args: Any, kwargs: Any, result: Any) -> Any:
            before = versions.pop()
            if self._deaf == 1:
                name = getattr(module, "original_name", type(module).__name__)
                node = Node("module", name, 0, path, shortened(module.extra_repr()))
                result = self._ran(node, (args, kwargs), result, before)
            self._deaf -= 1
            return result

        return before, after

    def _of_part(self, path: str, module: nn.Module) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The hooks of a module that is drawn with what runs in it."""
        signature = signature_or_none(module)

        def before(module: nn.Module, args: Any, kwargs: Any) -> None:
            if self._deaf:
                return
            if path:
                self._parts.append(Part(_short(type(module).__name__), _short(path), self._running[-1]))
                self._running.append(len(self._parts) - 1)
            with self._unheard():
                if signature is not None:
                    for _, hint, value in parameters_of(signature, args, kwargs):
                        self._name(hint, value)

        def after(module: nn.Module, args: Any, kwargs: Any, result: Any) -> None:
            if self._deaf:
                return
            if path:
                self._running.pop()
            with self._unheard():
                for _ in tensors_in(result, notice=self.notice):
                    pass
                if signature is not None:
                    self._name(signature.result, result)

        return before, after

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        self._deaf += 1
        try:
            yield
        finally:
            self._deaf -= 1

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Runs a function, and records it."""
        kwargs = kwargs or {}
        if self._deaf:
            return func(*args, **kwargs)
        versions = versions_of((args, kwargs))
        result = func(*args, **kwargs)
        return self._ran((func, args, kwargs), (args, kwargs), result, versions)

    # What is recorded

    def _ran(self, call: Any, given: Any, result: Any, versions: Mapping[int, int]) -> Any:
        """Records a call that made a tensor, or changed one in place; gives its result.

        `call` is a node, or a function with what it was given, of which one is made.
        """
        arguments = [one for _, one in tensors_in(given, notice=self.notice)]
        changed = [one for one in arguments if version_of(one) != versions.get(id(one))]
        if not changed and next(tensors_in(result), None) is None:
            return result
        sources = [self._source(one) for one in arguments]
        if isinstance(call, Node):
            node = self._node(call.kind, call.label, call.path, call.detail)
        else:
            func, args, kwargs = call
            node = self._node("op", label_of(func), "", detail_of(args, kwargs))
        for source, tensor in zip(sources, arguments, strict=True):
            self._flow(source, node, tensor)
        # A tensor that comes back unchanged gets an id of its own: who reads the old one does not read this call's.
        result = apart(result, {id(one) for one in arguments} - {id(one) for one in changed})
        for tensor in changed:
            self._made(tensor, node)
            if tensor._base is not None:
                self._made(tensor._base, node)
        for _, tensor in tensors_in(result, notice=self.notice):
            self._made(tensor, node)
        return result

    def _node(self, kind: Kind, label: str, path: str = "", detail: str = "") -> int:
        if len(self._nodes) >= MOST_NODES:
            raise TooLargeError
        part = 0 if kind in ("input", "output") else self._running[-1]
        self._nodes.append(Node(kind, _short(label), part, _short(path) if path else "", detail))
        return len(self._nodes) - 1

    def _source(self, tensor: Tensor) -> int:
        """The node that made a tensor, or else its elements; a node of its own for one that was there before."""
        found = self._made_by.get(id(tensor))
        if found is None and id(tensor) not in self._paths:
            found = self._stored_by.get(_address(tensor))
        if found is not None:
            return found
        key = id(tensor), self._running[-1]
        if key not in self._states:
            path = self._paths.get(id(tensor), "")
            self._kept.append(tensor)
            self._states[key] = self._node("state", path.rpartition(".")[2] or "tensor", path)
        return self._states[key]

    def _made(self, tensor: Tensor, node: int) -> None:
        self._made_by[id(tensor)] = node
        address = _address(tensor)
        if address:
            self._stored_by[address] = node
        self._kept.append(tensor)

    def _flow(self, source: int, target: int, tensor: Tensor) -> None:
        sizes = tuple(tensor.shape)
        self._flows[source, target, id(tensor)] = Flow(source, target, sizes, (), dtype_name(tensor.dtype))

    def notice(self, value: NamedTensor) -> None:
        """Keeps the names that a tensor carries."""
        self._kept.append(value.tensor)
        self._names[id(value.tensor)] = value.dims

    def _name(self, hint: Hint, value: Any) -> None:
        """Keeps the names that an annotation gives the axes of tensors, where none are known yet."""
        for tensor, names in names_in(hint, value):
            self._kept.append(tensor)
            self._names.setdefault(id(tensor), names)

    def _recording(self) -> Recording:
        """What was recorded, without parts in which nothing ran."""
        used = {0}
        for node in self._nodes:
            part: int | None = node.part
            while part is not None and part not in used:
                used.add(part)
                part = self._parts[part].parent
        place: dict[int | None, int | None] = {None: None}
        place |= {old: new for new, old in enumerate(sorted(used))}
        parts = tuple(
            replace(self._parts[old], parent=place[self._parts[old].parent]) for old in sorted(used)
        )
        nodes = tuple(replace(one, part=place[one.part] or 0) for one in self._nodes)
        flows = tuple(
            replace(flow, names=names)
            if len(names := self._names.get(tensor, ())) == len(flow.sizes)
            else flow
            for (_, _, tensor), flow in self._flows.items()
        )
        return Recording(parts, nodes, flows)


def _paths(module: nn.Module) -> dict[int, str]:
    """The paths of the tensors that a module and its parts hold, by their ids."""
    found: dict[int, str] = {}
    for path, part in module.named_modules():
        held = {**part._parameters, **part._buffers, **vars(part)}
        for name, value in held.items():
            for _, tensor in tensors_in(value) if not isinstance(value, dict) else ():
                found.setdefault(id(tensor), f"{path}.{name}" if path else name)
    return found


def _address(tensor: Tensor) -> int:
    """Where the elements lie; 0 for a tensor that has none, or that holds them otherwise."""
    return tensor.untyped_storage().data_ptr() if tensor.layout is torch.strided else 0


def _short(text: str) -> str:
    return one_line(text, _LONGEST) or "?"

"""Sizes that the layers of a module prove for free dims of its forward: `self.conv1(image)` says what `C` is."""

import inspect
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from torch import nn
from torch.nn.parameter import is_lazy

from namedtorch.archive.manifest import KnownSize
from namedtorch.diagnostics import LowerError
from namedtorch.dims.pattern import Axis, Dim, Flattened
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.functions import innermost, is_torchs
from namedtorch.lower.source import Definition, Sources
from namedtorch.lower.state import matched, names_of, own_tensors, reader
from namedtorch.lower.sure_calls import Arguments, Key, Keywords, Path, Tracked, derived, follow, spoil
from namedtorch.lower.torchscript import Role, is_script, role_of
from namedtorch.ops.alignment import aligned_axis
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.table import rule_for, spelled
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.known import bare_name
from namedtorch.signature.signature import Kind, Signature

DEEPEST = 8
"""Calls are followed no deeper."""

MOST_CALLS = 2000
"""So many calls are followed for one module."""


def proved_sizes(
    module: nn.Module, signature: Signature, sources: Sources, method: str = "forward"
) -> dict[str, KnownSize]:
    """The free dims of a method whose sizes are certain, each with the attribute that tells it: `conv1.in_channels`.

    A dim counts where it stands alone on the axis of a tensor parameter, and every call that returns passes that
    parameter, as it came, to a module of torch's that refuses any other size there: directly, through a `Sequential`,
    or through the forward of a module of the user's. `module` is the user's own, `signature` that of the method without
    its receiver, `sources` the parsed files of the lowering. Raises LowerError, with the lines, where two layers prove
    two sizes of one dim.
    """
    name = f"{type(module).__qualname__}.{method}"
    proofs = _Proofs(signature, sources, name)
    arguments: list[Tracked | None] = []
    keywords: dict[str, Tracked | None] = {}
    for one in signature.parameters:
        tracked = Tracked(one.name) if one.name in proofs.shapes else None
        if one.kind is Kind.KEYWORD:
            keywords[one.name] = tracked
        elif one.kind in (Kind.POSITIONAL, Kind.POSITIONAL_ONLY):
            arguments.append(tracked)
        else:
            break
    call = _Call(arguments, keywords, None, True, 0)
    if method == "forward":
        proofs.through(module, "", call)
    else:
        proofs.method(module, "", method, call)
    return {dim: KnownSize(one.size, one.by) for dim, one in proofs.found.items()}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a file, as it is shown."""

    file: str
    line: int

    def __str__(self) -> str:
        source = linecache.getline(self.file, self.line).strip()
        return f"\n  {self.file}:{self.line}" + (f"\n    {source}" if source else "")


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that is followed: what goes in, where it stands, whether it surely happens, how deep it is."""

    arguments: Arguments
    keywords: Keywords
    line: _Line | None
    sure: bool
    depth: int

    @property
    def tensors(self) -> list[Tracked]:
        """The tensors that go in."""
        return [one for one in (*self.arguments, *self.keywords.values()) if one is not None]

    def inner(self, arguments: Arguments, keywords: Keywords | None = None) -> "_Call":
        """A call that this one makes, in the same line."""
        return _Call(arguments, keywords or {}, self.line, self.sure, self.depth + 1)


@dataclass(frozen=True, slots=True)
class _Proof:
    """The size of a dim, and which layer at which line says so of which axis."""

    size: int
    by: str
    axis: tuple[str, int]
    line: _Line | None


class _Proofs:
    """What is proved of the dims of one signature."""

    def __init__(self, signature: Signature, sources: Sources, name: str) -> None:
        self.found: dict[str, _Proof] = {}
        self.shapes = {
            one.name: one.hint.shape for one in signature.parameters if isinstance(one.hint, TensorHint)
        }
        self._labelled = set(_labels(signature))
        self._sources = sources
        self._name = name
        self._left = MOST_CALLS

    def through(self, module: nn.Module, path: str, call: _Call) -> Tracked | None:
        """Follows a call of a module; gives the argument that it returns, or may return."""
        if not call.tensors:
            return None
        self._left -= 1
        if self._left < 0 or call.depth > DEEPEST or not _is_called_plainly(module):
            return _lost(call)
        forward = _method(module, "forward")
        rule = _own_rule(module)
        if rule is not Unknown:
            result = self._by_rule(rule, module, path, call)
        elif _is_sequential(module, call):
            result = self._sequential(module, path, call)
        elif is_torchs(forward) and not module._modules:
            # A module of torch's without parts leaves its arguments as they are.
            result = derived(*call.tensors)
        else:
            result = self._body(module, path, forward, call)
        if module._forward_hooks:
            # Hooks see what went in, and may change what comes out.
            return _lost(call)
        return result

    def method(self, module: nn.Module, path: str, name: str, call: _Call) -> Tracked | None:
        """Follows a call of a method of the user's."""
        self._left -= 1
        if self._left < 0 or call.depth > DEEPEST or name in vars(module) or is_script(module):
            return _lost(call)
        return self._body(module, path, _method(module, name), call)

    def _sequential(self, module: nn.Module, path: str, call: _Call) -> Tracked | None:
        value = call.arguments[0]
        for name, part in module._modules.items():
            if value is None or part is None:
                return None
            value = self.through(part, _joined(path, name), call.inner([value]))
        return value

    def _body(self, module: nn.Module, path: str, function: Any, call: _Call) -> Tracked | None:
        if function is None or is_torchs(function) or role_of(function) is Role.IGNORED:
            return _lost(call)
        definition = self._sources.find(function)
        if definition is None:
            return _lost(call)
        parameters = definition.node.args
        positional = [one.arg for one in (*parameters.posonlyargs, *parameters.args)][1:]
        named = {*positional, *(one.arg for one in parameters.kwonlyargs)}
        taken = dict(zip(positional, call.arguments, strict=False))
        spoil(*call.arguments[len(positional) :])
        for name, value in call.keywords.items():
            if name in named:
                taken[name] = value
            else:
                spoil(value)
        tracked = {name: value for name, value in taken.items() if value is not None}
        frame = _Frame(self, module, path, definition, call.depth)
        follow(function, definition, tracked, frame, call.sure)
        return derived(*call.tensors)

    def _by_rule(self, rule: ModuleRule, module: nn.Module, path: str, call: _Call) -> Tracked | None:
        """Takes what the row of a module of torch's says; gives the argument back whose sizes the result has."""
        read = reader(module)
        signatures = rule.forwards(read)
        if not signatures:
            return derived(*call.tensors)
        names = [one.name for one in signatures[0].parameters]
        values = {**dict(zip(names, call.arguments, strict=False)), **call.keywords}
        for name, dim in (
            (name, dim) for name in names for dim in rule.enforced(read, own_tensors(module)).values()
        ):
            value, size = values.get(name), dim.size.value
            if value is not None and value.sure and call.sure and size is not Unknown:
                rows = [_shape(one, name) for one in signatures]
                self._add(value, rows, dim.name, size, _joined(path, dim.attribute), call.line)
        kept = all(
            isinstance(one.result, TensorHint) and one.result.shape == _shape(one, names[0])
            for one in signatures
        )
        return values.get(names[0]) if kept else None

    def _add(
        self, value: Tracked, rows: list[Shape], dim: str, size: int, by: str, line: _Line | None
    ) -> None:
        shape = self.shapes[value.parameter]
        place = aligned_axis(rows, dim, shape)
        if place is not Unknown:
            self._hold(value.parameter, place, shape.axes[place], size, by, line)
        name = Unknown if place is Unknown else bare_name(shape.axes[place])
        if place is Unknown or name is Unknown or name in self._labelled or name in shape.each:
            return
        new = _Proof(size, by, (value.parameter, place), line)
        old = self.found.setdefault(name, new)
        if old.size != new.size:
            raise _contradiction(self._name, name, old, new)

    def _hold(self, parameter: str, place: int, axis: Axis, size: int, by: str, line: _Line | None) -> None:
        """Raises LowerError where an axis is annotated with another size than the layer takes."""
        if not isinstance(axis, Dim) or axis.broadcast or axis.each or axis.size is Unknown:
            return
        said = axis.size.value
        if said is not Unknown and said != size:
            raise LowerError(
                f"{self._name} can't be called: `{parameter}` has `{axis}` at axis {place} in its annotation, and "
                f"{by} is {size}; correct one of the two{line or ''}"
            )


@dataclass(frozen=True, slots=True)
class _Frame:
    """The module that a body belongs to."""

    proofs: _Proofs
    module: nn.Module
    path: str
    definition: Definition
    depth: int

    def called(
        self, path: Path, arguments: Arguments, keywords: Keywords, line: int, sure: bool
    ) -> Tracked | None:
        """Follows a call of a submodule, or of a method of this one."""
        call = _Call(arguments, keywords, _Line(self.definition.file, line), sure, self.depth + 1)
        module, names = self.module, self.path
        for step in path:
            part = _part(module, step)
            if part is None:
                if module is self.module and path == (step,) and isinstance(step, str):
                    return self.proofs.method(module, names, step, call)
                return _lost(call)
            name, module = part
            names = _joined(names, name)
        return self.proofs.through(module, names, call)


def _lost(call: _Call) -> Tracked | None:
    """Gives up what goes into a call that can't be followed."""
    spoil(*call.tensors)
    return derived(*call.tensors)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shape(signature: Signature, name: str) -> Shape:
    """The shape of a parameter of a row; rows take tensors only."""
    hint = signature.parameter(name).hint
    assert isinstance(hint, TensorHint)
    return hint.shape


def _labels(signature: Signature) -> Iterator[str]:
    """The dims whose sizes stand in the signature already: `C` of `C=3`."""
    for hint in signature.tensors:
        for axis in hint.shape.axes:
            for dim in axis.factors if isinstance(axis, Flattened) else (axis,):
                if isinstance(dim, Dim) and dim.name is not Unknown and dim.size is not Unknown:
                    yield dim.name


def _part(module: nn.Module, step: str | Key) -> tuple[str, nn.Module] | None:
    """The submodule that `module.step` or `module[step]` is, and its name; None where it may be something else."""
    owner = type(module)
    if isinstance(step, str):
        getters = (
            owner.__getattr__ is nn.Module.__getattr__,
            owner.__getattribute__ is object.__getattribute__,
        )
        hidden = step in vars(module) or inspect.getattr_static(owner, step, None) is not None
        name = step if all(getters) and not hidden else None
    else:
        name = _key(module, step.value)
    part = None if name is None else module._modules.get(name)
    return None if name is None or part is None else (name, part)


def _key(module: nn.Module, key: int | str) -> str | None:
    """The name of the submodule at a key of one of torch's containers."""
    getter = getattr(type(module), "__getitem__", None)
    if isinstance(key, str):
        return key if getter is nn.ModuleDict.__getitem__ else None
    if getter not in (nn.ModuleList.__getitem__, nn.Sequential.__getitem__):
        return None
    names = list(module._modules)
    return names[key] if -len(names) <= key < len(names) else None


def _method(module: nn.Module, name: str) -> Any:
    """The function under the decorators of a method, as TorchScript compiles it; None for what is no method."""
    found = inspect.getattr_static(type(module), name, None)
    own = innermost(found) if isinstance(found, FunctionType) else None
    return own if isinstance(own, FunctionType) else None


def _is_called_plainly(module: nn.Module) -> bool:
    """Whether `module(x)` is `forward(x)` of its class and nothing else before it."""
    owner: Any = type(module)
    return (
        not is_script(module)
        and not module._forward_pre_hooks
        and "forward" not in vars(module)
        and owner.__call__ is nn.Module.__call__
        and owner._call_impl is nn.Module._call_impl
    )


def _is_sequential(module: nn.Module, call: _Call) -> bool:
    return (
        isinstance(module, nn.Sequential)
        and _is_unchanged(type(module), nn.Sequential, ())
        and len(call.arguments) == 1
        and not call.keywords
    )


def _own_rule(module: nn.Module) -> ModuleRule | UnknownType:
    """The row that is true of this very module: of its class, and of what it holds; Unknown if there is none."""
    owner = type(module)
    rule = rule_for(names_of(owner))
    if rule is Unknown:
        return Unknown
    row = next(one for one in owner.__mro__ if spelled(f"{one.__module__}.{one.__qualname__}") == rule.name)
    held = own_tensors(module)
    dims = rule.state_dims(reader(module), held)
    if not _is_unchanged(owner, row, {*rule.attributes, *dims}):
        return Unknown
    true = all(
        not is_lazy(held[name]) and name not in vars(module) and matched(shape, held[name]) is not None
        for name, shape in dims.items()
    )
    return rule if true else Unknown


_ADDED = frozenset(
    {"__annotations__", "__doc__", "__init__", "__module__", "__qualname__", "__reduce_ex__", "__repr__"}
    | {"__constants__", "__static_attributes__", "__firstlineno__", "extra_repr", "reset_parameters"}
)
"""What a subclass may have of its own and still do what its base does."""


def _is_unchanged(owner: type, base: type, attributes: Any) -> bool:
    """Whether a subclass of torch's class calls it the same; `attributes` are those that must stay the instance's."""
    missing = object()
    for one in owner.__mro__[: owner.__mro__.index(base)]:
        for name, value in vars(one).items():
            # A check around torch's own forward is no other forward.
            same = name == "forward" and innermost(value) is innermost(inspect.getattr_static(base, name))
            overrides = inspect.getattr_static(base, name, missing) is not missing
            if name in attributes or (overrides and name not in _ADDED and not same):
                return False
    return True


def _contradiction(name: str, dim: str, old: _Proof, new: _Proof) -> LowerError:
    remedy = "make the two layers take the same size"
    if old.axis != new.axis:
        remedy += f", or give `{new.axis[0]}` a dim of its own there"
    lines = dict.fromkeys(str(one.line) for one in (old, new) if one.line is not None)
    return LowerError(
        f"{name} can't be called: `{dim}` is {old.size} for {old.by} and {new.size} for {new.by}; {remedy}"
        + "".join(lines)
    )

"""The function that stands for a checked one: a trampoline until its first call, then straight-line checks.

Parsing happens when the function is decorated, so that a bad annotation is an error there; the guard is written and
compiled at the first call, and the trampoline's code is replaced by it. A function that is first called under
torch.compile keeps its trampoline, since a graph is being captured of it.
"""

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any, cast

import torch

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.unknown import Unknown
from namedtorch.runtime.guard import LOCK, Guard
from namedtorch.runtime.scripting import mark
from namedtorch.runtime.switch import SWITCH
from namedtorch.signature.explain import Explanation
from namedtorch.signature.function import UnresolvedError, location, signature_of
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Kind, Signature


class Record:
    """What namedtorch knows of a checked function; the function carries it as `__namedtorch__`."""

    def __init__(
        self, function: Callable[..., Any], names: Mapping[str, Any], signature: Signature | None
    ) -> None:
        self.function = function
        self.names: Mapping[str, Any] | None = names
        self._signature = signature
        self._guard: Guard | None = None
        self.called = False
        self.graph: Callable[..., Any] | None = None
        """What torch.jit.script compiles for the function, once it was asked for."""

    @property
    def signature(self) -> Signature:
        """The signature that calls are held to; raises if an annotation mentions a name that does not exist yet."""
        if self._signature is None:
            try:
                self._signature = signature_of(self.function, self.names)
            except UnresolvedError:
                if not self.called:
                    raise
                self._signature = self._late()
            self.names = None
        return self._signature

    def _late(self) -> Signature:
        """The signature at the first call, when every name should exist."""
        try:
            return signature_of(self.function, self.names, lenient=True)
        except UnresolvedError as error:
            raise AnnotationError(
                f"{error}\n  help: check the spelling, or import it outside of `if TYPE_CHECKING`"
            ) from None

    def resolve(self) -> None:
        """Reads the annotations and orders their checks, so that what is wrong with them is said now.

        Names that do not exist yet are waited for until the first call.
        """
        try:
            signature = self.signature
        except UnresolvedError:
            return
        try:
            build_plan(signature)
        except AnnotationError as error:
            where = f"{error}\n  in `{self.function.__qualname__}`, {location(self.function)}"
            blamed = AnnotationError(where)
            blamed.failures = error.failures
            raise blamed from None

    @property
    def guard(self) -> Guard:
        """The guard of the signature."""
        self.called = True
        if self._guard is None:
            self._guard = Guard(self.signature, self.function.__qualname__, location(self.function))
        return self._guard

    def __deepcopy__(self, memo: Any) -> "Record":
        return self


def wrap(
    function: Callable[..., Any], names: Mapping[str, Any], signature: Signature | None = None
) -> Callable[..., Any]:
    """The checked function of a function; `names` are local names that its annotations may use.

    Raises `AnnotationError` for an annotation that is wrong.
    """
    record = Record(function, names, signature)
    record.resolve()
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        made = _generator(record)
    else:
        made = _trampoline(record, inspect.iscoroutinefunction(function))
    functools.update_wrapper(made, function)
    if signature is not None:
        own = inspect.signature(function)
        taken = zip(own.parameters.values(), signature.parameters, strict=True)
        renamed = [one.replace(name=other.name) for one, other in taken]
        cast("Any", made).__signature__ = own.replace(parameters=renamed)
    cast("Any", made).__namedtorch__ = record
    mark(made)
    return made


def _template(*args: Any, **kwargs: Any) -> Any:
    if not _switch.on:  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
        return _call(*args, **kwargs)  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
    _ready()  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
    return _guarded(*args, **kwargs)  # noqa: F821  # pyright: ignore[reportUndefinedVariable]


async def _async_template(*args: Any, **kwargs: Any) -> Any:
    if not _switch.on:  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
        return await _call(*args, **kwargs)  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
    _ready()  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
    return await _guarded(*args, **kwargs)  # noqa: F821  # pyright: ignore[reportUndefinedVariable]


def _trampoline(record: Record, asynchronous: bool) -> FunctionType:
    template = _async_template if asynchronous else _template
    space: dict[str, Any] = {"__builtins__": __builtins__, "_switch": SWITCH, "_call": record.function}
    made = FunctionType(template.__code__, space, record.function.__name__)

    def ready() -> None:
        with LOCK:
            if "_guarded" not in space:
                function, names = record.guard.compile(
                    record.function, record.function.__name__, asynchronous
                )
                function.__qualname__ = record.function.__qualname__
                space["_guarded"] = function
                if not torch.compiler.is_compiling():
                    space.update(names)
                    made.__defaults__, made.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
                    made.__code__ = cast(CodeType, function.__code__)

    # torch.compile calls this as it captures a graph, instead of tracing through the making of the guard.
    cast("Any", ready)._dynamo_marked_constant = True
    space["_ready"] = ready
    return made


def _generator(record: Record) -> Callable[..., Any]:
    """A checked generator: arguments are matched at its start, every value as it is yielded."""
    function = record.function
    if inspect.isasyncgenfunction(function):

        async def generate_async(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            values: Any = function(*args, **kwargs)
            check = _yield_check(record, args, kwargs)
            try:
                value = await anext(values)
                while True:
                    check(value)
                    try:
                        sent = yield value
                    except GeneratorExit:
                        raise
                    except BaseException as thrown:
                        value = await values.athrow(thrown)
                    else:
                        value = await values.asend(sent)
            except StopAsyncIteration:
                return
            finally:
                await values.aclose()

        return generate_async

    def generate(*args: Any, **kwargs: Any) -> Iterator[Any]:
        values: Any = function(*args, **kwargs)
        check = _yield_check(record, args, kwargs)
        try:
            value = next(values)
            while True:
                check(value)
                try:
                    sent = yield value
                except GeneratorExit:
                    raise
                except BaseException as thrown:
                    value = values.throw(thrown)
                else:
                    value = values.send(sent)
        except StopIteration as stop:
            return stop.value
        finally:
            values.close()

    return generate


def _yield_check(record: Record, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Callable[[Any], None]:
    """Matches the arguments now; the function returned matches one yielded value, in the same bindings."""
    if not SWITCH.on:
        return lambda value: None
    guard = record.guard
    arguments = _by_parameter(guard.signature, record.function, args, kwargs)
    explanation: Explanation = guard.explanation(arguments)
    if explanation.arguments():
        raise explanation.error(guard.function, guard.location)

    def check(value: Any) -> None:
        if explanation.result(value):
            raise explanation.error(guard.function, guard.location)

    return check


def _by_parameter(
    signature: Signature, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[Any, ...]:
    """The arguments of a call in the order of the parameters, defaults filled in."""
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    found: list[Any] = []
    for one in signature.parameters:
        empty: Any = (
            () if one.kind is Kind.VAR_POSITIONAL else {} if one.kind is Kind.VAR_KEYWORD else Unknown
        )
        found.append(bound.arguments.get(one.name, empty))
    return tuple(found)

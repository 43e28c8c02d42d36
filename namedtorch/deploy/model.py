"""A model out of an archive, called as its signature says, whatever runtime runs it."""

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn, cast

import torch

from namedtorch.archive.manifest import Manifest
from namedtorch.deploy.arguments import Arguments
from namedtorch.deploy.runtime_failures import RuntimeFailures
from namedtorch.deploy.runtimes.opened import Opened
from namedtorch.diagnostics import DimError
from namedtorch.lower.call_names import CallNames, Names
from namedtorch.lower.calls import MethodGuard
from namedtorch.signature.signature import Kind, Signature

_FORMAT = "memory-format-differs"
_ALIGN = "load the model with align=True"
_NONE_GIVEN = object()
_CONVERT = 'give it stored so (`x.to(memory_format=...)`), or load the model with memory_format="convert"'


class LoadedModel:
    """A model that is called as its signature says, by position or by keyword, with tensors or numpy arrays.

    Arguments are checked before the runtime is entered, results before they are returned: what does not fit is a
    DimError. The guard comes from the manifest's signature, also where the graph holds none
    (`guards="none"`). Exported methods are attributes, guarded alike. Arrays become tensors on `device` wherever the
    signature has tensors; results are tensors. A NamedTensor is held to the names of the signature, and the results of
    such a call have the names of theirs; one whose dims stand in another order is refused, or with `align` put in
    order. Calls run in inference mode, unless the model was loaded with `grad=True` or is in training mode: then
    gradients are left as the caller has them. Tensors that the signature wants in another memory format are refused, or
    with `convert` copied into it. Threads may share a model.
    """

    # A slot, so that Python calls forward's entry itself and not a method that hands the arguments on: each microsecond
    # counts.
    __slots__ = ("__call__", "__dict__", "__weakref__")
    __call__: Callable[..., Any]

    def __init__(
        self,
        manifest: Manifest,
        opened: Opened,
        *,
        grad: bool = True,
        convert: bool = False,
        align: bool = False,
    ) -> None:
        self.manifest = manifest
        self.module = opened.module
        """What the runtime made of the file, TorchScript's module for one; calling it passes by our guard."""
        self.device = opened.device
        """Where arrays go: the device that was asked for, else that of the first parameter or buffer."""
        entries = {
            name: _entry(guard, opened, RuntimeFailures(guard, manifest, opened.device), grad, convert, align)
            for name, guard in opened.guards.items()
        }
        self._methods = {name: opened.guards[name].introduced(enter) for name, enter in entries.items()}
        self.__call__ = entries["forward"]

    @property
    def signature(self) -> Signature:
        """The dims of the arguments and the result; prints as `image: N C=3 H W -> N classes=10`."""
        return self.manifest.signature

    @property
    def name(self) -> str:
        """The qualified name of the class or function that was lowered."""
        return self.manifest.name

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that can be called: forward, and those that were exported."""
        return tuple(self._methods)

    @property
    def metadata(self) -> Mapping[str, object]:
        """What the user added to the manifest: labels, means, anything that is JSON."""
        return self.manifest.metadata

    def __getattr__(self, name: str) -> Any:
        # Read without getattr: a copy that is being made has no attributes yet.
        methods = cast("dict[str, Callable[..., Any]]", self.__dict__.get("_methods", {}))
        if name in methods:
            return methods[name]
        # What editors, notebooks and web frameworks read; the class has another one.
        if name == "__signature__" and methods:
            return inspect.signature(methods["forward"])
        near = difflib.get_close_matches(name, [*methods, *vars(type(self))], n=1)
        help = f"; did you mean `{near[0]}`?" if near else ""
        raise AttributeError(
            f"{type(self).__name__} has no `{name}`{help} (its methods: {', '.join(methods)}; torch's are those of "
            "`.module`)",
            name=name,
            obj=self,
        )

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._methods})

    def __repr__(self) -> str:
        return f"<{self.name}: {self.signature}>"


def _entry(
    guard: MethodGuard, opened: Opened, failures: RuntimeFailures, grad: bool, convert: bool, align: bool
) -> Callable[..., Any]:
    """What calls a method behind its guard; the graph sees tensors, and records as it knows them."""
    checked = guard.checked
    prepare = Arguments(guard.signature, opened.device, convert=convert)
    names = CallNames(guard.signature, guard.label, align=align, remedy=_ALIGN)
    ready = prepare.ready
    # What `torch.inference_mode` enters; it is 3 us of Python around this.
    inference = torch._C._InferenceMode

    def entered(
        args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], Names | None]:
        """The arguments as the guard takes them, and the names of groups where any has names."""
        if not names.stand_in(args, kwargs):
            return *prepare(args, kwargs), None
        args, kwargs, found = names.taken(args, kwargs)
        return *prepare(args, kwargs), found

    def refuse(error: Exception, args: tuple[Any, ...], kwargs: dict[str, Any]) -> NoReturn:
        explained = guard.explained(error, args, kwargs)
        if explained is not None:
            raise explained from None
        if isinstance(error, DimError):
            _advise(error)
            raise error
        explained = failures.explained(error, args, kwargs)
        if explained is None:
            raise error
        # Behind what the runtime says: the argument is most likely the reason, and the runtime knows more.
        raise explained from error

    # No loop where there are no arguments by name: each microsecond counts.
    def enter(*args: Any, **kwargs: Any) -> Any:
        found: Names | None = None
        for value in args:
            if type(value) not in ready:
                args, kwargs, found = entered(args, kwargs)
                break
        else:
            if kwargs and any(type(value) not in ready for value in kwargs.values()):
                args, kwargs, found = entered(args, kwargs)
        try:
            if grad:
                result = checked(*args, **kwargs) if kwargs else checked(*args)
            else:
                with inference(True):
                    result = checked(*args, **kwargs) if kwargs else checked(*args)
        except Exception as error:
            refuse(error, args, kwargs)
        return result if found is None else names.given(result, found)

    # The same for the one argument that most models take, without the sequences around it.
    def enter_one(value: Any = _NONE_GIVEN, /, *more: Any, **kwargs: Any) -> Any:
        if type(value) not in ready or more or kwargs:
            return enter(*more, **kwargs) if value is _NONE_GIVEN else enter(value, *more, **kwargs)
        try:
            if grad:
                return checked(value)
            with inference(True):
                return checked(value)
        except Exception as error:
            refuse(error, (value,), {})

    kinds = [one.kind for one in guard.signature.parameters]
    return enter_one if kinds in ([Kind.POSITIONAL], [Kind.POSITIONAL_ONLY]) else enter


def _advise(error: DimError) -> None:
    """Says in the error of a call what to do about a tensor that is stored otherwise."""
    if any(one.code == _FORMAT for one in error.failures):
        error.args = (f"{error}\n  help: {_CONVERT}",)
        error.failures = tuple(
            replace(one, help=_CONVERT) if one.code == _FORMAT and one.help is None else one
            for one in error.failures
        )

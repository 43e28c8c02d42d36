"""A model out of an archive, called as its signature says."""

import difflib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import torch

from namedtorch.archive.manifest import Manifest
from namedtorch.deploy.arguments import Arguments
from namedtorch.diagnostics import DimError
from namedtorch.lower.calls import MethodGuard
from namedtorch.signature.signature import Signature

_FORMAT = "memory-format-differs"
_CONVERT = 'give it stored so (`x.to(memory_format=...)`), or load the model with memory_format="convert"'


class LoadedModel:
    """A model that is called as its signature says, by position or by keyword, with tensors or numpy arrays.

    Arguments are checked before torch is entered, results before they are returned: what does not fit is a
    DimError. The guard comes from the manifest's signature, also where the graph holds none
    (`guards="none"`). Exported methods are attributes, guarded alike. Arrays become tensors on `device` wherever the
    signature has tensors; results are tensors. Calls run in inference mode, unless the model was loaded with
    `grad=True` or is in training mode: then gradients are left as the caller has them. Tensors that the signature wants
    in another memory format are refused, or with `convert` copied into it. Threads may share a model.
    """

    def __init__(
        self,
        manifest: Manifest,
        module: Any,
        *,
        device: torch.device | None = None,
        grad: bool = True,
        convert: bool = False,
    ) -> None:
        self.manifest = manifest
        self.module = module
        """The TorchScript module, for what torch offers (`parameters()`); calling it passes by our guard."""
        self.device = _device_of(module) if device is None else device
        """Where arrays go: the device that was asked for, else that of the first parameter or buffer."""
        names = ["forward", *(name for name in manifest.methods if name != "forward")]
        self._methods = {name: self._method(name, grad, convert) for name in names}
        self._forward = self._methods["forward"]
        # What editors, notebooks and web frameworks read.
        self.__signature__ = cast("Any", self._forward).__signature__

    def _method(self, name: str, grad: bool, convert: bool) -> Callable[..., Any]:
        """A method behind its guard; the graph sees tensors, and records as it knows them."""
        guard = MethodGuard(self.manifest, self.module, name)
        checked = guard.checked
        prepare = Arguments(guard.signature, self.device, convert=convert)
        ready = prepare.ready
        # What `torch.inference_mode` enters; it is 3 us of Python around this.
        inference = torch._C._InferenceMode

        # One function, and no loop where there are no arguments by name: each microsecond counts.
        def call(*args: Any, **kwargs: Any) -> Any:
            for value in args:
                if type(value) not in ready:
                    args, kwargs = prepare(args, kwargs)
                    break
            else:
                if kwargs and any(type(value) not in ready for value in kwargs.values()):
                    args, kwargs = prepare(args, kwargs)
            try:
                if grad:
                    return checked(*args, **kwargs)
                with inference(True):
                    return checked(*args, **kwargs)
            except Exception as error:
                explained = guard.explained(error, args, kwargs)
                if explained is None:
                    if isinstance(error, DimError):
                        _advise(error)
                    raise
                raise explained from None

        return guard.introduced(call)

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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._forward(*args, **kwargs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        # Read without getattr: a copy that is being made has no attributes yet.
        methods = cast("dict[str, Callable[..., Any]]", self.__dict__.get("_methods", {}))
        if name in methods:
            return methods[name]
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


def _advise(error: DimError) -> None:
    """Says in the error of a call what to do about a tensor that is stored otherwise."""
    if any(one.code == _FORMAT for one in error.failures):
        error.args = (f"{error}\n  help: {_CONVERT}",)
        error.failures = tuple(
            replace(one, help=_CONVERT) if one.code == _FORMAT and one.help is None else one
            for one in error.failures
        )


def _device_of(module: Any) -> torch.device:
    """The device of the first parameter or buffer; the CPU where a model has none."""
    first = next(itertools.chain(module.parameters(), module.buffers()), None)
    return torch.device("cpu") if first is None else first.device

"""A module behind its guard: what users call, train and measure before it is lowered."""

import contextlib
import copy
from collections.abc import Callable, Mapping
from typing import Any, Self

from torch import nn

from namedtorch.archive.manifest import Method
from namedtorch.lower.quantize.settings import converting, using
from namedtorch.runtime.guard import guarded
from namedtorch.signature.signature import Signature
from namedtorch.values.named_tensor import plain


class Held(nn.Module):
    """A module whose calls are held to its signatures; `body` is the module without that guard.

    Tensors that carry names are taken for plain ones by position, as at the boundary of a graph. Exported methods are
    attributes, guarded alike. Quantized ones run, and are copied, under their `engine`. Raises DimError for what does
    not fit.
    """

    def __init__(
        self, body: nn.Module, methods: Mapping[str, Method], name: str, engine: str | None = None
    ) -> None:
        super().__init__()
        self.body = body
        self.training = body.training
        self.engine = engine
        self._methods = methods
        self._name = name
        self._guards: dict[str, Callable[..., Any]] = {}

    @property
    def signature(self) -> Signature:
        """The dims of the arguments and the result of forward."""
        return self._methods["forward"].signature

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the body with arguments that fit, and returns what fits."""
        return self._called("forward", args, kwargs)

    def _called(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with self._running():
            return self._guarded(name)(*plain(args), **plain(kwargs))

    def _running(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext() if self.engine is None else using(self.engine)

    def _guarded(self, name: str) -> Callable[..., Any]:
        if name not in self._guards:
            target = self.body if name == "forward" else getattr(self.body, name)
            label = self._name if name == "forward" else f"{self._name}.{name}"
            self._guards[name] = guarded(self._methods[name].signature, target, label)
        return self._guards[name]

    def __getattr__(self, name: str) -> Any:
        methods = self.__dict__.get("_methods", {})
        if name in methods and name != "forward":

            def call(*args: Any, **kwargs: Any) -> Any:
                return self._called(name, args, kwargs)

            call.__name__ = name
            return call
        return super().__getattr__(name)

    def __getstate__(self) -> dict[str, Any]:
        """What a copy takes over: guards that were made call the body of this one."""
        return {**self.__dict__, "_guards": {}}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        with contextlib.nullcontext() if self.engine is None else converting(self.engine):
            made.__dict__.update(copy.deepcopy(self.__getstate__(), memo))
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.engine is not None:
            # torch's own quantized layers come back without their hooks, and can't be called.
            raise TypeError(
                "torch's quantized layers can't be pickled: save what lower makes, "
                'lower(quantized).save("model.pt")'
            )
        return super().__reduce_ex__(protocol)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}: {self.signature}>"

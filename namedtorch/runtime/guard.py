"""Guards in Python: from a signature to a function that holds every call to it."""

import functools
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast

import numpy as np
import torch
from beartype.roar import BeartypeCallHintViolation

from namedtorch.diagnostics import AnnotationError, DimError, Failure
from namedtorch.dims.attributes import AttributeMissing, Attributes, steps_of
from namedtorch.dims.unknown import Unknown
from namedtorch.runtime.dialect import Names
from namedtorch.runtime.source import FUNCTION, write_guard
from namedtorch.runtime.switch import SWITCH
from namedtorch.signature.array import array_strides
from namedtorch.signature.dtypes import Family
from namedtorch.signature.explain import Explanation
from namedtorch.signature.plain import bears, bears_keys
from namedtorch.signature.plan import Plan, build_plan
from namedtorch.signature.signature import Signature

ABSENT = object()
"""Stands for the result of a call that was refused before it was made."""

_KNOWN_ARRAYS: Mapping[str, Any] = {
    "torch.Tensor": torch.Tensor,
    "torch.nn.Parameter": torch.nn.Parameter,
    "numpy.ndarray": np.ndarray,
    "Any": Any,
}


class Guard:
    """The guard of one signature: the function that it writes, and the explanation of a refusal."""

    def __init__(self, signature: Signature, function: str, location: str = "") -> None:
        self.signature = signature
        self.function = function
        self.location = location
        self.plan: Plan = build_plan(signature)
        self.array_types = _array_types(signature)

    def compile(
        self, call: Callable[..., Any], name: str, asynchronous: bool = False
    ) -> tuple[Any, dict[str, Any]]:
        """The code of the guard around `call`, and the names that it refers to."""
        names = Names(self.array_types, _dtype_sets(self.signature))
        source = write_guard(self.signature, self.plan, names, asynchronous)
        space: dict[str, Any] = {
            **source.names,
            "_call": call,
            "_switch": SWITCH,
            "_absent": ABSENT,
            "_strides": strides,
            "_refuse": self._refuser(source.refusals),
            "_compiling": torch.compiler.is_compiling,
            "_violation": BeartypeCallHintViolation,
            "_bears": bears,
            "_bears_keys": bears_keys,
            "_size_at": size_at,
        }
        exec(compile(source.text, f"<namedtorch guard of {self.function}>", "exec"), space)
        function = space.pop(FUNCTION)
        function.__name__ = function.__qualname__ = name
        function.__code__ = function.__code__.replace(co_name=name)
        return function, space

    def _refuser(self, texts: tuple[str, ...]) -> Callable[..., NoReturn]:
        # Not `is_compiling`: torch.export's own tracing runs Python, where the explanation works.
        is_compiling, explain = torch.compiler.is_dynamo_compiling, self.explain
        where = ", ".join(part for part in (self.function, self.location) if part)
        constant = tuple(
            f"{text}\n  in {where}; without torch.compile the error has the sizes" for text in texts
        )

        def refuse(index: int, arguments: tuple[Any, ...], result: Any) -> NoReturn:
            if is_compiling():
                # Nothing can be looked up in a graph that is being captured; the sentence alone goes out.
                raise DimError(constant[index])
            if any(isinstance(one, _proxies()) for one in arguments):
                raise DimError(
                    f"`{self.function}` is traced by torch.fx, which has no sizes to check: trace it inside of "
                    'namedtorch.checking("off")'
                )
            dynamo = sys.modules.get("torch._dynamo")
            # Inside of a compiled function that fell back to Python, the explanation itself must not be compiled.
            explaining = explain if dynamo is None else dynamo.disable(explain)
            raise explaining(arguments, result, texts[index])

        return refuse

    def explain(self, arguments: tuple[Any, ...], result: Any, text: str) -> DimError:
        """The error of a call with these values, in the order of the parameters."""
        explanation = self.explanation(arguments)
        failures = explanation.arguments()
        if result is not ABSENT and not failures:
            failures = explanation.result(result)
        if not failures:
            failures = explanation.missing_attributes()
        if not failures:
            # The guard refused what the matcher takes: the refusal stands, and says what it knows.
            return DimError.of([Failure("dims-differ", text)], function=self.function, location=self.location)
        return explanation.error(self.function, self.location)

    def explanation(self, arguments: tuple[Any, ...]) -> Explanation:
        """The explaining matcher of a call with these values."""
        values = dict(zip((one.name for one in self.signature.parameters), arguments, strict=True))
        return Explanation(self.signature, self.plan, values, self.array_types)


def guarded(signature: Signature, target: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A function with the parameters of a signature that holds arguments and result to it around `target`.

    It takes them by position or keyword, with their defaults, and raises `DimError`.
    """
    guard = Guard(signature, name)
    function, _ = guard.compile(target, name)
    return cast("Callable[..., Any]", function)


def size_at(root: Any, path: str) -> int | None:
    """The integer that a path leads to from the value of its first name, also through mappings; None if it is none."""
    try:
        return Attributes({steps_of(path)[0]: root}).size(path)
    except AttributeMissing:
        return None


def _proxies() -> tuple[type, ...]:
    """The class of what torch.fx puts in the place of tensors, if torch.fx is loaded."""
    fx = sys.modules.get("torch.fx")
    return () if fx is None else (fx.Proxy,)


def strides(value: Any) -> list[int]:
    """The strides of an array as a list, in elements; those of a contiguous one where it tells none."""
    if isinstance(value, torch.Tensor):
        return list(value.stride())
    found = array_strides(value)
    return list(found) if found is not None else list(np.empty(value.shape, np.uint8).strides)


def _array_types(signature: Signature) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for hint in signature.tensors:
        array = _KNOWN_ARRAYS.get(hint.array) if hint.array_type is Unknown else hint.array_type
        if array is None:
            raise AnnotationError(f"the signature asks for a `{hint.array}`, which is unknown here")
        found[hint.array] = array
    return found


@functools.lru_cache(maxsize=256)
def _torch_dtypes(dtypes: tuple[str, ...]) -> frozenset[Any]:
    found = (getattr(torch, name, None) for name in dtypes)
    return frozenset(one for one in found if isinstance(one, torch.dtype))


class _NamedDtypes:
    """The dtypes of a family for arrays of any library: membership by name."""

    def __init__(self, family: Family) -> None:
        self.family = family

    def __contains__(self, dtype: object) -> bool:
        from_name = getattr(dtype, "name", None)
        return self.family.takes(from_name if isinstance(from_name, str) else repr(dtype).rsplit(".", 1)[-1])


def _dtype_sets(signature: Signature) -> dict[tuple[str, tuple[str, ...]], Any]:
    found: dict[tuple[str, tuple[str, ...]], Any] = {}
    for hint in signature.tensors:
        dtypes = hint.family.dtypes
        if dtypes is not None:
            own = hint.array in ("torch.Tensor", "torch.nn.Parameter")
            found[hint.array, dtypes] = _torch_dtypes(dtypes) if own else _NamedDtypes(hint.family)
    return found


LOCK = threading.RLock()
"""Guards are built one at a time."""

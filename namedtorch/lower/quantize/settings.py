"""What a user asks of quantization: the engine, the dtype of weights, which layers; and torch set to it."""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import torch

from namedtorch.diagnostics import LowerError
from namedtorch.lower.quantize.quiet import quiet_quantization

Method = Literal["auto", "dynamic", "static", "qat"]
"""How a model gets its scales: in each call, from calibration, from training, or by what it consists of."""

_DTYPES = {
    "int8": torch.qint8,
    "qint8": torch.qint8,
    "float16": torch.float16,
    "half": torch.float16,
}

Skip = str | type | Collection[str | type]
"""Layers by path or last name, or by type."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user asks: the engine, the dtype of weights, one scale for each channel or for all, what stays float.

    `qconfig` is torch's own: a QConfig for all layers, or a QConfigMapping.
    """

    engine: str
    dtype: torch.dtype
    per_channel: bool
    skip: tuple[str | type, ...]
    qconfig: Any


def settings_of(
    method: str,
    engine: str | None = None,
    dtype: torch.dtype | str | None = None,
    per_channel: bool = True,
    skip: Skip | None = (),
    qconfig: Any = None,
) -> Settings:
    """The settings of a call; the engine is torch's own (`torch.backends.quantized.engine`) where none is given.

    Raises LowerError for an unknown method or dtype, and for an engine that this build of torch lacks.
    """
    if not isinstance(method, str):
        raise LowerError(
            f'the method comes before the data, quantize(model, "static", data): this is {type(method).__name__}'
        )
    if method not in get_args(Method):
        listed = ", ".join(f'"{one}"' for one in get_args(Method))
        raise LowerError(f"method={method!r} is none of {listed}")
    wanted = _dtype_of(dtype)
    if wanted is torch.float16 and method in ("static", "qat"):
        raise LowerError(
            f'method="{method}" has int8 weights and activations: float16 is for method="dynamic" '
            "(weights that are half as large)"
        )
    given: Any = () if skip is None else skip
    names: tuple[Any, ...] = tuple(given) if isinstance(given, list | tuple | set | frozenset) else (given,)
    for one in names:
        if not isinstance(one, str | type):
            raise LowerError(
                f'skip takes paths of layers and types (skip=["head", nn.Linear]), not {type(one).__name__}'
            )
    return Settings(_engine_of(engine), wanted, bool(per_channel), names, qconfig)


def _engine_of(engine: str | None) -> str:
    backend = torch.backends.quantized
    known = [one for one in cast("list[str]", backend.supported_engines) if one != "none"]
    if engine is None:
        engine = cast("str", backend.engine)
    if not known or engine == "none":
        raise LowerError("this build of torch has no engine for quantized operators: install another one")
    if engine not in known:
        listed = ", ".join(sorted(known))
        raise LowerError(f"engine={engine!r} is none that this build of torch has: {listed}")
    return engine


def _dtype_of(dtype: torch.dtype | str | None) -> torch.dtype:
    if dtype is None:
        return torch.qint8
    name = str(dtype).removeprefix("torch.")
    if name not in _DTYPES:
        raise LowerError(f"dtype={dtype!r} is none of torch.qint8 (or torch.int8) and torch.float16")
    return _DTYPES[name]


@contextlib.contextmanager
def using(engine: str) -> Iterator[None]:
    """Sets the engine of torch's quantized operators as long as the context lasts.

    Weights are packed for the engine of the moment, also when a module is copied. The engine is one for the process.
    """
    backend: Any = torch.backends.quantized
    before = backend.engine
    if before == engine:
        yield
        return
    backend.engine = engine
    try:
        yield
    finally:
        backend.engine = before


@contextlib.contextmanager
def converting(engine: str) -> Iterator[None]:
    """Sets the engine for a conversion, which torch's announcements do not disturb; one thread converts at a time.

    Random numbers go on as before: torch draws the weights of each layer that it makes, before it puts others there.
    """
    with quiet_quantization(), using(engine), torch.random.fork_rng(devices=[]):
        yield

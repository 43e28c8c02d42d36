"""Calls of a model with inputs that were made up, of the kind that it works with."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch

from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import DimError
from namedtorch.lower.example import example_inputs
from namedtorch.lower.interface_inputs import fitted
from namedtorch.signature.hints import OptionalHint, has_dims
from namedtorch.signature.signature import Signature

Optionals = Literal["given", "none"]
FAILURES = (torch.jit.Error, RuntimeError, DimError)
"""What a model raises for inputs that it does not take; DimError is of a guard inside of it."""


def rehearsed(
    call: Callable[..., Any],
    manifest: Manifest,
    device: torch.device,
    sizes: Mapping[str, int | tuple[int, ...]] | None = None,
) -> Optionals:
    """Calls a model once with drawn inputs; tells whether it works with its optional tensors given, or with None.

    A cache that is handed over, or a state, often fits only what came before it. Raises what the model raised for the
    first.
    """
    first: Exception | None = None
    for optional in choices_for(manifest.signature):
        args, kwargs = drawn_inputs(manifest, device, optional=optional, sizes=sizes)
        try:
            call(*args, **kwargs)
        except FAILURES as error:
            first = first or error
        else:
            return optional
    assert first is not None
    raise first


def drawn_inputs(
    manifest: Manifest,
    device: torch.device,
    *,
    optional: Optionals = "given",
    sizes: Mapping[str, int | tuple[int, ...]] | None = None,
    seed: int = 0,
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Inputs of forward, floats in the dtype of the model's weights; raises DimError where none can be drawn.

    What a flat graph fixed is as it was fixed.
    """
    args, kwargs = example_inputs(
        manifest.signature, seed=seed, sizes=sizes, optional=optional, device=device, floats=_floats(manifest)
    )
    if manifest.interface is None:
        return args, kwargs
    return fitted(manifest.interface, manifest.signature, args, kwargs)


def choices_for(signature: Signature) -> tuple[Optionals, ...]:
    """How the optional tensors of a signature may be passed, what says more first."""
    hints = [one.hint for one in signature.parameters]
    return (
        ("given", "none")
        if any(isinstance(one, OptionalHint) and has_dims(one) for one in hints)
        else ("given",)
    )


def sparing_choices(signature: Signature) -> tuple[Optionals, ...]:
    """How they may be passed to a graph that keeps the way: what has None for a default is left out first."""
    optional = [
        one for one in signature.parameters if isinstance(one.hint, OptionalHint) and has_dims(one.hint)
    ]
    choices = choices_for(signature)
    return choices[::-1] if all(one.default is None for one in optional) else choices


def _floats(manifest: Manifest) -> torch.dtype | None:
    """The one dtype of floats in a model's state; None where there are several, or none."""
    dtypes = {getattr(torch, one.dtype, None) for one in manifest.state.values()}
    floating = [one for one in dtypes if isinstance(one, torch.dtype) and one.is_floating_point]
    return floating[0] if len(floating) == 1 else None

"""Names of tensor dimensions for PyTorch: checked before the code runs, enforced at every call, kept in the file.

Public names are loaded on first use, so that importing the package costs nothing; those that need torch say so in
one sentence where it is missing. `__init__.pyi` declares them for static type checkers.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_TORCH_FREE = {
    "namedtorch.diagnostics": (
        "AnnotationError",
        "ArchiveError",
        "DimError",
        "EraseError",
        "Failure",
        "Finding",
        "LowerError",
        "MissingDependencyError",
    ),
    "namedtorch.dims.bindings": ("Bindings",),
    "namedtorch.dims.shape": ("Shape",),
    "namedtorch.dims.size": ("Size",),
    "namedtorch.syntax.resolve": ("parse_shape",),
    "namedtorch.signature.annotation": ("Dims",),
    "namedtorch.signature.signature": ("Signature",),
    "namedtorch.signature.text": ("parse_signature",),
    "namedtorch.ops.registration": ("register",),
    "namedtorch.archive.compare": ("compare",),
    "namedtorch.archive.comparison": ("Comparison",),
    "namedtorch.archive.targets": ("Target",),
    "namedtorch.runtime.reveal": ("reveal_dims",),
}

_WITH_TORCH = {
    "namedtorch.runtime.checked": ("checked",),
    "namedtorch.runtime.erased": ("erase", "erased_source"),
    "namedtorch.runtime.switch": ("checking",),
    "namedtorch.lower.annotate": ("annotate",),
    "namedtorch.lower.entry": ("lower",),
    "namedtorch.lower.lowered": ("Lowered",),
    "namedtorch.lower.mobile.operator_list": ("write_operators",),
    "namedtorch.lower.quantize.entry": ("QuantizedModel", "prepare", "quantize"),
    "namedtorch.lower.quantize.float_state": ("state_digest",),
    "namedtorch.lower.quantize.metrics": ("Metric",),
    "namedtorch.lower.quantize.prepared": ("Prepared",),
    "namedtorch.lower.quantize.report": ("QuantizationReport",),
    "namedtorch.lower.targets.exported": ("Exported",),
    "namedtorch.deploy": ("LoadedModel", "load"),
    "namedtorch.deploy.headers": ("include_path",),
    "namedtorch.values": ("NamedTensor",),
    "namedtorch.values.autograd": ("grad", "jacfwd", "jacrev", "jvp", "vjp", "vmap"),
    "namedtorch.values.calling": ("call",),
    "namedtorch.values.collation": ("collate",),
    "namedtorch.values.factories": (
        "arange",
        "as_tensor",
        "empty",
        "empty_like",
        "eye",
        "full",
        "full_like",
        "linspace",
        "ones",
        "ones_like",
        "rand",
        "rand_like",
        "randint",
        "randn",
        "randn_like",
        "tensor",
        "zeros",
        "zeros_like",
    ),
    "namedtorch.values.joining": ("cat", "stack", "where"),
    "namedtorch.values.modules": ("named_module",),
    "namedtorch.values.named_functions": ("named_function",),
    "namedtorch.values.naming": ("named",),
    "namedtorch.values.parameters": ("name_parameters", "parameter_dims"),
    "namedtorch.values.patterns": ("contract", "einsum", "rearrange", "reduce", "repeat"),
    "namedtorch.values.sharding": ("shard", "unshard"),
    "namedtorch.values.state_dims": ("permuted_loading",),
    "namedtorch.values.tracing": ("symbolic_trace",),
}

# For the rooms below those that have them.
_INSIDE = {"_scriptable": ("namedtorch.lower.prepared", "scriptable")}

# fmt: off
_ANNOTATIONS = (
    "BFloat16", "Bool", "Complex", "Complex64", "Complex128", "Float", "Float4e2m1fn", "Float8",
    "Float8e4m3b11fnuz", "Float8e4m3fn", "Float8e4m3fnuz", "Float8e5m2", "Float8e5m2fnuz",
    "Float16", "Float32", "Float64", "Inexact", "Int", "Int2", "Int4", "Int8", "Int16", "Int32",
    "Int64", "Integer", "Key", "Num", "Quantized", "Real", "Shaped", "UInt", "UInt2", "UInt4",
    "UInt8", "UInt16", "UInt32", "UInt64",
)
# fmt: on

_HOMES = {
    name: home for homes in (_TORCH_FREE, _WITH_TORCH) for home, names in homes.items() for name in names
}

__version__ = "0.1.0"
__all__ = sorted([*_HOMES, *_ANNOTATIONS, "__version__"])  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _ANNOTATIONS:
        value = import_module("namedtorch.signature.annotation").ANNOTATIONS[name]
    elif name in _INSIDE:
        home, own = _INSIDE[name]
        value = getattr(import_module(home), own)
    elif name in _HOMES:
        value = getattr(_load(_HOMES[name], name), name)
    else:
        raise AttributeError(f"module 'namedtorch' has no attribute {name!r}")
    globals()[name] = value
    return value


def _load(home: str, name: str) -> Any:
    if home in _WITH_TORCH and find_spec("torch") is None:
        errors = import_module("namedtorch.diagnostics")
        raise errors.MissingDependencyError(
            f"`namedtorch.{name}` needs torch, which is not installed: pip install 'namedtorch[torch]'"
        )
    return import_module(home)


def __dir__() -> list[str]:
    return list(__all__)


class _Package(ModuleType):
    """Keeps the function `lower` from being hidden by the room of its name once that is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

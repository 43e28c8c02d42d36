# What static type checkers see: `Float[Tensor, "N C"]` is `Annotated[Tensor, "N C"]`, a plain Tensor.

from typing import Annotated as BFloat16
from typing import Annotated as Bool
from typing import Annotated as Complex
from typing import Annotated as Complex64
from typing import Annotated as Complex128
from typing import Annotated as Float
from typing import Annotated as Float4e2m1fn
from typing import Annotated as Float8
from typing import Annotated as Float8e4m3b11fnuz
from typing import Annotated as Float8e4m3fn
from typing import Annotated as Float8e4m3fnuz
from typing import Annotated as Float8e5m2
from typing import Annotated as Float8e5m2fnuz
from typing import Annotated as Float16
from typing import Annotated as Float32
from typing import Annotated as Float64
from typing import Annotated as Inexact
from typing import Annotated as Int
from typing import Annotated as Int2
from typing import Annotated as Int4
from typing import Annotated as Int8
from typing import Annotated as Int16
from typing import Annotated as Int32
from typing import Annotated as Int64
from typing import Annotated as Integer
from typing import Annotated as Key
from typing import Annotated as Num
from typing import Annotated as Quantized
from typing import Annotated as Real
from typing import Annotated as Shaped
from typing import Annotated as UInt
from typing import Annotated as UInt2
from typing import Annotated as UInt4
from typing import Annotated as UInt8
from typing import Annotated as UInt16
from typing import Annotated as UInt32
from typing import Annotated as UInt64
from typing import Any

from namedtorch.deploy import LoadedModel as LoadedModel
from namedtorch.deploy import load as load
from namedtorch.diagnostics import AnnotationError as AnnotationError
from namedtorch.diagnostics import ArchiveError as ArchiveError
from namedtorch.diagnostics import DimError as DimError
from namedtorch.diagnostics import Failure as Failure
from namedtorch.diagnostics import Finding as Finding
from namedtorch.diagnostics import LowerError as LowerError
from namedtorch.diagnostics import MissingDependencyError as MissingDependencyError
from namedtorch.dims.bindings import Bindings as Bindings
from namedtorch.dims.shape import Shape as Shape
from namedtorch.dims.size import Size as Size
from namedtorch.lower import Lowered as Lowered
from namedtorch.lower import lower as lower
from namedtorch.lower.annotate import annotate as annotate
from namedtorch.ops.registration import register as register
from namedtorch.runtime.checked import checked as checked
from namedtorch.runtime.reveal import reveal_dims as reveal_dims
from namedtorch.runtime.switch import checking as checking
from namedtorch.signature.annotation import Dims as Dims
from namedtorch.signature.signature import Signature as Signature
from namedtorch.signature.text import parse_signature as parse_signature
from namedtorch.syntax.resolve import parse_shape as parse_shape

__version__: str

def _scriptable(target: Any) -> Any: ...

__all__ = [
    "AnnotationError",
    "ArchiveError",
    "BFloat16",
    "Bindings",
    "Bool",
    "Complex",
    "Complex64",
    "Complex128",
    "DimError",
    "Dims",
    "Failure",
    "Finding",
    "Float",
    "Float4e2m1fn",
    "Float8",
    "Float8e4m3b11fnuz",
    "Float8e4m3fn",
    "Float8e4m3fnuz",
    "Float8e5m2",
    "Float8e5m2fnuz",
    "Float16",
    "Float32",
    "Float64",
    "Inexact",
    "Int",
    "Int2",
    "Int4",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Integer",
    "Key",
    "LoadedModel",
    "LowerError",
    "Lowered",
    "MissingDependencyError",
    "Num",
    "Quantized",
    "Real",
    "Shape",
    "Shaped",
    "Signature",
    "Size",
    "UInt",
    "UInt2",
    "UInt4",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "__version__",
    "annotate",
    "checked",
    "checking",
    "load",
    "lower",
    "parse_shape",
    "parse_signature",
    "register",
    "reveal_dims",
]

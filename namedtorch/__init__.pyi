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

from namedtorch.archive.compare import compare as compare
from namedtorch.archive.comparison import Comparison as Comparison
from namedtorch.archive.targets import Target as Target
from namedtorch.deploy import LoadedModel as LoadedModel
from namedtorch.deploy import load as load
from namedtorch.deploy.headers import include_path as include_path
from namedtorch.diagnostics import AnnotationError as AnnotationError
from namedtorch.diagnostics import ArchiveError as ArchiveError
from namedtorch.diagnostics import DimError as DimError
from namedtorch.diagnostics import EraseError as EraseError
from namedtorch.diagnostics import Failure as Failure
from namedtorch.diagnostics import Finding as Finding
from namedtorch.diagnostics import LowerError as LowerError
from namedtorch.diagnostics import MissingDependencyError as MissingDependencyError
from namedtorch.dims.bindings import Bindings as Bindings
from namedtorch.dims.shape import Shape as Shape
from namedtorch.dims.size import Size as Size
from namedtorch.lower.annotate import annotate as annotate
from namedtorch.lower.entry import lower as lower
from namedtorch.lower.lowered import Lowered as Lowered
from namedtorch.lower.mobile.operator_list import write_operators as write_operators
from namedtorch.lower.quantize.entry import QuantizedModel as QuantizedModel
from namedtorch.lower.quantize.entry import prepare as prepare
from namedtorch.lower.quantize.entry import quantize as quantize
from namedtorch.lower.quantize.float_state import state_digest as state_digest
from namedtorch.lower.quantize.metrics import Metric as Metric
from namedtorch.lower.quantize.prepared import Prepared as Prepared
from namedtorch.lower.quantize.report import QuantizationReport as QuantizationReport
from namedtorch.lower.targets.exported import Exported as Exported
from namedtorch.ops.registration import register as register
from namedtorch.runtime.checked import checked as checked
from namedtorch.runtime.erased import erase as erase
from namedtorch.runtime.erased import erased_source as erased_source
from namedtorch.runtime.reveal import reveal_dims as reveal_dims
from namedtorch.runtime.switch import checking as checking
from namedtorch.signature.annotation import Dims as Dims
from namedtorch.signature.signature import Signature as Signature
from namedtorch.signature.text import parse_signature as parse_signature
from namedtorch.syntax.resolve import parse_shape as parse_shape
from namedtorch.values import NamedTensor as NamedTensor
from namedtorch.values.autograd import grad as grad
from namedtorch.values.autograd import jacfwd as jacfwd
from namedtorch.values.autograd import jacrev as jacrev
from namedtorch.values.autograd import jvp as jvp
from namedtorch.values.autograd import vjp as vjp
from namedtorch.values.autograd import vmap as vmap
from namedtorch.values.calling import call as call
from namedtorch.values.collation import collate as collate
from namedtorch.values.factories import arange as arange
from namedtorch.values.factories import as_tensor as as_tensor
from namedtorch.values.factories import empty as empty
from namedtorch.values.factories import empty_like as empty_like
from namedtorch.values.factories import eye as eye
from namedtorch.values.factories import full as full
from namedtorch.values.factories import full_like as full_like
from namedtorch.values.factories import linspace as linspace
from namedtorch.values.factories import ones as ones
from namedtorch.values.factories import ones_like as ones_like
from namedtorch.values.factories import rand as rand
from namedtorch.values.factories import rand_like as rand_like
from namedtorch.values.factories import randint as randint
from namedtorch.values.factories import randn as randn
from namedtorch.values.factories import randn_like as randn_like
from namedtorch.values.factories import tensor as tensor
from namedtorch.values.factories import zeros as zeros
from namedtorch.values.factories import zeros_like as zeros_like
from namedtorch.values.joining import cat as cat
from namedtorch.values.joining import stack as stack
from namedtorch.values.joining import where as where
from namedtorch.values.modules import named_module as named_module
from namedtorch.values.named_functions import named_function as named_function
from namedtorch.values.naming import named as named
from namedtorch.values.parameters import name_parameters as name_parameters
from namedtorch.values.parameters import parameter_dims as parameter_dims
from namedtorch.values.patterns import contract as contract
from namedtorch.values.patterns import einsum as einsum
from namedtorch.values.patterns import rearrange as rearrange
from namedtorch.values.patterns import reduce as reduce
from namedtorch.values.patterns import repeat as repeat
from namedtorch.values.sharding import shard as shard
from namedtorch.values.sharding import unshard as unshard
from namedtorch.values.state_dims import permuted_loading as permuted_loading
from namedtorch.values.tracing import symbolic_trace as symbolic_trace

__version__: str

def _scriptable(target: Any) -> Any: ...

__all__ = [
    "AnnotationError",
    "ArchiveError",
    "BFloat16",
    "Bindings",
    "Bool",
    "Comparison",
    "Complex",
    "Complex64",
    "Complex128",
    "DimError",
    "Dims",
    "EraseError",
    "Exported",
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
    "Metric",
    "MissingDependencyError",
    "NamedTensor",
    "Num",
    "Prepared",
    "QuantizationReport",
    "Quantized",
    "QuantizedModel",
    "Real",
    "Shape",
    "Shaped",
    "Signature",
    "Size",
    "Target",
    "UInt",
    "UInt2",
    "UInt4",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "__version__",
    "annotate",
    "arange",
    "as_tensor",
    "call",
    "cat",
    "checked",
    "checking",
    "collate",
    "compare",
    "contract",
    "einsum",
    "empty",
    "empty_like",
    "erase",
    "erased_source",
    "eye",
    "full",
    "full_like",
    "grad",
    "include_path",
    "jacfwd",
    "jacrev",
    "jvp",
    "linspace",
    "load",
    "lower",
    "name_parameters",
    "named",
    "named_function",
    "named_module",
    "ones",
    "ones_like",
    "parameter_dims",
    "parse_shape",
    "parse_signature",
    "permuted_loading",
    "prepare",
    "quantize",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "rearrange",
    "reduce",
    "register",
    "repeat",
    "reveal_dims",
    "shard",
    "stack",
    "state_digest",
    "symbolic_trace",
    "tensor",
    "unshard",
    "vjp",
    "vmap",
    "where",
    "write_operators",
    "zeros",
    "zeros_like",
]

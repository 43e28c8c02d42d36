"""Arithmetic and functions element by element."""

from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ANY
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.dtypes import counted, doubled, floated, promoted, real
from namedtorch.ops.elementwise import (
    Made,
    binary,
    broadcast_of,
    broadcasts,
    keeps,
    method,
    present,
    row,
    same,
    unary,
    without_unknown,
)
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields

# fmt: off
_FLOATED: Final = (
    "acos arccos", "acosh arccosh", "asin arcsin", "asinh arcsinh", "atan arctan", "atanh arctanh", "cos", "cosh",
    "deg2rad", "log", "log10", "log2", "rad2deg", "reciprocal", "rsqrt", "sin", "sinh", "sqrt", "tan",
)
_KEPT: Final = (
    "conj", "conj_physical", "fix", "floor", "frac", "negative", "positive", "resolve_conj", "resolve_neg", "sgn",
    "sign", "trunc", "ceil",
)
_ALIKE: Final = (
    "fmod", "maximum", "minimum", "fmax", "fmin", "gcd", "lcm", "hypot", "nextafter", "logaddexp", "logaddexp2",
)
_SPECIAL: Final = {
    "digamma": "digamma psi", "erf": "erf", "erfc": "erfc", "exp2": "exp2", "expm1": "expm1", "lgamma": "gammaln",
    "log1p": "log1p", "sinc": "sinc", "erfinv": "erfinv", "i0": "i0",
}
"""Functions and methods of torch, and what torch.special calls them."""
_ONLY_SPECIAL: Final = (
    "airy_ai", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "entr", "erfcx", "i0e", "i1", "i1e", "log_ndtr",
    "modified_bessel_i0", "modified_bessel_i1", "modified_bessel_k0", "modified_bessel_k1", "ndtr", "ndtri",
    "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "spherical_bessel_j0",
)
_POLYNOMIALS: Final = (
    "chebyshev_polynomial_t", "chebyshev_polynomial_u", "chebyshev_polynomial_v", "chebyshev_polynomial_w",
    "hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l", "legendre_polynomial_p",
    "shifted_chebyshev_polynomial_t", "shifted_chebyshev_polynomial_u", "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
)
# fmt: on

_TWO: Final = ("input", "other")
_OTHER: Final = "input, other, out=None"


def _special(name: str) -> str:
    return f"torch.special.{name}"


def _binary(names: str, *more: str, parameters: str = _OTHER, made: Made = same) -> OpRule:
    return row(names, parameters, broadcasts(*_TWO, made=made), *more)


def _operator(*names: str) -> tuple[str, ...]:
    return tuple(f"operator.{name}" for name in names)


def _unary_rows() -> tuple[OpRule, ...]:
    return (
        *unary(*_FLOATED, made=floated),
        *unary(*_KEPT),
        *unary("square", made=counted),
        *(
            row(name, "input, out=None", keeps(made=floated), *map(_special, others.split()))
            for name, others in _SPECIAL.items()
        ),
        *(OpRule(_special(name), "input, out=None", keeps(made=floated)) for name in _ONLY_SPECIAL),
        row("exp", "input, out=None", keeps(made=floated)),
        row("abs absolute", "input, out=None", keeps(made=real), "operator.abs"),
        row("angle", "input, out=None", keeps(made=lambda dtype: floated(real(dtype)))),
        row("neg", "input, out=None", keeps(), "operator.neg"),
        OpRule("operator.pos", "input", keeps()),
        row("bitwise_not", "input, out=None", keeps(), *_operator("invert", "inv")),
        row("round", "input, decimals=0, out=None", keeps(), _special("round")),
        row("frexp", "input, out=None", _mantissa),
        row("logit", "input, eps=None, out=None", keeps(made=floated), _special("logit")),
        row("nan_to_num", "input, nan=0.0, posinf=None, neginf=None, out=None", keeps()),
        row("mvlgamma", "input, p", keeps(made=floated)),
        OpRule(_special("multigammaln"), "input, p, out=None", keeps(made=floated)),
        row("polygamma", "input, n, out=None", _polygamma),
        OpRule(_special("polygamma"), "n, input, out=None", keeps(made=floated)),
    )


def _mantissa(call: Call) -> Fields:
    """Gives the fraction and the exponent of each number."""
    array = call.array("input")
    return Fields(("mantissa", "exponent"), (array, Array(array.shape, "int32")))


def _polygamma(call: Call) -> Array:
    """Takes the number and the tensor in either order: `torch.polygamma(n, x)`, `x.polygamma(n)`."""
    array = call.array("n") if isinstance(call.value("n"), Array) else call.array("input")
    return Array(array.shape, floated(array.dtype))


def _binary_rows() -> tuple[OpRule, ...]:
    alpha = "input, other, alpha=1, out=None"
    rounding = "input, other, rounding_mode=None, out=None"
    return (
        _binary("add", "operator.add", parameters=alpha),
        _binary("sub subtract", "operator.sub", parameters=alpha),
        OpRule("torch.rsub", "input, other, alpha=1", broadcasts(*_TWO)),
        _binary("mul multiply", "operator.mul"),
        row("div divide true_divide", rounding, _divided, "operator.truediv"),
        _binary("floor_divide", "operator.floordiv"),
        _binary("remainder", "operator.mod"),
        *binary(*_ALIKE),
        *binary("atan2 arctan2", "copysign", made=floated),
        *binary("ldexp", made=floated),
        row(
            "float_power",
            "input, exponent, out=None",
            broadcasts("input", numbers=("exponent",), made=doubled),
        ),
        row(
            "pow",
            "input, exponent, out=None",
            broadcasts("input", numbers=("exponent",), made=counted),
            "operator.pow",
        ),
        row("heaviside", "input, values, out=None", broadcasts("input", "values")),
        _binary("igamma", _special("gammainc"), made=floated),
        _binary("igammac", _special("gammaincc"), made=floated),
        _binary("xlogy", _special("xlogy"), made=floated),
        OpRule(_special("xlog1py"), _OTHER, broadcasts(*_TWO, made=floated), spelled=(_special("zeta"),)),
        *(
            OpRule(_special(name), "x, n, out=None", broadcasts("x", "n", made=floated))
            for name in _POLYNOMIALS
        ),
    )


def _divided(call: Call) -> Array:
    """Divides; the result is of floats unless it is rounded."""
    rounded = call.value("rounding_mode") is not None
    return broadcasts(*_TWO, made=same if rounded else floated)(call)


def _masked(call: Call) -> Array:
    """Fills where the mask is true; input and mask broadcast both, but a mask that is not known adds no axes."""
    value = call.value("value")
    if isinstance(value, Array) and value.shape.rank is not Unknown and value.shape.rank:
        raise Misfit(
            "rank-unfit", f"it fills with one number, and `value` has {value.shape.rank} axes", "value"
        )
    array, mask = call.array("input"), call.shape("mask")
    both = broadcast(call, ("input", "mask"), (array.shape, mask))
    return array if mask.rank is Unknown else Array(both, array.dtype)


def _chosen(call: Call) -> Array | tuple[Array, ...]:
    """Takes each element from one of two, where the condition says so; of a condition alone, gives where it is true."""
    if call.value("input") is None and call.value("other") is None:
        return tuple(Array(TensorShape((ANY,)), "int64") for _ in call.axes("condition") or (ANY,))
    operands = present(call, "condition", *_TWO)
    return Array(broadcast_of(call, operands), promoted([call.value("input"), call.value("other")]))


def _between(call: Call) -> Array:
    """Goes from one tensor towards another, as far as the weight says, whose dtype does not count."""
    operands = without_unknown(present(call, "input", "end", "weight"), ("weight",))
    return Array(broadcast_of(call, operands), promoted([call.value("input"), call.value("end")]))


def _ternary_rows() -> tuple[OpRule, ...]:
    scaled = "input, tensor1, tensor2, value=1, out=None"
    product = broadcasts("input", "tensor1", "tensor2")
    return (
        row("clamp clip", "input, min=None, max=None, out=None", broadcasts("input", numbers=("min", "max"))),
        row("clamp_min", "input, min, out=None", broadcasts("input", numbers=("min",))),
        row("clamp_max", "input, max, out=None", broadcasts("input", numbers=("max",))),
        row("lerp", "input, end, weight, out=None", _between),
        row("addcmul", scaled, product),
        row("addcdiv", scaled, product),
        row("masked_fill", "input, mask, value", _masked),
        OpRule("torch.where", "condition, input=None, other=None, out=None", _chosen),
        OpRule(method("where"), "input, condition, other", _chosen),
        OpRule(method("copy_"), "input, src, non_blocking=False", _copied),
    )


def _copied(call: Call) -> Array:
    """Writes a tensor into another, which it has to broadcast to."""
    both = broadcast(call, ("input", "src"), (call.shape("input"), call.shape("src")))
    return Array(both, call.array("input").dtype)


OPERATORS: Final = (*_unary_rows(), *_binary_rows(), *_ternary_rows())

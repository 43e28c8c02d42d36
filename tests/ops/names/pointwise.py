"""Names behind arithmetic and functions element by element."""

from tests.ops.names.harness import names
from tests.ops.oracle import bools, ints, t

_X = t(2, 3)
# fmt: off
_KEPT = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "deg2rad", "log", "log10", "log2", "rad2deg",
    "reciprocal", "rsqrt", "sin", "sinh", "sqrt", "tan", "conj", "conj_physical", "fix", "floor", "frac", "negative",
    "positive", "resolve_conj", "resolve_neg", "sgn", "sign", "trunc", "ceil", "square", "digamma", "erf", "erfc",
    "exp2", "expm1", "lgamma", "log1p", "sinc", "erfinv", "i0", "exp", "abs", "angle", "neg", "round", "logit",
    "nan_to_num",
    *(
        f"special.{name}"
        for name in (
            "airy_ai", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "entr", "erfcx", "i0e", "i1", "i1e",
            "log_ndtr", "modified_bessel_i0", "modified_bessel_i1", "modified_bessel_k0", "modified_bessel_k1", "ndtr",
            "ndtri", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "spherical_bessel_j0",
        )
    ),
)
_TWO = (
    "add", "sub", "rsub", "mul", "div", "floor_divide", "remainder", "fmod", "maximum", "minimum", "fmax", "fmin",
    "hypot", "nextafter", "logaddexp", "logaddexp2", "atan2", "copysign", "ldexp", "float_power", "pow",
    "heaviside", "igamma", "igammac", "xlogy",
    *(
        f"special.{name}"
        for name in (
            "xlog1py", "zeta", "chebyshev_polynomial_t", "chebyshev_polynomial_u", "chebyshev_polynomial_v",
            "chebyshev_polynomial_w", "hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l",
            "legendre_polynomial_p", "shifted_chebyshev_polynomial_t", "shifted_chebyshev_polynomial_u",
            "shifted_chebyshev_polynomial_v", "shifted_chebyshev_polynomial_w",
        )
    ),
)
# fmt: on

_UNARY = (
    *(names("N _ -> N _", f"torch.{name}", _X) for name in _KEPT),
    names("N C -> N C", "torch.bitwise_not", ints(2, 3)),
    names("N C -> N C", "operator.invert", bools(2, 3)),
    names("N C -> N C", "operator.pos", _X),
    names("N C -> N C", "operator.neg", _X),
    names("N C -> N C, N C", "torch.frexp", _X),
    names("N C -> N C", "torch.mvlgamma", _X, 2),
    names("N C -> N C", "torch.special.multigammaln", _X, 2),
    names("N C -> N C", "torch.polygamma", 1, _X),
    names("N C -> N C", "torch.Tensor.polygamma", _X, 1),
    names("N C -> N C", "torch.special.polygamma", 1, _X),
)

_BINARY = (
    *(
        case
        for name in _TWO
        for case in (
            names("N _, _ C -> N C", f"torch.{name}", _X, _X),
            names("C, N _ -> N C", f"torch.{name}", t(3), _X),
            names("N C, N K -> refused", f"torch.{name}", _X, _X),
        )
    ),
    names("N _, C -> N C", "torch.gcd", ints(2, 3), ints(3)),
    names("N _, C -> N C", "torch.lcm", ints(2, 3), ints(3)),
    names("N C, N C -> N C", "torch.add", _X, _X),
    names("N C -> N C", "torch.add", _X, 1.5),
    names("N C -> N C", "operator.mul", 2, _X),
    names("N C, () -> N C", "torch.sub", _X, t()),
    names("N C, C N -> refused", "torch.mul", t(3, 3), t(3, 3)),
    # An axis of size 1 stretches along its own dim, and keeps its name where the other has none.
    names("N C, N C -> N C", "torch.add", t(2, 1), _X),
    names("N C, N _ -> N C", "torch.add", t(2, 1), _X),
    names("N C, N K -> refused", "torch.add", t(2, 1), _X),
    names("N _, N C -> N C", "torch.add", t(2, 1), _X),
    # A dim is at one axis of both.
    names("A _, _ A -> refused", "torch.add", t(3, 3), t(3, 3)),
    names("N, N C -> refused", "torch.add", t(3), t(3, 3)),
    names("N _, N -> refused", "torch.add", t(2, 1), t(2)),
    names("B T T, T -> B T T", "torch.add", t(2, 3, 3), t(3)),
    names("N C -> N C", "torch.pow", 2, _X),
    names("N C, N C -> N C", "torch.div", _X, _X, rounding_mode="floor"),
    names("N C, N _ -> N C", "torch.special.hermite_polynomial_h", _X, ints(2, 3)),
)

_TERNARY = (
    names("N C, C, N _ -> N C", "torch.clamp", _X, t(3), t(2, 1)),
    names("N _, N C -> N C", "torch.clamp", _X, max=_X),
    names("N C, K -> refused", "torch.clamp", _X, min=t(3)),
    names("N C -> N C", "torch.clamp", _X, 0.0, 1.0),
    names("N _, C -> N C", "torch.clamp_min", _X, t(3)),
    names("N _, C -> N C", "torch.clamp_max", _X, t(3)),
    names("N _, _ C, _ _ -> N C", "torch.lerp", _X, _X, _X),
    names("N _, N _, _ C -> N C", "torch.lerp", _X, _X, _X),
    names("N C, N C, N K -> refused", "torch.lerp", _X, _X, _X),
    names("N C, N C -> N C", "torch.lerp", _X, _X, 0.5),
    *(
        case
        for name in ("addcmul", "addcdiv")
        for case in (
            names("N _, _ C, C -> N C", f"torch.{name}", _X, _X, t(3)),
            names("N C, N C, N K -> refused", f"torch.{name}", _X, _X, _X),
        )
    ),
    names("N C, N C -> N C", "torch.masked_fill", _X, bools(2, 3), 0.0),
    names("N _, C -> N C", "torch.masked_fill", _X, bools(3), 0.0),
    names("N C, C, () -> N C", "torch.Tensor.masked_fill", _X, bools(3), t()),
    names("N C, N K -> refused", "torch.masked_fill", _X, bools(2, 3), 0.0),
    names("N _, N C, C -> N C", "torch.where", bools(2, 3), _X, t(3)),
    names("N C -> N C", "torch.where", bools(2, 3), 0.0, 1.0),
    names("N C, N C, N K -> refused", "torch.where", bools(2, 3), _X, _X),
    names("N C -> _, _", "torch.where", bools(2, 3)),
    names("N _, _ C, C -> N C", "torch.Tensor.where", _X, bools(2, 3), t(3)),
    names("N C, C -> N C", "torch.Tensor.copy_", _X, t(3)),
    names("_ _, N C -> N C", "torch.Tensor.copy_", _X, _X),
    names("N C, N K -> refused", "torch.Tensor.copy_", _X, _X),
)

CASES = (*_UNARY, *_BINARY, *_TERNARY)

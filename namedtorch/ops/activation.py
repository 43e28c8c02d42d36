"""Activations, dropouts and what competes along one dim: the result has the sizes of the input."""

from contextlib import suppress
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.attribute import Read, read_size
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.dtypes import floated
from namedtorch.ops.elementwise import along, check_rank, keeps, method, same, unsaid
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.roles import notice_normalization
from namedtorch.ops.tensor_shape import NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Array, Value
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature

_F: Final = "torch.nn.functional."
_KEPT: Final = "input: *dims -> *dims"


def halved(call: Call) -> TensorShape:
    """Gates one half of `dim` with the other."""
    shape = call.shape("input")
    if not shape.axes:
        raise Misfit("rank-unfit", "it halves an axis, and `input` has none", "input")
    place = call.place("dim")
    axis = shape.axis(place)
    if axis.size is Unknown:
        return shape.replaced(place, axis.resized(Unknown))
    if not call.divisible(axis.size, Size.constant(2)):
        raise Misfit(
            "split-sizes-differ", "it takes two halves of an axis, and the size of this one is odd", "input", place,
            left=axis,
        )  # fmt: skip
    return shape.replaced(place, axis.resized(axis.size // 2))


def sloped(call: Call) -> Array:
    """Has one slope, or one for each channel: axis 1 of `input`."""
    array, weight = call.array("input"), call.shape("weight")
    if weight.rank is not Unknown and weight.rank > 1:
        raise Misfit("rank-unfit", f"it takes a `weight` of 0 or 1 axes, not of {weight.rank}", "weight")
    slopes = weight.axes[0] if weight.axes else Axis.of(1)
    if not isinstance(slopes, Axis):
        return array
    several = slopes.size is not Unknown and not slopes.is_one
    try:
        channels = array.shape.at(1)
    except NoSuchAxis:
        if several:
            _check_slopes(call, Axis.of(1), slopes, Unknown)
        return array
    except Undetermined:
        return array
    # One slope is that of all channels; a name that it carries is theirs all the same.
    if several or name_conflict(channels, slopes):
        _check_slopes(call, channels, slopes, 1)
    return Array(array.shape.replaced(1, channels.called(either_name(channels, slopes))), array.dtype)


def _check_slopes(call: Call, channels: Axis, slopes: Axis, place: int | UnknownType) -> None:
    call.same(
        channels, slopes, "channels-differ", "it has one slope for each channel, and channels are axis 1", "input",
        place, other="weight", other_axis=0,
    )  # fmt: skip


def _normalized(call: Call) -> Array:
    """Divides by the norm along one dim or several."""
    with suppress(Undetermined):
        call.places("dim")
    return call.array("input")


def _dropped(call: Call) -> Array:
    """Drops whole channels, each of which is one axis."""
    check_rank(call, "input", 2, 3)
    return call.array("input")


_DROPS: Final = "input, p=0.5, training=True, inplace=False"
_RARELY_DROPS: Final = "input, p=0.5, training=False, inplace=False"
_PLACED: Final = "input, inplace=False"

_FUNCTIONS: Final = {
    "alpha_dropout": _RARELY_DROPS,
    "celu": "input, alpha=1.0, inplace=False",
    "dropout": _DROPS,
    "dropout2d": _DROPS,
    "dropout3d": _DROPS,
    "elu": "input, alpha=1.0, inplace=False",
    "feature_alpha_dropout": _RARELY_DROPS,
    "gelu": "input, approximate='none'",
    "hardshrink": "input, lambd=0.5",
    "hardsigmoid": _PLACED,
    "hardswish": _PLACED,
    "hardtanh": "input, min_val=-1.0, max_val=1.0, inplace=False",
    "leaky_relu": "input, negative_slope=0.01, inplace=False",
    "logsigmoid": "input",
    "mish": _PLACED,
    "relu": _PLACED,
    "relu6": _PLACED,
    "rrelu": "input, lower=0.125, upper=0.3333333333333333, training=False, inplace=False",
    "selu": _PLACED,
    "sigmoid": "input",
    "silu": _PLACED,
    "softplus": "input, beta=1.0, threshold=20.0",
    "softshrink": "input, lambd=0.5",
    "softsign": "input",
    "tanh": "input",
    "tanhshrink": "input",
    "threshold": "input, threshold, value, inplace=False",
}
_SPELLED: Final = {
    "celu": ("torch.celu",),
    "hardshrink": ("torch.hardshrink", method("hardshrink")),
    "relu": ("torch.relu", method("relu")),
    "rrelu": ("torch.rrelu",),
    "selu": ("torch.selu",),
    "sigmoid": ("torch.sigmoid", method("sigmoid"), "torch.special.expit"),
    "tanh": ("torch.tanh", method("tanh")),
    "threshold": ("torch.threshold",),
}
_MADE: Final = {
    "hardshrink": unsaid,
    "sigmoid": floated,
    "softsign": floated,
    "tanh": floated,
    "tanhshrink": floated,
}
_IMPLICIT: Final = "input, dim=None, _stacklevel=3, dtype=None"


def _competes(name: str, parameters: str, *spelled: str, of: str = "input") -> OpRule:
    return OpRule(name, parameters, along(of), spelled=spelled, dims=("dim",), normalizes="dim")


OPERATORS: Final = (
    *(
        OpRule(_F + name, parameters, keeps(made=_MADE.get(name, same)), spelled=_SPELLED.get(name, ()))
        for name, parameters in _FUNCTIONS.items()
    ),
    OpRule(_F + "dropout1d", _DROPS, _dropped),
    OpRule(
        "torch.dropout",
        "input, p, train",
        keeps(),
        spelled=("torch.alpha_dropout", "torch.feature_dropout", "torch.feature_alpha_dropout"),
    ),
    *(_competes(_F + name, _IMPLICIT) for name in ("softmax", "log_softmax", "softmin")),
    _competes("torch.softmax", "input, dim, dtype=None", method("softmax"), "torch.special.softmax"),
    _competes(
        "torch.log_softmax", "input, dim, dtype=None", method("log_softmax"), "torch.special.log_softmax"
    ),
    _competes(_F + "gumbel_softmax", "logits, tau=1, hard=False, eps=1e-10, dim=-1", of="logits"),
    OpRule(_F + "glu", "input, dim=-1", halved, dims=("dim",)),
    OpRule(_F + "prelu", "input, weight", sloped, spelled=("torch.prelu", method("prelu"))),
    OpRule(
        _F + "normalize",
        "input, p=2.0, dim=1, eps=1e-12, out=None",
        _normalized,
        dims=("dim",),
        normalizes="dim",
    ),
)


# Modules


def _along_attribute(call: Call) -> Array:
    inner = Call({"input": call.value("input"), "dim": _dim(call)}, call.judge)
    with suppress(Undetermined, Misfit):
        notice_normalization(inner, "input", inner.place("dim"))
    return along()(inner)


def _halved_attribute(call: Call) -> TensorShape:
    return halved(Call({"input": call.value("input"), "dim": _dim(call)}, call.judge))


def _dim(call: Call) -> Value:
    return None if call.attribute("dim") is None else read_size(call.read, "dim")


def _slopes(read: Read) -> tuple[Signature, ...]:
    """One parameter fits any input; several are one for each channel."""
    parameters = read_size(read, "num_parameters")
    if parameters is Unknown or parameters.value == 1:
        return (parse_signature(_KEPT),)
    return (parse_signature("input: n parameters *dims -> n parameters *dims"),)


_DROPPED: Final = "p=0.5, inplace=False"
_INPLACE: Final = "inplace=False"

_MODULES: Final = {
    "AlphaDropout": _DROPPED,
    "CELU": "alpha=1.0, inplace=False",
    "Dropout": _DROPPED,
    "Dropout2d": _DROPPED,
    "Dropout3d": _DROPPED,
    "ELU": "alpha=1.0, inplace=False",
    "FeatureAlphaDropout": _DROPPED,
    "GELU": "approximate='none'",
    "Hardshrink": "lambd=0.5",
    "Hardsigmoid": _INPLACE,
    "Hardswish": _INPLACE,
    "Hardtanh": "min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None",
    "Identity": "*args, **kwargs",
    "LeakyReLU": "negative_slope=0.01, inplace=False",
    "LogSigmoid": "",
    "Mish": _INPLACE,
    "RReLU": "lower=0.125, upper=0.3333333333333333, inplace=False",
    "ReLU": _INPLACE,
    "ReLU6": _INPLACE,
    "SELU": _INPLACE,
    "SiLU": _INPLACE,
    "Sigmoid": "",
    "Softplus": "beta=1.0, threshold=20.0",
    "Softshrink": "lambd=0.5",
    "Softsign": "",
    "Tanh": "",
    "Tanhshrink": "",
    "Threshold": "threshold, value, inplace=False",
}


def _between_spatial(call: Call) -> TensorShape:
    """Competes between the channels: axis -3 of 3 or 4."""
    check_rank(call, "input", 3, 4)
    return call.shape("input")


MODULES: Final = (
    *(
        ModuleRule(f"torch.nn.{name}", forward=_KEPT, constructor=constructor)
        for name, constructor in _MODULES.items()
    ),
    *(
        ModuleRule(
            f"torch.nn.{name}",
            forward=_KEPT,
            constructor="dim=None",
            operate=_along_attribute,
        )
        for name in ("LogSoftmax", "Softmax", "Softmin")
    ),
    ModuleRule("torch.nn.Dropout1d", forward=_KEPT, constructor=_DROPPED, operate=_dropped),
    ModuleRule("torch.nn.Softmax2d", forward=_KEPT, operate=_between_spatial),
    ModuleRule("torch.nn.GLU", constructor="dim=-1", operate=_halved_attribute),
    ModuleRule(
        "torch.nn.PReLU",
        sizes={"parameters": "num_parameters"},
        state={"weight": "parameters"},
        forward=_slopes,
        constructor="num_parameters=1, init=0.25, device=None, dtype=None",
    ),
)

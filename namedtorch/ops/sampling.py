"""Random numbers, and what is written into a tensor: samples of given sizes, and initial values in place."""

from collections.abc import Callable
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Rest
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.elementwise import broadcasts, check_rank, keeps, method, row
from namedtorch.ops.factories import OPTIONS, dtype_of, of_sizes, sized
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import Mismatch, OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array


def _integers(call: Call) -> Array:
    """Has the sizes that stand behind one bound, or two."""
    size = "size"
    if call.value("size") is None:
        # `randint(high, size)`
        size = "high"
        if call.value("high") is Unknown:
            raise Undetermined
        if not isinstance(call.value("high"), tuple | list):
            raise Mismatch("size")
    return Array(of_sizes(call.sizes(size)), dtype_of(call, "int64"))


def _order(call: Call) -> Array:
    """Holds the numbers below `n`, each once."""
    return Array(of_sizes([call.size("n")], "n"), dtype_of(call, "int64"))


def _normal(call: Call) -> Array:
    """Has these sizes, or one number for each mean and deviation, which broadcast."""
    if call.value("size") is not None:
        return Array(of_sizes(call.sizes("size")), dtype_of(call))
    if not any(isinstance(call.value(name), Array) for name in ("mean", "std")):
        raise Undetermined
    return Array(
        broadcast(call, ("mean", "std"), (call.shape("mean"), call.shape("std"))), dtype_of(call, Unknown)
    )


def _draws(call: Call) -> Array:
    """Draws indices along the last axis of one or two: as many as `num_samples`."""
    check_rank(call, "input", 1, 2)
    axes = call.shape("input").axes
    before = axes if isinstance(axes[-1], Rest) else axes[:-1]
    return Array(TensorShape((*before, *of_sizes([call.size("num_samples")]).axes)), "int64")


def _written(name: str) -> Callable[[Call], Array]:
    return lambda call: call.array(name)


def _initialized(least: int) -> Callable[[Call], Array]:
    """The rule of an initialization that counts the inputs and outputs of a weight, which needs so many axes."""

    def rule(call: Call) -> Array:
        array = call.array("tensor")
        rank = array.shape.rank
        if rank is not Unknown and rank < least:
            raise Misfit("rank-unfit", f"it takes {least} axes or more, and `tensor` has {rank}", "tensor")
        return array

    return rule


_FILLED: Final = {
    "fill_diagonal_": "input, fill_value, wrap=False",
    "uniform_": "input, from_=0.0, to=1.0, generator=None",
    "normal_": "input, mean=0.0, std=1.0, generator=None",
    "log_normal_": "input, mean=1.0, std=2.0, generator=None",
    "exponential_": "input, lambd=1.0, generator=None",
    "random_": "input, from_=0, to=None, generator=None",
    "cauchy_": "input, median=0.0, sigma=1.0, generator=None",
    "geometric_": "input, p, generator=None",
}
"""Methods that write into a tensor."""

_INITIAL: Final = {
    "uniform_": "tensor, a=0.0, b=1.0, generator=None",
    "normal_": "tensor, mean=0.0, std=1.0, generator=None",
    "trunc_normal_": "tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None",
    "constant_": "tensor, val",
    "ones_": "tensor",
    "zeros_": "tensor",
}
_SCALED: Final = {
    "xavier_uniform_": "tensor, gain=1.0, generator=None",
    "xavier_normal_": "tensor, gain=1.0, generator=None",
    "kaiming_uniform_": "tensor, a=0, mode='fan_in', nonlinearity='leaky_relu', generator=None",
    "kaiming_normal_": "tensor, a=0, mode='fan_in', nonlinearity='leaky_relu', generator=None",
    "orthogonal_": "tensor, gain=1, generator=None",
}
"""Initial values of weights, of two axes or more."""

OPERATORS: Final = (
    OpRule("torch.randint", f"low=None, high=None, size=None, {OPTIONS}", _integers),
    OpRule("torch.randint_like", f"input, low=None, high=None, {OPTIONS}", keeps()),
    OpRule("torch.randperm", f"n, {OPTIONS}", _order),
    OpRule(
        "torch.normal",
        "mean=0.0, std=1.0, size=None, generator=None, out=None, dtype=None, device=None",
        _normal,
    ),
    row("bernoulli", "input, p=None, generator=None, out=None", keeps()),
    OpRule("torch.poisson", "input, generator=None", keeps()),
    OpRule("torch._standard_gamma", "input, generator=None", keeps()),
    row("multinomial", "input, num_samples, replacement=False, generator=None, out=None", _draws),
    OpRule("torch.fill", "input, value", _written("input"), spelled=("torch.fill_", method("fill_"))),
    row("zero_", "input", _written("input")),
    OpRule("torch.empty_strided", f"size, stride, {OPTIONS}", sized()),
    OpRule("torch.binomial", "count, prob, generator=None", broadcasts("count", "prob")),
    *(OpRule(method(name), parameters, _written("input")) for name, parameters in _FILLED.items()),
    *(
        OpRule(f"torch.nn.init.{name}", parameters, _written("tensor"))
        for name, parameters in _INITIAL.items()
    ),
    *(OpRule(f"torch.nn.init.{name}", parameters, _initialized(2)) for name, parameters in _SCALED.items()),
)

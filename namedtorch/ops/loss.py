"""Losses of two tensors element by element, and what all losses share: how they are reduced."""

from collections.abc import Callable
from typing import Final

from namedtorch.dims.decide import Answer
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import INSERTED, Axis
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Judge, Meeting, Misfit, either_name, name_conflict
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import Mismatch, OpRule
from namedtorch.ops.tensor_shape import ANY_SHAPE, SCALAR, TensorShape, Undetermined
from namedtorch.ops.values import Array

BROADCASTS: Final = "loss-broadcasts"
TARGET: Final = "target-differs"
_REDUCTIONS: Final = ("none", "mean", "sum")


def option(call: Call, name: str) -> object:
    """An argument, or where a module is called its attribute."""
    return call.value(name) if name in call.arguments else call.read(name)


def reduction(call: Call, *more: str) -> str:
    """How a loss is reduced; `more` are its own ways. Raises `Undetermined`."""
    if Unknown in (call.value("size_average"), call.value("reduce")):
        raise Undetermined
    average, reduce = option(call, "size_average"), option(call, "reduce")
    old = [one for one in (average, reduce) if one is not None and one is not Unknown]
    if old:
        # The older options are true unless they are given.
        return "none" if reduce is False else "sum" if average is False else "mean"
    found = option(call, "reduction")
    if not isinstance(found, str):
        raise Undetermined
    if found not in (*_REDUCTIONS, *more):
        raise Mismatch(found)
    return found


def reduced(call: Call, each: TensorShape, *more: str) -> TensorShape:
    """The shape of a loss: that of its elements, or a scalar."""
    try:
        return each if reduction(call, *more) == "none" else SCALAR
    except Undetermined:
        return ANY_SHAPE


class Quiet:
    """A judge that decides as another one, and takes no notices."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    def meet(self, left: Axis, right: Axis) -> Meeting:
        """Whether two axes may be one."""
        return self.judge.meet(left, right)

    def decide(self, left: Size, right: Size) -> Answer:
        """Whether two sizes are equal."""
        return self.judge.decide(left, right)

    def needs(self, left: Size, right: Size) -> bool:
        """Whether two sizes may be equal."""
        return self.judge.needs(left, right)

    def insists(self, left: Size, right: Size) -> bool:
        """Whether the first size is a dim that need not be as long as the second."""
        return self.judge.insists(left, right)

    def notice(self, misfit: Misfit) -> None:
        """Takes no notice."""


def same_or_noticed(call: Call, *names: str) -> TensorShape:
    """The shape that tensors broadcast to, which surely were meant to have one shape. Raises `Misfit`."""
    shapes = [call.shape(name) for name in names]
    for name, shape in zip(names[1:], shapes[1:], strict=True):
        _notice(call, names[0], shapes[0], name, shape)
    quiet = Call(call.arguments, Quiet(call.judge), call.read)
    return broadcast(quiet, names, shapes)


def _notice(call: Call, name: str, shape: TensorShape, target: str, other: TensorShape) -> None:
    if shape.rest is not Unknown or other.rest is not Unknown:
        return
    left, right = shape.fixed, other.fixed
    # One number is compared with all on purpose.
    if all(axis.is_one for axis in right) or all(axis.is_one for axis in left):
        return
    said = f"`{name}` is {_spoken(shape)}, but `{target}` is {_spoken(other)}: every element meets several"
    if len(left) != len(right):
        raised = Misfit(
            BROADCASTS, said, target, other=name, help=_squeezed(call, name, shape, target, other)
        )
        call.judge.notice(raised)
        return
    for place, (one, two) in enumerate(zip(left, right, strict=True)):
        if one.is_one != two.is_one and not call.judge.meet(one, two).fits:
            call.judge.notice(
                Misfit(BROADCASTS, said, target, place, other=name, other_axis=place, left=two, right=one)
            )
            return


def _spoken(shape: TensorShape) -> str:
    return f"({', '.join(str(axis) for axis in shape.axes)})"


def _squeezed(call: Call, name: str, shape: TensorShape, target: str, other: TensorShape) -> str:
    """The remark that one tensor has the axes of another, but for one of size 1 at its end."""
    for long_name, long, short in ((name, shape, other), (target, other, shape)):
        axes = long.fixed
        if len(axes) == len(short.fixed) + 1 and axes[-1].is_one:
            pairs = zip(axes, short.fixed, strict=False)
            if all(call.is_equal(one.size, two.size) for one, two in pairs):
                return f"squeeze the last axis of `{long_name}`"
    return ""


def pair(call: Call) -> TensorShape:
    """Compares two tensors of one shape; torch broadcasts them, and warns."""
    each = same_or_noticed(call, "input", "target")
    weight = call.value("weight")
    return reduced(call, _into(call, "weight", weight.shape, each) if isinstance(weight, Array) else each)


def kl_div(call: Call) -> TensorShape:
    """Compares distributions."""
    return reduced(call, same_or_noticed(call, "input", "target"), "batchmean")


def poisson(call: Call) -> TensorShape:
    """Compares rates and counts; the module calls its input `log_input`."""
    first = "input" if "input" in call.arguments else "log_input"
    return reduced(call, same_or_noticed(call, first, "target"))


def soft_margin(call: Call) -> TensorShape:
    """Compares scores and signs; the target broadcasts into the input."""
    shape = call.shape("input")
    each = same_or_noticed(call, "input", "target")
    if shape.rest is Unknown and each.rest is Unknown:
        if len(each.axes) > len(shape.axes):
            raise Misfit(TARGET, f"it has {len(each.axes)} axes, and `input` {len(shape.axes)}", "target")
        for place, (axis, one) in enumerate(zip(shape.fixed, each.fixed, strict=True)):
            if axis.is_one and one.value is not Unknown and not one.is_one:
                raise Misfit(
                    TARGET, "it does not broadcast into `input`", "target", other="input", other_axis=place,
                    left=one, right=axis,
                )  # fmt: skip
    return reduced(call, each)


def matching(call: Call) -> TensorShape:
    """Compares two tensors that have to have one shape; weights broadcast."""
    shape, target = call.shape("input"), call.shape("target")
    each = shape
    if shape.rest is Unknown and target.rest is Unknown:
        each = TensorShape(check_same(call, "input", shape, "target", target))
    for name in ("weight", "pos_weight"):
        weight = option(call, name)
        if isinstance(weight, Array):
            each = _into(call, name, weight.shape, each)
    return reduced(call, each)


def check_same(
    call: Call, name: str, shape: TensorShape, target: str, other: TensorShape
) -> tuple[Axis, ...]:
    """The axes that two tensors of known rank share. Raises `Misfit`."""
    if shape.rank != other.rank:
        raise Misfit(
            TARGET, f"it has to have the shape of `{name}`: {_spoken(shape)}, and is {_spoken(other)}", target,
            other=name, help=_squeezed(call, name, shape, target, other),
        )  # fmt: skip
    return tuple(
        call.same(
            two,
            one,
            TARGET,
            f"it has to have the shape of `{name}`",
            target,
            place,
            other=name,
            other_axis=place,
        )
        for place, (one, two) in enumerate(zip(shape.fixed, other.fixed, strict=True))
    )


def _into(call: Call, name: str, weight: TensorShape, shape: TensorShape) -> TensorShape:
    """The elements with the names of a weight, which has to broadcast into them. Raises `Misfit`."""
    if weight.rest is not Unknown or shape.rest is not Unknown:
        return shape
    behind = len(shape.axes) - len(weight.axes)
    if behind < 0:
        raise Misfit(
            TARGET, f"`{name}` has more axes than the elements", name if name in call.arguments else "input"
        )
    axes = list(shape.fixed)
    for place, axis in enumerate(weight.fixed, behind):
        if name_conflict(axis, axes[place]) or not axis.is_one:
            call.same(
                axis, axes[place], TARGET, f"`{name}` does not broadcast into the elements",
                name if name in call.arguments else "input", place - behind if name in call.arguments else place,
            )  # fmt: skip
        axes[place] = axes[place].called(either_name(axes[place], axis))
    return TensorShape(tuple(axes))


def gaussian(call: Call) -> TensorShape:
    """Compares means with a target; the variance has their shape, or one number for each last axis."""
    shape, variance = call.shape("input"), call.value("var")
    spread = SCALAR
    if isinstance(variance, Array) and shape.rest is Unknown and variance.shape.rest is Unknown:
        axes, given = shape.fixed, variance.shape.fixed
        if len(given) not in (len(axes), len(axes) - 1):
            raise Misfit(TARGET, f"it has {len(given)} axes, and `input` {len(axes)}", "var", other="input")
        for place, (one, two) in enumerate(zip(axes, given, strict=False)):
            if place < len(axes) - 1 or not two.is_one or name_conflict(one, two):
                call.same(
                    two,
                    one,
                    TARGET,
                    "it has to have the shape of `input`",
                    "var",
                    place,
                    other="input",
                    other_axis=place,
                )
        spread = TensorShape(given if len(given) == len(axes) else (*given, INSERTED))
    return reduced(call, _into(call, "var", spread, same_or_noticed(call, "input", "target")))


_OLD: Final = "size_average=None, reduce=None, reduction='mean'"
_TAKES: Final = "input, target"

Rule = Callable[[Call], TensorShape]


def _function(name: str, parameters: str, rule: Rule) -> OpRule:
    return OpRule(f"torch.nn.functional.{name}", f"input, target, {parameters}", rule)


OPERATORS: Final = (
    _function("mse_loss", f"{_OLD}, weight=None", pair),
    _function("l1_loss", f"{_OLD}, weight=None", pair),
    _function("smooth_l1_loss", f"{_OLD}, beta=1.0", pair),
    _function("huber_loss", "reduction='mean', delta=1.0, weight=None", pair),
    _function("kl_div", f"{_OLD}, log_target=False", kl_div),
    _function(
        "poisson_nll_loss", "log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction='mean'",
        poisson,
    ),
    _function("hinge_embedding_loss", f"margin=1.0, {_OLD}", pair),
    _function("soft_margin_loss", _OLD, soft_margin),
    _function("binary_cross_entropy", f"weight=None, {_OLD}", matching),
    _function("binary_cross_entropy_with_logits", f"weight=None, {_OLD}, pos_weight=None", matching),
    _function("gaussian_nll_loss", "var, full=False, eps=1e-06, reduction='mean'", gaussian),
)  # fmt: skip

MODULES: Final = (
    ModuleRule("torch.nn.MSELoss", constructor=_OLD, operate=pair, takes=_TAKES),
    ModuleRule("torch.nn.L1Loss", constructor=_OLD, operate=pair, takes=_TAKES),
    ModuleRule("torch.nn.SmoothL1Loss", constructor=f"{_OLD}, beta=1.0", operate=pair, takes=_TAKES),
    ModuleRule("torch.nn.HuberLoss", constructor="reduction='mean', delta=1.0", operate=pair, takes=_TAKES),
    ModuleRule("torch.nn.KLDivLoss", constructor=f"{_OLD}, log_target=False", operate=kl_div, takes=_TAKES),
    ModuleRule(
        "torch.nn.PoissonNLLLoss",
        constructor=(
            "log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction='mean'"
        ),
        operate=poisson,
        takes="log_input, target",
    ),
    ModuleRule("torch.nn.HingeEmbeddingLoss", constructor=f"margin=1.0, {_OLD}", operate=pair, takes=_TAKES),
    ModuleRule("torch.nn.SoftMarginLoss", constructor=_OLD, operate=soft_margin, takes=_TAKES),
    # Weights are of any shape that broadcasts with the input.
    ModuleRule(
        "torch.nn.BCELoss",
        state={"weight": "..."},
        constructor=f"weight=None, {_OLD}",
        operate=matching,
        takes=_TAKES,
    ),
    ModuleRule(
        "torch.nn.BCEWithLogitsLoss",
        state={"weight": "...", "pos_weight": "..."},
        constructor=f"weight=None, {_OLD}, pos_weight=None",
        operate=matching,
        takes=_TAKES,
    ),
    ModuleRule(
        "torch.nn.GaussianNLLLoss",
        constructor="*, full=False, eps=1e-06, reduction='mean'",
        operate=gaussian,
        takes="input, target, var",
    ),
)

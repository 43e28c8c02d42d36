"""Losses whose targets are classes: axis 1 of the input is that of the classes, or its only one."""

from collections.abc import Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ONE, Axis
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.dtypes import FLOATING, INTEGER, category
from namedtorch.ops.judge import Misfit, name_conflict
from namedtorch.ops.loss import TARGET, Quiet, check_same, option, reduced, same_or_noticed
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import ANY_SHAPE, SCALAR, TensorShape
from namedtorch.ops.values import Array

WEIGHT: Final = "channels-differ"


def cross_entropy(call: Call) -> TensorShape:
    """Classes as indices, or as probabilities of the shape of the input."""
    return _classified(call, probabilities=True)


def nll(call: Call) -> TensorShape:
    """Classes as indices."""
    return _classified(call, probabilities=False)


def _classified(call: Call, probabilities: bool) -> TensorShape:
    shape, target = call.shape("input"), call.array("target")
    if shape.rank == 0:
        raise Misfit(
            "rank-unfit", "it takes at least one axis, that of the classes, and `input` has none", "input"
        )
    if shape.rest is not Unknown or target.shape.rest is not Unknown:
        return reduced(call, ANY_SHAPE)
    axes = shape.fixed
    classes = min(1, len(axes) - 1)
    _check_weight(call, axes[classes])
    items = shape.without([classes])
    if probabilities and target.shape.rank == shape.rank and category(target.dtype) != INTEGER:
        if len(axes) == 1 and target.shape.fixed[0].is_one:
            # One index for the one item, or the probability of one class.
            return SCALAR
        _check_probabilities(call, axes[classes], target.shape.fixed[classes], classes)
        met = check_same(call, "input", shape, "target", target.shape)
        return reduced(call, _under_names(shape, met).without([classes]))
    if len(axes) == 1 and target.shape.rank == 1:
        call.same(target.shape.fixed[0], Axis.of(1), TARGET, "it takes one class", "target", 0)
        return SCALAR
    if target.shape.rank != len(axes) - 1:
        raise Misfit(
            TARGET, _wrong_rank(shape, items, target.shape), "target", other="input",
            help=_squeezed(call, items, target.shape),
        )  # fmt: skip
    if category(target.dtype) == FLOATING:
        raise Misfit("dtype-differs", "indices of classes are integers, and `target` is floating", "target")
    met = [
        call.same(
            found, wanted, TARGET, f"it holds a class for each of {_spoken(items)}, and has {_spoken(target.shape)}",
            "target", place, other="input", other_axis=place if place < classes else place + 1,
            help=_transposed(call, shape, target.shape),
        )
        for place, (wanted, found) in enumerate(zip(items.fixed, target.shape.fixed, strict=True))
    ]  # fmt: skip
    return reduced(call, _under_names(target.shape, met))


def _under_names(shape: TensorShape, met: Sequence[Axis]) -> TensorShape:
    """The axes of a shape under the names that those carry which they have become by meeting others."""
    pairs = zip(shape.fixed, met, strict=True)
    return TensorShape(tuple(axis.called(one.carried) for axis, one in pairs))


def _check_probabilities(call: Call, classes: Axis, found: Axis, place: int) -> None:
    """One number for each item is the index of a class, which has no axis of its own."""
    if (
        found.is_one
        and not classes.is_one
        and classes.size is not Unknown
        and call.judge.insists(classes.size, ONE)
    ):
        raise Misfit(
            TARGET, f"it holds a probability for each of {classes} classes, or has no axis of classes", "target", place,
            other="input", other_axis=place, left=found, right=classes, help="squeeze that axis of `target`",
        )  # fmt: skip


def _spoken(shape: TensorShape) -> str:
    return f"({', '.join(str(axis) for axis in shape.axes)})"


def _wrong_rank(shape: TensorShape, items: TensorShape, target: TensorShape) -> str:
    return (
        f"`input` is {_spoken(shape)}, so `target` holds a class for each of {_spoken(items)}, "
        f"and has {_spoken(target)}"
    )


def _squeezed(call: Call, items: TensorShape, target: TensorShape) -> str:
    axes = target.fixed
    ends = len(axes) == len(items.axes) + 1 and axes[-1].is_one
    if ends and all(call.is_equal(one.size, two.size) for one, two in zip(items.fixed, axes, strict=False)):
        return "squeeze the last axis of `target`"
    return ""


def _transposed(call: Call, shape: TensorShape, target: TensorShape) -> str:
    """The remark that the classes seem to stand at the end."""
    if all(call.is_equal(one.size, two.size) for one, two in zip(shape.fixed, target.fixed, strict=False)):
        return "classes are axis 1 of `input`: transpose it, or flatten both"
    return ""


def _check_weight(call: Call, classes: Axis) -> None:
    weight = option(call, "weight")
    if not isinstance(weight, Array) or weight.shape.rest is not Unknown:
        return
    said = "`weight` holds a number for each class"
    blamed = "weight" if "weight" in call.arguments else "input"
    if weight.shape.rank != 1:
        raise Misfit("rank-unfit", f"{said}, and has {weight.shape.rank} axes", blamed)
    call.same(weight.shape.fixed[0], classes, WEIGHT, said, blamed, 0 if blamed == "weight" else 1)


def multi_margin(call: Call) -> TensorShape:
    """`items classes` with a class for each item, or `classes` with one class."""
    shape, target = call.shape("input"), call.shape("target")
    if shape.rest is not Unknown or target.rest is not Unknown:
        return reduced(call, ANY_SHAPE)
    axes = shape.fixed
    if len(axes) > 2:
        raise Misfit("rank-unfit", f"it takes 1 or 2 axes, and `input` has {len(axes)}", "input")
    if axes:
        _check_weight(call, axes[-1])
    items = axes[0] if len(axes) == 2 else Axis.of(1)
    if target.rank == 0:
        call.same(
            items, Axis.of(1), TARGET, "`target` is one class, for one item", "input", 0, other="target"
        )
        # Kernels differ in whether they keep the axis of one item.
        return reduced(call, ANY_SHAPE)
    if target.rank != 1:
        raise Misfit(TARGET, f"it takes a class for each item, and has {target.rank} axes", "target")
    found = call.same(
        target.fixed[0],
        items,
        TARGET,
        "it takes a class for each item",
        "target",
        0,
        other="input",
        other_axis=0,
    )
    return reduced(call, TensorShape((found,)))


def multilabel_margin(call: Call) -> TensorShape:
    """`items classes` or `classes`; the target has the shape of the input."""
    shape, target = call.shape("input"), call.shape("target")
    if shape.rest is not Unknown or target.rest is not Unknown:
        return reduced(call, ANY_SHAPE)
    axes = check_same(call, "input", shape, "target", target)
    if len(axes) > 2:
        raise Misfit("rank-unfit", f"it takes 1 or 2 axes, and `input` has {len(axes)}", "input")
    # Kernels differ in whether they keep the axis of one item.
    return reduced(call, TensorShape(axes[:1]) if len(axes) == 2 else ANY_SHAPE)


def multilabel_soft_margin(call: Call) -> TensorShape:
    """A number for each class; the classes are the last axis."""
    if call.shape("input").rank == 0:
        raise Misfit(
            "rank-unfit", "it takes at least one axis, that of the classes, and `input` has none", "input"
        )
    each = same_or_noticed(call, "input", "target")
    rank = call.shape("input").rank
    if each.rank is Unknown or rank is Unknown:
        return reduced(call, ANY_SHAPE)
    classes, weight = rank - 1, option(call, "weight")
    if isinstance(weight, Array):
        blamed = "weight" if "weight" in call.arguments else "input"
        if weight.shape.rank == 1 and each.rank == rank:
            axis, other = weight.shape.fixed[0], each.fixed[classes]
            if name_conflict(axis, other) or not (axis.is_one or other.is_one):
                call.same(axis, other, WEIGHT, "`weight` holds a number for each class", blamed, 0)
        quiet = Call(call.arguments, Quiet(call.judge), call.read)
        each = broadcast(quiet, ("input", blamed), (each, weight.shape))
    # The classes are taken away where `input` has them, of what all broadcast to.
    return reduced(call, ANY_SHAPE if each.rest is not Unknown else each.without([classes]))


def ctc(call: Call) -> TensorShape:
    """`steps items classes`, or `steps classes`; a loss for each item."""
    shape, targets = call.shape("log_probs"), call.shape("targets")
    if shape.rank not in (2, 3, Unknown):
        raise Misfit("rank-unfit", f"it takes 2 or 3 axes, and `log_probs` has {shape.rank}", "log_probs")
    if targets.rank not in (1, 2, Unknown):
        raise Misfit(TARGET, f"it takes 1 or 2 axes, and `targets` has {targets.rank}", "targets")
    if shape.rank is Unknown:
        return reduced(call, ANY_SHAPE)
    items = shape.fixed[1:2] if shape.rank == 3 else ()
    batch = items[0] if items else Axis()
    for name in ("input_lengths", "target_lengths"):
        lengths = call.value(name)
        if isinstance(lengths, tuple | list):
            found = Axis.of(len(lengths))
        elif isinstance(lengths, Array) and lengths.shape.rank == 1:
            found = lengths.shape.fixed[0]
        else:
            continue
        if items:
            met = call.same(
                found, batch, TARGET, f"`{name}` holds a length for each item", name, 0, other="log_probs",
                other_axis=1,
            )  # fmt: skip
            batch = batch.called(met.carried)
    if items and targets.rank == 2:
        met = call.same(
            targets.fixed[0], batch, TARGET, "it holds classes for each item", "targets", 0, other="log_probs",
            other_axis=1,
        )  # fmt: skip
        batch = batch.called(met.carried)
    return reduced(call, TensorShape((batch,) if items else ()))


_OLD: Final = "size_average=None, reduce=None, reduction='mean'"
_INDEXED: Final = "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean'"
_MARGIN: Final = f"p=1, margin=1.0, weight=None, {_OLD}"
_PER_CLASS: Final = {"weight": "classes"}
_TAKES: Final = "input, target"
_F: Final = "torch.nn.functional"
_LENGTHS: Final = "log_probs, targets, input_lengths, target_lengths"

OPERATORS: Final = (
    OpRule(f"{_F}.cross_entropy", f"input, target, {_INDEXED}, label_smoothing=0.0", cross_entropy),
    OpRule(f"{_F}.nll_loss", f"input, target, {_INDEXED}", nll),
    OpRule(f"{_F}.multi_margin_loss", f"input, target, {_MARGIN}", multi_margin),
    OpRule(f"{_F}.multilabel_margin_loss", f"input, target, {_OLD}", multilabel_margin),
    OpRule(
        f"{_F}.multilabel_soft_margin_loss", f"input, target, weight=None, {_OLD}", multilabel_soft_margin
    ),
    OpRule(f"{_F}.ctc_loss", f"{_LENGTHS}, blank=0, reduction='mean', zero_infinity=False", ctc),
)

MODULES: Final = (
    ModuleRule(
        "torch.nn.CrossEntropyLoss",
        state=_PER_CLASS,
        constructor=f"{_INDEXED}, label_smoothing=0.0",
        operate=cross_entropy,
        takes=_TAKES,
    ),
    ModuleRule("torch.nn.NLLLoss", state=_PER_CLASS, constructor=_INDEXED, operate=nll, takes=_TAKES),
    ModuleRule("torch.nn.NLLLoss2d", state=_PER_CLASS, constructor=_INDEXED, operate=nll, takes=_TAKES),
    ModuleRule(
        "torch.nn.MultiMarginLoss", state=_PER_CLASS, constructor=_MARGIN, operate=multi_margin, takes=_TAKES
    ),
    ModuleRule("torch.nn.MultiLabelMarginLoss", constructor=_OLD, operate=multilabel_margin, takes=_TAKES),
    ModuleRule(
        "torch.nn.MultiLabelSoftMarginLoss",
        state=_PER_CLASS,
        constructor=f"weight=None, {_OLD}",
        operate=multilabel_soft_margin,
        takes=_TAKES,
    ),
    ModuleRule(
        "torch.nn.CTCLoss",
        constructor="blank=0, reduction='mean', zero_infinity=False",
        operate=ctc,
        takes=_LENGTHS,
    ),
)

"""Losses that compare examples with one another, and distances of two tensors as modules."""

from collections.abc import Sequence
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ONE
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call, as_integer
from namedtorch.ops.judge import Misfit
from namedtorch.ops.loss import TARGET, option, reduced, same_or_noticed
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import ANY_SHAPE, NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Value


def _ranks(call: Call, names: Sequence[str]) -> None:
    """Raises `Misfit` where tensors have different numbers of axes."""
    first = call.shape(names[0]).rank
    for name in names[1:]:
        rank = call.shape(name).rank
        if rank is not Unknown and first is not Unknown and rank != first:
            raise Misfit("rank-unfit", f"it has {rank} axes, and `{names[0]}` {first}", name, other=names[0])


def triplet(call: Call) -> TensorShape:
    """Distances along the last axis, of anchors to positive and negative examples."""
    both = _examples(call)
    return reduced(call, TensorShape(both.axes[:-1]) if both.rest is Unknown else ANY_SHAPE)


def custom_triplet(call: Call) -> TensorShape:
    """The same, where a function of the user's may measure distances."""
    if option(call, "distance_function") is None:
        return triplet(call)
    return reduced(call, ANY_SHAPE)


def _examples(call: Call) -> TensorShape:
    names = ("anchor", "positive", "negative")
    _ranks(call, names)
    return broadcast(call, names, [call.shape(name) for name in names])


def ranking(call: Call) -> TensorShape:
    """Two tensors of scores, and signs."""
    names = ("input1", "input2", "target")
    _ranks(call, names)
    return reduced(call, same_or_noticed(call, *names))


def cosine_embedding(call: Call) -> TensorShape:
    """`items features` and a sign for each item, or `features` and one sign."""
    shapes = [call.shape(name) for name in ("input1", "input2")]
    target = call.shape("target")
    if target.rank is Unknown:
        return reduced(call, ANY_SHAPE)
    if target.rank > 1:
        raise Misfit(TARGET, f"it takes a sign for each item, and has {target.rank} axes", "target")
    for name, shape in zip(("input1", "input2"), shapes, strict=True):
        if shape.rank is not Unknown and shape.rank != target.rank + 1:
            raise Misfit(
                TARGET, f"it takes a sign for each item, and has {target.rank} axes, and `{name}` {shape.rank}",
                "target", other=name,
            )  # fmt: skip
    both = broadcast(call, ["input1", "input2"], shapes)
    if both.rest is not Unknown:
        return reduced(call, ANY_SHAPE)
    return reduced(call, broadcast(call, ["input1", "target"], [TensorShape(both.axes[:-1]), target]))


def _along(call: Call, place: Value, keepdim: bool) -> TensorShape:
    both = broadcast(call, ["x1", "x2"], [call.shape("x1"), call.shape("x2")])
    try:
        at = both.place(as_integer(place))
    except NoSuchAxis as error:
        raise Misfit(
            "axis-out-of-range", f"`dim` is {error.axis}, but there are {error.rank} axes", "x1"
        ) from None
    return both.replaced(at, both.axis(at).resized(ONE, inserted=True)) if keepdim else both.without([at])


def similarity(call: Call) -> TensorShape:
    """Contracts one axis of two tensors that broadcast."""
    return _along(call, _attribute(call, "dim"), keepdim=False)


def distance(call: Call) -> TensorShape:
    """Contracts the last axis of two tensors that broadcast."""
    keepdim = call.attribute("keepdim")
    if not isinstance(keepdim, bool):
        raise Undetermined
    return _along(call, Size.constant(-1), keepdim)


def _attribute(call: Call, name: str) -> Value:
    value = call.attribute(name)
    if isinstance(value, int):
        return Size.constant(value)
    return value if isinstance(value, Size) else Unknown


_OLD: Final = "size_average=None, reduce=None, reduction='mean'"
_TRIPLET: Final = f"margin=1.0, p=2, eps=1e-06, swap=False, {_OLD}"
_THREE: Final = "anchor, positive, negative"
_TWO: Final = "input1, input2, target"
_F: Final = "torch.nn.functional"

OPERATORS: Final = (
    OpRule(f"{_F}.triplet_margin_loss", f"{_THREE}, {_TRIPLET}", triplet),
    OpRule(
        f"{_F}.triplet_margin_with_distance_loss",
        f"{_THREE}, *, distance_function=None, margin=1.0, swap=False, reduction='mean'",
        custom_triplet,
    ),
    OpRule(f"{_F}.margin_ranking_loss", f"{_TWO}, margin=0, {_OLD}", ranking),
    OpRule(f"{_F}.cosine_embedding_loss", f"{_TWO}, margin=0, {_OLD}", cosine_embedding),
)

MODULES: Final = (
    ModuleRule(
        "torch.nn.TripletMarginLoss",
        constructor=f"margin=1.0, p=2.0, eps=1e-06, swap=False, {_OLD}",
        operate=triplet,
        takes=_THREE,
    ),
    ModuleRule(
        "torch.nn.TripletMarginWithDistanceLoss",
        constructor="*, distance_function=None, margin=1.0, swap=False, reduction='mean'",
        operate=custom_triplet,
        takes=_THREE,
    ),
    ModuleRule("torch.nn.MarginRankingLoss", constructor=f"margin=0.0, {_OLD}", operate=ranking, takes=_TWO),
    ModuleRule(
        "torch.nn.CosineEmbeddingLoss",
        constructor=f"margin=0.0, {_OLD}",
        operate=cosine_embedding,
        takes=_TWO,
    ),
    ModuleRule(
        "torch.nn.CosineSimilarity", constructor="dim=1, eps=1e-08", operate=similarity, takes="x1, x2"
    ),
    ModuleRule(
        "torch.nn.PairwiseDistance",
        constructor="p=2.0, eps=1e-06, keepdim=False",
        renamed={"p": "norm"},
        operate=distance,
        takes="x1, x2",
    ),
)

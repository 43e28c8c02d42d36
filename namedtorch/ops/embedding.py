"""Tables of vectors, looked up by index."""

from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.attribute import read_size
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.dtypes import FLOATING, category
from namedtorch.ops.judge import Misfit, either_name
from namedtorch.ops.matmul import ranked
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array

_SIZES: Final = {"vocabulary": "num_embeddings", "features": "embedding_dim"}


def _check_indices(call: Call) -> None:
    if category(call.array("input").dtype) == FLOATING:
        raise Misfit("dtype-differs", "indices are integers, and `input` is floating", "input")


def _looked_up(call: Call, features: Axis) -> TensorShape:
    _check_indices(call)
    return TensorShape((*call.shape("input").axes, features))


def lookup(call: Call) -> TensorShape:
    """A vector of `weight` for each index."""
    features = ranked(call, "weight", 2).at(1)
    return _looked_up(call, features)


def lookup_module(call: Call) -> TensorShape:
    """A vector of the table for each index."""
    return _looked_up(call, Axis(read_size(call.read, "embedding_dim")))


def bag(call: Call) -> TensorShape:
    """One vector for each bag of indices."""
    return _bags(call, ranked(call, "weight", 2).at(1), call.value("include_last_offset"), call.value("mode"))


def bag_module(call: Call) -> TensorShape:
    """One vector of the table for each bag of indices."""
    features = Axis(read_size(call.read, "embedding_dim"))
    return _bags(call, features, call.read("include_last_offset"), call.read("mode"))


def _bags(call: Call, features: Axis, include_last: object, mode: object) -> TensorShape:
    _check_indices(call)
    shape = call.shape("input")
    if shape.rank is Unknown:
        return TensorShape((Axis(), features))
    if shape.rank not in (1, 2):
        raise Misfit("rank-unfit", f"it takes 1 or 2 axes, and `input` has {shape.rank}", "input")
    first = shape.fixed[0].called(_check_weights(call, shape, mode))
    offsets = call.value("offsets")
    if offsets is Unknown:
        return TensorShape((first if shape.rank == 2 else Axis(), features))
    if shape.rank == 2:
        if offsets is not None:
            raise Misfit(
                "rank-unfit", "bags are the first axis of `input`, so there are no offsets", "offsets"
            )
        return TensorShape((first, features))
    if offsets is None:
        raise Misfit("rank-unfit", "with one axis, `input` needs `offsets` of its bags", "input")
    starts = ranked(call, "offsets", 1).at(0)
    if include_last is True and starts.size is not Unknown:
        starts = starts.resized(starts.size - Size.constant(1))
    elif include_last is not False:
        starts = starts.resized(Unknown)
    return TensorShape((starts, features))


def _check_weights(call: Call, shape: TensorShape, mode: object) -> str | UnknownType:
    """The name of the first axis, which weights may carry as well. Raises `Misfit`."""
    first = shape.fixed[0]
    weights = call.value("per_sample_weights")
    if not isinstance(weights, Array) or weights.shape.rank is Unknown:
        return first.carried
    said = "`per_sample_weights` holds a number for each index"
    if isinstance(mode, str) and mode != "sum":
        raise Misfit(
            "size-impossible", f"it takes weights where `mode` is `sum`, not `{mode}`", "per_sample_weights"
        )
    if weights.shape.rank != shape.rank:
        raise Misfit(
            "rank-unfit", f"{said}, and has {weights.shape.rank} axes", "per_sample_weights", other="input"
        )
    for place, (one, two) in enumerate(zip(weights.shape.fixed, shape.fixed, strict=True)):
        call.same(
            one, two, "index-differs", said, "per_sample_weights", place, other="input", other_axis=place
        )
    return either_name(first, weights.shape.fixed[0])


def needs_padding(call: Call) -> None:
    """Raises `Misfit` for a padding index that is not in the table."""
    if not call.given("padding_idx"):
        return
    index, count = call.size("padding_idx"), call.size("num_embeddings")
    if index is Unknown or count is Unknown or index.value is Unknown or count.value is Unknown:
        raise Undetermined
    if not -count.value <= index.value < count.value:
        raise Misfit(
            "axis-out-of-range", f"`padding_idx` is {index}, but there are {count} vectors", "padding_idx"
        )


_F: Final = "torch.nn.functional"

OPERATORS: Final = (
    OpRule(
        f"{_F}.embedding",
        "input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False",
        lookup,
    ),
    OpRule(
        f"{_F}.embedding_bag",
        "input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, mode='mean', "
        "sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None",
        bag,
    ),
)  # fmt: skip

MODULES: Final = (
    ModuleRule(
        "torch.nn.Embedding",
        sizes=_SIZES,
        state={"weight": "vocabulary features"},
        forward="input: *batch -> *batch features",
        constructor=(
            "num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, "
            "scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False, device=None, dtype=None"
        ),
        requires=needs_padding,
        operate=lookup_module,
    ),
    ModuleRule(
        "torch.nn.EmbeddingBag",
        sizes=_SIZES,
        state={"weight": "vocabulary features"},
        # With one axis, the bags are as many as their offsets.
        forward=("input: n _ -> n features", "input: _ -> _ features"),
        constructor=(
            "num_embeddings, embedding_dim, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode='mean', "
            "sparse=False, _weight=None, include_last_offset=False, padding_idx=None, device=None, dtype=None"
        ),
        requires=needs_padding,
        operate=bag_module,
        takes="input, offsets=None, per_sample_weights=None",
    ),
)

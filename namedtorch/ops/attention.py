"""Attention; its output projection is a `Linear` of its own."""

from dataclasses import dataclass, replace
from typing import Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.attribute import Read, read_flag, read_size
from namedtorch.ops.axes import ANY, Axis
from namedtorch.ops.broadcasting import CODE as BROADCAST
from namedtorch.ops.call import Call, as_size
from namedtorch.ops.dot_product import HEADS, MASK, scaled_dot_product
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.matmul import CODE
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import SAME, OpRule, Result
from namedtorch.ops.sequence import notice_order
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array
from namedtorch.signature.hints import ANYTHING, TupleHint
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature


@dataclass(frozen=True, slots=True)
class Width:
    """What attention takes: the sizes of queries, keys and values, how many heads, and where the batch stands."""

    embed: Size | UnknownType
    keys: Size | UnknownType
    values: Size | UnknownType
    heads: Size | UnknownType
    batch_first: bool | UnknownType
    said: str = "embed_dim"


@dataclass(frozen=True, slots=True)
class Sequence:
    """One argument of attention: its batch (`Unknown` where it has none, or none is known), steps and features."""

    name: str
    shape: TensorShape
    batch: int | UnknownType
    steps: int | UnknownType

    def axis(self, place: int | UnknownType) -> Axis:
        """The axis at one of its places."""
        return ANY if place is Unknown else self.shape.at(place)

    def called(self, place: int | UnknownType, carried: str | UnknownType) -> "Sequence":
        """The sequence with this name on the axis at one of its places."""
        if place is Unknown:
            return self
        return replace(self, shape=self.shape.replaced(place, self.axis(place).called(carried)))


def sequence(
    call: Call, name: str, width: Size | UnknownType, first: bool | UnknownType, said: str
) -> Sequence:
    """An argument with 3 axes, or 2 without a batch, of which the last has so many features. Raises `Misfit`."""
    shape = call.shape(name)
    known = len(shape.axes) - (shape.rest is not Unknown)
    if known > 3 or (shape.rest is Unknown and known < 2):
        raise Misfit("rank-unfit", f"it takes 3 axes, or 2 without a batch, and `{name}` has {known}", name)
    last = shape.axes[-1]
    if isinstance(last, Axis) and width is not Unknown and last.size is not Unknown:
        call.same(
            last, Axis(width), CODE, f"it takes `{said}` at axis -1 of `{name}`", name, len(shape.axes) - 1,
            other=said,
        )  # fmt: skip
    if shape.rank == 2:
        return Sequence(name, shape, Unknown, 0)
    if shape.rank is Unknown or first is Unknown:
        return Sequence(name, shape, Unknown, Unknown)
    return Sequence(name, shape, 0 if first else 1, 1 if first else 0)


def shared(call: Call, one: Sequence, other: Sequence, steps: bool) -> tuple[Sequence, Sequence]:
    """Two sequences, which have to have one batch, and, if `steps`, as many steps. Raises `Misfit`.

    Each of the two carries the names of the other there, where it has none.
    """
    ranks = one.shape.rank, other.shape.rank
    if Unknown not in ranks and ranks[0] != ranks[1]:
        raise Misfit(
            "rank-unfit", f"`{other.name}` has {ranks[1]} axes, and `{one.name}` {ranks[0]}", other.name,
            other=one.name,
        )  # fmt: skip
    if other.batch is not Unknown and one.batch is not Unknown:
        call.same(
            other.axis(other.batch), one.axis(one.batch), BROADCAST,
            f"axis {other.batch} is the batch, which has to be that of `{one.name}`", other.name, other.batch,
            other=one.name, other_axis=one.batch,
        )  # fmt: skip
    if steps and other.steps is not Unknown and one.steps is not Unknown:
        call.same(
            other.axis(other.steps), one.axis(one.steps), CODE,
            f"it takes as many steps as `{one.name}` has", other.name, other.steps,
            other=one.name, other_axis=one.steps,
        )  # fmt: skip
        one, other = _joined(one, one.steps, other, other.steps)
    return _joined(one, one.batch, other, other.batch)


def _joined(
    one: Sequence, at: int | UnknownType, other: Sequence, by: int | UnknownType
) -> tuple[Sequence, Sequence]:
    """Two sequences under the name that one of two axes carries that have met."""
    name = either_name(one.axis(at), other.axis(by))
    return one.called(at, name), other.called(by, name)


def check_padding(call: Call, name: str, keys: Sequence) -> Sequence:
    """Keys, with the names of their mask, `batch steps`. Raises `Misfit`."""
    mask = call.value(name)
    if not isinstance(mask, Array) or keys.shape.rank is Unknown:
        return keys
    places = (keys.batch, keys.steps)[3 - keys.shape.rank :]
    wanted = [keys.axis(place) for place in places]
    names = _match(call, name, mask.shape, wanted, f"it takes one value for each step of `{keys.name}`")
    for place, carried in zip(places, names, strict=True):
        keys = keys.called(place, carried)
    return keys


def check_mask(
    call: Call, name: str, queries: Sequence, keys: Sequence, heads: Size | UnknownType
) -> tuple[Sequence, Sequence]:
    """Queries and keys, with the names of the mask of attention, which is `queries keys`. Raises `Misfit`.

    Batch times heads may stand before them.
    """
    mask = call.value(name)
    if not isinstance(mask, Array) or mask.shape.rank is Unknown:
        return queries, keys
    if mask.shape.rank not in (2, 3):
        raise Misfit(MASK, f"it takes 2 or 3 axes, and `{name}` has {mask.shape.rank}", name)
    wanted = [queries.axis(queries.steps), keys.axis(keys.steps)]
    if mask.shape.rank == 3:
        batch = Axis.of(1) if queries.shape.rank == 2 else queries.axis(queries.batch)
        wanted.insert(0, _times(batch.size, heads))
    said = "batch times heads, " if mask.shape.rank == 3 else ""
    names = _match(
        call, name, mask.shape, wanted,
        f"it takes {said}steps of `{queries.name}`, steps of `{keys.name}`",
    )  # fmt: skip
    return queries.called(queries.steps, names[-2]), keys.called(keys.steps, names[-1])


def _times(batch: Size | UnknownType, heads: Size | UnknownType) -> Axis:
    if batch is Unknown or heads is Unknown:
        return ANY
    try:
        return Axis(batch * heads)
    except SizeLimitError:
        return ANY


def _match(
    call: Call, name: str, shape: TensorShape, wanted: list[Axis], said: str
) -> list[str | UnknownType]:
    """The names of the axes that a mask shares with what it masks. Raises `Misfit`."""
    if shape.rank is Unknown:
        return [axis.carried for axis in wanted]
    if shape.rank != len(wanted):
        raise Misfit(MASK, f"{said}, and has {shape.rank} axes instead of {len(wanted)}", name)
    for place, (axis, other) in enumerate(zip(shape.fixed, wanted, strict=True)):
        known = axis.size is not Unknown and other.size is not Unknown
        if known or name_conflict(axis, other):
            call.same(axis, other, MASK, said, name, place)
    return [either_name(axis, other) for axis, other in zip(shape.fixed, wanted, strict=True)]


def attended(call: Call, width: Width, extra: int | UnknownType) -> tuple[Array, Result]:
    """What multi-head attention gives: its output, and the weights or None; `extra` keys are its own."""
    first, said = width.batch_first, width.said
    queries = sequence(call, "query", width.embed, first, said)
    keys = sequence(call, "key", width.keys, first, said if width.keys == width.embed else "kdim")
    values = sequence(call, "value", width.values, first, said if width.values == width.embed else "vdim")
    queries, keys = shared(call, queries, keys, steps=False)
    keys, values = shared(call, keys, values, steps=True)
    queries, _ = shared(call, queries, values, steps=False)
    keys = check_padding(call, "key_padding_mask", keys)
    queries, keys = check_mask(call, "attn_mask", queries, keys, width.heads)
    queries, keys = _joined(queries, queries.batch, keys, keys.batch)
    if call.value("is_causal") is True and call.value("attn_mask") is None:
        raise Misfit(MASK, "`is_causal` is a hint about `attn_mask`, which is not given", "query")
    notice_order(call, "query", queries.shape, first)
    return Array(queries.shape), _weights(call, queries, keys, width.heads, extra)


def _weights(
    call: Call, queries: Sequence, keys: Sequence, heads: Size | UnknownType, extra: int | UnknownType
) -> Result:
    need, average = call.value("need_weights"), call.value("average_attn_weights")
    if need is False:
        return None
    if need is not True or not isinstance(average, bool) or queries.shape.rank is Unknown:
        return Unknown
    last = keys.axis(keys.steps)
    if extra is Unknown or last.size is Unknown:
        last = last.resized(Unknown)
    elif extra:
        last = last.resized(last.size + extra)
    batch = () if queries.shape.rank == 2 else (queries.axis(queries.batch),)
    return Array(
        TensorShape((*batch, *(() if average else (Axis(heads),)), queries.axis(queries.steps), last))
    )


def multihead(call: Call) -> Result:
    """Attention of a module."""
    embed = read_size(call.read, "embed_dim")
    return attended(
        call,
        Width(
            embed,
            _own_width(call.read, "kdim", embed),
            _own_width(call.read, "vdim", embed),
            read_size(call.read, "num_heads"),
            read_flag(call.read, "batch_first"),
        ),
        _extra(call.read),
    )


def _own_width(read: Read, name: str, embed: Size | UnknownType) -> Size | UnknownType:
    return embed if read(name) is None else read_size(read, name)


def _extra(read: Read) -> int | UnknownType:
    """The number of keys that a module adds."""
    flags = [read_flag(read, name) for name in ("add_bias_kv", "add_zero_attn")]
    return Unknown if Unknown in flags else flags.count(True)


@dataclass(frozen=True)
class Divides:
    """Requires that one argument of a constructor is a multiple of another."""

    embed: str
    heads: str

    def __call__(self, call: Call) -> None:
        embed, heads = call.size(self.embed), call.size(self.heads)
        if not call.divisible(embed, heads):
            raise Misfit(
                HEADS, f"`{self.heads}`={heads} heads do not share `{self.embed}`={embed} evenly", self.embed,
                other=self.heads,
            )  # fmt: skip


def forward(call: Call) -> Result:
    """Attention whose weights are arguments; the batch is the second axis."""
    own = call.value("use_separate_proj_weight")
    embed = as_size(call.value("embed_dim_to_check"))
    inner = Unknown if own is not False else embed
    added = [call.value("bias_k") is not None, call.value("add_zero_attn") is True]
    extra = Unknown if Unknown in (call.value("bias_k"), call.value("add_zero_attn")) else sum(added)
    width = Width(embed, inner, inner, as_size(call.value("num_heads")), False, "embed_dim_to_check")
    _check_projections(call, own)
    output, weights = attended(call, width, extra)
    return Array(_projected(call, output.shape)), weights


def _check_projections(call: Call, own: object) -> None:
    """What is projected is contracted with the second axes of weights: with one, or each with its own."""
    for name in ("query", "key", "value"):
        by = f"{name[0]}_proj_weight" if own is True else "in_proj_weight"
        features, weight = call.shape(name).axes[-1:], call.value(by)
        if not isinstance(weight, Array) or weight.shape.rank != 2:
            continue
        taken = weight.shape.fixed[1]
        for axis in features:
            if isinstance(axis, Axis) and name_conflict(axis, taken):
                raise Misfit(
                    CODE, f"it contracts axis -1 of `{name}` with axis 1 of `{by}`", name,
                    len(call.shape(name).axes) - 1, other=by, other_axis=1, left=axis, right=taken,
                )  # fmt: skip


def _projected(call: Call, shape: TensorShape) -> TensorShape:
    """The output, whose features are what the last projection gives: those of the queries, if that has no name."""
    weight, bias = call.value("out_proj_weight"), call.value("out_proj_bias")
    made = [
        one.shape.fixed[0] for one in (weight, bias) if isinstance(one, Array) and one.shape.rank in (1, 2)
    ]
    if len(made) == 2 and name_conflict(*made):
        raise Misfit(
            CODE, "it is added to what `out_proj_weight` gives", "out_proj_bias", 0,
            other="out_proj_weight", other_axis=0, left=made[1], right=made[0],
        )  # fmt: skip
    last = shape.axes[-1]
    if not isinstance(last, Axis):
        return shape
    names = [axis.carried for axis in (*made, last) if axis.carried is not Unknown]
    return shape.replaced(len(shape.axes) - 1, last.called(names[0] if names else Unknown))


def _forward(read: Read) -> tuple[Signature, ...]:
    """`t` queries of `s` keys; the attention weights are Any, for arguments of the call choose their shape."""
    first = read_flag(read, "batch_first")
    queries, keys = ("_ _", "_ _") if first is Unknown else ("n t", "n s") if first else ("t n", "s n")
    key, value = _width(read, "kdim"), _width(read, "vdim")
    texts = (
        f"query: {queries} embed, key: {keys} {key}, value: {keys} {value} -> {queries} embed",
        f"query: t embed, key: s {key}, value: s {value} -> t embed",
    )
    signatures = [parse_signature(text) for text in texts]
    return tuple(replace(one, result=TupleHint((one.result, ANYTHING))) for one in signatures)


def _width(read: Read, name: str) -> str:
    """The dim of keys or values: that of the queries, unless the module was given another."""
    size, embed = read_size(read, name), read_size(read, "embed_dim")
    return "embed" if size is not Unknown and size == embed else name


OPERATORS: Final = (
    OpRule(
        "torch.nn.functional.scaled_dot_product_attention",
        "query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False",
        scaled_dot_product, dtype=SAME,
    ),
    OpRule(
        "torch.nn.functional.multi_head_attention_forward",
        "query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, "
        "add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, "
        "need_weights=True, attn_mask=None, use_separate_proj_weight=False, q_proj_weight=None, "
        "k_proj_weight=None, v_proj_weight=None, static_k=None, static_v=None, average_attn_weights=True, "
        "is_causal=False",
        forward,
    ),
)  # fmt: skip

MODULES: Final = (
    ModuleRule(
        "torch.nn.MultiheadAttention",
        sizes={"embed": "embed_dim", "kdim": "kdim", "vdim": "vdim"},
        state={
            # One weight for all three, or three weights where keys or values have a size of their own.
            "in_proj_weight": "qkv=3*embed embed",
            "q_proj_weight": "embed embed",
            "k_proj_weight": "embed kdim",
            "v_proj_weight": "embed vdim",
            "in_proj_bias": "qkv=3*embed",
            "bias_k": "1 1 embed",
            "bias_v": "1 1 embed",
        },
        forward=_forward,
        constructor=(
            "embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, "
            "vdim=None, batch_first=False, device=None, dtype=None"
        ),
        requires=Divides("embed_dim", "num_heads"),
        operate=multihead,
        takes=(
            "query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, "
            "average_attn_weights=True, is_causal=False"
        ),
    ),
)

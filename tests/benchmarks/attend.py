"""Three tensors with four dims each, some of them shared: queries, keys and values."""

import jaxtyping
import torch
from beartype import beartype
from jaxtyping import jaxtyped
from subject import (
    BEARTYPE,
    HAND_WRITTEN,
    HAND_WRITTEN_TYPES,
    HAND_WRITTEN_WHOLE,
    JAXTYPING,
    NAMEDTORCH,
    PLAIN,
    Subject,
    require_rank,
    require_size,
)
from torch import Tensor

from namedtorch import Float, checked


def attend(q, k, v):
    return q


def attend_ifs(q, k, v):
    sq = q.shape
    if len(sq) != 4:
        require_rank(sq, "q")
    b, h, t, d = sq
    sk = k.shape
    if len(sk) != 4:
        require_rank(sk, "k")
    if sk[0] != b:
        require_size(sk[0], b, "B", "k")
    if sk[1] != h:
        require_size(sk[1], h, "H", "k")
    s = sk[2]
    if sk[3] != d:
        require_size(sk[3], d, "D", "k")
    sv = v.shape
    if len(sv) != 4:
        require_rank(sv, "v")
    if sv[0] != b:
        require_size(sv[0], b, "B", "v")
    if sv[1] != h:
        require_size(sv[1], h, "H", "v")
    if sv[2] != s:
        require_size(sv[2], s, "S", "v")
    if sv[3] != d:
        require_size(sv[3], d, "D", "v")
    result = q
    sr = result.shape
    if len(sr) != 4:
        require_rank(sr, "result")
    if sr[0] != b:
        require_size(sr[0], b, "B", "result")
    if sr[1] != h:
        require_size(sr[1], h, "H", "result")
    if sr[2] != t:
        require_size(sr[2], t, "T", "result")
    if sr[3] != d:
        require_size(sr[3], d, "D", "result")
    return result


def attend_ifs_types(q, k, v):
    if not isinstance(q, Tensor) or not q.dtype.is_floating_point:
        raise TypeError("`q` is no tensor of floats")
    if not isinstance(k, Tensor) or not k.dtype.is_floating_point:
        raise TypeError("`k` is no tensor of floats")
    if not isinstance(v, Tensor) or not v.dtype.is_floating_point:
        raise TypeError("`v` is no tensor of floats")
    sq = q.shape
    if len(sq) != 4:
        require_rank(sq, "q")
    b, h, t, d = sq
    sk = k.shape
    if len(sk) != 4:
        require_rank(sk, "k")
    if sk[0] != b:
        require_size(sk[0], b, "B", "k")
    if sk[1] != h:
        require_size(sk[1], h, "H", "k")
    s = sk[2]
    if sk[3] != d:
        require_size(sk[3], d, "D", "k")
    sv = v.shape
    if len(sv) != 4:
        require_rank(sv, "v")
    if sv[0] != b:
        require_size(sv[0], b, "B", "v")
    if sv[1] != h:
        require_size(sv[1], h, "H", "v")
    if sv[2] != s:
        require_size(sv[2], s, "S", "v")
    if sv[3] != d:
        require_size(sv[3], d, "D", "v")
    result = q
    if not isinstance(result, Tensor) or not result.dtype.is_floating_point:
        raise TypeError("the result is no tensor of floats")
    sr = result.shape
    if len(sr) != 4:
        require_rank(sr, "result")
    if sr[0] != b:
        require_size(sr[0], b, "B", "result")
    if sr[1] != h:
        require_size(sr[1], h, "H", "result")
    if sr[2] != t:
        require_size(sr[2], t, "T", "result")
    if sr[3] != d:
        require_size(sr[3], d, "D", "result")
    return result


def attend_whole(q, k, v):
    sq, sk = q.shape, k.shape
    if len(sq) != 4 or len(sk) != 4:
        raise ValueError("q and k have rank 4")
    if sk != (sq[0], sq[1], sk[2], sq[3]) or v.shape != sk:
        raise ValueError("q, k and v do not fit each other")
    result = q
    if result.shape != sq:
        raise ValueError("the result has another shape")
    return result


@beartype
def attend_beartype(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return q


@jaxtyped(typechecker=beartype)
def attend_jaxtyping(
    q: jaxtyping.Float[Tensor, "B H T D"],
    k: jaxtyping.Float[Tensor, "B H S D"],
    v: jaxtyping.Float[Tensor, "B H S D"],
) -> jaxtyping.Float[Tensor, "B H T D"]:
    return q


@checked
def attend_namedtorch(
    q: Float[Tensor, "B H T D"], k: Float[Tensor, "B H S D"], v: Float[Tensor, "B H S D"]
) -> Float[Tensor, "B H T D"]:
    return q


ATTEND = Subject(
    "attend",
    "q: B H T D, k: B H S D, v: B H S D -> B H T D",
    {
        PLAIN: attend,
        HAND_WRITTEN: attend_ifs,
        HAND_WRITTEN_TYPES: attend_ifs_types,
        HAND_WRITTEN_WHOLE: attend_whole,
        BEARTYPE: attend_beartype,
        JAXTYPING: attend_jaxtyping,
        NAMEDTORCH: attend_namedtorch,
    },
    (torch.zeros(2, 4, 5, 8), torch.zeros(2, 4, 6, 8), torch.zeros(2, 4, 6, 8)),
    (torch.zeros(2, 4, 5, 8), torch.zeros(2, 4, 6, 8), torch.zeros(2, 4, 6, 7)),
)

"""Two functions, three tensors each, held to their dims in every way that is compared; their bodies do nothing.

`blend` has four dims, all of them shared by all tensors; `attend` has four dims a tensor, of which the tensors share
some. Hand-written checks come in three kinds. The bar of the project is the first: one `if` for each rank and size of
arguments and result, every shape read once, and a message that names the dim; no check of types. The second checks
types and dtypes as well, as namedtorch does. The third compares whole shapes, and can't say which dim is wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jaxtyping
import torch
from beartype import beartype
from jaxtyping import jaxtyped
from torch import Tensor

from namedtorch import Float, checked

PLAIN = "the plain call"
HAND_WRITTEN = "hand-written ifs"
HAND_WRITTEN_TYPES = "hand-written ifs, types too"
HAND_WRITTEN_WHOLE = "hand-written, whole shapes"
BEARTYPE = "beartype alone, no dims"
JAXTYPING = "jaxtyping and beartype"
NAMEDTORCH = "namedtorch"


@dataclass(frozen=True, slots=True)
class Subject:
    """A function in every form, with arguments that fit and arguments that don't."""

    name: str
    signature: str
    functions: Mapping[str, Callable[..., Any]]
    arguments: tuple[Tensor, ...]
    unfit: tuple[Tensor, ...]
    """The last axis of the last tensor has another size."""


def require_rank(sizes: torch.Size, name: str) -> None:
    """What a failed check of a rank calls."""
    raise ValueError(f"`{name}` has rank {len(sizes)}, not 4")


def require_size(actual: int, expected: int, dim: str, name: str) -> None:
    """What a failed check of a size calls."""
    raise ValueError(f"`{name}` has `{dim}`={actual}, but `{dim}` is {expected}")


def blend(a, b, mask):
    return a


def blend_ifs(a, b, mask):
    s = a.shape
    if len(s) != 4:
        require_rank(s, "a")
    n, c, h, w = s
    s = b.shape
    if len(s) != 4:
        require_rank(s, "b")
    if s[0] != n:
        require_size(s[0], n, "N", "b")
    if s[1] != c:
        require_size(s[1], c, "C", "b")
    if s[2] != h:
        require_size(s[2], h, "H", "b")
    if s[3] != w:
        require_size(s[3], w, "W", "b")
    s = mask.shape
    if len(s) != 4:
        require_rank(s, "mask")
    if s[0] != n:
        require_size(s[0], n, "N", "mask")
    if s[1] != c:
        require_size(s[1], c, "C", "mask")
    if s[2] != h:
        require_size(s[2], h, "H", "mask")
    if s[3] != w:
        require_size(s[3], w, "W", "mask")
    result = a
    s = result.shape
    if len(s) != 4:
        require_rank(s, "result")
    if s[0] != n:
        require_size(s[0], n, "N", "result")
    if s[1] != c:
        require_size(s[1], c, "C", "result")
    if s[2] != h:
        require_size(s[2], h, "H", "result")
    if s[3] != w:
        require_size(s[3], w, "W", "result")
    return result


def blend_ifs_types(a, b, mask):
    if not isinstance(a, Tensor) or not a.dtype.is_floating_point:
        raise TypeError("`a` is no tensor of floats")
    if not isinstance(b, Tensor) or not b.dtype.is_floating_point:
        raise TypeError("`b` is no tensor of floats")
    if not isinstance(mask, Tensor) or not mask.dtype.is_floating_point:
        raise TypeError("`mask` is no tensor of floats")
    s = a.shape
    if len(s) != 4:
        require_rank(s, "a")
    n, c, h, w = s
    s = b.shape
    if len(s) != 4:
        require_rank(s, "b")
    if s[0] != n:
        require_size(s[0], n, "N", "b")
    if s[1] != c:
        require_size(s[1], c, "C", "b")
    if s[2] != h:
        require_size(s[2], h, "H", "b")
    if s[3] != w:
        require_size(s[3], w, "W", "b")
    s = mask.shape
    if len(s) != 4:
        require_rank(s, "mask")
    if s[0] != n:
        require_size(s[0], n, "N", "mask")
    if s[1] != c:
        require_size(s[1], c, "C", "mask")
    if s[2] != h:
        require_size(s[2], h, "H", "mask")
    if s[3] != w:
        require_size(s[3], w, "W", "mask")
    result = a
    if not isinstance(result, Tensor) or not result.dtype.is_floating_point:
        raise TypeError("the result is no tensor of floats")
    s = result.shape
    if len(s) != 4:
        require_rank(s, "result")
    if s[0] != n:
        require_size(s[0], n, "N", "result")
    if s[1] != c:
        require_size(s[1], c, "C", "result")
    if s[2] != h:
        require_size(s[2], h, "H", "result")
    if s[3] != w:
        require_size(s[3], w, "W", "result")
    return result


def blend_whole(a, b, mask):
    s = a.shape
    if len(s) != 4:
        require_rank(s, "a")
    if b.shape != s or mask.shape != s:
        raise ValueError("a, b and mask have different shapes")
    result = a
    if result.shape != s:
        raise ValueError("the result has another shape")
    return result


@beartype
def blend_beartype(a: Tensor, b: Tensor, mask: Tensor) -> Tensor:
    return a


@jaxtyped(typechecker=beartype)
def blend_jaxtyping(
    a: jaxtyping.Float[Tensor, "N C H W"],
    b: jaxtyping.Float[Tensor, "N C H W"],
    mask: jaxtyping.Float[Tensor, "N C H W"],
) -> jaxtyping.Float[Tensor, "N C H W"]:
    return a


@checked
def blend_namedtorch(
    a: Float[Tensor, "N C H W"], b: Float[Tensor, "N C H W"], mask: Float[Tensor, "N C H W"]
) -> Float[Tensor, "N C H W"]:
    return a


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


BLEND = Subject(
    "blend",
    "a: N C H W, b: N C H W, mask: N C H W -> N C H W",
    {
        PLAIN: blend,
        HAND_WRITTEN: blend_ifs,
        HAND_WRITTEN_TYPES: blend_ifs_types,
        HAND_WRITTEN_WHOLE: blend_whole,
        BEARTYPE: blend_beartype,
        JAXTYPING: blend_jaxtyping,
        NAMEDTORCH: blend_namedtorch,
    },
    (torch.zeros(8, 3, 32, 48), torch.zeros(8, 3, 32, 48), torch.zeros(8, 3, 32, 48)),
    (torch.zeros(8, 3, 32, 48), torch.zeros(8, 3, 32, 48), torch.zeros(8, 3, 32, 47)),
)

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

SUBJECTS = (BLEND, ATTEND)

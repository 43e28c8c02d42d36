"""Three tensors with four dims, all shared by all of them."""

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

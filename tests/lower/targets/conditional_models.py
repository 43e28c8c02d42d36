"""Models that ask for sizes, or for what else torch.export takes for granted."""

import math

import torch
from torch import Tensor, nn

from namedtorch import Float, checked


class SameLength(nn.Module):
    """Adds sequences of one length, and sums the second where it has another."""

    def forward(self, x: Float[Tensor, "N T"], y: Float[Tensor, "N S"]) -> Float[Tensor, "N T"]:
        if x.shape[1] == y.shape[1]:
            return x + y
        return x + y.sum(1, keepdim=True)


class FewNumbers(nn.Module):
    """Another result for more than 100 numbers."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]:
        return x * 2 if x.numel() > 100 else x


class SomeLengths(nn.Module):
    """Another result for two lengths, one of them far from those that are tried."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]:
        return x * 2 if x.shape[1] in (16, 777) else x


class HalfLengths(nn.Module):
    """The same, where torch can't be told of a size."""

    def forward(self, x: Float[Tensor, "N T"], y: Float[Tensor, "N T//2"]) -> Float[Tensor, "N T"]:
        return x * 2 if x.shape[1] == 777 else x + y.sum(1, keepdim=True)


class NativeSize(nn.Module):
    """Another result where both sizes are four patches."""

    def forward(self, x: Float[Tensor, "N H W"]) -> Float[Tensor, "N"]:
        patches = x.shape[1] // 4, x.shape[2] // 4
        return x.sum((1, 2)) * (2 if patches == (4, 4) else 1)


class Rooted(nn.Module):
    """A condition on a number that Python computes."""

    def forward(self, x: Float[Tensor, "N T"], y: Float[Tensor, "N T//2"]) -> Float[Tensor, "N T"]:
        return x * 2 if math.sqrt(x.shape[1]) > 20 else x + y.sum(1, keepdim=True)


class Harmless(nn.Module):
    """A condition that changes nothing."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]:
        return x + x if x.shape[1] == 64 else x * 2


class OneRow(nn.Module):
    """Another mean where there is one row."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]:
        return x - x.mean(1 if x.shape[0] == 1 else 0, keepdim=True)


class Unequal(nn.Module):
    """Refuses two sizes that are equal."""

    def forward(self, x: Float[Tensor, "N T"], y: Float[Tensor, "N S"]) -> Float[Tensor, "N T"]:
        assert x.shape[1] != y.shape[1], "one length"
        return x + y.sum(1, keepdim=True)


class Unfolded(nn.Module):
    """Windows of four; torch takes the number of them for a constant."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N L 4"]:
        return x.unfold(1, 4, 2)


class Blocks(nn.Module):
    """A product whose sizes torch takes for constants, and its kernel does not."""

    def forward(self, x: Float[Tensor, "a b"], y: Float[Tensor, "c d"]) -> Float[Tensor, "a*c b*d"]:
        return torch.kron(x, y)


class Before(nn.Module):
    """One element less than another."""

    def forward(self, x: Float[Tensor, "N T-1"], y: Float[Tensor, "N T"]) -> Float[Tensor, "N 2*T-1"]:
        return torch.cat([x, y], 1)


class Viewed(nn.Module):
    """Puts its input in order, and looks at it as one axis."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N*T"]:
        return x.contiguous().view(-1) * 2


class Ordered(nn.Module):
    """Another result for what is stored in another order."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]:
        return x * 2 if x.is_contiguous() else x * 3


class InOrder(nn.Module):
    """The same, held to one order."""

    def forward(self, x: Float[Tensor, "N T @ N T"]) -> Float[Tensor, "N T"]:
        return x * 2 if x.is_contiguous() else x * 3


class Appending(nn.Module):
    """Leaves a tensor in the list that it is given."""

    def forward(self, xs: list[Float[Tensor, "N T"]]) -> Float[Tensor, "N T"]:
        xs.append(xs[0] + xs[1])
        return xs[-1]


class Reserved(nn.Module):
    """A part that is called as a keyword of Python."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({"class": nn.Linear(2, 3)})

    def forward(self, x: Float[Tensor, "N D=2"]) -> Float[Tensor, "N 3"]:
        return self.heads["class"](x)


class Codebook(nn.Module):
    """A buffer that is called as something that torch's graphs have."""

    code: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("code", torch.ones(2))

    def forward(self, x: Float[Tensor, "N D=2"]) -> Float[Tensor, "N D"]:
        return x * self.code


class Context(nn.Module):
    """A tensor that may be left out, with a dim of its own."""

    def forward(
        self, x: Float[Tensor, "N D"], context: Float[Tensor, "N L"] | None = None
    ) -> Float[Tensor, "N D"]:
        return x if context is None else x + context.sum(1, keepdim=True)


class Towers(nn.Module):
    """Bounds that leave few sizes for each of four dims."""

    def forward(self, q: Float[Tensor, "Q A"], d: Float[Tensor, "D B where D >= 3"]) -> Float[Tensor, "Q D"]:
        return q.sum(1)[:, None] + d.sum(1)[None]


class Swapped(nn.Module):
    """Says its result's axes the wrong way round."""

    @checked
    def forward(self, x: Float[Tensor, "N H W"]) -> Float[Tensor, "N W//2 H//2"]:
        return nn.functional.avg_pool2d(x, 2)


class Attending(nn.Module):
    """Asks torch for what a size decides."""

    def forward(self, q: Float[Tensor, "N T D"], k: Float[Tensor, "N S D"]) -> Float[Tensor, "N T D"]:
        causal = q.shape[1] == k.shape[1]
        return nn.functional.scaled_dot_product_attention(q, k, k, is_causal=causal)


class PlainlyAttending(nn.Module):
    """The same, by a plain truth value."""

    def forward(self, q: Float[Tensor, "N T D"], k: Float[Tensor, "N S D"]) -> Float[Tensor, "N T D"]:
        causal = bool(q.shape[1] == k.shape[1])
        return nn.functional.scaled_dot_product_attention(q, k, k, is_causal=causal)


class Rounded(nn.Module):
    """A size that torch can't write into a file."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N K"]:
        return x[:, : round(x.shape[1] / 3) + 1]

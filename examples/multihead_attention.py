"""Multi-head attention with names: the tutorial of 2019 on named tensors, complete, and trained for a few steps.

`python examples/multihead_attention.py` runs in a few seconds. The exit status is 1 when anything that it shows does
not hold. The tutorial had to leave the names for what torch did not know by name: the linear layers' outputs, the
masks, the dropout of weights, cross-entropy. Nothing here leaves them.

Source: https://docs.pytorch.org/tutorials/intermediate/named_tensor_tutorial.html (2019), "Extended example"
"""

import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

import namedtorch
from namedtorch import DimError, Float, Int, NamedTensor, checked, lower, named, named_module

SEED = 0
STEPS = 60


class MultiHeadAttention(nn.Module):
    """Attention of queries to keys and values, in several heads; without keys, of a sequence to itself."""

    def __init__(self, heads: int, features: int, dropout: float = 0.0) -> None:
        super().__init__()
        if features % heads:
            raise ValueError(f"{features} features do not divide into {heads} heads")
        self.heads = heads
        self.scale = 1 / math.sqrt(features // heads)
        self.q = named_module(nn.Linear(features, features), "D -> D")
        self.k = named_module(nn.Linear(features, features), "D -> D")
        self.v = named_module(nn.Linear(features, features), "D -> D")
        self.out = named_module(nn.Linear(features, features), "D -> D")
        self.dropout = nn.Dropout(dropout)

    @checked
    def forward(
        self,
        query: Float[NamedTensor, "N T D"],
        key: Float[NamedTensor, "N S D"] | None = None,
        mask: namedtorch.Bool[NamedTensor, "N S"] | None = None,
    ) -> Float[NamedTensor, "N T D"]:
        """`mask` is true where a key may be looked at."""
        if key is None:
            key = query.rename(T="S")
        q = self._split(self.q(query))
        k, v = self._split(self.k(key)), self._split(self.v(key))
        scores = namedtorch.contract(q, k, over="d") * self.scale  # N heads T S
        if mask is not None:
            scores = scores.masked_fill(mask.align_as(scores).logical_not(), -math.inf)
        weights = self.dropout(scores.softmax("S"))
        context = namedtorch.contract(weights, v, over="S")  # N heads T d
        attended: NamedTensor = self.out(context.rearrange("N heads T d -> N T (heads d)").rename("N T D"))
        return attended

    def _split(self, x: NamedTensor) -> NamedTensor:
        """The features in heads, `N heads T d`."""
        return x.unflatten("D", (("heads", self.heads), ("d", -1))).align_to("N", "heads", ..., "d")


class Reverser(nn.Module):
    """Tells, for every place of a sequence, which token stands at the mirrored place."""

    def __init__(self, tokens: int, length: int, features: int, heads: int) -> None:
        super().__init__()
        self.tokens = named_module(nn.Embedding(tokens, features), "N T -> N T D")
        self.places = named_module(nn.Embedding(length, features), "T -> T D")
        self.attention = MultiHeadAttention(heads, features)
        self.norm = nn.LayerNorm(features)
        self.classes = named_module(nn.Linear(features, tokens), "D -> classes")

    @checked
    def forward(self, text: Int[NamedTensor, "N T"]) -> Float[NamedTensor, "N T classes"]:
        place = namedtorch.arange(T=text.size("T"))
        x = self.tokens(text) + self.places(place)
        scores: NamedTensor = self.classes(self.norm(x + self.attention(x)))
        return scores


def trained() -> tuple[Reverser, float]:
    """Trains a few steps; gives the model, and the share of tokens that are right afterwards."""
    torch.manual_seed(SEED)
    model = Reverser(tokens=8, length=6, features=32, heads=4)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(STEPS):
        text = namedtorch.randint(0, 8, N=64, T=6)
        scores: NamedTensor = model(text)
        # cross_entropy takes the classes second; `call`, as torch's own annotations know plain tensors only.
        loss = namedtorch.call(F.cross_entropy, scores.align_to("N", "classes", "T"), text.flip("T"))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 0:
            print(f"step {step:3}: loss {loss.item():.3f}")
    text = namedtorch.randint(0, 8, N=256, T=6)
    scores = model(text)
    right = scores.argmax("classes") == text.flip("T")
    return model, float(right.float().mean())


def lowered(model: Reverser) -> float:
    """Lowers the model to TorchScript, where positions take the place of names; tells how far its numbers are off."""
    model.eval()
    script = lower(model)
    print(script.report)
    print("\n".join(line for line in script.source.splitlines() if "scores = " in line or "_split(" in line))
    text = namedtorch.randint(0, 8, N=3, T=6)
    with torch.no_grad():
        expected: NamedTensor = model(text)
        return float((script(text.tensor) - expected.tensor).abs().max())


def as_torch_has_it() -> float:
    """How far the numbers are from torch's own attention."""
    torch.manual_seed(SEED)
    ours = MultiHeadAttention(heads=2, features=8)
    x, y = namedtorch.randn(N=3, T=5, D=8), namedtorch.randn(N=3, S=4, D=8)
    mask = named(
        torch.tensor([[True, True, False, False], [True, True, True, True], [True, False, True, False]]),
        "N S",
    )
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    layers = [ours.q, ours.k, ours.v]
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([one.weight for one in layers]))
        theirs.in_proj_bias.copy_(torch.cat([one.bias for one in layers]))
        theirs.out_proj.weight.copy_(ours.out.weight)
        theirs.out_proj.bias.copy_(ours.out.bias)
        expected, _ = theirs(x.tensor, y.tensor, y.tensor, key_padding_mask=~mask.tensor)
        found: NamedTensor = ours(x, y, mask)
    return float((found.tensor - expected).abs().max())


def refused() -> str:
    """What is said where the keys' mask is one of the queries."""
    attention = MultiHeadAttention(heads=2, features=8)
    x, y = namedtorch.randn(N=3, T=5, D=8), namedtorch.randn(N=3, S=5, D=8)
    mask = named(torch.ones(3, 5, dtype=torch.bool), "N T")
    try:
        attention(x, y, mask)
    except DimError as error:
        return str(error)
    raise AssertionError("a mask over queries was taken for one over keys")


def main() -> int:
    difference = as_torch_has_it()
    print(f"torch's own attention: {difference:.1e} off")
    model, right = trained()
    print(f"right after {STEPS} steps: {right:.1%}")
    off = lowered(model)
    print(f"lowered: {off:.1e} off")
    print(f"\nrefused, though all sizes fit:\n{refused()}")
    return 0 if right > 0.95 and difference < 1e-5 and off < 1e-5 else 1


if __name__ == "__main__":
    sys.exit(main())

"""Annotations that make no sense."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


x: Float[Tensor, "N C"]
y: "Float[Tensor, 'N C'" = 3
z: Float[Tensor, f"{x}"] = x


def f(
    a: Float[Tensor, "self.a.b.c self[0]"],
    b: Float[Float[Float[Tensor, "N"], "C"], "N"],
    c: list["Optional[f]"],
    d: f(3),
    e: [1, 2],
    g: Float[Tensor, "*a *b *c"],
    h: Float[Tensor, "N*0 N//0 N%0 N**99 99**99"],
    i: Float[Tensor, "where"],
    j: Float[Tensor, "N where N == N+1"],
    k: Float[()],
    m: Float[Tensor, "N C", "D"],
    *,
    n: "" = 1,
    o: "\n" = 2,
    p: "(" = 3,
    q: Float["Tensor", "N"],
    r: Float[q, q],
    s: tuple[()],
    t: tuple[Float[Tensor, "N"], ...],
    u: None | Float[Tensor, "N"],
    v: Float[Tensor, "N" * 3],
    w: Float[Tensor, b"N"],
    **kw: Float[Tensor, "?N"],
) -> Float[Tensor, "N @ N @ C"]:
    return a, b, c


class Self:
    a: "Self"
    b: "list[Self]" = []
    c: Float[Tensor, "self.c"] = None

    def f(self: "Self", x: Float[Tensor, "self.f self.b"]) -> "Self.f":
        return self


Alias = Float[Tensor, "N"]
Loop = "Loop"
Other = Another
Another = Other


def g(a: Alias, b: Loop, c: Other) -> Another:
    return a

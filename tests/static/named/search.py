"""The best continuations of sequences: a step of a beam search."""

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked


@checked
def step(
    scores: Float[NamedTensor, "N B"], log_p: Float[NamedTensor, "N B V"], width: int
) -> tuple[Float[NamedTensor, "N B"], Int[NamedTensor, "N B"], Int[NamedTensor, "N B"]]:
    # mistake [broadcast-dims-differ]: total = scores + log_p
    total = scores.align_as(log_p) + log_p
    # mistake [dim-missing]: flat = total.flatten(("B", "W"), "BV")
    flat = total.flatten(("B", "V"), "BV")
    # mistake [dim-missing]: best, index = flat.topk(width, "B")
    best, index = flat.topk(width, "BV")
    # mistake [names-differ]: return best, index // log_p.size("V"), index % log_p.size("V")
    best, index = best.rename(BV="B"), index.rename(BV="B")
    # mistake [dim-missing]: return best, index // log_p.size("B"), index % log_p.size("vocab")
    return best, index // log_p.size("V"), index % log_p.size("V")


@checked
def reorder(
    states: Float[NamedTensor, "N B D"], beams: Int[NamedTensor, "N B"]
) -> Float[NamedTensor, "N B D"]:
    # mistake [dim-missing]: picked = beams.align_as(states).expand(K=states.size("D"))
    picked = beams.align_as(states).expand(D=states.size("D"))
    # mistake [dim-missing]: return states.gather("beam", picked)
    return states.gather("B", picked)


def main() -> None:
    scores, log_p = namedtorch.rand(N=3, B=3), namedtorch.rand(N=3, B=3, V=3)
    best, beams, tokens = step(scores, log_p, 3)
    assert best.dims == tokens.dims == ("N", "B")
    # mistake [names-differ]: assert reorder(namedtorch.rand(N=3, D=3, B=3), beams).dims == ("N", "B", "D")
    assert reorder(namedtorch.rand(N=3, B=3, D=3), beams).dims == ("N", "B", "D")

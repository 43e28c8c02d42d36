"""Hidden Markov models: the forward algorithm, and the best path."""

import namedtorch
from namedtorch import Float, NamedTensor, checked


@checked
def forward_algorithm(
    start: Float[NamedTensor, "K"], moves: Float[NamedTensor, "K L"], emitted: Float[NamedTensor, "T K"]
) -> Float[NamedTensor, ""]:
    alpha = start + emitted["T", 0]
    for t in range(1, emitted.size("T")):
        # mistake [broadcast-dims-differ]: reached = (alpha + moves).logsumexp("K")
        reached = (alpha.align_to("K", "L") + moves).logsumexp("K")
        # mistake [broadcast-dims-differ]: alpha = reached + emitted["T", t]
        alpha = reached.rename(L="K") + emitted["T", t]
    # mistake [dim-missing]: return alpha.logsumexp("L")
    return alpha.logsumexp("K")


@checked
def best_path(
    start: Float[NamedTensor, "K"], moves: Float[NamedTensor, "K L"], emitted: Float[NamedTensor, "T K"]
) -> list[int]:
    score = start + emitted["T", 0]
    back = []
    for t in range(1, emitted.size("T")):
        # mistake [dim-missing]: found = (score.align_as(moves) + moves).max("T")
        found = (score.align_as(moves) + moves).max("K")
        back.append(found.indices)
        # mistake [broadcast-dims-differ]: score = found.values + emitted["T", t]
        score = found.values.rename("K") + emitted["T", t]
    path = [int(score.argmax("K"))]
    for one in reversed(back):
        # mistake [dim-missing]: path.append(int(one["K", path[-1]]))
        path.append(int(one["L", path[-1]]))
    return path


def main() -> None:
    start, emitted = namedtorch.rand(K=3), namedtorch.rand(T=3, K=3)
    # mistake [names-differ]: moves = namedtorch.rand(L=3, K=3)
    moves = namedtorch.rand(K=3, L=3)
    assert forward_algorithm(start, moves, emitted).dims == ()
    # mistake [names-differ]: assert len(best_path(start, moves, emitted.T)) == 3
    assert len(best_path(start, moves, emitted)) == 3

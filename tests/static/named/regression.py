"""Softmax regression without modules: named parameters, trained by gradients."""

import namedtorch
import torch
from namedtorch import Float, Int, NamedTensor, checked


@checked
def predict(
    x: Float[NamedTensor, "N D"], weight: Float[NamedTensor, "D K"], bias: Float[NamedTensor, "K"]
) -> Float[NamedTensor, "N K"]:
    # mistake [contracted-dims-differ]: return (x @ weight.T + bias).log_softmax("K")
    return (x @ weight + bias).log_softmax("K")


@checked
def nll(log_p: Float[NamedTensor, "N K"], target: Int[NamedTensor, "N"]) -> Float[NamedTensor, ""]:
    # mistake [dim-missing]: return -log_p.gather("K", target.unsqueeze("K").align_to("N", "K")).mean("T")
    return -log_p.gather("K", target.unsqueeze("K").align_to("N", "K")).mean()


def train(x: Float[NamedTensor, "N D"], target: Int[NamedTensor, "N"], steps: int) -> NamedTensor:
    weight = namedtorch.zeros(D=4, K=4, requires_grad=True)
    # mistake [names-differ]: bias = namedtorch.zeros(D=4, requires_grad=True)
    bias = namedtorch.zeros(K=4, requires_grad=True)
    for _ in range(steps):
        # mistake [names-differ]: loss = nll(predict(x, weight, bias).T, target)
        loss = nll(predict(x, weight, bias), target)
        loss.backward()
        with torch.no_grad():
            # mistake [broadcast-dims-differ]: weight -= 0.1 * weight.grad.T
            weight -= 0.1 * weight.grad
            bias -= 0.1 * bias.grad
            weight.grad = bias.grad = None
    return weight


def main() -> None:
    x, target = namedtorch.rand(N=4, D=4), namedtorch.randint(0, 4, N=4)
    assert train(x, target, 3).dims == ("D", "K")
    # mistake [names-differ]: assert train(x.rename(D="K"), target, 1).dims == ("D", "K")
    assert train(x, target, 1).dims == ("D", "K")

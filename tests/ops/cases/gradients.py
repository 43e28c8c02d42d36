"""Cases of gradients; those that torch gives need a graph, which tensors of cases do not have."""

from tests.ops.oracle import Case, call, t

CASES = [
    Case("torch.Tensor.backward", (t(2, 3),), real=True),
    Case("torch.Tensor.backward", (t(2, 3), t(3)), real=True),
    Case("torch.autograd.grad", (t(2, 3), t(5)), real=True),
    call("torch.gradient", t(2, 3, 5)),
    call("torch.gradient", t(2, 3, 5), dim=(0, 2)),
    call("torch.gradient", t(2, 3, 5), dim=1),
    call("torch.gradient", t(2, 3, 5), dim=3),
]

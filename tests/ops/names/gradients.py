"""Names of gradients: those of what they are taken by."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

CASES = (
    names("N C -> N C", "torch.gradient", t(2, 3), dim="C"),
    names("N C T -> N C T, N C T", "torch.gradient", t(2, 3, 5), dim=("C", "T")),
    names("N C T -> N C T, N C T, N C T", "torch.gradient", t(2, 3, 5)),
    names("N C -> refused", "torch.gradient", t(2, 3), dim="T"),
    names("N C, _ C -> ?", "torch.Tensor.backward", t(2, 3), t(2, 3)),
    names("N C, N D -> refused", "torch.Tensor.backward", t(2, 3), t(2, 3)),
    names("(), in out -> in out", "torch.autograd.grad", t(), t(3, 5)),
    names("N, in out, out, N -> in out, out", "torch.autograd.grad", t(2), [t(3, 5), t(5)], t(2)),
    names("N, in out, C -> refused", "torch.autograd.grad", t(2), t(3, 5), t(2)),
    names("N, C, in out, N, C -> in out", "torch.autograd.grad", [t(2), t(3)], [t(3, 5)], [t(2), t(3)]),
    names("N, C, in out, N, N -> refused", "torch.autograd.grad", [t(2), t(3)], [t(3, 5)], [t(2), t(3)]),
    names("N, in out, K N -> K in out", "torch.autograd.grad", t(2), t(3, 5), t(7, 2), is_grads_batched=True),
)

"""Cases of conversions, which keep every size, and of complex numbers."""

import torch

from namedtorch.ops import conversion
from tests.ops.oracle import Case, call, ints, t

_OTHERS = {
    *("to", "type", "cuda", "pin_memory", "share_memory_", "cpu", "data", "real", "imag"),
    *("view_as_real", "view_as_complex"),
}
_PLAIN = [
    spelling
    for rule in conversion.OPERATORS
    for spelling in rule.spellings
    if rule.parameters.startswith("input")
    and sum(one.required for one in rule.taken) == 1
    and spelling.rpartition(".")[2] not in _OTHERS
]

CASES = [
    *(call(spelling, t(*sizes)) for spelling in _PLAIN for sizes in ((2, 3), ())),
    *(Case(f"torch.Tensor.{name}", (t(2, 3),), real=True) for name in ("cpu", "share_memory_")),
    call("torch.Tensor.to", t(2, 3), torch.float16),
    call("torch.Tensor.to", t(2, 3), "meta"),
    call("torch.Tensor.to", t(2, 3), "meta", torch.int64),
    call("torch.Tensor.to", t(2, 3), device="meta", dtype=torch.int64, non_blocking=True),
    call("torch.Tensor.to", t(2, 3), ints(5)),
    call("torch.Tensor.type", t(2, 3), torch.int64),
    Case("torch.Tensor.type", (t(2, 3),), unknown=True),
    call("torch.Tensor.type_as", t(2, 3), ints(5)),
    call("torch.Tensor.requires_grad_", t(2, 3), False),
    call("torch.Tensor.contiguous", t(2, 3), memory_format=torch.contiguous_format),
    call("torch.nn.Parameter", t(2, 3)),
    call("torch.nn.Parameter", t(2, 3), requires_grad=False),
    call("torch.autograd.Variable", t(2, 3)),
    call("torch.nn.Buffer", t(2, 3), persistent=False),
    call("torch.complex", t(2, 3), t(3)),
    call("torch.complex", t(2, 3), t(2)),
    call("torch.polar", t(2, 3), t(3)),
    call("torch.view_as_real", t(2, 3, dtype=torch.complex64)),
    call("torch.view_as_complex", t(2, 3, 2)),
    call("torch.view_as_complex", t(2, 3)),
    call("torch.view_as_complex", t()),
    call("torch.real", t(2, 3, dtype=torch.complex64)),
    call("torch.imag", t(2, 3, dtype=torch.complex64)),
]

"""What a type checker refuses: `# error: [rule of pyright] [code of mypy]`. The program is checked, and never run."""

import torch
import torch.nn.functional as F
from torch import Tensor

import namedtorch
from namedtorch import Float, NamedTensor, call, checked, named


class C:
    pass


def plain_only(t: Tensor) -> Tensor:
    return t


@checked
def scale(x: Float[NamedTensor, "N C"], by: float) -> Float[NamedTensor, "N C"]:
    return x * by


x = named(torch.rand(2, 3), "N C")

x.sum(C)  # error: [reportArgumentType] [call-overload]
x.softmax(1.5)  # error: [reportArgumentType] [arg-type]
x.sum("C", keepdims=True)  # error: [reportCallIssue] [call-overload]
x.transpose("N")  # error: [reportCallIssue] [call-arg]
x.max("C").value()  # error: [reportAttributeAccessIssue reportUnknownMemberType] [attr-defined]
x.tensor.dims = ("N", "C")  # error: [reportAttributeAccessIssue] [attr-defined]
x.no_such_method()  # error: [reportAttributeAccessIssue reportUnknownMemberType] [attr-defined]
x.sizes["C"] = 3  # error: [reportIndexIssue] [index]
x.rename(N=3)  # error: [reportArgumentType] [arg-type]
x.align_as("N C")  # error: [reportArgumentType] [arg-type]
x.rearrange("N C -> C N", N="two")  # error: [reportArgumentType] [arg-type]
x.unsqueeze("K", 0)  # error: [reportArgumentType] [arg-type]
x + "C"  # error: [reportOperatorIssue reportUnusedExpression] [operator]
x @ [1.0]  # error: [reportOperatorIssue reportUnusedExpression] [operator]
named(x)  # error: [reportCallIssue] [call-arg]
named(x, 3)  # error: [reportArgumentType] [arg-type]
namedtorch.zeros(N="two")  # error: [reportArgumentType] [arg-type]
namedtorch.einsum(x, x)  # error: [reportArgumentType] [arg-type]
namedtorch.cat(3, "N")  # error: [reportArgumentType] [arg-type]
NamedTensor(x.tensor)  # error: [reportCallIssue] [call-arg]
plain_only(x)  # error: [reportArgumentType] [arg-type]
F.relu(x)  # error: [reportArgumentType] [arg-type]
torch.sum(x, 0)  # error: [reportArgumentType] [call-overload]
call("relu", x)  # error: [reportArgumentType reportCallIssue] [call-overload]
scale(x.tensor, 2.0)  # error: [reportArgumentType] [arg-type]
scale(x, "2")  # error: [reportArgumentType] [arg-type]
wrong: Tensor = x.sum("C")  # error: [reportAssignmentType] [assignment]
number: int = x.sum("C")  # error: [reportAssignmentType] [assignment]
named(3, "N")  # error: [reportArgumentType] [arg-type]

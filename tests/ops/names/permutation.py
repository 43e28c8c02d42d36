"""Names behind permutations."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_X = t(2, 3, 5)

CASES = (
    names("N C T -> T N C", "torch.permute", _X, (2, 0, 1)),
    names("N C T -> T N C", "torch.permute", _X, ("T", "N", "C")),
    names("N _ T -> T N _", "torch.permute", _X, ("T", "N", 1)),
    names("N C T -> refused", "torch.permute", _X, ("T", "N", "N")),
    names("N C T -> refused", "torch.permute", _X, ("T", "N", "H")),
    names("N C T -> T C N", "torch.Tensor.permute", _X, "T", "C", "N"),
    names("N C T -> T C N", "torch.Tensor.permute", _X, ("T", "C", "N")),
    names("() -> ()", "torch.permute", t(), ()),
    names("N C T -> T C N", "torch.transpose", _X, 0, -1),
    names("N C T -> T C N", "torch.transpose", _X, "N", "T"),
    names("N C T -> C N T", "torch.Tensor.swapdims", _X, "N", 1),
    names("N C T -> refused", "torch.transpose", _X, "N", "H"),
    names("N C T -> N T C", "torch.swapaxes", _X, "C", "T"),
    names("N C T -> N T C", "torch.Tensor.swapaxes", _X, axis0=1, axis1="T"),
    names("N C -> C N", "torch.t", t(2, 3)),
    names("N -> N", "torch.t", t(2)),
    names("N C T -> T C N", "torch.Tensor.T", _X),
    names("N C T -> N T C", "torch.adjoint", _X),
    names("N C _ -> N _ C", "torch.Tensor.mT", _X),
    names("N C -> C N", "torch.Tensor.H", t(2, 3)),
    names("N C T -> C T N", "torch.movedim", _X, 0, -1),
    names("N C T -> C T N", "torch.movedim", _X, "N", 2),
    names("N C T -> C T N", "torch.Tensor.movedim", _X, "N", "T"),
    names("N C T -> T N C", "torch.moveaxis", _X, ("T", "N"), (0, "C")),
    names("N C T -> refused", "torch.movedim", _X, "H", 0),
)

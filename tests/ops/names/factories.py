"""Names behind factories: only what a tensor is made like, or of, has some."""

from namedtorch.ops.factories import OPERATORS
from tests.ops.names.harness import NamesCase, names
from tests.ops.oracle import t

X = t(2, 3)
_SIZED = ("zeros", "ones", "rand", "randn", "empty")
_TYPES = [rule.name for rule in OPERATORS if rule.name.endswith("Tensor")]

CASES: tuple[NamesCase, ...] = (
    *(names("-> _ _", f"torch.{name}", 2, 3) for name in _SIZED),
    names("-> _ _", "torch.full", (2, 3), 1.0),
    names("-> _ _", "torch.eye", 3),
    *(names("N C -> N C", f"torch.{name}_like", X) for name in _SIZED),
    names("N _ -> N _", "torch.full_like", X, 0.5),
    *(names("N C -> _ _", f"torch.Tensor.new_{name}", X, 2, 3) for name in ("zeros", "ones", "empty")),
    names("N C -> _ _", "torch.Tensor.new_full", X, (2, 3), 1.0),
    names("N C -> _ _", "torch.Tensor.new", X, 2, 3),
    names("N C -> _", "torch.Tensor.new_tensor", X, [1, 2]),
    # What is a tensor already.
    names("N C -> N C", "torch.tensor", X),
    names("N C -> N C", "torch.as_tensor", X),
    names("N C -> N C", "torch.asarray", X),
    names("N C -> N C", "torch.from_numpy", X),
    names("N -> _ N", "torch.tensor", [t(2)]),
    names("N, _ -> _ N", "torch.tensor", [t(2), t(2)]),
    names("_, N -> _ N", "torch.tensor", [t(2), t(2)]),
    names("N, C -> refused", "torch.tensor", [t(2), t(2)]),
    names("-> _", "torch.tensor", [1, 2, 3]),
    names("-> ()", "torch.scalar_tensor", 1),
    *(names("-> _ _", spelling, 2, 3) for spelling in _TYPES),
)

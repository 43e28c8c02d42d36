"""The methods of a module that callers reach: its forward, and what is marked `@torch.jit.export`."""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import FunctionType

from torch import nn

from namedtorch.archive.manifest import KnownSize, Method
from namedtorch.diagnostics import LowerError
from namedtorch.dims.constraint import Constraint
from namedtorch.lower.asked_where import constrained, require_known
from namedtorch.lower.modules import exported, refuse_wrappers
from namedtorch.lower.proved import proved_sizes
from namedtorch.lower.signatures import closed, held_signature, known_sizes, receiver_of
from namedtorch.lower.source import Sources
from namedtorch.signature.known import with_known
from namedtorch.signature.plan import Plan, build_plan
from namedtorch.signature.signature import Signature


@dataclass(frozen=True, slots=True)
class Boundary:
    """The functions behind the methods, and the signature and plan that each is held to, by the methods' names.

    `sizes` are the dims of known size, and by what they are known, but for a name that methods use for two sizes.
    """

    functions: Mapping[str, FunctionType]
    methods: Mapping[str, Method]
    sizes: Mapping[str, KnownSize]

    @property
    def held(self) -> dict[str, tuple[FunctionType, Signature, Plan]]:
        """Those that name dims, and so have something to guard."""
        return {
            name: (self.functions[name], one.signature, one.plan)
            for name, one in self.methods.items()
            if one.signature.has_dims
        }

    def under(self, where: Iterable[Constraint], name: str) -> "Boundary":
        """The same, with more constraints on the sizes of forward; raises LowerError for what is no dim of it."""
        where = tuple(where)
        if not where:
            return self
        signature = self.methods["forward"].signature
        require_known(signature, where, name)
        signature = constrained(signature, where)
        forward = Method(signature, build_plan(signature))
        return Boundary(self.functions, {**self.methods, "forward": forward}, self.sizes)

    def around(self, module: nn.Module) -> "Boundary":
        """The same for a module that stands in the place of the one that this is of, and has the same methods."""
        owner = type(module)
        functions = {name: inspect.getattr_static(owner, name) for name in self.functions}
        return Boundary(functions, self.methods, self.sizes)


def boundary_of(module: nn.Module, sources: Sources) -> Boundary:
    """The boundary of a module, `self.classes` and what its first layers prove written into the signatures.

    Raises LowerError if it has no forward, for an attribute that is no size, and where two layers disagree.
    """
    refuse_wrappers(module)
    owner = type(module)
    forward = inspect.getattr_static(owner, "forward", None)
    if not isinstance(forward, FunctionType) or forward is nn.Module.forward:
        raise LowerError(f"{owner.__qualname__} has no forward method to lower")
    functions = {"forward": forward, **exported(module)}
    methods: dict[str, Method] = {}
    sizes: dict[str, KnownSize] = {}
    differs: frozenset[str] = frozenset()
    for name, function in functions.items():
        receiver = receiver_of(function)
        written = held_signature(function).without(*receiver)
        signature = closed(written, module, receiver)
        proved = proved_sizes(module, signature, sources, name) if signature.has_dims else {}
        for dim, known in {**known_sizes(written, signature), **proved}.items():
            differs = differs | {dim} if sizes.setdefault(dim, known).size != known.size else differs
        signature = with_known(signature, {dim: one.size for dim, one in proved.items()})
        methods[name] = Method(signature, build_plan(signature))
    return Boundary(functions, methods, {dim: one for dim, one in sizes.items() if dim not in differs})

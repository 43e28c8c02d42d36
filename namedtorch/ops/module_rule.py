"""`ModuleRule`: one row of the table of modules."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from namedtorch.dims.shape import Shape
from namedtorch.ops.attribute import Read, attribute_root
from namedtorch.ops.closing import KnownDim, closed, known_dims
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.known import map_signature
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape

State: TypeAlias = Mapping[str, str]
"""The shapes of parameters and buffers, as texts, by name."""

Forward: TypeAlias = str | tuple[str, ...] | Callable[[Read], tuple[Signature, ...]]
"""What a forward takes and gives: one signature, or one for each number of axes that it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class ModuleRule:
    """What a module of torch does to dims.

    `name` is the class as users spell it. `sizes` maps dims to the attributes that tell their sizes: `in` to
    `in_features`, `kh` to `kernel_size[0]`, a group `*normalized` to a list. `state` holds the shapes of parameters and
    buffers, those that an instance lacks included; `forward` the signature, with torch's names of the parameters, from
    the left as far as the row says something of them. Both are texts where those say it all, else functions of the
    attributes. A forward refuses another size of a dim that stands in its state; `checks` names the dims of which it
    does so without.
    """

    name: str
    sizes: Mapping[str, str] = field(default_factory=dict[str, str])
    state: State | Callable[[Read], State] = field(default_factory=dict[str, str])
    forward: Forward = ()
    checks: Collection[str] = ()

    def known(self, read: Read) -> dict[str, tuple[KnownDim, ...]]:
        """The dims whose sizes these attributes tell, by what the row calls them; a group is several dims."""
        return known_dims(self.sizes, read)

    def state_dims(self, read: Read, names: Collection[str]) -> dict[str, Shape]:
        """The shapes of the parameters and buffers `names`, with the sizes that are known: `out=64 in=3 kh=7 kw=7`.

        A name that the row does not hold is left out.
        """
        known = self.known(read)
        return {name: closed(shape, known) for name, shape in self._state(read, names).items()}

    def forwards(self, read: Read) -> tuple[Signature, ...]:
        """The signatures of the forward with the sizes that are known; none where the row says nothing of it.

        Several differ in the number of axes that they take, and name the same parameters.
        """
        known = self.known(read)

        def close(hint: TensorHint) -> TensorHint:
            return replace(hint, shape=closed(hint.shape, known))

        return tuple(map_signature(one, close) for one in self._forward(read))

    def enforced(self, read: Read, names: Collection[str]) -> dict[str, KnownDim]:
        """The dims, by name, of which the forward of an instance with this state refuses any other size."""
        held = set(self.checks)
        for shape in self._state(read, names).values():
            held |= shape.symbols
        return {dim.name: dim for row, dims in self.known(read).items() if row in held for dim in dims}

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes that tell the sizes."""
        return frozenset(attribute_root(path) for path in self.sizes.values())

    def _state(self, read: Read, names: Collection[str]) -> dict[str, Shape]:
        texts = self.state(read) if callable(self.state) else self.state
        return {name: parse_shape(texts[name]) for name in names if name in texts}

    def _forward(self, read: Read) -> tuple[Signature, ...]:
        if callable(self.forward):
            return self.forward(read)
        texts = (self.forward,) if isinstance(self.forward, str) else self.forward
        return tuple(parse_signature(text) for text in texts)

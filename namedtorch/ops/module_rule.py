"""`ModuleRule`: one row of the table of modules."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attribute import Read, attribute_root
from namedtorch.ops.call import Call
from namedtorch.ops.closing import KnownDim, closed, known_dims
from namedtorch.ops.judge import Judge
from namedtorch.ops.matching import apply_signatures
from namedtorch.ops.op_rule import Mismatch, Result, arrays, bound_arguments, read_parameters
from namedtorch.ops.tensor_shape import NoSuchAxis, Undetermined
from namedtorch.ops.values import Value
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

    `constructor` are the parameters of the class with defaults, as torch has them; each is an attribute of the instance
    unless `renamed` says which one. `requires` is a function that raises `Misfit` for arguments that the constructor
    refuses, or every call. `operate` is the rule of the forward where a signature can't say it; it reads attributes by
    `call.attribute`, and its parameters are `takes`. `code` is what a signature blames.
    """

    name: str
    sizes: Mapping[str, str] = field(default_factory=dict[str, str])
    state: State | Callable[[Read], State] = field(default_factory=dict[str, str])
    forward: Forward = ()
    checks: Collection[str] = ()
    constructor: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    requires: Callable[[Call], None] | None = None
    operate: Callable[[Call], Result] | None = None
    takes: str = "input"
    code: str = "channels-differ"

    def made(
        self, arguments: Sequence[Value], keywords: Mapping[str, Value], judge: Judge
    ) -> dict[str, Value]:
        """The attributes that the arguments of the constructor become. Raises `Mismatch`, and `Misfit`."""
        bound = bound_arguments(read_parameters(self.constructor), arguments, keywords)
        attributes = {self.renamed.get(name, name): value for name, value in bound.items()}
        if self.requires is not None:
            with suppress(Undetermined):
                self.requires(Call(bound, judge, attributes.__getitem__))
        return attributes

    def call(
        self, read: Read, arguments: Sequence[Value], keywords: Mapping[str, Value], judge: Judge
    ) -> Value:
        """What the forward gives; `Unknown` where that is not known. Raises `Misfit`, and `Mismatch`."""
        signatures = () if self.operate is not None else self.forwards(read)
        if self.operate is not None:
            taken = read_parameters(self.takes)
        elif signatures:
            names = [parameter.name for parameter in signatures[0].parameters]
            # The rows name the parameters that they say something of; there may be more.
            if len(arguments) > len(names):
                arguments = arguments[: len(names)]
            keywords = {name: value for name, value in keywords.items() if name in names}
            taken = read_parameters(", ".join(names))
        else:
            return Unknown
        call = Call(bound_arguments(taken, arguments, keywords), judge, read)
        try:
            if self.operate is not None:
                return arrays(self.operate(call))
            return apply_signatures(call, signatures, self.code)
        except (Undetermined, NoSuchAxis, Mismatch):
            return Unknown

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

"""Names that an annotation does not tell, and one call does: where `C` stands in `*a C *b`."""

from namedtorch.dims.pattern import Dim
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Names
from namedtorch.signature.array import NAMED
from namedtorch.signature.hints import OptionalHint, TensorHint
from namedtorch.signature.signature import Signature
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK


def known_names(written: Signature, narrowed: Signature) -> dict[str, Array] | None:
    """The named tensors among the arguments whose annotation has groups, by parameter, with their axes; None for none.

    `narrowed` says how many axes each group has: they carry no names, as in eager calls.
    """
    found: dict[str, Array] = {}
    hints = {one.name: one.hint for one in narrowed.parameters}
    for one in written.parameters:
        # A signature that was given to the model has its own names.
        hint, own = one.hint, hints.get(one.name)
        if isinstance(hint, OptionalHint):
            hint = hint.inner
        if not isinstance(hint, TensorHint) or not isinstance(own, TensorHint):
            continue
        if hint.array == NAMED and hint.shape.groups:
            found[one.name] = _array(hint, own, one.name)
    return found or None


def _array(hint: TensorHint, own: TensorHint, argument: str) -> Array:
    names = {axis.name for axis in hint.shape.axes if isinstance(axis, Dim)}
    axes: list[Axis] = []
    for place, axis in enumerate(own.shape.axes):
        carried = axis.name if isinstance(axis, Dim) and axis.name in names else Unknown
        # Its size is that of others which carry its name.
        symbol = f"{argument}{place}" if carried is Unknown else carried
        axes.append(Axis(Size.symbol(f"{FLEXIBLE_MARK}{symbol}}}"), carried=carried))
    return Array(TensorShape(tuple(axes)), names=Names.ALL)

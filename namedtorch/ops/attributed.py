"""The arguments of an operator, taken from the attributes of a module."""

from collections.abc import Sequence
from typing import cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.call import Call
from namedtorch.ops.values import Value


def attributed(call: Call, names: str, **given: Value) -> Call:
    """The call of a forward with attributes of its module as further arguments: `"stride padding"`.

    `given` are arguments that the operator takes and the module does not say.
    """
    arguments = {name: attribute_value(call.attribute(name)) for name in names.split()}
    return Call({**call.arguments, **arguments, **given}, call.judge, call.read)


def attribute_value(value: object) -> Value:
    """What an attribute is, as rules read it: a number of an instance is a size."""
    match value:
        case bool() | float() | complex() | str() | Size() | None:
            return value
        case int():
            return Size.constant(value)
        case tuple():
            return tuple(attribute_value(one) for one in cast("Sequence[object]", value))
        case list():
            return [attribute_value(one) for one in cast("Sequence[object]", value)]
        case _:
            return Unknown

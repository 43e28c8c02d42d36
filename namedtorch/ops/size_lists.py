"""Lists of sizes as arguments: `x.view(2, 3)`, `x.view((2, 3))`, `torch.reshape(x, [2, 3])`."""

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.call import Call, as_integer
from namedtorch.ops.tensor_shape import Undetermined


def size_list(call: Call, name: str) -> list[Size | UnknownType]:
    """The sizes that an argument lists, or several arguments. Raises `Undetermined` where it is open how many."""
    value = call.value(name)
    if isinstance(value, tuple) and len(value) == 1 and value[0] is Unknown:
        # One value that nothing is known of may be a size or a list.
        raise Undetermined
    return call.sizes(name)


def integers(call: Call, name: str) -> list[int]:
    """The numbers that an argument lists. Raises `Undetermined` where one is not known."""
    return [as_integer(size) for size in size_list(call, name)]

"""Named tensors while torch.fx traces a function: the plain value is a proxy, which has no sizes."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from torch.fx import Proxy

from namedtorch.ops.table import METHOD
from namedtorch.values.named_tensor import NamedTensor, plain
from namedtorch.values.operation import Answer, Each, Operation, Template
from namedtorch.values.spellings import PROPERTIES


def is_traced(values: Any) -> bool:
    """Whether a proxy stands for one of these tensors, at any depth."""
    match values:
        case Proxy():
            return True
        case NamedTensor():
            return isinstance(cast("Any", values.tensor), Proxy)
        case list() | tuple():
            return any(is_traced(one) for one in cast("Sequence[Any]", values))
        case dict():
            return any(is_traced(one) for one in cast("Mapping[Any, Any]", values).values())
        case _:
            return False


def traced(operation: Operation, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Runs an operator on proxies, and names its result. Raises `DimError` where dims do not fit."""
    plan = operation.planned(arguments, keywords)
    bare: list[Any] = [plain(one) for one in arguments]
    given = {name: plain(one) for name, one in keywords.items()}
    for place, value in plan.places:
        if isinstance(place, int):
            bare[place] = value
        elif place.startswith("*"):
            bare[int(place[1:]) :] = [value]
        else:
            given[place] = value
    own = operation.name.removeprefix(METHOD)
    if own != operation.name and isinstance(bare[0], Proxy):
        # The methods of tensors take tensors only; a proxy has methods of the same names.
        result = getattr(bare[0], own)
        if own not in PROPERTIES:
            result = result(*bare[1:], **given)
    else:
        result = operation.function(*bare, **given)
    return with_names(operation, result, plan.template, arguments)


def with_names(operation: Operation, result: Any, template: Template, arguments: Sequence[Any]) -> Any:
    """A traced result under the dims of a template. Raises `DimError` where nothing tells them."""
    match template:
        case tuple():
            return NamedTensor(result, template)
        case list():
            # A proxy of several results is not looped over, but has items.
            return tuple(
                with_names(operation, result[place], one, arguments) for place, one in enumerate(template)
            )
        case Each():
            raise operation.refused("torch.fx does not know how many results it gives", arguments)
        case Answer(value=value):
            return value
        case _:
            raise operation.refused(template.reason or "its row tells of no tensor", arguments)

"""Functions that `@torch.jit.ignore` or `unused` leaves in Python: TorchScript still reads their types."""

import inspect
from types import FunctionType
from typing import Any

from namedtorch.lower.annotations import TypeReader
from namedtorch.lower.namespace import Scope, rebuilt
from namedtorch.lower.records import Records


def with_graph_types(function: FunctionType, records: Records) -> FunctionType:
    """The same function, checks and all, with types of the graph in its signature; itself if it has none else."""
    own = inspect.unwrap(function)
    scope = Scope(own)

    def evaluate(text: str) -> Any:
        try:
            return scope.evaluate(text)
        except (
            Exception
        ):  # An annotation may hold any expression, and names that exist for type checkers only.
            return text

    reader = TypeReader(records, evaluate)
    types = {name: reader.graph_type(annotation) for name, annotation in own.__annotations__.items()}
    if all(types[name] is annotation for name, annotation in own.__annotations__.items()):
        return function
    copy = rebuilt(function, function.__globals__)
    copy.__dict__.pop("__wrapped__", None)
    # Where it is written, for messages: torch must not follow it there.
    copy.__dict__["__namedtorch_own__"] = own
    copy.__annotations__ = types
    signature = inspect.signature(own)
    parameters = [
        one.replace(annotation=types.get(name, one.annotation)) for name, one in signature.parameters.items()
    ]
    result = types.get("return", signature.return_annotation)
    copy.__dict__["__signature__"] = signature.replace(parameters=parameters, return_annotation=result)
    return copy

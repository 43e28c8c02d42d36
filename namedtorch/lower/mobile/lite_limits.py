"""What the lite interpreter has no form for: it would read it as something else, or not at all."""

import re
from collections.abc import Collection, Iterator
from typing import Any

import torch

from namedtorch.lower.torchscript import Script

_RECORD = re.compile(r"__torch__\.(?:[\w.]+\.)?(\w+)")


def lite_limit(script: Script, entries: Collection[str], otherwise: str) -> str | None:
    """Why the lite interpreter can't take the arguments or the result of a method, and what to do; None if it can.

    `entries` are the methods that are called from outside. `otherwise` says what to do where the types are to stay.
    """
    if isinstance(script, torch.jit.ScriptModule) and (script._forward_hooks or script._forward_pre_hooks):
        return (
            "the lite interpreter calls forward without the hooks of the outermost module, and would give another "
            f"result; {otherwise}, or put the module into one whose forward calls it: there its hooks are in the graph"
        )
    for name, type_, is_given_record in _typed(script, entries):
        if "Union[" in type_:
            return (
                f"the lite interpreter has no unions, and would take one type alone for `{name}: {type_}`; "
                f"{otherwise}, or take the alternatives as parameters of their own"
            )
        # Its check of a call does not know the types of records, and reads memory that is not there (torch 2.13).
        if is_given_record:
            shown = _RECORD.sub(r"\1", type_)
            return (
                f"the lite interpreter takes no record, and dies of a call with `{name}: {shown}`; {otherwise}, or "
                "take the fields as parameters of their own: a result may be a record"
            )
        # Its reader of types knows the definition of a record that it reads first, and of none inside of another type.
        record = None if type_.startswith("__torch__.") else _RECORD.search(type_)
        if record is not None:
            shown = _RECORD.sub(r"\1", type_)
            return (
                f"the lite interpreter knows a record only where it stands alone, not in `{name}: {shown}`; "
                f"{otherwise}, or put the container into the record: `{record[1]}` with lists as its fields"
            )
    return None


def _typed(script: Script, entries: Collection[str]) -> Iterator[tuple[str, str, bool]]:
    """The arguments and results of all methods: names for messages, types, and whether a caller gives a record."""
    is_function = isinstance(script, torch.jit.ScriptFunction)
    compiled: Any = script
    functions: dict[str, Any] = (
        {"forward": compiled}
        if is_function
        else {name: compiled._c._get_method(name) for name in compiled._c._method_names()}
    )
    for method, function in functions.items():
        schema = function.schema
        # The first argument of a method is the module.
        for one in list(schema.arguments)[0 if is_function else 1 :]:
            type_ = str(one.type)
            is_record = one.type.kind() == "TupleType" and type_.startswith("__torch__.")
            yield one.name, type_, is_record and method in entries
        for one in schema.returns:
            yield "result", str(one.type), False

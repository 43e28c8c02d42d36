"""What the lite interpreter has no form for: it would read it as something else, or not at all."""

import re
from collections.abc import Iterator
from typing import Any

import torch

from namedtorch.lower.torchscript import Script

_RECORD = re.compile(r"__torch__\.(?:[\w.]+\.)?(\w+)")


def lite_limit(script: Script, otherwise: str) -> str | None:
    """Why the lite interpreter can't take the arguments or the result of a method, and what to do; None if it can.

    `otherwise` says what to do where the types are to stay.
    """
    for name, type_ in _typed(script):
        if "Union[" in type_:
            return (
                f"the lite interpreter has no unions, and would take one type alone for `{name}: {type_}`; "
                f"{otherwise}, or take the alternatives as parameters of their own"
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


def _typed(script: Script) -> Iterator[tuple[str, str]]:
    """The arguments and results of all methods, by what messages call them, with their types."""
    is_function = isinstance(script, torch.jit.ScriptFunction)
    functions: list[Any] = (
        [script] if is_function else [script._c._get_method(name) for name in script._c._method_names()]
    )
    for function in functions:
        schema = function.schema
        # The first argument of a method is the module.
        for one in (*list(schema.arguments)[0 if is_function else 1 :], *schema.returns):
            yield one.name or "result", str(one.type)

"""How a NamedTensor is shown: its dims and sizes, and the elements as torch prints them; a table in notebooks."""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final, cast

import torch
from torch import Tensor

from namedtorch.values.named_tensor import NamedTensor, dims_text
from namedtorch.values.proxies import is_traced

SHOWN: Final = 4
"""How many rows and columns of a table are shown on either side of those that it leaves out."""

_START: Final = "tensor("
_NUMBER: Final = re.compile(r"[^\s,()=\[\]]+(?=[,)])")
_GAP: Final = "…"


def show(self: NamedTensor) -> str:
    """Dims and sizes, dtype, where it lives and what made it, and the elements as torch prints them.

    `NamedTensor(N=3, float32, [1., 2., 3.])`. Elements that take several lines begin on a line of their own.
    """
    if is_traced(self):
        # To ask a proxy for anything is to put it into the graph.
        return f"NamedTensor({dims_text(self.dims)}, {self.tensor!r})"
    elements = _elements(self.tensor)
    gap = "\n" if "\n" in elements else " "
    return f"NamedTensor({', '.join(_header(self))},{gap}{elements})"


def show_html(self: NamedTensor) -> str:
    """The same for notebooks: a table of the dims, and one of the elements of a vector or a matrix."""
    names = "".join(f"<th>{escape(name or '_')}</th>" for name in self.dims)
    sizes = "".join(f"<td>{size}</td>" for size in self.tensor.shape)
    said = [part for part in _header(self) if part != _dims(self)]
    head = f"<caption>NamedTensor, {escape(', '.join(said))}</caption>"
    dims = f"<tr><th>dim</th>{names}</tr><tr><th>size</th>{sizes}</tr>" if self.dims else ""
    return f"<div><table>{head}{dims}</table>{_elements_html(self)}</div>"


METHODS: Final[dict[str, Callable[..., Any]]] = {"__repr__": show, "__str__": show, "_repr_html_": show_html}
"""Methods of NamedTensor by name."""


def _header(x: NamedTensor) -> list[str]:
    tensor = x.tensor
    parts = [_dims(x)] if x.dims else []
    parts.append(str(tensor.dtype).removeprefix("torch."))
    if tensor.device.type != "cpu":
        parts.append(f"device={tensor.device}")
    if tensor.grad_fn is not None:
        parts.append(f"grad_fn=<{tensor.grad_fn.name()}>")
    elif tensor.requires_grad:
        parts.append("requires_grad=True")
    return parts


def _dims(x: NamedTensor) -> str:
    """Dims with their sizes, as the language of shapes writes them: `N=2 C=3 5`."""
    pairs = zip(x.dims, x.tensor.shape, strict=True)
    return " ".join(str(size) if name is None else f"{name}={size}" for name, size in pairs)


def _elements(tensor: Tensor) -> str:
    """The numbers out of torch's print; all of that where it has another form."""
    text = repr(tensor.detach())
    body = text.removeprefix(_START)
    if body.startswith("["):
        return body[: _closed(body)].replace("\n" + " " * len(_START), "\n")
    number = _NUMBER.match(body)
    return text if body == text or number is None else number[0]


def _closed(text: str) -> int:
    """The place behind the bracket that closes the first one."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if not depth:
            return place + 1
    return len(text)


# Tables


def _elements_html(x: NamedTensor) -> str:
    tensor = x.tensor.detach()
    if (
        tensor.layout is not torch.strided
        or tensor.device.type == "meta"
        or tensor.ndim not in (1, 2)
        or not tensor.numel()
    ):
        return f"<pre>{escape(_elements(x.tensor))}</pre>"
    matrix = tensor if tensor.ndim == 2 else tensor[None]
    columns = _places(matrix.shape[1])
    across = x.dims[-1] or "_"
    corner = f"{escape(x.dims[0] or '_')} \\ {escape(across)}" if tensor.ndim == 2 else escape(across)
    heads = "".join(f"<th>{_GAP if place is None else place}</th>" for place in columns)
    rows = [f"<tr><th>{corner}</th>{heads}</tr>"]
    for row in _places(matrix.shape[0]):
        label = (_GAP if row is None else str(row)) if tensor.ndim == 2 else ""
        cells = "".join(f"<td>{_cell(matrix, row, column)}</td>" for column in columns)
        rows.append(f"<tr><th>{label}</th>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _places(count: int) -> Sequence[int | None]:
    """The places that are shown, None for those that are left out."""
    if count <= 2 * SHOWN + 1:
        return range(count)
    return [*range(SHOWN), None, *range(count - SHOWN, count)]


def _cell(matrix: Tensor, row: int | None, column: int | None) -> str:
    if row is None or column is None:
        return _GAP
    value = cast("object", matrix[row, column].item())
    return escape(f"{value:.4g}" if isinstance(value, float) else str(value))

"""Quantized layers, as a person reads them: what they have in common, a row for each, and what stayed float."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from namedtorch.archive.manifest import State
from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.archive.sentence import one_line
from namedtorch.archive.state_table import axes_text, count_text, first_rows, in_order, more_line

_MOST_NAMED = 4
_LONGEST_CELL = 60
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class _Row:
    """A layer as text: path, kinds, dtype and scales of its weights, their dims, and the dtype of what it gives."""

    path: str
    kinds: str
    scheme: str
    dims: str
    gives: str


def quantization_lines(quantization: Quantization, state: Mapping[str, State]) -> list[str]:
    """A heading with the method and the schemes, a row for each of the first layers, and what stayed float, and why.

    `state` gives the dims of what the layers have packed.
    """
    schemes = Counter(scheme_text(one) for one in quantization.layers.values())
    gives = {one.activation for one in quantization.layers.values()}
    layers = in_order(quantization.layers)
    dims = _dims(state)
    rows = [_row(path, one, dims.get(path, "")) for path, one in first_rows(layers)]
    # Where all layers are alike in something, the heading has said it.
    columns = [
        [one.path for one in rows],
        [one.kinds for one in rows],
        [one.scheme for one in rows] if len(schemes) > 1 else [],
        [one.dims for one in rows],
        [one.gives for one in rows] if len(gives) > 1 else [],
    ]
    lines = [_heading(quantization, schemes, gives), *_aligned(columns), *more_line(len(layers), len(rows))]
    reasons: dict[str, list[str]] = {}
    for path, reason in in_order(quantization.stayed):
        reasons.setdefault(reason, []).append(path)
    if reasons:
        shown = first_rows(list(reasons.items()))
        lines.append(f"stayed float: {_layers(len(quantization.stayed))}")
        lines += [f"  {_listed(paths)}: {one_line(reason, _LONGEST_REASON)}" for reason, paths in shown]
        lines += more_line(len(reasons), len(shown))
    return lines


def quantization_data(quantization: Quantization | None) -> dict[str, Any] | None:
    """The quantization as JSON-able data, its layers in the order of their paths; None for a float model."""
    if quantization is None:
        return None
    return {
        "method": quantization.method,
        "engine": quantization.engine,
        "float_digest": quantization.float_digest,
        "layers": [
            {
                "path": path,
                "kind": one.kind,
                "fused": list(one.fused),
                "weight": one.weight,
                "scheme": one.scheme,
                "axis": one.axis,
                "dim": one.dim,
                "activation": one.activation,
            }
            for path, one in in_order(quantization.layers)
        ],
        "stayed": dict(in_order(quantization.stayed)),
    }


def _heading(quantization: Quantization, schemes: Counter[str], gives: set[str]) -> str:
    """ "quantized: static for x86; 52 layers qint8 per channel along `out`, 1 layer float16; activations quint8"."""
    parts = [f"{_layers(number)} {scheme}" for scheme, number in schemes.most_common(_MOST_NAMED)]
    hidden = len(quantization.layers) - sum(number for _, number in schemes.most_common(_MOST_NAMED))
    if hidden:
        parts.append(f"{_layers(hidden)} otherwise")
    said = [f"{quantization.method} for {_cell(quantization.engine)}", ", ".join(parts) or "no layers"]
    if any(gives):
        named = [_cell(one or "float") for one in sorted(gives, reverse=True)]
        said.append(f"activations {', '.join(_cut(named))}")
    return f"quantized: {'; '.join(said)}"


def _row(path: str, one: LayerScheme, dims: str) -> _Row:
    return _Row(
        path=_path(path),
        kinds=_cell(" + ".join((one.kind, *one.fused))),
        # The heading has said that channels are meant.
        scheme=scheme_text(one).replace(" per channel along", " along") if one.weight else "",
        dims=_cell(dims),
        gives=f"gives {_cell(one.activation or 'float')}",
    )


def _dims(state: Mapping[str, State]) -> dict[str, str]:
    """The sizes and dims of the weights of each layer, by its path; those of biases are among them."""
    found: dict[str, dict[str, None]] = {}
    for path, one in state.items():
        if one.kind == "packed" and len(one.sizes) > 1:
            found.setdefault(path.rpartition(".")[0], {})[axes_text(one)] = None
    return {path: ", ".join(texts) for path, texts in found.items()}


def scheme_text(one: LayerScheme) -> str:
    """ "qint8 per channel along `out`", "qint8 per tensor"; in float16 there are no scales."""
    if not one.weight:
        return "without weights"
    dtype = _cell(one.weight)
    if one.scheme == "per_tensor":
        return dtype if dtype.startswith("float") else f"{dtype} per tensor"
    if one.dim is not None:
        return f"{dtype} per channel along `{_cell(one.dim)}`"
    return f"{dtype} per channel" if one.axis is None else f"{dtype} per channel along axis {one.axis}"


def _aligned(columns: Iterable[list[str]]) -> list[str]:
    """The columns in which something stands, side by side."""
    padded: list[list[str]] = []
    for column in columns:
        if any(column):
            width = max(map(len, column))
            padded.append([f"{cell:<{width}}" for cell in column])
    return ["  " + "  ".join(cells).rstrip() for cells in zip(*padded, strict=True)]


def _listed(paths: list[str]) -> str:
    return ", ".join(_cut([_path(one) for one in paths]))


def _cut(names: list[str]) -> list[str]:
    """The first of some names, and how many more there are."""
    if len(names) <= _MOST_NAMED + 1:
        return names
    return [*names[:_MOST_NAMED], f"{len(names) - _MOST_NAMED} more"]


def _path(path: str) -> str:
    return _cell(path) or "the model itself"


def _cell(text: str) -> str:
    return one_line(text, _LONGEST_CELL)


def _layers(count: int) -> str:
    return count_text(count, "layer")

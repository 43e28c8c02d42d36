"""What a person, or a program, reads of an archive."""

import json
from collections.abc import Iterator
from typing import Any, cast

from namedtorch.archive.container import Archive
from namedtorch.archive.digest import WHOLE
from namedtorch.archive.interface import Interface
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.places import place_text
from namedtorch.archive.quantization_table import quantization_data, quantization_lines
from namedtorch.archive.sentence import one_line, printable
from namedtorch.archive.state_table import first_rows, numbers_in, state_lines, state_rows
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.signature import Parameter, Signature

_GUARDS = {
    "boundary": "in the graph, at the outermost module",
    "all": "in the graph, at every module",
    "none": "not in the graph; load checks in Python",
}
UNREAD = "not read, as the file is large; namedtorch inspect --sha256 reads it"
"""What stands in the place of the whole file's sha256."""
_LONGEST_LINE = 2000
_LONGEST_VALUE = 100
_LONGEST_LIST = 300
_LONGEST_DIGEST = 12
_DIGESTS = ("weights", "code", "constants", "other", WHOLE)
_FORMATS = {
    "torchscript": "TorchScript",
    "export": "torch.export",
    "onnx": "ONNX",
    "executorch": "ExecuTorch",
}


def describe(archive: Archive, sha256: str = "") -> str:
    """The archive as a block of text: what it takes and gives, what it holds, how it was made, by which versions.

    `sha256` is that of the whole file, "" where it was not read.
    """
    manifest = archive.manifest
    lines = [f"{archive.path.name}: {manifest.name} ({manifest.kind}, {manifest.mode} mode)"]
    for name in _in_order(manifest):
        signature = manifest.methods[name].signature
        lines += ["", f"  {name}: {signature}", *_table(list(_rows(signature)), "    ")]
    if manifest.state:
        heading, *rows = state_lines(manifest.state)
        if is_of_float_model(manifest):
            heading = heading.replace("state", "state of the float model", 1)
        lines += ["", *(f"  {line}" for line in (heading, *rows))]
    if manifest.quantization is not None:
        quantized = quantization_lines(manifest.quantization, manifest.state)
        lines += ["", *(f"  {line}" for line in quantized)]
    if manifest.metadata:
        rows = [(one_line(name, 40) or '""', _value(value)) for name, value in manifest.metadata.items()]
        lines += ["", "  metadata", *_table(_first(rows), "    ")]
    # Names and types come out of the file: nothing in them may move the cursor.
    return "\n".join(
        printable(line)[:_LONGEST_LINE]
        for line in [*lines, "", *_table([*facts(archive), ("sha256", sha256 or UNREAD)], "  ")]
    )


def is_of_float_model(manifest: Manifest) -> bool:
    """Tells whether the state of a manifest is that of the model before it was quantized: flat graphs pack nothing."""
    return manifest.quantization is not None and manifest.interface is not None


def to_dict(archive: Archive, sha256: str = "") -> dict[str, Any]:
    """The archive as JSON-able data: what `describe` says, and the manifest itself; `sha256` is None for ""."""
    manifest = archive.manifest
    return {
        "path": str(archive.path),
        "bytes": archive.size,
        "sha256": sha256 or None,
        "format": manifest.format,
        "lite": archive.lite,
        "name": manifest.name,
        "kind": manifest.kind,
        "mode": manifest.mode,
        "guards": manifest.guards,
        "method": manifest.method,
        "traced": list(manifest.traced),
        "stages": list(manifest.stages),
        "namedtorch_version": manifest.namedtorch_version,
        "torch_version": manifest.torch_version,
        "schema_version": manifest.schema_version,
        "rules_version": manifest.rules_version,
        "signature": str(manifest.signature),
        "methods": {name: _method(manifest.methods[name].signature) for name in _in_order(manifest)},
        "parameters": numbers_in(manifest.state, "parameter"),
        "buffers": numbers_in(manifest.state, "buffer"),
        "packed": numbers_in(manifest.state, "packed"),
        "state": state_rows(manifest.state),
        "quantization": quantization_data(manifest.quantization),
        "sizes": {name: {"size": one.size, "by": one.by} for name, one in manifest.sizes.items()},
        "operators": dict(manifest.operators),
        "interface": None if manifest.interface is None else manifest.interface.to_json(),
        "metadata": manifest.metadata,
        "digests": dict(manifest.digests),
        "manifest": manifest.to_dict(),
    }


def facts(archive: Archive) -> Iterator[tuple[str, str]]:
    """What else is known of the archive, each with its name."""
    manifest = archive.manifest
    if manifest.sizes:
        sizes = [f"{name}={one.size} by {one.by}" for name, one in sorted(manifest.sizes.items())]
        yield "sizes", ", ".join(sizes)
    if manifest.operators:
        needed = [
            (name, "not known from where" if by == "unknown" else f"from {by}")
            for name, by in sorted(manifest.operators.items())
        ]
        for place, row in enumerate(_table(_first(needed), "")):
            yield "" if place else "needs", row
    if manifest.interface is not None:
        yield from _flat(manifest.interface)
    yield "guard", _GUARDS[manifest.guards]
    lite = ", for the lite interpreter too" if archive.lite else ""
    yield "file", f"{bytes_text(archive.size)}, {_FORMATS[manifest.format]}{lite}"
    stages = ", ".join((manifest.method, *manifest.stages))
    versions = f"namedtorch {manifest.namedtorch_version}, torch {manifest.torch_version}"
    yield "made", f"{stages} by {versions}; schema {manifest.schema_version}, rules {manifest.rules_version}"
    inner = [path for path in manifest.traced if path]
    if inner:
        yield "traced", one_line(", ".join(inner), _LONGEST_LIST)
    if manifest.quantization is not None:
        yield "twin", f"the float model whose state is {manifest.quantization.float_digest[:_LONGEST_DIGEST]}"
    if manifest.digests:
        short = [
            f"{group} {manifest.digests[group][:_LONGEST_DIGEST]}"
            for group in _DIGESTS
            if group in manifest.digests
        ]
        yield "digests", ", ".join(short)


def _flat(interface: Interface) -> Iterator[tuple[str, str]]:
    """How the graph itself is called, which knows tensors alone."""
    yield "inputs", one_line(", ".join(one.name for one in interface.inputs) or "none", _LONGEST_LIST)
    yield "outputs", one_line(", ".join(interface.outputs) or "none", _LONGEST_LIST)
    fixed = [f"{place_text(one.path)}={one.value!r}" for one in interface.fixed]
    fixed += [f"{place_text(one.path)} has {one.length} elements" for one in interface.lengths]
    if fixed:
        yield "fixed", one_line(", ".join(fixed), _LONGEST_LIST)


def _first(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first rows, and a row that says how many more there are."""
    shown = first_rows(rows)
    hidden = len(rows) - len(shown)
    return [*shown, ("...", f"and {hidden} more, all with --json")] if hidden else rows


def _value(value: object) -> str:
    """A value of the user's metadata, cut to a line; of a long list or object how many items it has."""
    text = one_line(json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)
    if isinstance(value, list | dict) and text.endswith("..."):
        count = len(cast("list[object] | dict[str, object]", value))
        return f"{text} ({count} items)"
    return text


def _in_order(manifest: Manifest) -> list[str]:
    return ["forward", *sorted(manifest.methods.keys() - {"forward"})]


def _method(signature: Signature) -> dict[str, Any]:
    return {
        "signature": str(signature),
        "parameters": [
            {"name": one.name, "required": one.required, **_hint(one.hint)} for one in signature.parameters
        ],
        "result": _hint(signature.result),
        "where": _constraints(signature),
    }


def _hint(hint: Hint) -> dict[str, Any]:
    return {"dims": str(hint), "dtypes": _families(hint)}


def _rows(signature: Signature) -> Iterator[tuple[str, str]]:
    """A parameter, the result or the constraints a row: name, dtypes and dims."""
    hints = [*(one.hint for one in signature.parameters), signature.result]
    width = max(len(_dtypes(hint)) for hint in hints)
    for one in signature.parameters:
        yield one.name, f"{_dtypes(one.hint):<{width}}  {_dims(one.hint)}{_default(one)}"
    yield "->", f"{_dtypes(signature.result):<{width}}  {_dims(signature.result)}"
    constraints = _constraints(signature)
    if constraints:
        yield "where", ", ".join(constraints)


def _dims(hint: Hint) -> str:
    # The shape of a scalar is the empty text.
    return str(hint) or "(a scalar)"


def _default(parameter: Parameter) -> str:
    return "" if parameter.required else f" = {parameter.default!r}"


def _constraints(signature: Signature) -> list[str]:
    shapes = [constraint for hint in signature.tensors for constraint in hint.shape.where]
    return list(dict.fromkeys(str(constraint) for constraint in (*shapes, *signature.where)))


def _dtypes(hint: Hint) -> str:
    return "|".join(_families(hint))


def _families(hint: Hint) -> list[str]:
    """The names of the dtype families of the tensors in a hint, each once."""
    match hint:
        case TensorHint():
            found = [hint.family.name]
        case PlainHint():
            found = []
        case OptionalHint(inner=inner) | ListHint(item=inner) | DictHint(value=inner):
            found = _families(inner)
        case UnionHint(members=parts) | TupleHint(items=parts):
            found = [name for part in parts for name in _families(part)]
        case RecordHint(fields=fields):
            found = [name for _, part in fields for name in _families(part)]
    return list(dict.fromkeys(found))


def _table(rows: list[tuple[str, str]], indent: str) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"{indent}{name:<{width}}  {text}".rstrip() for name, text in rows]


def bytes_text(size: int) -> str:
    """A size in bytes as people read it: `14.3 MB`."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} bytes"

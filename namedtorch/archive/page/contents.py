"""What stands on the page of an archive, as texts and tables."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from namedtorch.archive.container import Archive
from namedtorch.archive.digest import WHOLE
from namedtorch.archive.inspect import UNREAD, bytes_text, facts, is_of_float_model, to_dict
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.quantization import Quantization
from namedtorch.archive.quantization_table import scheme_text
from namedtorch.archive.sentence import one_line
from namedtorch.archive.state_table import axes_text, count_text, in_order, numbers_in

_MOST_ROWS = 2000
_LONGEST_VALUE = 4000
_ELSEWHERE = {"sizes", "needs", "", "digests", "twin", "file"}
"""What the page says in another place."""
_RECORDS = {WHOLE: "the file without its manifest"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading, a sentence before it, and one after it; `right` are the columns of numbers."""

    title: str
    rows: Sequence[Sequence[str]]
    header: Sequence[str] = ()
    right: Sequence[int] = ()
    lead: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A method: its name, its signature as text, and a row for each argument and the result."""

    name: str
    text: str
    table: Table


@dataclass(frozen=True, slots=True)
class Contents:
    """What the page says, in order; `caption` is of the picture, `undrawn` stands where there is none."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    signatures: Sequence[Signed]
    caption: str
    undrawn: str
    tables: Sequence[Table]


def contents_of(archive: Archive, sha256: str) -> Contents:
    """What the page of an archive says; `sha256` is that of the whole file, "" where it was not read."""
    manifest = archive.manifest
    made = dict(facts(archive))
    return Contents(
        title=manifest.name.rpartition(".")[2] or manifest.name,
        subtitle=f"{archive.path.name}: {manifest.name} ({manifest.kind}, {manifest.mode} mode), {made['file']}",
        facts=tuple(_numbers(archive)),
        signatures=[_signed(name, one) for name, one in to_dict(archive)["methods"].items()],
        caption=(
            "One run of the model. Dims hold for all sizes that were tried: a dim of the signature, or arithmetic of "
            "one; a name and its size where the size never changed; _ where a size changed otherwise. Modules of "
            "torch are one node each."
        ),
        undrawn=(
            "There is no picture in this file: one is made when a model is lowered and compared with its original "
            "(verify=True), and can be run on inputs that its signature describes."
        ),
        tables=[one for one in _tables(manifest, made, sha256) if one.rows],
    )


def _numbers(archive: Archive) -> Iterator[tuple[str, str]]:
    manifest = archive.manifest
    for kind, what in (("parameter", "numbers in parameters"), ("packed", "numbers in packed weights")):
        count = numbers_in(manifest.state, kind)
        if count:
            yield f"{count:,}", what
    yield bytes_text(archive.size), "size of the file"
    yield manifest.torch_version, "torch that made it"
    if manifest.quantization is not None:
        yield manifest.quantization.method, f"quantization for {manifest.quantization.engine}"


def _signed(name: str, method: Mapping[str, Any]) -> Signed:
    rows = [
        (
            one["name"],
            "|".join(one["dtypes"]),
            one["dims"] or "(a scalar)",
            "" if one["required"] else "may be left out",
        )
        for one in method["parameters"]
    ]
    result = method["result"]
    rows.append(("->", "|".join(result["dtypes"]), result["dims"] or "(a scalar)", ""))
    if method["where"]:
        rows.append(("where", "", ", ".join(method["where"]), ""))
    if not any(row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    header = ("", "dtype", "dims", "")[: len(rows[0])]
    return Signed(name, method["signature"], Table(f"{name}: arguments and result", rows, header))


def _tables(manifest: Manifest, made: Mapping[str, str], sha256: str) -> Iterator[Table]:
    yield Table(
        "Sizes",
        [(name, str(one.size), one.by) for name, one in sorted(manifest.sizes.items())],
        ("dim", "size", "known by"),
        (1,),
        "What has one size in every call.",
    )
    yield _state(manifest)
    if manifest.quantization is not None:
        yield from _quantized(manifest.quantization)
    yield Table("How it was made", [(name, text) for name, text in made.items() if name not in _ELSEWHERE])
    yield Table(
        "Operators that it needs",
        [
            (name, "not known from where" if by == "unknown" else by)
            for name, by in sorted(manifest.operators.items())
        ],
        ("operator", "from"),
    )
    yield Table(
        "Metadata",
        [(name, _value(value)) for name, value in manifest.metadata.items()],
        lead="What the author added.",
    )
    digests = sorted(manifest.digests.items())
    yield Table(
        "Digests",
        [("the whole file", sha256 or UNREAD), *((_RECORDS.get(one, one), text) for one, text in digests)],
        ("of", "sha256"),
        lead=(
            "That of the whole file pins it: namedtorch.load(..., sha256=...)."
            + (
                " namedtorch inspect --check holds the file against the others, which stand in it."
                if digests
                else ""
            )
        ),
    )


def _state(manifest: Manifest) -> Table:
    entries = in_order(manifest.state)
    of_float = " of the float model" if is_of_float_model(manifest) else ""
    rows = [(path, one.kind, one.dtype, axes_text(one)) for path, one in entries[:_MOST_ROWS]]
    return Table(
        "Parameters and buffers",
        rows,
        ("path", "kind", "dtype", "dims"),
        lead=f"{count_text(len(entries), 'tensor')}{of_float}, sizes beside their dims where the dims are known.",
        note=_more(len(entries), len(rows)),
    )


def _quantized(quantization: Quantization) -> Iterator[Table]:
    layers = in_order(quantization.layers)
    rows = [
        (
            path or "the model itself",
            " + ".join((one.kind, *one.fused)),
            scheme_text(one),
            one.activation or "float",
        )
        for path, one in layers[:_MOST_ROWS]
    ]
    yield Table(
        "Quantized layers",
        rows,
        ("path", "layer", "weights", "gives"),
        lead=f"{quantization.method} for {quantization.engine}; made of the float model whose state is "
        f"{quantization.float_digest}",
        note=_more(len(layers), len(rows)),
    )
    stayed = in_order(quantization.stayed)
    yield Table(
        "Layers that stayed float",
        [(path or "the model itself", why) for path, why in stayed[:_MOST_ROWS]],
        ("path", "why"),
        note=_more(len(stayed), min(len(stayed), _MOST_ROWS)),
    )


def _more(count: int, shown: int) -> str:
    return f"and {count - shown:,} more, all with namedtorch inspect --json" if shown < count else ""


def _value(value: object) -> str:
    return one_line(json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)

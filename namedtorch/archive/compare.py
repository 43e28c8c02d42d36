"""Comparing two models: whether what was written for the old one can use the new one."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from namedtorch.archive.compare_fixed import fixed_reasons, freed
from namedtorch.archive.compare_notes import notes_of
from namedtorch.archive.comparison import Comparison, Verdict
from namedtorch.archive.container import read_manifest
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.sentence import one_line, printable
from namedtorch.diagnostics import AnnotationError, ArchiveError
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.dtypes import EVERY, FAMILIES, Family
from namedtorch.signature.hint_json import ELIDED, default_from_json, default_to_json
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.known import map_signature
from namedtorch.signature.pairs import pairs
from namedtorch.signature.signature import Signature
from namedtorch.signature.subtype import misfits

_LONGEST_LINE = 2000
_MOST_DTYPES = 4
_EXACT: Mapping[str, Family] = {
    **{one.dtypes[0]: one for one in FAMILIES.values() if one.dtypes is not None and len(one.dtypes) == 1},
    "bool": FAMILIES["Bool"],
}
"""The family of each dtype alone."""

Model = Manifest | str | os.PathLike[str]
"""A model: its manifest, or the path of an archive."""

_Change = Callable[[Signature], Signature]


def compare(old: Model, new: Model, *, dtype: str | None = None) -> Comparison:
    """Whether the new model takes every call that the old one takes, and returns what the old one promised.

    Models are archives of any format, of which only the manifests are read. The signatures of each method are compared:
    a call that the old guard takes, the new one has to take, dtypes included; names of dims do not matter, names of
    parameters and methods do. Values are not compared: other weights are a note, another default of an argument is a
    change. With a `dtype` ("float32") callers are taken to give and expect it wherever a signature leaves that open.
    Raises ArchiveError for a file that can't be read, and for a signature that has no meaning; ValueError for a dtype
    that there is not.
    """
    names = _name(old, "the old model"), _name(new, "the new model")
    before, after = (one if isinstance(one, Manifest) else read_manifest(one) for one in (old, new))
    change = _taken_at_their_word if dtype is None else _with(dtype)
    try:
        reasons, changes = _reasons(before, after, change), []
        if not reasons:
            changes = _changes(before, after, change)
    except (AnnotationError, SizeLimitError) as error:
        raise ArchiveError(
            f"{names[0]}, {names[1]}: a signature has no meaning ({one_line(str(error))})"
        ) from error
    notes = notes_of(before, after)
    if dtype is None and any("asks for the dtype" in text for text in reasons):
        notes = [*_dtype_notes(before, after), *notes]
    verdict: Verdict = "breaking" if reasons else "compatible" if changes else "identical"
    texts = str(before.signature), str(after.signature)
    # Half of this comes out of the files: nothing in it may move a cursor.
    return Comparison(
        verdict,
        *names,
        tuple(map(_line, reasons)),
        tuple(map(_line, changes)),
        tuple(map(_line, notes)),
        (_line(texts[0]), _line(texts[1])) if texts[0] != texts[1] else None,
    )


def _reasons(old: Manifest, new: Manifest, change: _Change) -> list[str]:
    """Why a caller of the old model can't use the new one."""
    found: list[str] = []
    for name in _in_order(old):
        if name not in new.methods:
            found.append(f"the method `{name}` is gone")
            continue
        first, second = (change(one.methods[name].signature) for one in (old, new))
        texts = misfits(
            first, second, caller="a caller of the old model", model="the new model", remedies=False
        )
        found += _of(name, texts)
    return found + fixed_reasons(old, new)


def _changes(old: Manifest, new: Manifest, change: _Change) -> list[str]:
    """What a caller of the new model may do that the old one did not take; and defaults that are others."""
    found: list[str] = []
    for name in _in_order(new):
        if name not in old.methods:
            found.append(f"the method `{name}` is new")
            continue
        first, second = (change(one.methods[name].signature) for one in (old, new))
        texts = misfits(
            second, first, caller="a caller of the new model", model="the old model", remedies=False
        )
        found += _of(name, [*texts, *_defaults(first, second)])
    return found + freed(old, new)


def _defaults(old: Signature, new: Signature) -> Iterator[str]:
    """The arguments that are something else where a call leaves them out."""
    for one, other in pairs(old, new, "", "")[0]:
        if one.default is Unknown or other.default is Unknown:
            continue
        now, before = (default_from_json(default_to_json(value)) for value in (other.default, one.default))
        if repr(now) == repr(before):
            continue
        now, before = (
            "a value that no manifest holds" if value is ELIDED else one_line(repr(value), 80)
            for value in (now, before)
        )
        yield f"`{other.name}` is {now} where it is left out, and was {before}: such a call computes something else"


def _of(method: str, texts: list[str]) -> list[str]:
    return texts if method == "forward" else [f"in `{method}`, {text}" for text in texts]


def _in_order(manifest: Manifest) -> list[str]:
    return ["forward", *sorted(manifest.methods.keys() - {"forward"})]


def _taken_at_their_word(signature: Signature) -> Signature:
    """The signature in which `Shaped` takes every dtype: the guard does, whatever its author left unsaid."""
    return map_signature(
        signature, lambda hint: replace(hint, family=EVERY) if hint.family.dtypes is None else hint
    )


def _with(dtype: str) -> _Change:
    """Narrows the families that take a dtype to that one."""
    exact = _EXACT.get(dtype)
    if exact is None:
        raise ValueError(f"there is no dtype {one_line(dtype, 40)!r}")

    def narrow(hint: TensorHint) -> TensorHint:
        return replace(hint, family=exact) if hint.family.takes(dtype) else hint

    return lambda signature: map_signature(signature, narrow)


def _dtype_notes(old: Manifest, new: Manifest) -> Iterator[str]:
    """With which dtype of all callers the new model does, where one side names it and the other a family."""
    methods = [one.signature for side in (old, new) for one in side.methods.values()]
    exact = {one.family.dtypes for each in methods for one in each.tensors if one.family.dtypes is not None}
    # A dtype of a manifest's own has no family here.
    for dtype in sorted(one[0] for one in exact if len(one) == 1 and one[0] in _EXACT)[:_MOST_DTYPES]:
        change = _with(dtype)
        if not _reasons(old, new, change):
            verdict = "compatible" if _changes(old, new, change) else "identical"
            yield f"where callers give and expect {dtype}, the new model is {verdict} (--dtype {dtype})"


def _name(model: Model, default: str) -> str:
    return default if isinstance(model, Manifest) else one_line(Path(model).name or os.fspath(model), 80)


def _line(text: str) -> str:
    return printable(text)[:_LONGEST_LINE]

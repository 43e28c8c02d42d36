"""What two models differ in besides what they take and give."""

from collections.abc import Iterator, Mapping
from typing import Any

from namedtorch.archive.frozen import is_frozen
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.quantization import Quantization
from namedtorch.archive.sentence import one_line
from namedtorch.archive.state_table import numbers_in
from namedtorch.dims.pattern import Dim
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hint_json import default_to_json
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.pairs import pairs
from namedtorch.signature.signature import tensors_of

FORMATS: Mapping[str, str] = {
    "torchscript": "TorchScript",
    "export": "torch.export",
    "onnx": "ONNX",
    "executorch": "ExecuTorch",
}
"""What each format is called."""

_GUARDS = {
    "boundary": "at the outermost module",
    "all": "at every module",
    "none": "nowhere",
}
_LONGEST = 40


def notes_of(old: Manifest, new: Manifest) -> list[str]:
    """What else is different, one sentence each; what matters most comes first."""
    return [
        *_layouts(old, new),
        *_format(old, new),
        *_interface(old, new),
        *_mode(old, new),
        *_defaults(old, new),
        *_contents(old, new),
        *_quantization(old, new),
        *_operators(old, new),
        *_guards(old, new),
        *_metadata(old, new),
        *_origin(old, new),
    ]


def _layouts(old: Manifest, new: Manifest) -> Iterator[str]:
    """The tensors whose dims have the same names in another order: names do not matter, and this is no chance."""
    for method in sorted(old.methods.keys() & new.methods.keys()):
        before, now = (one.methods[method].signature for one in (old, new))
        places = [(f"`{other.name}`", one.hint, other.hint) for one, other in pairs(before, now, "", "")[0]]
        for what, ours, theirs in [*places, ("the result", before.result, now.result)]:
            tensors = tensors_of(ours), tensors_of(theirs)
            for one, other in zip(*tensors, strict=False) if len(tensors[0]) == len(tensors[1]) else ():
                was, found = _dims(one), _dims(other)
                if was != found and sorted(was) == sorted(found):
                    where = "" if method == "forward" else f" of `{method}`"
                    yield (
                        f"{what}{where} has the same dims in another order, `{' '.join(found)}`, and had "
                        f"`{' '.join(was)}`: is it another layout?"
                    )


def _dims(hint: TensorHint) -> list[str]:
    """How each axis is called, `C` also where it is `C=3`."""
    names = [axis.name if isinstance(axis, Dim) else Unknown for axis in hint.shape.axes]
    texts = [str(axis) for axis in hint.shape.axes]
    return [text if name is Unknown else name for name, text in zip(names, texts, strict=True)]


def _format(old: Manifest, new: Manifest) -> Iterator[str]:
    if old.format != new.format:
        yield f"the format is {FORMATS[new.format]}, and was {FORMATS[old.format]}: another runtime"


def _interface(old: Manifest, new: Manifest) -> Iterator[str]:
    """The names in a flat graph, which callers see who run it without namedtorch."""
    if old.interface is None or new.interface is None:
        return
    inputs = [[one.name for one in side.inputs] for side in (old.interface, new.interface)]
    for kind, (before, now) in (
        ("inputs", inputs),
        ("outputs", [list(old.interface.outputs), list(new.interface.outputs)]),
    ):
        if before != now:
            yield f"the graph's {kind} are {_names(now)}, and were {_names(before)}"


def _mode(old: Manifest, new: Manifest) -> Iterator[str]:
    if old.mode != new.mode:
        yield f"the model is in {new.mode} mode, and was in {old.mode} mode"


def _defaults(old: Manifest, new: Manifest) -> Iterator[str]:
    """The arguments whose defaults no manifest holds: a tuple, an enum."""
    for name in sorted(old.methods.keys() & new.methods.keys()):
        before, now = (one.methods[name].signature for one in (old, new))
        for one, other in pairs(before, now, "", "")[0]:
            if not one.required and not other.required and all(map(_is_unheld, (one.default, other.default))):
                where = "" if name == "forward" else f" of `{name}`"
                yield f"whether the default of `{other.name}`{where} is the same is not known: no manifest holds it"


def _is_unheld(default: Any) -> bool:
    return "elided" in default_to_json(default)


def _contents(old: Manifest, new: Manifest) -> Iterator[str]:
    """Whether the files hold the same."""
    # What is quantized is packed: how many numbers it was shows nothing.
    if old.state and new.state and (old.quantization is None) == (new.quantization is None):
        before, now = (numbers_in(one.state, "parameter") for one in (old, new))
        if before != now:
            yield f"{now:,} parameters, and there were {before:,}"
        dtypes = [_names(sorted({one.dtype for one in side.state.values()})) for side in (old, new)]
        if dtypes[0] != dtypes[1]:
            yield f"parameters and buffers are {dtypes[1]}, and were {dtypes[0]}"
    unknown = "whether the weights are the same is not known"
    if not old.digests or not new.digests:
        yield f"{unknown}: the {'old' if not old.digests else 'new'} file holds no digests"
    elif old.format != new.format:
        yield f"{unknown}: the formats differ"
    elif is_frozen(old) != is_frozen(new):
        yield f"{unknown}: the {'old' if is_frozen(old) else 'new'} model is frozen, and has them in its graph"
    elif "file" in new.digests:
        if old.digests != new.digests:
            yield "the files differ: in weights, or in the graph"
    else:
        # A frozen model keeps its weights among the constants.
        others = [one for one in ("weights", "constants") if old.digests.get(one) != new.digests.get(one)]
        if others:
            yield f"the {' and '.join(others)} differ"
        elif old.digests.get("code") != new.digests.get("code"):
            yield (
                "the weights are the same; whether the code is, is not known: its bytes differ (torch writes one code "
                "in several orders)"
            )


def _quantization(old: Manifest, new: Manifest) -> Iterator[str]:
    before, now = (_scheme(one.quantization) for one in (old, new))
    if before != now:
        yield f"the model is {now}, and was {before}"
    elif old.quantization is not None and new.quantization is not None:
        changed = sum(
            old.quantization.layers.get(path) != new.quantization.layers.get(path)
            for path in old.quantization.layers.keys() | new.quantization.layers.keys()
        )
        if changed:
            yield f"{changed} layer{'' if changed == 1 else 's'} quantized otherwise"


def _scheme(quantization: Quantization | None) -> str:
    return "float" if quantization is None else f"quantized ({quantization.method}, {quantization.engine})"


def _operators(old: Manifest, new: Manifest) -> Iterator[str]:
    for name in sorted(new.operators.keys() - old.operators.keys()):
        by = new.operators[name]
        origin = "" if by == "unknown" else f" from {one_line(by, _LONGEST)}"
        yield f"needs the operator {one_line(name, _LONGEST)}{origin}, and the old one did not"


def _guards(old: Manifest, new: Manifest) -> Iterator[str]:
    if old.guards != new.guards:
        yield f"the graph holds guards {_GUARDS[new.guards]}, and held them {_GUARDS[old.guards]}"


def _metadata(old: Manifest, new: Manifest) -> Iterator[str]:
    before, now = old.metadata, new.metadata
    groups = (
        ("new", sorted(now.keys() - before.keys())),
        ("gone", sorted(before.keys() - now.keys())),
        (
            "changed",
            sorted(name for name in now.keys() & before.keys() if repr(now[name]) != repr(before[name])),
        ),
    )
    for what, names in groups:
        if names:
            yield f"metadata: {_names(names)} {'is' if len(names) == 1 else 'are'} {what}"


def _origin(old: Manifest, new: Manifest) -> Iterator[str]:
    if old.name != new.name:
        yield f"the model is {one_line(new.name, 80)}, and was {one_line(old.name, 80)}"
    if old.torch_version != new.torch_version:
        now, before = (one_line(one.torch_version, _LONGEST) for one in (new, old))
        yield f"made by torch {now}, and was by torch {before}"


def _names(names: list[str]) -> str:
    shown = [f"`{one_line(name, _LONGEST)}`" for name in names[:8]]
    return ", ".join(shown) + (f" and {len(names) - 8} more" if len(names) > 8 else "")

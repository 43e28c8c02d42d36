"""Dynamic quantization: weights are quantized once, activations in each call; the user's Python stays as it is."""

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.ao.quantization import qconfig as defaults
from torch.ao.quantization import quantize_dynamic
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear

from namedtorch.diagnostics import LowerError
from namedtorch.lower.drawing import said
from namedtorch.lower.functions import is_torchs
from namedtorch.lower.mending.module_classes import written_class
from namedtorch.lower.quantize.choice import around, chosen
from namedtorch.lower.quantize.converted import Converted
from namedtorch.lower.quantize.layers import DYNAMIC, is_table, refuse_lazy, unable
from namedtorch.lower.quantize.qconfigs import layer_qconfigs
from namedtorch.lower.quantize.reads import read_weights
from namedtorch.lower.quantize.rebuilt import Whole, rebuilt, unguarded
from namedtorch.lower.quantize.schemes import schemes_of
from namedtorch.lower.quantize.settings import Settings, converting
from namedtorch.lower.quantize.subject import Subject
from namedtorch.lower.quantize.transformers import has_fast_path, without_fast_path
from namedtorch.lower.quantize.trial import Trial, sound, told
from namedtorch.lower.quantize.widened import widened

Reasons = dict[int, str]
"""Why layers stay float, by the ids of the float layers."""


def dynamic(subject: Subject, settings: Settings) -> Converted:
    """The body of a subject with its layers quantized by torch's `quantize_dynamic`, all other code as it is.

    A layer that code of the model needs as it is stays float: what reads its weights, and what makes the model fail on
    inputs that the float one takes. Raises LowerError where nothing is left to quantize, for what `skip` names in vain,
    and for a layer that has no weights yet.
    """
    with converting(settings.engine):
        given = unguarded(subject.copy())
        for path, one in _tree(given):
            refuse_lazy(one, path)
        skipped = chosen(given, settings.skip)
        trial = Trial(subject, given)
        reference, whole = _rebuilt(given, skipped, trial)
        reasons: Reasons = {}
        for path, one in _tree(reference):
            reason = _above(path, {**whole, **skipped})
            if reason:
                reasons.setdefault(id(one), reason)
        quantized = _swapped(_quantizable(reference, settings, reasons), reasons)
        quantized = _sound(reference, quantized, reasons, trial)
        for one in _shared(reference, quantized, reasons):
            del quantized[one]
        left = {path: reasons[id(one)] for path, one in _tree(reference) if id(one) in reasons}
        if quantized:
            left = {**_without_operator(reference, quantized), **left}
        else:
            raise LowerError(_nothing(subject, reference, left))
        body = copy.deepcopy(reference, dict(quantized))
        layers, stayed = schemes_of(body, reference, left)
        if isinstance(reference, Whole):
            # The user's model is the layer.
            layers = {"": layers["layer"]}
        return Converted(body, reference, layers, stayed)


def _tree(root: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    return root.named_modules(remove_duplicate=False)


def _above(path: str, reasons: Mapping[str, str]) -> str:
    """The reason of the nearest module that a path stands in, or of it itself; "" where there is none."""
    return next((reasons[one] for one in around(path) if one in reasons), "")


def _sharing(root: nn.Module) -> dict[int, Any]:
    """What a copy of a tree shares with it: the parameters."""
    return {id(one): one for one in root.parameters()}


def _rebuilt(given: nn.Module, skipped: Mapping[str, str], trial: Trial) -> tuple[nn.Module, dict[str, str]]:
    """The float tree with its layers as torch can quantize them, and why some stay as they were, by their paths."""
    made: dict[str, tuple[int, nn.Module]] = {}
    fast: list[str] = []
    for path, one in given.named_modules():
        other = None if path in skipped else rebuilt(one)
        if other is not None:
            made[path] = id(one), other
        elif path not in skipped and has_fast_path(one):
            fast.append(path)

    def tree(paths: Sequence[str]) -> nn.Module:
        copied = copy.deepcopy(given, {**_sharing(given), **dict(made[one] for one in paths if one in made)})
        modules = dict(copied.named_modules(remove_duplicate=False))
        for path in paths:
            if path in fast:
                without_fast_path(modules[path])
        return copied

    # Attention that is split has no weights for the fast path around it.
    kept, faults = sound([*fast, *made], lambda paths: trial.trouble(tree(paths), same=True))
    whole: dict[str, str] = {}
    for path, error in faults:
        if not _above(path, whole):
            whole[path] = f"torch quantizes it in another form, and with that the model fails: {told(error)}"
    found = tree(kept)
    return Whole(found) if isinstance(found, Whole.TAKEN) else found, whole


def _quantizable(root: nn.Module, settings: Settings, reasons: Reasons) -> dict[int, tuple[nn.Module, Any]]:
    """The layers that torch has dynamic modules for, the largest first, each with its qconfig."""
    found: dict[str, nn.Module] = {}
    for path, one in root.named_modules():
        if type(one) not in DYNAMIC or id(one) in reasons:
            continue
        reason = unable(one)
        if not reason and settings.dtype is torch.float16 and is_table(type(one)):
            reason = "torch has no float16 tables of vectors: dtype=torch.qint8 quantizes it"
        if reason:
            reasons[id(one)] = reason
        else:
            found[path] = one
    read = read_weights(root, {id(one): one for one in found.values()})
    reasons.update(read)
    found = {path: one for path, one in found.items() if id(one) not in read}
    qconfigs = layer_qconfigs(root, found, settings.qconfig, lambda one: _default(one, settings))
    for path, one in list(found.items()):
        if qconfigs[path] is None:
            reasons[id(one)] = "its qconfig is None"
            del found[path]
    largest = sorted(found, key=lambda path: -sum(one.numel() for one in found[path].parameters()))
    return {id(found[path]): (found[path], qconfigs[path]) for path in largest}


def _default(layer: nn.Module, settings: Settings) -> Any:
    if is_table(type(layer)):
        return defaults.float_qparams_weight_only_qconfig
    if settings.dtype is torch.float16:
        return defaults.float16_dynamic_qconfig
    return defaults.per_channel_dynamic_qconfig if settings.per_channel else defaults.default_dynamic_qconfig


def _swapped(layers: Mapping[int, tuple[nn.Module, Any]], reasons: Reasons) -> dict[int, nn.Module]:
    """Torch's quantized module for each layer, by the id of the float one."""
    found: dict[int, nn.Module] = {}
    for key, (layer, qconfig) in layers.items():
        single: Any = copy.deepcopy(layer, _sharing(layer))
        single.qconfig = qconfig
        holder = nn.ModuleList([single])
        try:
            made = quantize_dynamic(holder, {}, inplace=True)[0]
        except (
            Exception
        ) as error:  # Torch asserts what it can't quantize; a user's observer raises what it likes.
            reasons[key] = f"torch can't quantize it: {said(error)}"
            continue
        _keep_constants(layer, made)
        found[key] = made
    return found


def _keep_constants(layer: nn.Module, made: nn.Module) -> None:
    """What a float layer says of itself and the quantized one does not: `padding_idx`, `sparse`."""
    for name, value in vars(layer).items():
        if (
            not name.startswith("_")
            and not hasattr(made, name)
            and isinstance(value, bool | int | float | str | None)
        ):
            setattr(made, name, value)


def _sound(
    root: nn.Module, quantized: dict[int, nn.Module], reasons: Reasons, trial: Trial
) -> dict[int, nn.Module]:
    """The quantized layers with which the model runs, in their place or in that of a wider one."""
    used = dict(quantized)

    def trouble(ids: Sequence[int]) -> Exception | None:
        error = trial.trouble(_with(root, {one: used[one] for one in ids}))
        wider = widened(used[ids[-1]]) if error is not None else None
        if wider is None:
            return error
        before, used[ids[-1]] = used[ids[-1]], wider
        if trial.trouble(_with(root, {one: used[one] for one in ids})) is not None:
            used[ids[-1]] = before
            return error
        return None

    kept, faults = sound(list(quantized), trouble)
    for one, error in faults:
        reasons[one] = f"with it quantized, the model fails: {told(error)}"
    return {one: used[one] for one in kept}


def _with(root: nn.Module, layers: Mapping[int, nn.Module]) -> nn.Module:
    """A copy of a tree, which shares the parameters, with other layers in the place of some."""
    return copy.deepcopy(root, {**_sharing(root), **layers})


def _shared(root: nn.Module, quantized: Mapping[int, nn.Module], reasons: Reasons) -> list[int]:
    """Layers whose weights stay in the model anyway, as one that stays float holds them too."""
    found: list[int] = []
    modules = list(root.named_modules())
    while True:
        floats: dict[int, str] = {}
        for path, one in modules:
            if id(one) not in quantized or id(one) in found:
                floats |= {id(value): path for value in one.parameters(recurse=False)}
        more = [
            (one, shared)
            for _, one in modules
            if id(one) in quantized and id(one) not in found
            for shared in [
                floats[id(value)] for value in one.parameters(recurse=False) if id(value) in floats
            ][:1]
        ]
        if not more:
            return found
        for one, shared in more:
            found.append(id(one))
            reasons[id(one)] = f"its weight is shared with `{shared}`, which stays float"


def _without_operator(root: nn.Module, quantized: Mapping[int, nn.Module]) -> dict[str, str]:
    """Why other layers with weights stay float, by their paths."""
    found: dict[str, str] = {}
    for path, one in _tree(root):
        if id(one) in quantized or not one._parameters:
            continue
        owner = written_class(one)
        likes = next((plain for plain in (*DYNAMIC, nn.MultiheadAttention) if isinstance(one, plain)), None)
        if type(one) is NonDynamicallyQuantizableLinear:
            found[path] = "the layer that it stands in reads its weight itself"
        elif likes is not None and owner is not likes:
            found[path] = (
                f"torch quantizes {likes.__name__}, and {owner.__qualname__} is another class with code of its own"
            )
        elif is_torchs(owner) and not isinstance(one, nn.ParameterList | nn.ParameterDict):
            found[path] = f"torch has no dynamic operator for {owner.__name__}"
    return found


def _nothing(subject: Subject, root: nn.Module, left: Mapping[str, str]) -> str:
    """Why nothing was quantized: what layers there are, and what stands against each that could be."""
    taken = ", ".join(sorted(owner.__name__ for owner in (*DYNAMIC, nn.MultiheadAttention)))
    takes = f"dynamic quantization takes {taken}, with float32 weights"
    reasons = [f"`{path}` ({_name(one)}): {left[path]}" for path, one in root.named_modules() if path in left]
    if reasons:
        return f"nothing in {subject.label} can be quantized; {takes}\n" + "\n".join(
            f"  {one}" for one in reasons[:12]
        )
    held = Counter(_name(one) for one in root.modules() if any(True for _ in one.parameters(recurse=False)))
    there = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in held.items())
    return (
        f"nothing in {subject.label} can be quantized dynamically: its layers with weights are {there or 'none'}, and "
        f'{takes}; for convolutions there is method="static"'
    )


def _name(module: nn.Module) -> str:
    return written_class(module).__qualname__

"""Observers and fake-quants: which qconfig of torch each layer gets, for all three methods alike."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, cast

from torch import nn
from torch.ao.quantization import QConfig, QConfigMapping
from torch.ao.quantization import fake_quantize as fakes
from torch.ao.quantization import observer as observers
from torch.ao.quantization import qconfig as defaults
from torch.ao.quantization.fx import qconfig_mapping_utils as lookup
from torch.ao.quantization.qconfig_mapping import (
    get_default_qat_qconfig_mapping,
    get_default_qconfig_mapping,
)

from namedtorch.diagnostics import LowerError
from namedtorch.lower.quantize.choice import around, within
from namedtorch.lower.quantize.layers import is_table, unable

_UNSET: Any = object()


def given_mapping(qconfig: object) -> QConfigMapping | None:
    """What a user gave as `qconfig`, as torch's mapping; None for None.

    A QConfig is for all layers. Raises LowerError for what is neither.
    """
    match qconfig:
        case None:
            return None
        case QConfigMapping():
            return qconfig
        case QConfig():
            return QConfigMapping().set_global(qconfig)
        case dict():
            return QConfigMapping.from_dict(cast("dict[str, Any]", qconfig))
        case _:
            raise LowerError(
                "qconfig= takes torch.ao.quantization.QConfig(activation=..., weight=...) for all layers, or a "
                f"QConfigMapping, not {type(qconfig).__name__}"
            )


def layer_qconfigs(
    root: nn.Module, paths: Mapping[str, Any], qconfig: object, default: Callable[[nn.Module], Any]
) -> dict[str, Any]:
    """The qconfig of each layer at `paths` for dynamic quantization; None for one that the user leaves float.

    In the order of torch: by the module's place among those of its class, by its path or a path above it, by a regular
    expression, by its class, for all; what is not said by any, and a table of vectors where only the one for all is,
    gets its `default`. A `qconfig` that a user set on a module comes before all of them.
    """
    mapping = given_mapping(qconfig)
    tree = dict(root.named_modules(remove_duplicate=False))
    found: dict[str, Any] = {}
    for path in paths:
        layer = tree[path]
        one = next((vars(tree[above])["qconfig"] for above in around(path) if _has_own(tree, above)), _UNSET)
        if one is _UNSET and mapping is not None:
            fallback = _UNSET if is_table(type(layer)) else mapping.global_qconfig
            one = _by_mapping(mapping, tree, path, fallback)
        found[path] = default(layer) if one is _UNSET else one
    return found


def graph_qconfigs(
    root: nn.Module,
    *,
    engine: str,
    per_channel: bool,
    qconfig: object,
    train: bool,
    prefix: str = "",
    left: Mapping[str, str] = {},
) -> QConfigMapping:
    """The mapping that torch.fx prepares `root` with, which stands at `prefix` in the whole model.

    Paths of the user's mapping and of `left`, which stay float, are those of the whole model; those of the result are
    of `root`. `train` is for fake-quants. Without a user's own: the engine's defaults, weights per channel or per
    tensor.
    """
    given = given_mapping(qconfig)
    if isinstance(qconfig, QConfigMapping | dict):
        assert given is not None
        made = _inside(given, root, prefix)
    else:
        made = _defaults(engine, per_channel, train, None if given is None else given.global_qconfig)
    for path, module in root.named_modules(remove_duplicate=False):
        own = vars(module).get("qconfig", _UNSET)
        if own is not _UNSET and path:
            made.set_module_name(path, own)
        if path and (within(_joined(prefix, path), left) or (is_table(type(module)) and unable(module))):
            made.set_module_name(path, None)
    return made


def _defaults(engine: str, per_channel: bool, train: bool, own: Any) -> QConfigMapping:
    """The engine's mapping with weights per channel or per tensor, or with the user's qconfig in the place of its own.

    Operators of fixed ranges, and those that have no per-channel weights, keep what torch gives them.
    """
    made = (get_default_qat_qconfig_mapping if train else get_default_qconfig_mapping)(engine)
    default: Any = made.global_qconfig
    if own is None:
        weight = {
            (True, True): fakes.default_fused_per_channel_wt_fake_quant,
            (True, False): fakes.default_fused_wt_fake_quant,
            (False, True): observers.default_per_channel_weight_observer,
            (False, False): observers.default_weight_observer,
        }[train, per_channel]
        own = QConfig(activation=default.activation, weight=weight)
    made.set_global(own)
    for operator, one in list(made.object_type_qconfigs.items()):
        if one is not None and one.activation is default.activation:
            # Transposed convolutions take weights per tensor, layer norms float ones.
            made.set_object_type(operator, QConfig(activation=own.activation, weight=one.weight))
    tables = defaults.default_embedding_qat_qconfig if train else defaults.float_qparams_weight_only_qconfig
    for owner in (nn.Embedding, nn.EmbeddingBag):
        made.set_object_type(owner, tables)
    return made


def _inside(given: QConfigMapping, root: nn.Module, prefix: str) -> QConfigMapping:
    """A user's mapping with the paths that it has inside of `root`; regular expressions become the paths they match."""
    made = QConfigMapping().set_global(given.global_qconfig)
    for operator, one in given.object_type_qconfigs.items():
        made.set_object_type(operator, one)
    whole = _named(given, prefix)
    if whole is not _UNSET:
        # What is said of the unit by name is said of all inside, and comes before classes.
        made = QConfigMapping().set_global(whole)
    for path, _ in root.named_modules(remove_duplicate=False):
        one = _named(given, _joined(prefix, path)) if path else _UNSET
        if one is not _UNSET:
            made.set_module_name(path, one)
    for (path, operator, index), one in given.module_name_object_type_order_qconfigs.items():
        if not prefix or path == prefix or path.startswith(f"{prefix}."):
            inner = path.removeprefix(prefix).removeprefix(".") if prefix else path
            made.set_module_name_object_type_order(inner, operator, index, one)
    return made


def _named(given: QConfigMapping, path: str) -> Any:
    """What a mapping says of a module by its path, or by one above; `_UNSET` where it says nothing."""
    by_pattern = lookup._get_module_name_regex_qconfig(given, path, _UNSET) if path else _UNSET
    return lookup._get_module_name_qconfig(given, path, by_pattern)


def _by_mapping(mapping: QConfigMapping, tree: Mapping[str, nn.Module], path: str, fallback: Any) -> Any:
    owner = type(tree[path])
    found = lookup._maybe_adjust_qconfig_for_module_type_or_name(mapping, owner, path, fallback)
    parent = path.rpartition(".")[0]
    counts: dict[type, int] = defaultdict(int)
    for name, module in tree[parent].named_children():
        if _joined(parent, name) == path:
            break
        counts[type(module)] += 1
    return lookup._maybe_adjust_qconfig_for_module_name_object_type_order(
        mapping, parent, owner, counts[owner], found
    )


def _has_own(tree: Mapping[str, nn.Module], path: str) -> bool:
    return "qconfig" in vars(tree[path])


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}.{path}" if prefix and path else prefix or path

"""Conversion on trial: whether a prepared unit runs in quantized operators, and which of its nodes do not."""

import copy
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.ao.quantization import HistogramObserver

from namedtorch.lower.calls import said_by
from namedtorch.lower.original import undisturbed
from namedtorch.lower.quantize.followed import Unfollowed
from namedtorch.lower.quantize.seen_calls import Call
from namedtorch.lower.quantize.trial import sound
from namedtorch.lower.quantize.unit import ATTRIBUTES, Broken, Unit

_WRONG = 0.5
"""Quantized operators and their float form differ by single roundings; noise half as large as the signal is none."""


def try_conversion(unit: Unit, calls: Sequence[Call]) -> fx.GraphModule:
    """A copy of a unit, converted and run. Raises Broken where torch can't run it quantized, or Unfollowed."""
    observed = copy.deepcopy(unit.prepared).eval()
    for call in calls:
        _Runner(observed).call(call)
    _settle(observed)
    try:
        made = unit.converted(copy.deepcopy(observed))
    # torch raises what it likes of layers that it can't convert.
    except Exception as error:
        raise Broken(_unconvertible(unit, observed)) from error
    failed = _unsaved(made) or _failure(made, calls)
    if not failed:
        failed = _wrong(made, unit.converted(copy.deepcopy(observed), reference=True), calls[0])
    if not failed:
        return made
    known = {node.name for node in unit.prepared.graph.nodes} - unit.floats.keys()
    unknown = [why for name, why in failed.items() if name not in known]
    if unknown:
        raise Unfollowed(unknown[0])
    raise Broken(failed)


def _settle(observed: fx.GraphModule) -> None:
    """Lets observers give the scales that they have found, without looking for them once more."""
    for node in observed.graph.nodes:
        one: Any = observed.get_submodule(str(node.target)) if node.op == "call_module" else None
        if isinstance(one, HistogramObserver):
            found = one.calculate_qparams()
            one.calculate_qparams = lambda found=found: found


def _unconvertible(unit: Unit, observed: fx.GraphModule) -> dict[str, str]:
    """The nodes with weights that torch fails to convert; raises Unfollowed where others are at fault."""

    def trouble(names: Sequence[str]) -> Exception | None:
        made = copy.deepcopy(observed)
        attributes = made.meta[ATTRIBUTES]
        floats = {name: None for name in weighted if name not in {*names}}
        qconfigs = {**attributes.node_name_to_qconfig, **floats}
        made.meta[ATTRIBUTES] = replace(attributes, node_name_to_qconfig=qconfigs)
        try:
            unit.converted(made)
        except Exception as error:
            return error
        return None

    weighted = [node.name for node in observed.graph.nodes if _has_weights(node, observed)]
    rest = trouble([])
    if rest is not None:
        raise Unfollowed(f"torch can't convert it: {_headline(rest)}")
    return {
        name: f"torch can't convert it: {_headline(error)}" for name, error in sound(weighted, trouble)[1]
    }


def _has_weights(node: fx.Node, made: fx.GraphModule) -> bool:
    if node.op == "call_module":
        return next(made.get_submodule(str(node.target)).parameters(), None) is not None
    # The weights of a function are observed between the attribute and the call.
    sources = [*node.all_input_nodes, *(one for arg in node.all_input_nodes for one in arg.all_input_nodes)]
    return node.op == "call_function" and any(one.op == "get_attr" for one in sources)


def _unsaved(made: fx.GraphModule) -> dict[str, str]:
    """The nodes of layers whose packed weights torch does not unpack, as it has to in order to copy or save them."""
    failed: dict[str, str] = {}
    for node in made.graph.nodes:
        layer: Any = made.get_submodule(str(node.target)) if node.op == "call_module" else None
        if hasattr(layer, "_weight_bias"):
            try:
                layer._weight_bias()
            except RuntimeError as error:
                failed[node.name] = f"torch can't save it for this engine: {_headline(error)}"
    return failed


def _failure(made: fx.GraphModule, calls: Sequence[Call]) -> dict[str, str]:
    """The node that can't be run, or that torch doubts, by the first call of which that is so; and what torch says."""
    for call in calls:
        runner = _Runner(made)
        try:
            runner.call(call)
        # torch raises what it likes of operators that it has no quantized form of.
        except Exception as error:
            return {runner.at: f"torch can't run it quantized for this engine: {_headline(error)}"}
        if runner.doubtful:
            return {runner.doubtful: "torch warns that its quantized operator may be inaccurate here"}
    return {}


def _wrong(made: fx.GraphModule, reference: fx.GraphModule, call: Call) -> dict[str, str]:
    """The nodes that are far from what they have to compute of what they get."""
    actual = _Runner(made)
    actual.call(call)
    # Each node gets what the quantized one got: rounding that adds up in a deep model is no fault of an operator.
    expected = _Runner(reference, actual.found)
    expected.call(call)
    failed: dict[str, str] = {}
    for name, value in actual.found.items():
        wanted = expected.found.get(name)
        if wanted is None or wanted.shape != value.shape:
            continue
        rounded = actual.scales.get(name, 0.0) * value.numel() ** 0.5
        if float((wanted - value).norm()) > _WRONG * float(wanted.norm()) + rounded:
            failed[name] = "torch's quantized operator computes something else for this engine"
    return failed


class _Runner(fx.Interpreter):
    """Runs a graph node by node; knows at which it is, what layers gave, and which torch doubts.

    What follows a node that `instead` names gets that value in the place of what the node gave.
    """

    def __init__(self, module: fx.GraphModule, instead: Mapping[str, Tensor] | None = None) -> None:
        super().__init__(module)
        self.extra_traceback = False
        self.instead = instead or {}
        self.at = ""
        self.found: dict[str, Tensor] = {}
        self.scales: dict[str, float] = {}
        self.doubtful = ""

    def call(self, call: Call) -> None:
        with torch.no_grad(), undisturbed():
            self.run(*copy.deepcopy([*call.values()]))

    def run_node(self, n: fx.Node) -> Any:
        self.at = n.name
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            result = super().run_node(n)
        if any("large numerical inaccuracies may occur" in str(one.message) for one in heard):
            self.doubtful = n.name
        if n.op in ("call_module", "call_function") and isinstance(result, Tensor):
            value = result.dequantize() if result.is_quantized else result
            if result.is_quantized and result.qscheme() is torch.per_tensor_affine:
                self.scales[n.name] = result.q_scale()
            if value.is_floating_point():
                self.found[n.name] = value.float().clone()
                other = self.instead.get(n.name)
                if other is not None and other.shape == result.shape and not result.is_quantized:
                    return other.to(result.dtype)
        return result


def _headline(error: BaseException) -> str:
    return said_by(error).partition("\n")[0].partition(". 'quantized::")[0][:200]


def has_quantized_weights(made: nn.Module) -> bool:
    """Whether anything in a converted module has quantized weights."""
    for one in made.modules():
        kind = type(one).__module__
        if kind.startswith(("torch.ao.nn.quantized.modules", "torch.ao.nn.intrinsic.quantized")) and hasattr(
            one, "_weight_bias"
        ):
            return True
        if hasattr(one, "_packed_params"):
            return True
        if any(isinstance(value, torch.ScriptObject) for value in vars(one).values()):
            return True
    return False

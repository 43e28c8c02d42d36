"""Workload: where the multiply-adds of a model are, and where the bytes of its weights."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from namedtorch.lower.given_example import Inputs
from namedtorch.lower.original import undisturbed
from namedtorch.lower.quantize.batches import changed
from namedtorch.lower.quantize.layers import is_table
from namedtorch.lower.state import own_tensors, row_dims
from namedtorch.runtime.switch import checking

Kind = Literal["convolution", "matrix", "table", "other"]
"""What weights are: kernels that slide, matrices of linear and recurrent layers, rows that are looked up, the rest."""


_MULTIPLIED: tuple[Kind, ...] = ("convolution", "matrix")


@dataclass(frozen=True, slots=True)
class Workload:
    """The multiply-adds of a call with weights of each kind, and the bytes of those weights.

    Multiply-adds of activations with each other, as in attention, count nowhere. None are known (`is_counted`) where
    no call could be made.
    """

    multiply_adds: Mapping[Kind, int]
    bytes: Mapping[Kind, int]

    @property
    def is_counted(self) -> bool:
        """Whether any multiply-adds were counted."""
        return any(self.multiply_adds.values())

    @property
    def convolutions(self) -> float:
        """The part of the multiply-adds that is in convolutions; of the bytes, where no multiply-adds are known."""
        counted = self.multiply_adds if self.is_counted else self.bytes
        matrices = counted.get("matrix", 0) + (0 if self.is_counted else counted.get("table", 0))
        both = counted.get("convolution", 0) + matrices
        return counted.get("convolution", 0) / both if both else 0.0

    @property
    def stored(self) -> float:
        """The part of the bytes of weights that is in matrices and tables."""
        total = sum(self.bytes.values())
        return (self.bytes.get("matrix", 0) + self.bytes.get("table", 0)) / total if total else 0.0

    def __str__(self) -> str:
        if self.is_counted:
            return (
                f"convolutions do {self.convolutions:.0%} of the multiply-adds of a call, and linear and recurrent "
                f"layers and tables hold {self.stored:.0%} of the bytes of weights"
            )
        return (
            f"convolutions hold {self.convolutions:.0%} of the bytes of weights, and linear and recurrent layers and "
            f"tables {self.stored:.0%}"
        )


def workload_of(module: nn.Module, inputs: Inputs | None) -> Workload:
    """The workload of a plain module in one call; without a call, or where it fails, of its weights alone.

    Multiply-adds are counted as torch.utils.flop_counter does, those of recurrent layers by their matrix products.
    Where it can't count an operator that reads weights, each weight counts once.
    """
    weights = _Weights(module)
    counts: Counter[Kind] = Counter()
    if inputs is not None:
        args, kwargs = changed(inputs[0], _copied), changed(inputs[1], _copied)
        # A model that can't be called is refused where it is quantized, by a message about that.
        with (
            contextlib.suppress(Exception),
            undisturbed(),
            torch.no_grad(),
            checking("off"),
            _in_small_steps(),
        ):
            counter = _Counter(weights)
            with counter:
                module(*args, **kwargs)
            counts = counter.counts
    return Workload(dict(counts), weights.bytes)


class _Weights:
    """The kinds of the weights of a module, told by what they are stored in: views of weights are weights."""

    def __init__(self, module: nn.Module) -> None:
        self._kinds: dict[int, Kind] = {}
        bytes_: Counter[Kind] = Counter()
        for one in module.modules():
            for name, kind in _kinds(one):
                value = one._parameters[name]
                if value is None or _key(value) in self._kinds:
                    continue
                self._kinds[_key(value)] = kind
                bytes_[kind] += value.numel() * value.element_size()
        self.bytes: Mapping[Kind, int] = dict(bytes_)

    def among(self, values: Sequence[Any]) -> list[tuple[Kind, Tensor]]:
        """The weights among the arguments of an operator."""
        return [
            (self._kinds[_key(one)], one)
            for one in values
            if isinstance(one, Tensor) and one.layout is torch.strided and _key(one) in self._kinds
        ]


def _kinds(module: nn.Module) -> Iterator[tuple[str, Kind]]:
    """The kind of each parameter that a module holds itself."""
    parameters = [name for name in own_tensors(module) if name in module._parameters]
    rows = row_dims(module, parameters)
    for name in parameters:
        value = module._parameters[name]
        assert value is not None
        # Three axes without a row are matrices for several experts or heads.
        slides = value.dim() > 3 or (value.dim() == 3 and name in rows)
        if value.dim() < 2:
            yield name, "other"
        elif is_table(type(module)):
            yield name, "table"
        else:
            yield name, "convolution" if slides else "matrix"


class _Counter(TorchDispatchMode):
    """Counts the multiply-adds of the operators that read weights."""

    def __init__(self, weights: _Weights) -> None:
        super().__init__()
        self.counts: Counter[Kind] = Counter()
        self._weights = weights

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        used = self._weights.among(pytree.tree_leaves((args, kwargs)))
        matrices: list[tuple[Kind, Tensor]] = [(kind, one) for kind, one in used if kind in _MULTIPLIED]
        if not matrices:
            return result
        kind = matrices[0][0]
        count = flop_registry.get(func._overloadpacket)
        if count is not None:
            self.counts[kind] += count(*args, **(kwargs or {}), out_val=result) // 2
        elif not self._weights.among(pytree.tree_leaves(result)):  # no view of them
            self.counts[kind] += sum(one.numel() for _, one in matrices)
        return result


@contextlib.contextmanager
def _in_small_steps() -> Iterator[None]:
    """Torch without the operators that do a whole layer at once: recurrent ones, and encoder layers."""
    mha: Any = torch.backends.mha
    fast = mha.get_fastpath_enabled()
    mha.set_fastpath_enabled(False)
    try:
        with torch.backends.mkldnn.flags(enabled=False):
            yield
    finally:
        mha.set_fastpath_enabled(fast)


def _key(value: Tensor) -> int:
    """What a tensor is stored in; views of one tensor have the same."""
    pointer = value.untyped_storage().data_ptr()
    return pointer or -id(value)


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value

"""Integers that operators take for indices: into which tensor, and along which of its axes.

A row is keyed by the operator as torch dispatches it, and names its parameters as torch's schemas do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class IndexValues:
    """The values of `index` are below the size of an axis of `into`.

    `axis` counts from 0, or from the end, or is the parameter that says which one; None is the number of all elements.
    Of a list of indices, each stands for the axis of its place.
    """

    index: str
    into: str
    axis: int | str | None


_ALONG: Final = IndexValues("index", "self", "dim")

INDEX_VALUES: Final[Mapping[str, IndexValues]] = {
    "aten::embedding": IndexValues("indices", "weight", 0),
    "aten::embedding_renorm_": IndexValues("indices", "self", 0),
    "aten::_embedding_bag": IndexValues("indices", "weight", 0),
    "aten::_embedding_bag_forward_only": IndexValues("indices", "weight", 0),
    # Classes are the second axis, or the only one.
    "aten::nll_loss_forward": IndexValues("target", "self", -1),
    "aten::nll_loss2d_forward": IndexValues("target", "self", 1),
    "aten::multi_margin_loss": IndexValues("target", "self", -1),
    "aten::multilabel_margin_loss_forward": IndexValues("target", "self", -1),
    "aten::_ctc_loss": IndexValues("targets", "log_probs", 2),
    "aten::gather": _ALONG,
    "aten::index_select": _ALONG,
    "aten::index_add": _ALONG,
    "aten::index_add_": _ALONG,
    "aten::index_copy": _ALONG,
    "aten::index_copy_": _ALONG,
    "aten::index_fill": _ALONG,
    "aten::index_fill_": _ALONG,
    "aten::scatter": _ALONG,
    "aten::scatter_": _ALONG,
    "aten::scatter_add": _ALONG,
    "aten::scatter_add_": _ALONG,
    "aten::scatter_reduce": _ALONG,
    "aten::scatter_reduce_": _ALONG,
    "aten::take": IndexValues("index", "self", None),
    "aten::put": IndexValues("index", "self", None),
    "aten::put_": IndexValues("index", "self", None),
    "aten::index": IndexValues("indices", "self", 0),
    "aten::index_put": IndexValues("indices", "self", 0),
    "aten::index_put_": IndexValues("indices", "self", 0),
    "aten::_index_put_impl_": IndexValues("indices", "self", 0),
}
"""The operators whose indices have to stay within a tensor."""

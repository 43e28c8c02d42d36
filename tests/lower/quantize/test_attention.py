"""Attention and bags that are made of layers: the numbers of torch's own, eager and scripted."""

from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch.lower.quantize.attention import SplitAttention
from namedtorch.lower.quantize.bags import MeanBag
from namedtorch.lower.quantize.rebuilt import rebuilt
from namedtorch.lower.quantize.transformers import has_fast_path, without_fast_path
from namedtorch.lower.torchscript import compile_target

OPTIONS: list[dict[str, Any]] = [
    {"batch_first": True},
    {"bias": False},
    {"kdim": 6, "vdim": 10},
    {"add_bias_kv": True, "add_zero_attn": True, "batch_first": True},
    {"add_bias_kv": True},
    {"add_zero_attn": True},
]

QUERIES, KEYS, BATCH = 4, 5, 3


def sequences(whole: nn.MultiheadAttention, batched: bool, own: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values; the same tensor for attention of a sequence to itself."""
    batch = (BATCH,) if batched else ()
    query = torch.randn(*batch, QUERIES, whole.embed_dim)
    if own:
        taken = query if whole.batch_first or not batched else query.transpose(0, 1)
        return taken, taken, taken
    key, value = torch.randn(*batch, KEYS, whole.kdim), torch.randn(*batch, KEYS, whole.vdim)
    if batched and not whole.batch_first:
        return query.transpose(0, 1), key.transpose(0, 1), value.transpose(0, 1)
    return query, key, value


def masks(kind: str, batched: bool, own: bool) -> tuple[Tensor | None, Tensor | None]:
    """A mask of padding and one of attention: of booleans, of floats, for each head, or none."""
    keys = QUERIES if own else KEYS
    padding = torch.zeros(BATCH if batched else 1, keys, dtype=torch.bool)
    padding[0, -1] = True
    later = torch.triu(torch.ones(QUERIES, keys, dtype=torch.bool), 1)
    if kind == "float":
        return added(padding if batched else padding[0]), added(later)
    if kind == "heads":
        return None, later.expand((BATCH if batched else 1) * 2, QUERIES, keys)
    given = padding if batched else padding[0]
    return given if "padding" in kind else None, later if "later" in kind else None


def added(mask: Tensor) -> Tensor:
    return torch.zeros(mask.shape).masked_fill(mask, float("-inf"))


@pytest.mark.parametrize("options", OPTIONS)
def test_split_attention_gives_what_the_whole_gives(options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    whole = nn.MultiheadAttention(8, 2, **options).eval()
    for one in whole.parameters():
        nn.init.normal_(one, std=0.5)
    split = SplitAttention(whole)
    scripted = compile_target(split)
    same = whole.kdim == whole.embed_dim
    kinds = ("none", "padding", "later", "padding and later", "float", "heads")
    for kind, batched, own, weights in product(
        kinds, (True, False), (True, False)[not same :], (True, False)
    ):
        inputs = sequences(whole, batched, own)
        padding, mask = masks(kind, batched, own)
        for causal, average in ((False, True), (own and mask is not None, False)):
            asked = (padding, weights, mask, average, causal)
            with torch.no_grad():
                expected = whole(*inputs, *asked)
                for one in (split, scripted):
                    given = one(*inputs, *asked)
                    assert torch.allclose(given[0], expected[0], atol=2e-5), (kind, asked)
                    assert (given[1] is None) == (expected[1] is None)
                    assert given[1] is None or torch.allclose(given[1], expected[1], atol=2e-5), (kind, asked)


def test_split_attention_refuses_what_the_whole_refuses() -> None:
    whole = nn.MultiheadAttention(8, 2)
    split = SplitAttention(whole)
    x = torch.randn(4, 3, 8)
    for one in (whole, split):
        with pytest.raises(RuntimeError, match="Need attn_mask if specifying the is_causal hint"):
            one(x, x, x, is_causal=True)
        with pytest.raises(RuntimeError, match="2D attn_mask is"):
            one(x, x, x, attn_mask=torch.zeros(1, 4))


def test_dropout_while_training() -> None:
    split = SplitAttention(nn.MultiheadAttention(8, 2, dropout=0.5)).train()
    x = torch.randn(4, 3, 8)
    for weights in (True, False):
        assert not torch.equal(
            split(x, x, x, need_weights=weights)[0], split(x, x, x, need_weights=weights)[0]
        )


@pytest.mark.parametrize("last", [False, True])
def test_mean_bags(last: bool) -> None:
    bag = nn.EmbeddingBag(10, 4, include_last_offset=last)
    made = MeanBag(bag)
    scripted = compile_target(made)
    indices = torch.tensor([1, 2, 4, 5, 4, 3, 2, 9])
    offsets = torch.tensor([0, 3, 3, 7, 8] if last else [0, 3, 3, 7])
    for one in (made, scripted):
        assert torch.allclose(one(indices, offsets), bag(indices, offsets))
        assert torch.allclose(one(indices.view(2, 4)), bag(indices.view(2, 4)))
    with pytest.raises(NotImplementedError, match="only for mode='sum'"):
        made(indices, offsets, torch.ones(8))


RECURRENT: list[tuple[nn.Module, Tensor]] = [
    (nn.LSTM(4, 3, 2, bias=False, bidirectional=True, batch_first=True), torch.randn(2, 5, 4)),
    (nn.LSTM(4, 3, bias=False, proj_size=2), torch.randn(2, 5, 4)),
    (nn.GRU(4, 3, bias=False), torch.randn(2, 5, 4)),
    (nn.GRUCell(4, 3, bias=False), torch.randn(2, 4)),
    (nn.RNNCell(4, 3, bias=False, nonlinearity="relu"), torch.randn(2, 4)),
]


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(("layer", "taken"), RECURRENT)
def test_recurrent_layers_get_biases(layer: nn.Module, taken: Tensor) -> None:
    made = rebuilt(layer.eval())
    assert made is not None
    assert made.bias
    assert type(made) is type(layer)
    given, expected = made(taken), layer(taken)
    if isinstance(expected, tuple):
        given, expected = given[0], expected[0]
    assert torch.allclose(given, expected)
    assert rebuilt(made) is None


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors is in prototype stage")
@pytest.mark.filterwarnings("ignore:.norm. was found in ScriptModule constants")
@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_encoders_without_the_fast_path(norm_first: bool, batch_first: bool) -> None:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=batch_first, norm_first=norm_first)
    nested = batch_first and not norm_first
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8), enable_nested_tensor=nested).eval()
    slow = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8), enable_nested_tensor=nested).eval()
    slow.load_state_dict(encoder.state_dict())
    for one in (slow, *slow.layers):
        assert has_fast_path(one)
        without_fast_path(one)
        assert not has_fast_path(one)
    scripted = compile_target(slow)
    x = torch.randn(3, 4, 8)
    padding = torch.zeros(3, 4, dtype=torch.bool) if batch_first else torch.zeros(4, 3, dtype=torch.bool)
    padding[0, -2:] = True
    steps = 4 if batch_first else 3
    later = torch.triu(torch.ones(steps, steps, dtype=torch.bool), 1)
    for asked in ({}, {"src_key_padding_mask": padding}, {"mask": later}, {"mask": later, "is_causal": True}):
        with torch.no_grad():
            expected = encoder(x, **asked)
            assert torch.allclose(slow(x, **asked), expected, atol=1e-5)
            assert torch.allclose(scripted(x, **asked), expected, atol=1e-5)


def test_a_subclass_that_computes_nothing_itself_becomes_the_class() -> None:
    class Filled(nn.Linear):
        def __init__(self, taken: int, given: int) -> None:
            super().__init__(taken, given)
            nn.init.ones_(self.weight)

        def extra_repr(self) -> str:
            return "filled"

    class Own(Filled):
        def forward(self, input: Tensor) -> Tensor:
            return super().forward(input) + 1

    made = rebuilt(Filled(2, 3))
    assert type(made) is nn.Linear
    assert torch.equal(made.weight, torch.ones(3, 2))
    assert rebuilt(Own(2, 3)) is None
    assert rebuilt(nn.Linear(2, 3)) is None
    assert rebuilt(nn.MultiheadAttention(4, 2).out_proj) is None

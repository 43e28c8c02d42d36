"""Sequences of several lengths: time and batch are one axis while they are packed, and apart again after it."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpad_sequence,
)

from namedtorch.diagnostics import DimError
from namedtorch.values import NamedTensor

LENGTHS = [5, 2, 4]
X = torch.randn(5, 3, 4)


def packed(*, batch_first: bool = False) -> PackedSequence:
    x = NamedTensor(X.transpose(0, 1), ("N", "T", "D")) if batch_first else NamedTensor(X, ("T", "N", "D"))
    return pack_padded_sequence(x, LENGTHS, batch_first=batch_first, enforce_sorted=False)


@pytest.mark.parametrize("batch_first", [False, True])
def test_a_sequence_that_is_packed_and_padded_has_its_dims_again(batch_first: bool) -> None:
    sequence = packed(batch_first=batch_first)
    assert sequence.data.dims == ("(T N)", "D")
    assert sequence.batch_sizes.dims == ("T",)
    again, lengths = pad_packed_sequence(sequence, batch_first=batch_first)
    assert again.dims == (("N", "T", "D") if batch_first else ("T", "N", "D"))
    assert lengths.dims == ("N",)
    assert lengths.tolist() == LENGTHS
    expected, _ = pad_packed_sequence(
        pack_padded_sequence(X, LENGTHS, enforce_sorted=False), batch_first=batch_first
    )
    assert torch.equal(again.tensor, expected)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_network_takes_a_packed_sequence(kind: type[nn.RNNBase]) -> None:
    network = kind(4, 6)
    output, states = network(packed())
    assert output.data.dims == ("(T N)", None)
    hidden = states[0] if kind is nn.LSTM else states
    assert hidden.dims == (None, "N", None)
    padded, _ = pad_packed_sequence(output)
    assert padded.dims == ("T", "N", None)
    expected, _ = network(pack_padded_sequence(X, LENGTHS, enforce_sorted=False))
    assert torch.allclose(output.data.tensor, expected.data)


def test_a_network_checks_the_states_of_a_packed_sequence_by_name() -> None:
    network = nn.GRU(4, 6)
    state = torch.zeros(1, 3, 6)
    output, hidden = network(packed(), NamedTensor(state, ("layers", "N", "hidden")))
    assert output.data.dims == ("(T N)", "hidden")
    assert hidden.dims == ("layers", "N", "hidden")
    with pytest.raises(DimError, match="it takes one state for each element of the batch"):
        network(packed(), NamedTensor(state, ("layers", "M", "hidden")))


def test_lengths_are_handed_over_plain() -> None:
    # torch asks first whether they are a torch.Tensor, and takes anything else for a list of numbers.
    padded, lengths = pad_packed_sequence(packed())
    with pytest.raises(TypeError):
        pack_padded_sequence(padded, lengths, enforce_sorted=False)
    again = pack_padded_sequence(padded, lengths.tensor, enforce_sorted=False)
    assert again.data.dims == ("(T N)", "D")
    assert torch.equal(again.data.tensor, packed().data.tensor)


def sequences() -> list[Tensor]:
    return [X[:length, place] for place, length in enumerate(LENGTHS)]


def test_sequences_are_padded_along_the_axis_that_they_share() -> None:
    named = [NamedTensor(one, ("T", "D")) for one in sequences()]
    result = pad_sequence(named)
    assert result.dims == ("T", None, "D")
    assert torch.equal(result.tensor, pad_sequence(sequences()))
    assert pad_sequence(named, batch_first=True).dims == (None, "T", "D")
    assert pack_sequence(named, enforce_sorted=False).data.dims == ("(T _)", "D")
    with pytest.raises(DimError, match="K=4"):
        pad_sequence([named[0], NamedTensor(named[1].tensor, ("T", "K"))])


def test_padded_sequences_are_taken_apart() -> None:
    padded = NamedTensor(X.clone(), ("T", "N", "D"))  # torch turns it round in place
    parts = unpad_sequence(padded, torch.tensor(LENGTHS))
    assert [one.dims for one in parts] == [("T", "D")] * 3
    assert all(torch.equal(one.tensor, other) for one, other in zip(parts, sequences(), strict=True))

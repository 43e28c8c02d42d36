"""Text classifiers: TextCNN, packed bidirectional LSTM, GRU with attention, hierarchical attention, char LM."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class TextCNN(nn.Module):
    def __init__(self, vocab, embed_dim, class_num, kernel_num=12, kernel_sizes=(3, 4, 5), dropout=0.5):
        super().__init__()
        self.embed = nn.Embedding(vocab, embed_dim)
        self.convs = nn.ModuleList([nn.Conv2d(1, kernel_num, (K, embed_dim)) for K in kernel_sizes])
        self.dropout = nn.Dropout(dropout)
        self.fc1 = nn.Linear(len(kernel_sizes) * kernel_num, class_num)

    def forward(self, x: Int[Tensor, "N W"]) -> Float[Tensor, "N class_num"]:
        x = self.embed(x)  # (N, W, D)
        x = x.unsqueeze(1)  # (N, 1, W, D)
        x = [F.relu(conv(x)).squeeze(3) for conv in self.convs]  # [(N, Co, W), ...]*len(Ks)
        x = [F.max_pool1d(i, i.size(2)).squeeze(2) for i in x]  # [(N, Co), ...]*len(Ks)
        x = torch.cat(x, 1)
        x = self.dropout(x)  # (N, len(Ks)*Co)
        logit = self.fc1(x)  # (N, C)
        return logit


class BiLSTM(nn.Module):
    def __init__(
        self, vocab_size, embedding_dim, hidden_dim, output_dim, n_layers, bidirectional=True, dropout=0.3
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.rnn = nn.LSTM(embedding_dim, hidden_dim, n_layers, bidirectional=bidirectional, dropout=dropout)
        self.fc = nn.Linear(hidden_dim * 2, output_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, text: Int[Tensor, "T B"], text_lengths: Int[Tensor, " B"]) -> Float[Tensor, "B K"]:
        # text = [sent len, batch size]
        embedded = self.dropout(self.embedding(text))
        packed_embedded = pack_padded_sequence(embedded, text_lengths.to("cpu"), enforce_sorted=False)
        packed_output, (hidden, cell) = self.rnn(packed_embedded)
        output, output_lengths = pad_packed_sequence(packed_output)
        # hidden = [num layers * num directions, batch size, hid dim]
        hidden = self.dropout(torch.cat((hidden[-2, :, :], hidden[-1, :, :]), dim=1))
        return self.fc(hidden)


class GRUClassifier(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_size, num_classes, num_layers=2):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.gru = nn.GRU(embed_dim, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(x.device)
        out, _ = self.gru(self.embedding(x), h0)
        # decode the hidden state of the last time step
        out = self.fc(out[:, -1, :])
        return out


class AttentionPool(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.proj = nn.Linear(dim, dim)
        self.context = nn.Parameter(torch.randn(dim))

    def forward(self, h: Float[Tensor, "B T D"]) -> tuple[Float[Tensor, "B D"], Float[Tensor, "B T"]]:
        u = torch.tanh(self.proj(h))
        scores = u @ self.context
        alpha = torch.softmax(scores, dim=1)
        return torch.sum(alpha.unsqueeze(-1) * h, dim=1), alpha


class HierarchicalAttention(nn.Module):
    def __init__(self, vocab: int, dim: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.word_gru = nn.GRU(dim, hidden, bidirectional=True, batch_first=True)
        self.word_pool = AttentionPool(2 * hidden)
        self.sent_gru = nn.GRU(2 * hidden, hidden, bidirectional=True, batch_first=True)
        self.sent_pool = AttentionPool(2 * hidden)
        self.norm = nn.LayerNorm(2 * hidden)
        self.out = nn.Linear(2 * hidden, classes)

    def forward(self, docs: Int[Tensor, "B S W"]) -> Float[Tensor, "B K"]:
        B, S, W = docs.shape
        words = self.embed(docs.view(B * S, W))
        h, _ = self.word_gru(words)
        sents, word_alpha = self.word_pool(h)
        sents = self.norm(sents.view(B, S, -1))
        h, _ = self.sent_gru(sents)
        doc, _ = self.sent_pool(h)
        return self.out(doc)


class RNNModel(nn.Module):
    """A language model: encoder, recurrent module and tied decoder."""

    def __init__(self, rnn_type, ntoken, ninp, nhid, nlayers, dropout=0.5, tie_weights=False):
        super(RNNModel, self).__init__()
        self.ntoken = ntoken
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        if rnn_type in ["LSTM", "GRU"]:
            self.rnn = getattr(nn, rnn_type)(ninp, nhid, nlayers, dropout=dropout)
        else:
            nonlinearity = {"RNN_TANH": "tanh", "RNN_RELU": "relu"}[rnn_type]
            self.rnn = nn.RNN(ninp, nhid, nlayers, nonlinearity=nonlinearity, dropout=dropout)
        self.decoder = nn.Linear(nhid, ntoken)
        if tie_weights:
            if nhid != ninp:
                raise ValueError("When using the tied flag, nhid must be equal to emsize")
            self.decoder.weight = self.encoder.weight
        self.rnn_type = rnn_type
        self.nhid = nhid
        self.nlayers = nlayers

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        output, hidden = self.rnn(emb, hidden)
        output = self.drop(output)
        decoded = self.decoder(output)
        decoded = decoded.view(-1, self.ntoken)
        return F.log_softmax(decoded, dim=1), hidden

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        if self.rnn_type == "LSTM":
            return (
                weight.new_zeros(self.nlayers, bsz, self.nhid),
                weight.new_zeros(self.nlayers, bsz, self.nhid),
            )
        else:
            return weight.new_zeros(self.nlayers, bsz, self.nhid)


def repackage_hidden(h):
    """Wraps hidden states in new Tensors, to detach them from their history."""
    if isinstance(h, torch.Tensor):
        return h.detach()
    else:
        return tuple(repackage_hidden(v) for v in h)


def main() -> None:
    torch.manual_seed(0)
    cnn, lstm = TextCNN(40, 9, 4), BiLSTM(40, 9, 8, 1, 2)
    gru, doc = GRUClassifier(40, 9, 8, 3), HierarchicalAttention(40, 9, 6, 5)
    for b, t in ((2, 12), (3, 17)):
        text = torch.randint(1, 40, (b, t))
        score = lstm(text.t(), torch.tensor([t] + [t - 3] * (b - 1))).squeeze(1)
        print(tuple(cnn(text).shape), F.binary_cross_entropy_with_logits(score, torch.ones(b)).shape)
        print(tuple(gru(text).shape), tuple(doc(torch.randint(0, 40, (b, 3, t))).shape))
        for kind in ("LSTM", "GRU", "RNN_TANH"):
            lm = RNNModel(kind, 40, 8, 8, 2, tie_weights=True)
            data, target = text[:, :-1].t(), text[:, 1:].t().reshape(-1)
            out, hidden = lm(data, lm.init_hidden(b))
            hidden = repackage_hidden(hidden)
            print(F.nll_loss(out, target).shape)


if __name__ == "__main__":
    main()

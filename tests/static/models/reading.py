"""Reading comprehension and inference: BiDAF's attention flow, ESIM's alignment, highway layers, a tree of sums."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


def masked_softmax(
    logits: Float[Tensor, "*b K"], mask: Bool[Tensor, "*#b K"], dim: int = -1, log_softmax: bool = False
) -> Float[Tensor, "*b K"]:
    mask = mask.type(torch.float32)
    masked_logits = mask * logits + (1 - mask) * -1e30
    softmax_fn = F.log_softmax if log_softmax else F.softmax
    return softmax_fn(masked_logits, dim)


class HighwayEncoder(nn.Module):
    def __init__(self, num_layers: int, hidden_size: int) -> None:
        super().__init__()
        self.transforms = nn.ModuleList([nn.Linear(hidden_size, hidden_size) for _ in range(num_layers)])
        self.gates = nn.ModuleList([nn.Linear(hidden_size, hidden_size) for _ in range(num_layers)])

    def forward(self, x: Float[Tensor, "B T hidden_size"]) -> Float[Tensor, "B T hidden_size"]:
        for gate, transform in zip(self.gates, self.transforms):
            g = torch.sigmoid(gate(x))
            t = F.relu(transform(x))
            x = g * t + (1 - g) * x
        return x


class CharEmbedding(nn.Module):
    def __init__(self, chars: int, dim: int, out: int, width: int = 3) -> None:
        super().__init__()
        self.embed = nn.Embedding(chars, dim)
        self.conv = nn.Conv1d(dim, out, width)

    def forward(self, x: Int[Tensor, "B T L"]) -> Float[Tensor, "B T out"]:
        batch, length, word = x.shape
        x = self.embed(x).view(-1, word, self.embed.embedding_dim).transpose(1, 2)
        x = F.relu(self.conv(x)).max(dim=-1).values
        return x.view(batch, length, -1)


class RNNEncoder(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1) -> None:
        super().__init__()
        self.rnn = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, bidirectional=True)

    def forward(self, x: Float[Tensor, "B T I"], lengths: Int[Tensor, " B"]) -> Float[Tensor, "B T H2"]:
        orig_len = x.size(1)
        lengths, sort_idx = lengths.sort(0, descending=True)
        x = x[sort_idx]
        x = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), batch_first=True)
        x, _ = self.rnn(x)
        x, _ = nn.utils.rnn.pad_packed_sequence(x, batch_first=True, total_length=orig_len)
        _, unsort_idx = sort_idx.sort(0)
        return x[unsort_idx]


class BiDAFAttention(nn.Module):
    """G: what every word of the context knows of the question."""

    def __init__(self, hidden_size: int, drop_prob: float = 0.1) -> None:
        super().__init__()
        self.drop_prob = drop_prob
        self.c_weight = nn.Parameter(torch.zeros(hidden_size, 1))
        self.q_weight = nn.Parameter(torch.zeros(hidden_size, 1))
        self.cq_weight = nn.Parameter(torch.zeros(1, 1, hidden_size))
        for weight in (self.c_weight, self.q_weight, self.cq_weight):
            nn.init.xavier_uniform_(weight)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(
        self,
        c: Float[Tensor, "B C H"],
        q: Float[Tensor, "B Q H"],
        c_mask: Bool[Tensor, "B C"],
        q_mask: Bool[Tensor, "B Q"],
    ) -> Float[Tensor, "B C 4*H"]:
        batch_size, c_len, _ = c.size()
        q_len = q.size(1)
        s = self.get_similarity_matrix(c, q)  # (batch_size, c_len, q_len)
        c_mask = c_mask.view(batch_size, c_len, 1)
        q_mask = q_mask.view(batch_size, 1, q_len)
        s1 = F.softmax(s.masked_fill(~q_mask, -1e30), dim=2)  # (batch_size, c_len, q_len)
        s2 = F.softmax(s.masked_fill(~c_mask, -1e30), dim=1)  # (batch_size, c_len, q_len)
        a = torch.bmm(s1, q)
        # (bs, c_len, c_len) x (bs, c_len, hid_size) => (bs, c_len, hid_size)
        b = torch.bmm(torch.bmm(s1, s2.transpose(1, 2)), c)
        x = torch.cat([c, a, c * a, c * b], dim=2)
        return x

    def get_similarity_matrix(
        self, c: Float[Tensor, "B C H"], q: Float[Tensor, "B Q H"]
    ) -> Float[Tensor, "B C Q"]:
        c_len, q_len = c.size(1), q.size(1)
        c = F.dropout(c, self.drop_prob, self.training)
        q = F.dropout(q, self.drop_prob, self.training)
        s0 = torch.matmul(c, self.c_weight).expand([-1, -1, q_len])
        s1 = torch.matmul(q, self.q_weight).transpose(1, 2).expand([-1, c_len, -1])
        s2 = torch.matmul(c * self.cq_weight, q.transpose(1, 2))
        return s0 + s1 + s2 + self.bias


class BiDAF(nn.Module):
    def __init__(self, vocab: int, hidden_size: int) -> None:
        super().__init__()
        self.word, self.char = nn.Embedding(vocab, hidden_size - 6), CharEmbedding(20, 5, 6)
        self.hwy = HighwayEncoder(2, hidden_size)
        self.enc = RNNEncoder(hidden_size, hidden_size)
        self.att = BiDAFAttention(2 * hidden_size)
        self.mod = RNNEncoder(8 * hidden_size, hidden_size, num_layers=2)
        self.att_linear_1, self.mod_linear_1 = nn.Linear(8 * hidden_size, 1), nn.Linear(2 * hidden_size, 1)

    def embed(self, words: Int[Tensor, "B T"], chars: Int[Tensor, "B T L"]) -> Float[Tensor, "B T D"]:
        return self.hwy(torch.cat([self.word(words), self.char(chars)], dim=-1))

    def forward(
        self,
        cw: Int[Tensor, "B C"],
        cc: Int[Tensor, "B C L"],
        qw: Int[Tensor, "B Q"],
        qc: Int[Tensor, "B Q L"],
    ) -> Float[Tensor, "B C"]:
        c_mask = torch.zeros_like(cw) != cw
        q_mask = torch.zeros_like(qw) != qw
        c_len, q_len = c_mask.sum(-1), q_mask.sum(-1)
        c_enc = self.enc(self.embed(cw, cc), c_len)
        q_enc = self.enc(self.embed(qw, qc), q_len)
        att = self.att(c_enc, q_enc, c_mask, q_mask)
        mod = self.mod(att, c_len)
        logits = self.att_linear_1(att) + self.mod_linear_1(mod)
        return masked_softmax(logits.squeeze(2), c_mask, log_softmax=True)

    @staticmethod
    def span(
        p_start: Float[Tensor, "B C"], p_end: Float[Tensor, "B C"], max_len: int = 5
    ) -> Int[Tensor, "2 B"]:
        c_len = p_start.size(1)
        joint = torch.matmul(p_start.unsqueeze(2), p_end.unsqueeze(1))
        legal = torch.triu(torch.ones(c_len, c_len)) - torch.triu(torch.ones(c_len, c_len), diagonal=max_len)
        joint = joint * legal
        max_in_row, _ = torch.max(joint, dim=2)
        max_in_col, _ = torch.max(joint, dim=1)
        return torch.stack([torch.argmax(max_in_row, dim=-1), torch.argmax(max_in_col, dim=-1)])


class ESIM(nn.Module):
    def __init__(self, vocab: int, dim: int, hidden: int, classes: int = 3) -> None:
        super().__init__()
        self.embeds = nn.Embedding(vocab, dim)
        self.bn_embeds = nn.BatchNorm1d(dim)
        self.lstm1 = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.lstm2 = nn.LSTM(hidden * 8, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Sequential(nn.BatchNorm1d(hidden * 8), nn.Linear(hidden * 8, classes))

    def soft_attention_align(
        self,
        x1: Float[Tensor, "B T1 D"],
        x2: Float[Tensor, "B T2 D"],
        mask1: Bool[Tensor, "B T1"],
        mask2: Bool[Tensor, "B T2"],
    ) -> tuple[Float[Tensor, "B T1 D"], Float[Tensor, "B T2 D"]]:
        attention = torch.matmul(x1, x2.transpose(1, 2))
        mask1 = mask1.float().masked_fill(mask1, float("-1e9"))
        mask2 = mask2.float().masked_fill(mask2, float("-1e9"))
        weight1 = F.softmax(attention + mask2.unsqueeze(1), dim=-1)
        x1_align = torch.matmul(weight1, x2)
        weight2 = F.softmax(attention.transpose(1, 2) + mask1.unsqueeze(1), dim=-1)
        x2_align = torch.matmul(weight2, x1)
        return x1_align, x2_align

    @staticmethod
    def submul(x1: Float[Tensor, "B T D"], x2: Float[Tensor, "B T D"]) -> Float[Tensor, "B T 2*D"]:
        return torch.cat([x1 - x2, x1 * x2], -1)

    def apply_multiple(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B 2*D"]:
        p1 = F.avg_pool1d(x.transpose(1, 2), x.size(1)).squeeze(-1)
        p2 = F.max_pool1d(x.transpose(1, 2), x.size(1)).squeeze(-1)
        return torch.cat([p1, p2], 1)

    def forward(self, sent1: Int[Tensor, "B T1"], sent2: Int[Tensor, "B T2"]) -> Float[Tensor, "B K"]:
        mask1, mask2 = sent1.eq(0), sent2.eq(0)
        x1 = self.bn_embeds(self.embeds(sent1).transpose(1, 2).contiguous()).transpose(1, 2)
        x2 = self.bn_embeds(self.embeds(sent2).transpose(1, 2).contiguous()).transpose(1, 2)
        o1, _ = self.lstm1(x1)
        o2, _ = self.lstm1(x2)
        q1_align, q2_align = self.soft_attention_align(o1, o2, mask1, mask2)
        q1_combined = torch.cat([o1, q1_align, self.submul(o1, q1_align)], -1)
        q2_combined = torch.cat([o2, q2_align, self.submul(o2, q2_align)], -1)
        q1_compose, _ = self.lstm2(q1_combined)
        q2_compose, _ = self.lstm2(q2_combined)
        x = torch.cat([self.apply_multiple(q1_compose), self.apply_multiple(q2_compose)], -1)
        return self.fc(x)


def main() -> None:
    torch.manual_seed(0)
    bidaf, esim = BiDAF(30, 16), ESIM(30, 9, 7)
    for b, c, q in ((2, 11, 5), (3, 8, 6)):
        cw, qw = torch.randint(1, 30, (b, c)), torch.randint(1, 30, (b, q))
        cw[1, c - 3 :] = 0
        logp = bidaf(cw, torch.randint(0, 20, (b, c, 7)), qw, torch.randint(0, 20, (b, q, 7)))
        print(tuple(logp.shape), tuple(bidaf.span(logp.exp(), logp.exp()).shape), tuple(esim(cw, qw).shape))


if __name__ == "__main__":
    main()

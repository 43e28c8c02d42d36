"""Recommenders and tabular nets: matrix factorisation, FM and DeepFM, DIN, SASRec, FT-Transformer, cross network."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


class MatrixFactorization(nn.Module):
    def __init__(self, n_users: int, n_items: int, n_factors: int = 20) -> None:
        super().__init__()
        self.user_factors = nn.Embedding(n_users, n_factors)
        self.item_factors = nn.Embedding(n_items, n_factors)
        self.user_biases = nn.Embedding(n_users, 1)
        self.item_biases = nn.Embedding(n_items, 1)

    def forward(self, user: Int[Tensor, " B"], item: Int[Tensor, " B"]) -> Float[Tensor, " B"]:
        pred = self.user_biases(user) + self.item_biases(item)
        pred += (self.user_factors(user) * self.item_factors(item)).sum(dim=1, keepdim=True)
        return pred.squeeze(1)

    def recommend(self, user: Int[Tensor, " B"], k: int = 3) -> Int[Tensor, "B {k}"]:
        scores = self.user_factors(user) @ self.item_factors.weight.t() + self.item_biases.weight.squeeze(-1)
        return scores.topk(k, dim=1).indices


class FeaturesLinear(nn.Module):
    def __init__(self, field_dims, output_dim=1):
        super().__init__()
        self.fc = nn.Embedding(sum(field_dims), output_dim)
        self.bias = nn.Parameter(torch.zeros((output_dim,)))
        self.offsets = np.array((0, *np.cumsum(field_dims)[:-1]), dtype=np.int64)

    def forward(self, x):
        x = x + x.new_tensor(self.offsets).unsqueeze(0)
        return torch.sum(self.fc(x), dim=1) + self.bias


class FeaturesEmbedding(nn.Module):
    def __init__(self, field_dims, embed_dim):
        super().__init__()
        self.embedding = nn.Embedding(sum(field_dims), embed_dim)
        self.offsets = np.array((0, *np.cumsum(field_dims)[:-1]), dtype=np.int64)

    def forward(self, x: Int[Tensor, "B F"]) -> Float[Tensor, "B F E"]:
        x = x + x.new_tensor(self.offsets).unsqueeze(0)
        return self.embedding(x)


class FactorizationMachine(nn.Module):
    def __init__(self, reduce_sum=True):
        super().__init__()
        self.reduce_sum = reduce_sum

    def forward(self, x):
        square_of_sum = torch.sum(x, dim=1) ** 2
        sum_of_square = torch.sum(x**2, dim=1)
        ix = square_of_sum - sum_of_square
        if self.reduce_sum:
            ix = torch.sum(ix, dim=1, keepdim=True)
        return 0.5 * ix


class MultiLayerPerceptron(nn.Module):
    def __init__(self, input_dim, embed_dims, dropout, output_layer=True):
        super().__init__()
        layers = list()
        for embed_dim in embed_dims:
            layers.append(nn.Linear(input_dim, embed_dim))
            layers.append(nn.BatchNorm1d(embed_dim))
            layers.append(nn.ReLU())
            layers.append(nn.Dropout(p=dropout))
            input_dim = embed_dim
        if output_layer:
            layers.append(nn.Linear(input_dim, 1))
        self.mlp = nn.Sequential(*layers)

    def forward(self, x):
        return self.mlp(x)


class DeepFM(nn.Module):
    def __init__(self, field_dims, embed_dim, mlp_dims, dropout):
        super().__init__()
        self.linear = FeaturesLinear(field_dims)
        self.fm = FactorizationMachine(reduce_sum=True)
        self.embedding = FeaturesEmbedding(field_dims, embed_dim)
        self.embed_output_dim = len(field_dims) * embed_dim
        self.mlp = MultiLayerPerceptron(self.embed_output_dim, mlp_dims, dropout)

    def forward(self, x: Int[Tensor, "B F"]) -> Float[Tensor, " B"]:
        embed_x = self.embedding(x)
        x = self.linear(x) + self.fm(embed_x) + self.mlp(embed_x.view(-1, self.embed_output_dim))
        return torch.sigmoid(x.squeeze(1))


class CrossNetwork(nn.Module):
    def __init__(self, input_dim: int, num_layers: int) -> None:
        super().__init__()
        self.num_layers = num_layers
        self.w = nn.ModuleList([nn.Linear(input_dim, 1, bias=False) for _ in range(num_layers)])
        self.b = nn.ParameterList([nn.Parameter(torch.zeros((input_dim,))) for _ in range(num_layers)])

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        x0 = x
        for i in range(self.num_layers):
            xw = self.w[i](x)
            x = x0 * xw + self.b[i] + x
        return x


class InnerProductNetwork(nn.Module):
    def forward(self, x):
        num_fields = x.shape[1]
        row, col = list(), list()
        for i in range(num_fields - 1):
            for j in range(i + 1, num_fields):
                row.append(i), col.append(j)
        return torch.sum(x[:, row] * x[:, col], dim=2)


class DIN(nn.Module):
    """A target item attends to the history of a user."""

    def __init__(self, items: int, dim: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(items, dim, padding_idx=0)
        self.att = nn.Sequential(nn.Linear(4 * dim, 16), nn.Sigmoid(), nn.Linear(16, 1))
        self.out = nn.Linear(2 * dim, 1)

    def forward(self, history: Int[Tensor, "B T"], target: Int[Tensor, " B"]) -> Float[Tensor, " B"]:
        keys, query = self.embed(history), self.embed(target)
        queries = query.unsqueeze(1).expand_as(keys)
        scores = self.att(torch.cat([queries, keys, queries - keys, queries * keys], dim=-1)).squeeze(-1)
        scores = scores.masked_fill(history == 0, float("-inf"))
        weights = torch.softmax(scores, dim=1).unsqueeze(1)
        interest = torch.bmm(weights, keys).squeeze(1)
        return self.out(torch.cat([interest, query], dim=-1)).squeeze(-1)


class PointWiseFeedForward(nn.Module):
    def __init__(self, hidden_units, dropout_rate):
        super().__init__()
        self.conv1 = nn.Conv1d(hidden_units, hidden_units, kernel_size=1)
        self.dropout1 = nn.Dropout(p=dropout_rate)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv1d(hidden_units, hidden_units, kernel_size=1)

    def forward(self, inputs):
        outputs = self.conv2(self.relu(self.dropout1(self.conv1(inputs.transpose(-1, -2)))))
        outputs = outputs.transpose(-1, -2)  # as Conv1D requires (N, C, Length)
        outputs += inputs
        return outputs


class SASRec(nn.Module):
    def __init__(self, item_num, hidden_units, maxlen, num_blocks=2, num_heads=2):
        super().__init__()
        self.item_emb = nn.Embedding(item_num + 1, hidden_units, padding_idx=0)
        self.pos_emb = nn.Embedding(maxlen + 1, hidden_units, padding_idx=0)
        self.attention_layernorms = nn.ModuleList()
        self.attention_layers = nn.ModuleList()
        self.forward_layers = nn.ModuleList()
        self.last_layernorm = nn.LayerNorm(hidden_units, eps=1e-8)
        for _ in range(num_blocks):
            self.attention_layernorms.append(nn.LayerNorm(hidden_units, eps=1e-8))
            self.attention_layers.append(nn.MultiheadAttention(hidden_units, num_heads, 0.1))
            self.forward_layers.append(PointWiseFeedForward(hidden_units, 0.1))

    def log2feats(self, log_seqs):
        seqs = self.item_emb(log_seqs)
        seqs *= self.item_emb.embedding_dim**0.5
        poss = torch.arange(1, log_seqs.shape[1] + 1).repeat(log_seqs.shape[0], 1)
        poss = poss * (log_seqs != 0)
        seqs = seqs + self.pos_emb(poss)
        tl = seqs.shape[1]
        attention_mask = ~torch.tril(torch.ones((tl, tl), dtype=torch.bool))
        for i in range(len(self.attention_layers)):
            seqs = torch.transpose(seqs, 0, 1)
            Q = self.attention_layernorms[i](seqs)
            mha_outputs, _ = self.attention_layers[i](Q, seqs, seqs, attn_mask=attention_mask)
            seqs = Q + mha_outputs
            seqs = torch.transpose(seqs, 0, 1)
            seqs = self.forward_layers[i](seqs)
        return self.last_layernorm(seqs)

    def forward(
        self, log_seqs: Int[Tensor, "B T"], pos_seqs: Int[Tensor, "B T"], neg_seqs: Int[Tensor, "B T"]
    ):
        log_feats = self.log2feats(log_seqs)
        pos_logits = (log_feats * self.item_emb(pos_seqs)).sum(dim=-1)
        neg_logits = (log_feats * self.item_emb(neg_seqs)).sum(dim=-1)
        return pos_logits, neg_logits

    def predict(self, log_seqs, item_indices):
        final_feat = self.log2feats(log_seqs)[:, -1, :]
        item_embs = self.item_emb(item_indices)
        return item_embs.matmul(final_feat.unsqueeze(-1)).squeeze(-1)


class FeatureTokenizer(nn.Module):
    def __init__(self, n_num: int, cardinalities: list[int], d: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_num + 1, d))
        self.bias = nn.Parameter(torch.randn(n_num + len(cardinalities), d))
        self.register_buffer("category_offsets", torch.tensor([0] + cardinalities[:-1]).cumsum(0))
        self.category_embeddings = nn.Embedding(sum(cardinalities), d)

    def forward(self, x_num: Float[Tensor, "B n"], x_cat: Int[Tensor, "B c"]) -> Float[Tensor, "B 1+n+c d"]:
        x_num = torch.cat([torch.ones(len(x_num), 1), x_num], dim=1)
        x = self.weight[None] * x_num[:, :, None]
        x = torch.cat([x, self.category_embeddings(x_cat + self.category_offsets[None])], dim=1)
        bias = torch.cat([torch.zeros(1, self.bias.shape[1]), self.bias])
        return x + bias[None]


def main() -> None:
    torch.manual_seed(0)
    fields = [5, 7, 3, 4]
    mf, deepfm, din, sasrec = (
        MatrixFactorization(9, 11),
        DeepFM(fields, 6, (8, 8), 0.1),
        DIN(20, 6),
        SASRec(20, 8, 10),
    )
    for b, t in ((3, 6), (4, 9)):
        x = torch.stack([torch.randint(0, n, (b,)) for n in fields], 1)
        users, items, seq = (
            torch.randint(0, 9, (b,)),
            torch.randint(0, 11, (b,)),
            torch.randint(1, 20, (b, t)),
        )
        print(tuple(mf(users, items).shape), tuple(mf.recommend(users).shape))
        print(F.binary_cross_entropy(deepfm(x), torch.ones(b)).shape, tuple(din(seq, seq[:, 0]).shape))
        embedded = deepfm.embedding(x)
        print(
            tuple(CrossNetwork(24, 2)(embedded.flatten(1)).shape),
            tuple(InnerProductNetwork()(embedded).shape),
        )
        print(
            [tuple(o.shape) for o in sasrec(seq, seq, seq)],
            tuple(sasrec.predict(seq, torch.arange(1, 6)).shape),
        )
        print(tuple(FeatureTokenizer(3, fields, 8)(torch.randn(b, 3), x).shape))


if __name__ == "__main__":
    main()

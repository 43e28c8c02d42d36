"""Graph networks over a dense adjacency and over an edge list: GCN, GAT, GraphSAGE, message passing, readout."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def normalize_adjacency(adj: Float[Tensor, "N N"]) -> Float[Tensor, "N N"]:
    adj = adj + torch.eye(adj.size(0))
    degree = adj.sum(dim=1)
    inv_sqrt = degree.pow(-0.5)
    inv_sqrt[torch.isinf(inv_sqrt)] = 0.0
    return inv_sqrt[:, None] * adj * inv_sqrt[None, :]


class GraphConvolution(nn.Module):
    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        if bias:
            self.bias = nn.Parameter(torch.empty(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        stdv = 1.0 / self.weight.size(1) ** 0.5
        self.weight.data.uniform_(-stdv, stdv)
        if self.bias is not None:
            self.bias.data.uniform_(-stdv, stdv)

    def forward(self, input: Float[Tensor, "N F_in"], adj: Float[Tensor, "N N"]) -> Float[Tensor, "N F_out"]:
        support = torch.mm(input, self.weight)
        output = torch.spmm(adj, support) if adj.is_sparse else torch.mm(adj, support)
        if self.bias is not None:
            return output + self.bias
        else:
            return output

    def __repr__(self) -> str:
        return self.__class__.__name__ + f" ({self.in_features} -> {self.out_features})"


class GCN(nn.Module):
    def __init__(self, nfeat: int, nhid: int, nclass: int, dropout: float) -> None:
        super().__init__()
        self.gc1 = GraphConvolution(nfeat, nhid)
        self.gc2 = GraphConvolution(nhid, nclass, bias=False)
        self.dropout = dropout

    def forward(self, x: Float[Tensor, "N nfeat"], adj: Float[Tensor, "N N"]) -> Float[Tensor, "N nclass"]:
        x = F.relu(self.gc1(x, adj))
        x = F.dropout(x, self.dropout, training=self.training)
        x = self.gc2(x, adj)
        return F.log_softmax(x, dim=1)


class GraphAttentionLayer(nn.Module):
    def __init__(
        self, in_features: int, out_features: int, dropout: float, alpha: float, concat: bool = True
    ) -> None:
        super().__init__()
        self.dropout = dropout
        self.out_features = out_features
        self.concat = concat
        self.W = nn.Parameter(torch.empty(size=(in_features, out_features)))
        nn.init.xavier_uniform_(self.W.data, gain=1.414)
        self.a = nn.Parameter(torch.empty(size=(2 * out_features, 1)))
        nn.init.xavier_uniform_(self.a.data, gain=1.414)
        self.leakyrelu = nn.LeakyReLU(alpha)

    def forward(self, h: Float[Tensor, "N F_in"], adj: Float[Tensor, "N N"]) -> Float[Tensor, "N F_out"]:
        Wh = torch.mm(h, self.W)  # h.shape: (N, in_features), Wh.shape: (N, out_features)
        e = self._prepare_attentional_mechanism_input(Wh)
        zero_vec = -9e15 * torch.ones_like(e)
        attention = torch.where(adj > 0, e, zero_vec)
        attention = F.softmax(attention, dim=1)
        attention = F.dropout(attention, self.dropout, training=self.training)
        h_prime = torch.matmul(attention, Wh)
        if self.concat:
            return F.elu(h_prime)
        else:
            return h_prime

    def _prepare_attentional_mechanism_input(self, Wh: Float[Tensor, "N F_out"]) -> Float[Tensor, "N N"]:
        Wh1 = torch.matmul(Wh, self.a[: self.out_features, :])
        Wh2 = torch.matmul(Wh, self.a[self.out_features :, :])
        # broadcast add
        e = Wh1 + Wh2.T
        return self.leakyrelu(e)


class GAT(nn.Module):
    def __init__(self, nfeat: int, nhid: int, nclass: int, dropout: float, alpha: float, nheads: int) -> None:
        super().__init__()
        self.dropout = dropout
        self.attentions = [
            GraphAttentionLayer(nfeat, nhid, dropout=dropout, alpha=alpha) for _ in range(nheads)
        ]
        for i, attention in enumerate(self.attentions):
            self.add_module(f"attention_{i}", attention)
        self.out_att = GraphAttentionLayer(nhid * nheads, nclass, dropout=dropout, alpha=alpha, concat=False)

    def forward(self, x: Float[Tensor, "N nfeat"], adj: Float[Tensor, "N N"]) -> Float[Tensor, "N nclass"]:
        x = F.dropout(x, self.dropout, training=self.training)
        x = torch.cat([att(x, adj) for att in self.attentions], dim=1)
        x = F.dropout(x, self.dropout, training=self.training)
        x = F.elu(self.out_att(x, adj))
        return F.log_softmax(x, dim=1)


class SageConv(nn.Module):
    """Mean of the neighbours' features, over a list of edges."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.lin_l = nn.Linear(in_channels, out_channels)
        self.lin_r = nn.Linear(in_channels, out_channels, bias=False)

    def forward(
        self, x: Float[Tensor, "N in_channels"], edge_index: Int[Tensor, "2 E"]
    ) -> Float[Tensor, "N out_channels"]:
        row, col = edge_index
        out = torch.zeros_like(x)
        out.index_add_(0, col, x[row])
        degree = torch.zeros(x.size(0)).scatter_add_(0, col, torch.ones(col.size(0)))
        out = out / degree.clamp(min=1).unsqueeze(-1)
        return F.normalize(self.lin_l(out) + self.lin_r(x), p=2.0, dim=-1)


class EdgeNetwork(nn.Module):
    """Message passing with a matrix for every edge, and a GRU cell for the update."""

    def __init__(self, dim: int, edge_dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.nn = nn.Sequential(nn.Linear(edge_dim, 2 * dim), nn.ReLU(), nn.Linear(2 * dim, dim * dim))
        self.gru = nn.GRUCell(dim, dim)

    def forward(
        self,
        x: Float[Tensor, "N D"],
        edge_index: Int[Tensor, "2 E"],
        edge_attr: Float[Tensor, "E A"],
        steps: int = 2,
    ) -> Float[Tensor, "N D"]:
        src, dst = edge_index[0], edge_index[1]
        weight = self.nn(edge_attr).view(-1, self.dim, self.dim)
        h = x
        for _ in range(steps):
            message = torch.bmm(x[src].unsqueeze(1), weight).squeeze(1)
            m = torch.zeros_like(x).scatter_add_(0, dst.unsqueeze(-1).expand(-1, self.dim), message)
            h = self.gru(m, h)
            x = h
        return x


def global_mean_pool(
    x: Float[Tensor, "N D"], batch: Int[Tensor, " N"], size: int
) -> Float[Tensor, "{size} D"]:
    out = x.new_zeros(size, x.size(1)).index_add_(0, batch, x)
    count = torch.bincount(batch, minlength=size).clamp(min=1).to(x.dtype)
    return out / count[:, None]


class DenseGraphSAGE(nn.Module):
    def __init__(self, dim: int, hidden: int, clusters: int) -> None:
        super().__init__()
        self.embed = nn.Linear(dim, hidden)
        self.assign = nn.Linear(dim, clusters)

    def forward(
        self, x: Float[Tensor, "B N D"], adj: Float[Tensor, "B N N"]
    ) -> tuple[Float[Tensor, "B K H"], Float[Tensor, "B K K"]]:
        """Differentiable pooling of nodes into clusters."""
        s = torch.softmax(self.assign(adj @ x), dim=-1)
        z = F.relu(self.embed(adj @ x))
        out = torch.matmul(s.transpose(1, 2), z)
        out_adj = torch.matmul(torch.matmul(s.transpose(1, 2), adj), s)
        return out, out_adj


def main() -> None:
    torch.manual_seed(0)
    gcn, gat = GCN(7, 8, 3, 0.5), GAT(7, 4, 3, 0.5, 0.2, 2)
    sage, edges, pool = SageConv(7, 5), EdgeNetwork(7, 4), DenseGraphSAGE(7, 6, 3)
    for n in (9, 14):
        x = torch.randn(n, 7)
        adj = normalize_adjacency((torch.rand(n, n) > 0.6).float())
        edge_index = adj.nonzero().t()
        print(tuple(gcn(x, adj).shape), tuple(gat(x, adj).shape), tuple(sage(x, edge_index).shape))
        out = edges(x, edge_index, torch.randn(edge_index.size(1), 4))
        print(tuple(global_mean_pool(out, torch.arange(n) % 3, 3).shape))
        print([tuple(t.shape) for t in pool(x.expand(2, -1, -1), adj.expand(2, -1, -1))])


if __name__ == "__main__":
    main()

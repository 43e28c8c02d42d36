"""Recurrent cells by hand: LSTM from gates, layer-normed, GRU, ConvLSTM over video, SRU, highway, pointer decoder."""

from typing import Optional, Tuple

import torch
import torch.nn as nn
from jaxtyping import Bool, Float, Int
from torch import Tensor

State = Tuple[Tensor, Tensor]


class NaiveLSTM(nn.Module):
    def __init__(self, input_sz: int, hidden_sz: int) -> None:
        super().__init__()
        self.input_size = input_sz
        self.hidden_size = hidden_sz
        self.W = nn.Parameter(torch.Tensor(input_sz, hidden_sz * 4))
        self.U = nn.Parameter(torch.Tensor(hidden_sz, hidden_sz * 4))
        self.bias = nn.Parameter(torch.Tensor(hidden_sz * 4))
        self.init_weights()

    def init_weights(self) -> None:
        stdv = 1.0 / self.hidden_size**0.5
        for weight in self.parameters():
            weight.data.uniform_(-stdv, stdv)

    def forward(
        self, x: Float[Tensor, "bs seq {self.input_size}"], init_states: Optional[State] = None
    ) -> Tuple[Float[Tensor, "bs seq {self.hidden_size}"], State]:
        bs, seq_sz, _ = x.size()
        hidden_seq = []
        if init_states is None:
            h_t, c_t = (torch.zeros(bs, self.hidden_size), torch.zeros(bs, self.hidden_size))
        else:
            h_t, c_t = init_states
        HS = self.hidden_size
        for t in range(seq_sz):
            x_t = x[:, t, :]
            # batch the computations into a single matrix multiplication
            gates = x_t @ self.W + h_t @ self.U + self.bias
            i_t, f_t, g_t, o_t = (
                torch.sigmoid(gates[:, :HS]),
                torch.sigmoid(gates[:, HS : HS * 2]),
                torch.tanh(gates[:, HS * 2 : HS * 3]),
                torch.sigmoid(gates[:, HS * 3 :]),
            )
            c_t = f_t * c_t + i_t * g_t
            h_t = o_t * torch.tanh(c_t)
            hidden_seq.append(h_t.unsqueeze(0))
        hidden_seq = torch.cat(hidden_seq, dim=0)
        # reshape from (sequence, batch, feature) to (batch, sequence, feature)
        hidden_seq = hidden_seq.transpose(0, 1).contiguous()
        return hidden_seq, (h_t, c_t)


class LayerNormLSTMCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.randn(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.randn(4 * hidden_size, hidden_size))
        self.layernorm_i = nn.LayerNorm(4 * hidden_size)
        self.layernorm_h = nn.LayerNorm(4 * hidden_size)
        self.layernorm_c = nn.LayerNorm(hidden_size)

    def forward(
        self, input: Float[Tensor, "B I"], state: Tuple[Float[Tensor, "B H"], Float[Tensor, "B H"]]
    ) -> Tuple[Float[Tensor, "B H"], Tuple[Float[Tensor, "B H"], Float[Tensor, "B H"]]]:
        hx, cx = state
        igates = self.layernorm_i(torch.mm(input, self.weight_ih.t()))
        hgates = self.layernorm_h(torch.mm(hx, self.weight_hh.t()))
        gates = igates + hgates
        ingate, forgetgate, cellgate, outgate = gates.chunk(4, 1)
        cy = self.layernorm_c((forgetgate.sigmoid() * cx) + (ingate.sigmoid() * cellgate.tanh()))
        hy = outgate.sigmoid() * torch.tanh(cy)
        return hy, (hy, cy)


class GRUCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.x2h = nn.Linear(input_size, 3 * hidden_size)
        self.h2h = nn.Linear(hidden_size, 3 * hidden_size)

    def forward(self, x: Float[Tensor, "B I"], hidden: Float[Tensor, "B H"]) -> Float[Tensor, "B H"]:
        i_r, i_i, i_n = self.x2h(x).chunk(3, 1)
        h_r, h_i, h_n = self.h2h(hidden).chunk(3, 1)
        resetgate = torch.sigmoid(i_r + h_r)
        inputgate = torch.sigmoid(i_i + h_i)
        newgate = torch.tanh(i_n + (resetgate * h_n))
        return newgate + inputgate * (hidden - newgate)


class ConvLSTMCell(nn.Module):
    def __init__(
        self, input_dim: int, hidden_dim: int, kernel_size: Tuple[int, int], bias: bool = True
    ) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.padding = kernel_size[0] // 2, kernel_size[1] // 2
        self.conv = nn.Conv2d(
            in_channels=input_dim + hidden_dim,
            out_channels=4 * hidden_dim,
            kernel_size=kernel_size,
            padding=self.padding,
            bias=bias,
        )

    def forward(
        self,
        input_tensor: Float[Tensor, "B C H W"],
        cur_state: Tuple[Float[Tensor, "B D H W"], Float[Tensor, "B D H W"]],
    ) -> Tuple[Float[Tensor, "B D H W"], Float[Tensor, "B D H W"]]:
        h_cur, c_cur = cur_state
        combined = torch.cat([input_tensor, h_cur], dim=1)
        combined_conv = self.conv(combined)
        cc_i, cc_f, cc_o, cc_g = torch.split(combined_conv, self.hidden_dim, dim=1)
        i, f, o = torch.sigmoid(cc_i), torch.sigmoid(cc_f), torch.sigmoid(cc_o)
        c_next = f * c_cur + i * torch.tanh(cc_g)
        h_next = o * torch.tanh(c_next)
        return h_next, c_next

    def init_hidden(self, batch_size: int, image_size: Tuple[int, int]) -> State:
        height, width = image_size
        return (
            torch.zeros(batch_size, self.hidden_dim, height, width, device=self.conv.weight.device),
            torch.zeros(batch_size, self.hidden_dim, height, width, device=self.conv.weight.device),
        )


class ConvLSTM(nn.Module):
    def __init__(
        self, input_dim: int, hidden_dim: list[int], kernel_size: Tuple[int, int], batch_first: bool = False
    ):
        super().__init__()
        self.num_layers = len(hidden_dim)
        self.batch_first = batch_first
        cell_list = []
        for i in range(0, self.num_layers):
            cur_input_dim = input_dim if i == 0 else hidden_dim[i - 1]
            cell_list.append(ConvLSTMCell(cur_input_dim, hidden_dim[i], kernel_size))
        self.cell_list = nn.ModuleList(cell_list)

    def forward(
        self, input_tensor: Float[Tensor, "a b C H W"]
    ) -> Tuple[Float[Tensor, "B T D H W"], list[State]]:
        if not self.batch_first:
            # (t, b, c, h, w) -> (b, t, c, h, w)
            input_tensor = input_tensor.permute(1, 0, 2, 3, 4)
        b, _, _, h, w = input_tensor.size()
        hidden_state = [cell.init_hidden(b, (h, w)) for cell in self.cell_list]
        last_state_list = []
        seq_len = input_tensor.size(1)
        cur_layer_input = input_tensor
        for layer_idx in range(self.num_layers):
            h, c = hidden_state[layer_idx]
            output_inner = []
            for t in range(seq_len):
                h, c = self.cell_list[layer_idx](
                    input_tensor=cur_layer_input[:, t, :, :, :], cur_state=(h, c)
                )
                output_inner.append(h)
            layer_output = torch.stack(output_inner, dim=1)
            cur_layer_input = layer_output
            last_state_list.append((h, c))
        return cur_layer_input, last_state_list


class SRU(nn.Module):
    """A light recurrence: everything but the elementwise update is one product for all steps."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.proj = nn.Linear(dim, 3 * dim)

    def forward(self, x: Float[Tensor, "T B D"]) -> Float[Tensor, "T B D"]:
        u, f, r = self.proj(x).chunk(3, dim=-1)
        f, r = f.sigmoid(), r.sigmoid()
        c = torch.zeros_like(x[0])
        hs = []
        for x_t, u_t, f_t, r_t in zip(x.unbind(0), u.unbind(0), f.unbind(0), r.unbind(0)):
            c = f_t * c + (1 - f_t) * u_t
            hs.append(r_t * c.tanh() + (1 - r_t) * x_t)
        return torch.stack(hs, 0)


class PointerDecoder(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(dim, dim)
        self.query, self.ref = nn.Linear(dim, dim), nn.Conv1d(dim, dim, 1)
        self.v = nn.Parameter(torch.rand(dim))
        self.start = nn.Parameter(torch.zeros(1, dim))

    def forward(self, items: Float[Tensor, "B N D"]) -> Tuple[Float[Tensor, "B N N"], Int[Tensor, "B N"]]:
        b, n, d = items.shape
        mask: Bool[Tensor, "B N"] = torch.zeros(b, n, dtype=torch.bool)
        x, state = self.start.expand(b, -1), (items.mean(1), torch.zeros(b, d))
        ref = self.ref(items.transpose(1, 2))  # (B, D, N)
        logps, tour = [], []
        for _ in range(n):
            h, c = self.cell(x, state)
            state = (h, c)
            q = self.query(h).unsqueeze(2)
            scores = (self.v[None, :, None] * torch.tanh(q + ref)).sum(1)
            logp = scores.masked_fill(mask, -1e9).log_softmax(-1)
            choice = logp.argmax(-1)
            mask = mask.scatter(1, choice[:, None], True)
            x = items[torch.arange(b), choice]
            logps.append(logp)
            tour.append(choice)
        return torch.stack(logps, 1), torch.stack(tour, 1)


def main() -> None:
    torch.manual_seed(0)
    for b, t in ((2, 5), (3, 7)):
        x = torch.randn(b, t, 6)
        out, state = NaiveLSTM(6, 8)(x)
        h, state = LayerNormLSTMCell(6, 8)(x[:, 0], state)
        print(tuple(out.shape), tuple(h.shape), tuple(GRUCell(6, 8)(x[:, 0], h).shape))
        print(tuple(ConvLSTM(3, [4, 5], (3, 3), batch_first=True)(torch.randn(b, t, 3, 6, 9))[0].shape))
        print(tuple(ConvLSTM(3, [4], (3, 5))(torch.randn(t, b, 3, 6, 9))[0].shape), tuple(SRU(6)(x).shape))
        print([tuple(o.shape) for o in PointerDecoder(6)(x)])


if __name__ == "__main__":
    main()

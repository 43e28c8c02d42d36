"""Small models as people write them, each with something that swapping its layers has to cope with."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from namedtorch import Bool, Float, Int


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.lstm = nn.LSTM(16, 16, batch_first=True)
        self.out = nn.Linear(16, 50)
        self.out.weight = self.embed.weight

    def forward(self, tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N T 50"]:
        return self.out(self.lstm(self.embed(tokens))[0])


class ReadWeight(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.fc = nn.Linear(16, 16)
        self.init_weights()

    def init_weights(self) -> None:
        self.fc.weight.data.uniform_(-0.1, 0.1)

    def forward(self, tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N T 50"]:
        return F.linear(self.fc(self.embed(tokens)), self.embed.weight)


class ReadInLoop(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])
        self.head = nn.Linear(8, 8)

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 8"]:
        for number, layer in enumerate(self.layers):
            x = F.linear(x, layer.weight) + number
        head = self.head
        return head(x)


class ReadElsewhere(nn.Module):
    """It reads the weight in a way that no reading of the source tells, and of which only a call does."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(8, 8)
        self.second = nn.Linear(8, 4)

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 4"]:
        weight = getattr(self.first, "wei" + "ght")
        return self.second(self.first(x) @ weight)


class FirstParameter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.gru = nn.GRU(16, 8, 2, bidirectional=True)
        self.fc = nn.Linear(16, 3)

    def forward(self, tokens: Int[Tensor, "T N"]) -> Float[Tensor, "N 3"]:
        weight = next(self.parameters())
        state = weight.new_zeros(4, tokens.size(1), 8)
        return self.fc(self.gru(self.embed(tokens), state)[0][-1])


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        one = nn.Linear(8, 8)
        self.a = one
        self.b = one
        self.blocks = nn.ModuleList([nn.Sequential(one, nn.ReLU()) for _ in range(2)])

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 8"]:
        x = self.b(self.a(x))
        for block in self.blocks:
            x = block(x)
        return x


class Bare(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.ParameterList([nn.Parameter(torch.ones(8)) for _ in range(2)])
        self.shift = nn.Parameter(torch.zeros(8))
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 8"]:
        for scale in self.scales:
            x = self.fc(x) * scale + self.shift
        return x


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(8, 6, 2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(12, 3)

    def forward(self, x: Float[Tensor, "N T 8"]) -> Float[Tensor, "N T 3"]:
        lengths = torch.full((x.size(0),), x.size(1), dtype=torch.long)
        lengths[0] = max(int(x.size(1)) // 2, 1)
        y, _ = self.rnn(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        y, _ = pad_packed_sequence(y, batch_first=True, total_length=x.size(1))
        return self.fc(y)


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.projected = nn.LSTM(8, 6, proj_size=4)
        self.gru = nn.GRU(4, 5, bias=False)
        self.rnn = nn.RNN(5, 5)
        self.fc = nn.Linear(5, 3)

    def forward(self, x: Float[Tensor, "T N 8"]) -> Float[Tensor, "N 3"]:
        return self.fc(self.rnn(self.gru(self.projected(x)[0])[0])[0][-1])


class Cells(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTMCell(8, 6)
        self.gru = nn.GRUCell(6, 6, bias=False)
        self.rnn = nn.RNNCell(6, 6, nonlinearity="relu")

    def forward(self, x: Float[Tensor, "T N 8"]) -> Float[Tensor, "N 6"]:
        h = torch.zeros(x.size(1), 6)
        c = torch.zeros(x.size(1), 6)
        g = torch.zeros(x.size(1), 6)
        r = torch.zeros(x.size(1), 6)
        for t in range(x.size(0)):
            h, c = self.lstm(x[t], (h, c))
            g = self.gru(h, g)
            r = self.rnn(g, r)
        return r


class Bags(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.EmbeddingBag(20, 8)
        self.sum = nn.EmbeddingBag(20, 8, mode="sum")
        self.max = nn.EmbeddingBag(20, 8, mode="max")
        self.padded = nn.EmbeddingBag(20, 8, padding_idx=0)
        self.fc = nn.Linear(8, 2)

    def forward(self, tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N 2"]:
        return self.fc(self.mean(tokens) + self.sum(tokens) + self.max(tokens) + self.padded(tokens))


class Characters(nn.Module):
    """Indices of three axes or with strides, and a vector of one axis, which torch's quantized layers refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.start = nn.Embedding(20, 8)
        self.capped = nn.Embedding(20, 8, max_norm=1.0)
        self.vector = nn.Linear(8, 8)
        self.fc = nn.Linear(8, 2)

    def forward(self, letters: Int[Tensor, "N T C"]) -> Float[Tensor, "N T 2"]:
        vector = self.vector(self.embed(letters).mean((0, 1, 2))) + self.start(letters[:, 0, 0]).unsqueeze(1)
        return self.fc(self.embed(letters).mean(2) + self.capped(letters[:, :, 0]) + vector)


class Xavier(nn.Linear):
    def __init__(self, taken: int, given: int) -> None:
        super().__init__(taken, given)
        nn.init.xavier_uniform_(self.weight)


class Doubled(nn.Linear):
    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias) * 2


class Subclasses(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = Xavier(8, 8)
        self.b = Doubled(8, 8)

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 8"]:
        return self.b(self.a(x))


class Attending(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.own = nn.MultiheadAttention(8, 2, batch_first=True)
        self.other = nn.MultiheadAttention(8, 2, kdim=6, vdim=6, batch_first=True)

    def forward(
        self,
        x: Float[Tensor, "N T 8"],
        memory: Float[Tensor, "N S 6"],
        padding: Bool[Tensor, "N S"] | None = None,
    ) -> tuple[Float[Tensor, "N T 8"], Float[Tensor, "N T S"]]:
        mask = torch.triu(torch.ones(x.size(1), x.size(1), dtype=torch.bool), 1)
        y, _ = self.own(x, x, x, attn_mask=mask, need_weights=False, is_causal=True)
        z, weights = self.other(y, memory, memory, key_padding_mask=padding)
        assert weights is not None
        return z, weights


class Functional(nn.Module):
    """As in CLIP: the function of attention with the weights of a module."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Float[Tensor, "T N 8"]) -> Float[Tensor, "T N 8"]:
        x = self.fc(x)
        y, _ = F.multi_head_attention_forward(
            x, x, x, 8, 2, self.attention.in_proj_weight, self.attention.in_proj_bias, None, None, False, 0.0,
            self.attention.out_proj.weight, self.attention.out_proj.bias, training=False,
        )  # fmt: skip
        return y


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(8, 3)

    def forward(self, tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N 3"]:
        padding = tokens == 0
        return self.head(self.encoder(self.embed(tokens), src_key_padding_mask=padding).mean(1))


class HalfLayer(nn.TransformerEncoderLayer):
    def _ff_block(self, x: Tensor) -> Tensor:
        return self.linear2(torch.tanh(self.linear1(x))) * 0.5


class OwnLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = HalfLayer(8, 2, 16, activation=torch.tanh, batch_first=True)

    def forward(self, x: Float[Tensor, "N T 8"]) -> Float[Tensor, "N T 8"]:
        return self.layer(x)


class PassedOver(nn.Module):
    """When it infers, torch takes its fast path, and passes over what the subclass of the layer says."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = HalfLayer(8, 2, 16, batch_first=True)
        self.head = nn.Linear(8, 8)

    def forward(self, x: Float[Tensor, "N T 8"]) -> Float[Tensor, "N T 8"]:
        return self.head(self.layer(x))


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), 1)

    def forward(self, x: Float[Tensor, "N T 8"], memory: Float[Tensor, "N S 8"]) -> Float[Tensor, "N T 8"]:
        mask = torch.triu(torch.full((x.size(1), x.size(1)), float("-inf")), 1)
        return self.decoder(x, memory, tgt_mask=mask)


class Exported(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(8, 8)
        self.head = nn.Linear(8, 2)

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 2"]:
        return self.head(self.body(x))

    @torch.jit.export
    def features(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 8"]:
        return F.relu(F.linear(x, self.body.weight))


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.utils.parametrizations.weight_norm(nn.Linear(8, 8))
        self.conv = nn.Conv1d(8, 8, 3, padding=1)

    def forward(self, x: Float[Tensor, "N 8 T"]) -> Float[Tensor, "N T 8"]:
        return self.fc(self.conv(x).transpose(1, 2))


class PaddingRead(nn.Module):
    """It reads numbers of the table that torch's quantized one does not have."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 8, padding_idx=0)
        self.fc = nn.Linear(8, 2)

    def forward(self, tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N 2"]:
        keep = (tokens != self.embed.padding_idx).unsqueeze(-1)
        return self.fc((self.embed(tokens) * keep).sum(1))


class Convolutions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, image: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 4 h w"]:
        return self.norm(self.conv(image))


class Lazy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.LazyLinear(4)

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N 4"]:
        return self.fc(x)


class Double(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4).double()

    def forward(self, x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
        return self.fc(x.double()).float()

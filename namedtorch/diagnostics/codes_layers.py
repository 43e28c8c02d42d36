"""Codes of layers: convolutions, normalizations, attention, recurrence."""

from typing import Final

from namedtorch.diagnostics.code import Code

LAYERS: Final = (
    Code.of_source(
        "channels-differ",
        "A layer takes another number of channels than it is given.",
        """\
Channels are axis 1 of a batch: N C L, N C H W. Give the layer the number that comes to it, or bring the
channels to axis 1 (`x.transpose(1, 2)` of N L C, `x.permute(0, 3, 1, 2)` of N H W C). Groups have to divide
the channels.""",
        """\
class Stem(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)

    def forward(self, x: Float[Tensor, "N H W 3"]) -> Tensor:
        return self.conv(x)  # <-
""",
        """\
class Stem(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)

    def forward(self, x: Float[Tensor, "N H W 3"]) -> Tensor:
        return self.conv(x.permute(0, 3, 1, 2))
""",
    ),
    Code.of_source(
        "channels-unchecked",
        "A layer is given another number of channels than it was made for, and torch does not look.",
        """\
An `InstanceNorm` without weights normalizes whatever comes; the number it was made with is wrong
nevertheless.""",
        """\
class Norm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(16)

    def forward(self, x: Float[Tensor, "N 32 H W"]) -> Tensor:
        return self.norm(x)  # <-
""",
        """\
class Norm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(32)

    def forward(self, x: Float[Tensor, "N 32 H W"]) -> Tensor:
        return self.norm(x)
""",
        "warning",
    ),
    Code.of_source(
        "norm-sizes-differ",
        "A layer norm normalizes other sizes than those of the last axes.",
        """\
`LayerNorm` and `RMSNorm` work along the last axes. Channels in another place are brought behind first, and
back afterwards.""",
        """\
class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(64)

    def forward(self, x: Float[Tensor, "N 64 H W"]) -> Tensor:
        return self.norm(x)  # <-
""",
        """\
class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(64)

    def forward(self, x: Float[Tensor, "N 64 H W"]) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
""",
    ),
    Code.of_source(
        "size-impossible",
        "A result would have no elements, or sizes that can't be.",
        """\
The kernel, with its dilation, is larger than the padded input, a padding takes more away than there is, or an
`output_size` is none that the strides can make.""",
        """\
def smooth(x: Float[Tensor, "N C 5"]) -> Tensor:
    return F.avg_pool1d(x, kernel_size=7)  # <-
""",
        """\
def smooth(x: Float[Tensor, "N C 5"]) -> Tensor:
    return F.avg_pool1d(x, kernel_size=5)
""",
    ),
    Code.of_source(
        "window-unfit",
        "The numbers that describe a window or a layer do not fit each other.",
        """\
A kernel, stride, padding or size that a layer does not take, whatever its input: a padding of more than half
of a pool's kernel, a stride of 0, an `output_padding` that is not less than the stride.""",
        """\
pool = nn.MaxPool2d(3, padding=2)


def halve(x: Float[Tensor, "N C H W"]) -> Tensor:
    return pool(x)  # <-
""",
        """\
pool = nn.MaxPool2d(3, padding=1)


def halve(x: Float[Tensor, "N C H W"]) -> Tensor:
    return pool(x)
""",
    ),
    Code.of_source(
        "grid-differs",
        "A sampling grid does not belong to the image.",
        """\
`grid_sample` takes a grid N H W 2 for images N C H W, and N D H W 3 for volumes: the batch is that of the
image, the last axis holds the coordinates.""",
        """\
def warp(image: Float[Tensor, "N C H W"], flow: Float[Tensor, "N 2 H W"]) -> Tensor:
    return F.grid_sample(image, flow)  # <-
""",
        """\
def warp(image: Float[Tensor, "N C H W"], flow: Float[Tensor, "N 2 H W"]) -> Tensor:
    return F.grid_sample(image, flow.permute(0, 2, 3, 1))
""",
    ),
    Code.of_source(
        "heads-differ",
        "A width can't be shared evenly by the heads of attention.",
        """\
Each head gets `embed_dim // num_heads` features, without a rest. Heads of keys and values, where they are
fewer, have to divide those of the queries.""",
        """\
attention = nn.MultiheadAttention(embed_dim=50, num_heads=8)  # <-
""",
        """\
attention = nn.MultiheadAttention(embed_dim=48, num_heads=8)
""",
    ),
    Code.of_source(
        "mask-differs",
        "A mask of attention does not have the shape of what it masks.",
        """\
`attn_mask` is `queries keys`, or `batch*heads queries keys`; `key_padding_mask` is `batch keys`, wherever the
batch stands in the tensors. The mask of `scaled_dot_product_attention` broadcasts into `... queries keys`,
heads included.""",
        """\
class Attend(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(dim, 4, batch_first=True)

    def forward(self, x: Float[Tensor, "B T dim"], padding: Bool[Tensor, "T B"]) -> Tensor:
        return self.attention(x, x, x, key_padding_mask=padding)[0]  # <-
""",
        """\
class Attend(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(dim, 4, batch_first=True)

    def forward(self, x: Float[Tensor, "B T dim"], padding: Bool[Tensor, "B T"]) -> Tensor:
        return self.attention(x, x, x, key_padding_mask=padding)[0]
""",
    ),
    Code.of_source(
        "hidden-differs",
        "The state given to a recurrent layer has other sizes than it takes.",
        """\
States are `layers*directions batch hidden`, with the batch in the middle also where `batch_first=True`; an
LSTM takes a pair of them.""",
        """\
class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(8, 16, batch_first=True)

    def forward(self, x: Float[Tensor, "B T 8"]) -> Tensor:
        state = torch.zeros(1, x.shape[1], 16)
        return self.rnn(x, state)[0]  # <-
""",
        """\
class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(8, 16, batch_first=True)

    def forward(self, x: Float[Tensor, "B T 8"]) -> Tensor:
        state = torch.zeros(1, x.shape[0], 16)
        return self.rnn(x, state)[0]
""",
    ),
    Code.of_source(
        "batch-order-differs",
        "A layer of sequences is given the batch where it takes its steps.",
        """\
Recurrent layers and attention take N first only with `batch_first=True`: without it, the steps come first.
torch can't tell, and attends across the batch. Construct the layer with `batch_first=True`, or transpose.""",
        """\
class Attend(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(dim, 4)

    def forward(self, x: Float[Tensor, "batch time dim"]) -> Tensor:
        return self.attention(x, x, x)[0]  # <-
""",
        """\
class Attend(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(dim, 4, batch_first=True)

    def forward(self, x: Float[Tensor, "batch time dim"]) -> Tensor:
        return self.attention(x, x, x)[0]
""",
        "warning",
    ),
)
"""Findings at the layers of a network, where they are made and where they are called."""

"""Which inputs are to be channels-last: those that get to a convolution over images as they are given."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from namedtorch import Float, Int, LowerError
from tests.lower.mobile.phone_models import Dense, Photos, channels_last
from tests.lower.unverified import lower


class Masked(nn.Module):
    """Images under a mask; a bias of four axes that is no image, and lengths."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(
        self,
        image: Float[Tensor, "N C=3 H W"],
        mask: Float[Tensor, "N 1 H W"],
        bias: Float[Tensor, "N heads T T"],
        lengths: Int[Tensor, "N"],
    ) -> Float[Tensor, "N 8"]:
        scores = self.conv(image * mask).mean((2, 3)) + bias.softmax(-1).sum((1, 2, 3))[:, None]
        return scores / (1 + lengths[:, None])


class Nhwc(nn.Module):
    """Images with their channels at the end: channels-last when they get to the convolution, as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, image: Float[Tensor, "N H W C=3"]) -> Float[Tensor, "N 8"]:
        return self.conv(image.permute(0, 3, 1, 2)).mean((2, 3))


class Grey(nn.Module):
    """One channel: images are both channels-last and contiguous."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(1, 4, 2)

    def forward(self, image: Float[Tensor, "N 1 H W"]) -> Float[Tensor, "N 4"]:
        return self.up(image).mean((2, 3))


class Several(nn.Module):
    """Images in containers, and weights that are no module's."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 3, 3, 3))

    def forward(
        self, images: list[Float[Tensor, "1 C=3 ?H ?W"]], last: Float[Tensor, "1 C=3 h w"] | None = None
    ) -> Float[Tensor, "4"]:
        total = torch.zeros(4)
        for one in images:
            total = total + F.conv2d(one, self.weight, padding="same").mean((0, 2, 3))
        if last is not None:
            total = total + F.conv2d(last, self.weight, padding=1).mean((0, 2, 3))
        return total


class Said(nn.Module):
    """An annotation that says a memory format."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(
        self, image: Float[Tensor, "N C=3 H W @ contiguous"], other: Float[Tensor, "N C=3 H W"]
    ) -> Float[Tensor, "N 4"]:
        return self.conv(image).mean((2, 3)) + self.conv(other).mean((2, 3))


class Sound(nn.Module):
    """Images that are made on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)

    def forward(self, x: Float[Tensor, "N T where T % 16 == 0"]) -> Float[Tensor, "N 4"]:
        return self.conv(x.reshape(x.size(0), 1, 16, -1)).mean((2, 3))


class Flat(nn.Module):
    """`view` takes what is stored in the order of its axes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4 * 6 * 6, 2)

    def forward(self, image: Float[Tensor, "N C=3 8 8"]) -> Float[Tensor, "N 2"]:
        x = self.conv(image)
        return self.head(x.view(x.size(0), -1))


class Kept(nn.Module):
    """A result that is to be contiguous."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N 4 H-2 W-2 @ contiguous"]:
        return self.conv(image)


class Line(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(3, 4, 3)

    def forward(self, x: Float[Tensor, "N C=3 T"]) -> Float[Tensor, "N 4 T-2"]:
        return self.conv(x)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, 4, 3)

    def forward(self, x: Float[Tensor, "N C=3 D H W"]) -> Float[Tensor, "N 4 D-2 H-2 W-2"]:
        return self.conv(x)


VIEW = (
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
    "contiguous subspaces). Use .reshape(...) instead."
)
ONE = "channels-last: the weights of 1 2-D convolution"
CASES: list[tuple[type[nn.Module], str, str]] = [
    (
        Photos,
        "image: N C=3 H W @ channels_last -> N classes=5 where H >= 4, W >= 4",
        "channels-last: the weights of 2 2-D convolutions and inputs `image`, `encode: image`",
    ),
    (
        Masked,
        "image: N C=3 H W @ channels_last, mask: N 1 H W @ channels_last, bias: N heads T T, lengths: N -> N 8",
        f"{ONE} and inputs `image`, `mask`; `bias` gets to no convolution as it is given",
    ),
    (
        Nhwc,
        "image: N H W C=3 -> N 8",
        f"{ONE}; `image` gets to no convolution as it is given",
    ),
    (
        Grey,
        "image: N 1 H W @ channels_last -> N 4",
        "channels-last: the weights of 1 2-D convolution and input `image`",
    ),
    (
        Several,
        "images: list[1 C=3 ?H ?W @ channels_last], last: 1 C=3 h w @ channels_last | None = None -> 4",
        "channels-last: the weights of 1 2-D convolution and inputs `images`, `last`",
    ),
    (
        Said,
        "image: N C=3 H W @ contiguous, other: N C=3 H W @ channels_last -> N 4",
        f"{ONE} and input `other`; `image` keeps the memory format of its annotation",
    ),
    (Sound, "x: N T -> N 4 where T%16 == 0", "channels-last: the weights of 1 2-D convolution"),
    (
        Flat,
        "image: N C=3 8 8 -> N 2",
        f"no channels-last: the model fails with `image` channels-last: RuntimeError: {VIEW}",
    ),
    (
        Kept,
        "image: N C=3 H W -> N 4 H-2 W-2 @ contiguous",
        "no channels-last: the result is to be `@ contiguous` (`N 4 H-2 W-2 @ contiguous`), and would not be",
    ),
    (
        Line,
        "x: N C=3 T -> N 4 T-2",
        "no channels-last: its convolutions are 1-D, which gain nothing by it",
    ),
    (
        Block,
        "x: N C=3 D H W -> N 4 D-2 H-2 W-2",
        "no channels-last: its convolutions are 3-D, which gain nothing by it",
    ),
    (Dense, "x: N C=6 -> N 3", "no channels-last: no convolution ran"),
]


@pytest.mark.parametrize(("kind", "signature", "told"), CASES, ids=[kind.__name__ for kind, _, _ in CASES])
def test_inputs_that_get_to_convolutions(kind: type[nn.Module], signature: str, told: str) -> None:
    lowered = lower(kind(), optimize="mobile")
    assert str(lowered.signature) == signature
    assert told in str(lowered.report).splitlines()


def test_a_view_behind_the_convolutions_of_one_channel_is_found() -> None:
    class Digits(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 4, 3)

        def forward(self, image: Float[Tensor, "N 1 8 8"]) -> Float[Tensor, "N 144"]:
            x = self.conv(image)
            return x.view(x.size(0), -1)

    model = Digits().eval()
    lowered = lower(model, optimize="mobile")
    assert str(lowered.signature) == "image: N 1 8 8 -> N 144"
    assert "the model fails behind convolutions that give channels-last tensors" in str(lowered.report)
    x = torch.randn(2, 1, 8, 8)
    torch.testing.assert_close(lowered(x), model(x))


def constants(script: Any) -> list[Tensor]:
    """The tensors among the constants of a frozen graph."""
    values = [node.output().toIValue() for node in script.graph.findAllNodes("prim::Constant")]
    return [one for one in values if isinstance(one, Tensor)]


def test_weights_of_the_graph_are_stored_channels_last() -> None:
    lowered = lower(Photos(), optimize="mobile")
    weights = [one for one in constants(lowered.module) if one.dim() == 4]
    assert sorted(tuple(one.shape) for one in weights) == [(8, 1, 3, 3), (8, 3, 3, 3)]
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one in weights)
    assert not any(one.dim() == 4 for one in constants(lower(Line(), optimize="mobile").module))


def test_methods_share_their_weights() -> None:
    module: Any = lower(Photos(), optimize="mobile").module
    # The norm is folded into the first of them, for each method anew.
    own = {one.data_ptr() for one in constants(module) if one.dim() == 4}
    graph = module._c._get_method("encode").graph
    values = [node.output().toIValue() for node in graph.findAllNodes("prim::Constant")]
    others = {one.data_ptr() for one in values if isinstance(one, Tensor) and one.dim() == 4}
    assert own == others
    assert len(own) == 2


def test_a_model_that_no_inputs_are_known_for_is_known_by_its_modules() -> None:
    class Picky(Photos):
        def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N 5"]:
            if image.size(2) != 77:
                raise ValueError("77 rows only")
            return self.head(self.features(image).mean((2, 3)))

        encode = None

    lowered = lower(Picky(), optimize="mobile")
    assert str(lowered.signature) == "image: N C=3 H W @ channels_last -> N 5"
    assert (
        "channels-last: the weights of 2 2-D convolutions and input `image`; no inputs are known to try it with"
        in str(lowered.report).splitlines()
    )
    assert lowered(channels_last(torch.randn(1, 3, 77, 12))).shape == (1, 5)


def test_an_example_of_another_model_is_refused() -> None:
    with pytest.raises(LowerError, match="Photos"):
        lower(Photos(), optimize="mobile", example=lambda N, T: torch.zeros(N, 3, T, T))

"""One `normalize` for every layout of images and video, and the mistake that sizes alone do not show.

`python examples/normalize_any_layout.py` runs in a second. The exit status is 1 when anything that it shows does not
hold.

The time bomb: code that broadcasts `mean` over the last axis works for years on NHWC images. Then somebody feeds NCHW
images that are three pixels wide: the sizes still fit, and the numbers are wrong. With names there is nothing to
remember: `mean` has a `C`, and goes where the image has its `C`.
"""

import sys

import torch
from torch import Tensor

import namedtorch
from namedtorch import DimError, Float, NamedTensor, checked, erased_source, lower, named


@checked
def normalize(
    t: Float[NamedTensor, "... C ..."], mean: Float[NamedTensor, "C"], std: Float[NamedTensor, "C"]
) -> Float[NamedTensor, "... C ..."]:
    """Takes off the mean of each channel and divides by its standard deviation, wherever the channels stand."""
    return (t - mean.align_as(t)) / std.align_as(t)


def by_position(t: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """The same for plain tensors of the layout `... C`: nothing holds the last axis to be the channels."""
    return (t - mean) / std


LAYOUTS = ("N C H W", "N H W C", "C H W", "H W C", "N T C H W", "N T H W C")
SIZES = {"N": 4, "T": 5, "C": 3, "H": 6, "W": 7}


def every_layout(mean: NamedTensor, std: NamedTensor) -> None:
    for layout in LAYOUTS:
        names = layout.split()
        images = named(torch.rand([SIZES[name] for name in names]), layout)
        result = normalize(images, mean, std)
        # By hand: the channels last, where positions are right.
        last = (*(name for name in names if name != "C"), "C")
        expected = by_position(images.align_to(*last).tensor, mean.tensor, std.tensor)
        assert torch.equal(result.align_to(*last).tensor, expected)
        assert result.dims == images.dims
        print(f"{layout:12} {tuple(images.shape)}")


def time_bomb(mean: NamedTensor, std: NamedTensor) -> None:
    """Images three pixels wide: by position, NCHW passes for NHWC."""
    images = torch.rand(4, 3, 3, 3)  # N C H W
    wrong = by_position(images, mean.tensor, std.tensor)
    right = normalize(named(images, "N C H W"), mean, std).tensor
    print(f"\nby position: no error, {(wrong - right).abs().max():.2f} off")
    try:
        named(images, "N C H W") - mean  # pyright: ignore[reportUnusedExpression]
    except DimError as error:
        print(f"by name:\n{error}")
    else:
        raise AssertionError("`C` met `W`, and nothing was said")


@checked
def normalize_images(
    images: Float[NamedTensor, "N C=3 H W"], mean: Float[NamedTensor, "C"], std: Float[NamedTensor, "C"]
) -> Float[NamedTensor, "N C=3 H W"]:
    """`normalize` for one layout, as a file can have it."""
    return normalize(images, mean, std)


def lowered(mean: NamedTensor, std: NamedTensor) -> None:
    """The same without names, for Python, C++ and phones: `normalize` is written once for each layout."""
    model = lower(normalize_images)
    print(f"\nwithout names:\n{erased_source(normalize_images)}")
    images = torch.rand(4, 3, 6, 7)
    expected = normalize_images(named(images, "N C H W"), mean, std).tensor
    assert torch.equal(model(images, mean.tensor, std.tensor), expected)
    try:
        model(images.permute(0, 2, 3, 1), mean.tensor, std.tensor)
    except DimError as error:
        print(error)
    else:
        raise AssertionError("an NHWC image went into a graph of NCHW")


def refused(mean: NamedTensor, std: NamedTensor) -> None:
    """What `@checked` says of a plain tensor, and of images without channels."""
    for images in (torch.rand(4, 3, 8, 8), named(torch.rand(4, 8, 8), "N H W")):
        try:
            normalize(images, mean, std)  # type: ignore[arg-type]  # which is what a static checker says
        except DimError as error:
            print(f"\n{error}")
        else:
            raise AssertionError("the call was not refused")


def main() -> int:
    mean = namedtorch.tensor([0.485, 0.456, 0.406], names=("C",))
    std = namedtorch.tensor([0.229, 0.224, 0.225], names=("C",))
    every_layout(mean, std)
    time_bomb(mean, std)
    refused(mean, std)
    lowered(mean, std)
    return 0


if __name__ == "__main__":
    sys.exit(main())

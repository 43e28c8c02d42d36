"""Cases of shuffles of pixels and channels."""

from tests.ops.oracle import Case, ModuleCase, call, t

_IMAGES = (t(12, 5, 7), t(2, 12, 5, 7), t(2, 3, 12, 5, 7), t(2, 18, 6, 9), t(5, 7), t(2, 5, 6, 4))

CASES: list[Case] = [
    *(
        call(f"{owner}.{name}", image, factor)
        for owner in ("torch", "torch.nn.functional")
        for name in ("pixel_shuffle", "pixel_unshuffle")
        for image in _IMAGES
        for factor in (1, 2, 3)
    ),
    *(
        call("torch.nn.functional.channel_shuffle", image, groups)
        for image in (t(2, 12, 5, 7), t(2, 12, 5), t(2, 7, 5, 5), t(2, 12), t(2, 12, 3, 5, 7))
        for groups in (1, 2, 3)
    ),
]

MODULE_CASES = [
    ModuleCase(f"torch.nn.{name}", (factor,), {}, (image,))
    for name in ("PixelShuffle", "PixelUnshuffle", "ChannelShuffle")
    for image in (t(2, 12, 6, 4), t(2, 4, 5, 7))
    for factor in (1, 2, 4)
]

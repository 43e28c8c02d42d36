"""Video: frames as a batch, and time put together again."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class Frames(nn.Module):
    def __init__(self, channels: int, features: int) -> None:
        super().__init__()
        self.conv = named_module(nn.Conv2d(channels, features, 3, padding=1), "B C H W -> B D H W")
        self.mix = named_module(nn.Conv1d(features, features, 3, padding=1), "N D T -> N D T")

    @checked
    def forward(self, video: Float[NamedTensor, "N T C H W"]) -> Float[NamedTensor, "N D"]:
        # mistake [names-differ]: frames = video.rearrange("N T C H W -> (N T) C H W")
        frames = video.rearrange("N T C H W -> (N T) C H W").rename("B", "C", "H", "W")
        maps = self.conv(frames).mean(("H", "W"))
        # mistake [dim-missing]: maps = maps.unflatten("N", (("N", video.size("N")), ("T", -1)))
        maps = maps.unflatten("B", (("N", video.size("N")), ("T", -1)))
        # mistake [names-differ]: mixed = self.mix(maps)
        mixed = self.mix(maps.align_to("N", "D", "T"))
        # mistake [dim-missing]: return mixed.amax("time")
        return mixed.amax("T")


@checked
def difference(video: Float[NamedTensor, "N T C H W"]) -> Float[NamedTensor, "N T-1"]:
    # mistake [dim-missing]: change = video["T", 1:] - video["t", :-1]
    change = video["T", 1:] - video["T", :-1]
    # mistake [result-differs]: return change.abs().mean(("C", "H", "T"))
    return change.abs().mean(("C", "H", "W"))


def main() -> None:
    video = namedtorch.rand(N=2, T=3, C=3, H=4, W=4)
    assert Frames(3, 4)(video).dims == ("N", "D")
    # mistake [names-differ]: assert difference(video.transpose("T", "C")).dims == ("N", "T")
    assert difference(video).dims == ("N", "T")

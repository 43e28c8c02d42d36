import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class CurveGrouping(nn.Module):
    def __init__(self, in_channels: int, curve_num: int) -> None:
        super().__init__()
        self.curve_num = curve_num
        self.att = nn.Conv1d(in_channels, 1, kernel_size=1, bias=False)

    def forward(self, x: Float[Tensor, "B in_channels N"]) -> Float[Tensor, "B in_channels curve_num"]:
        x_att = torch.sigmoid(self.att(x))
        x = x * x_att
        _, start_index = torch.topk(x_att, self.curve_num, dim=2, sorted=False)
        start_index = start_index.squeeze(1).unsqueeze(1)
        start_index = start_index.expand(-1, x.size(1), -1)
        return torch.gather(x, 2, start_index)


def main() -> Tensor:
    torch.manual_seed(0)
    return CurveGrouping(6, 4)(torch.randn(1, 6, 20))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)

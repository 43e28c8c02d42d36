"""YOLO: CSP backbone, PAN neck, an anchor head whose output is viewed and decoded, box utilities and NMS."""

import math

import torch
import torch.nn as nn
from jaxtyping import Float, Int
from torch import Tensor


def autopad(k, p=None, d=1):
    if d > 1:
        k = d * (k - 1) + 1 if isinstance(k, int) else [d * (x - 1) + 1 for x in k]
    if p is None:
        p = k // 2 if isinstance(k, int) else [x // 2 for x in k]
    return p


class Conv(nn.Module):
    default_act = nn.SiLU()

    def __init__(self, c1, c2, k=1, s=1, p=None, g=1, d=1, act=True):
        super().__init__()
        self.conv = nn.Conv2d(c1, c2, k, s, autopad(k, p, d), groups=g, dilation=d, bias=False)
        self.bn = nn.BatchNorm2d(c2)
        self.act = self.default_act if act is True else act if isinstance(act, nn.Module) else nn.Identity()

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    def __init__(self, c1, c2, shortcut=True, g=1, e=0.5):
        super().__init__()
        c_ = int(c2 * e)  # hidden channels
        self.cv1 = Conv(c1, c_, 1, 1)
        self.cv2 = Conv(c_, c2, 3, 1, g=g)
        self.add = shortcut and c1 == c2

    def forward(self, x):
        return x + self.cv2(self.cv1(x)) if self.add else self.cv2(self.cv1(x))


class C3(nn.Module):
    def __init__(self, c1, c2, n=1, shortcut=True, g=1, e=0.5):
        super().__init__()
        c_ = int(c2 * e)
        self.cv1 = Conv(c1, c_, 1, 1)
        self.cv2 = Conv(c1, c_, 1, 1)
        self.cv3 = Conv(2 * c_, c2, 1)
        self.m = nn.Sequential(*(Bottleneck(c_, c_, shortcut, g, e=1.0) for _ in range(n)))

    def forward(self, x):
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), 1))


class C2f(nn.Module):
    def __init__(
        self, c1: int, c2: int, n: int = 1, shortcut: bool = False, g: int = 1, e: float = 0.5
    ) -> None:
        super().__init__()
        self.c = int(c2 * e)
        self.cv1 = Conv(c1, 2 * self.c, 1, 1)
        self.cv2 = Conv((2 + n) * self.c, c2, 1)
        self.m = nn.ModuleList(Bottleneck(self.c, self.c, shortcut, g, e=1.0) for _ in range(n))

    def forward(self, x: Float[Tensor, "B c1 H W"]) -> Float[Tensor, "B c2 H W"]:
        y = list(self.cv1(x).chunk(2, 1))
        y.extend(m(y[-1]) for m in self.m)
        return self.cv2(torch.cat(y, 1))


class SPPF(nn.Module):
    def __init__(self, c1, c2, k=5):
        super().__init__()
        c_ = c1 // 2
        self.cv1 = Conv(c1, c_, 1, 1)
        self.cv2 = Conv(c_ * 4, c2, 1, 1)
        self.m = nn.MaxPool2d(kernel_size=k, stride=1, padding=k // 2)

    def forward(self, x):
        x = self.cv1(x)
        y1 = self.m(x)
        y2 = self.m(y1)
        return self.cv2(torch.cat((x, y1, y2, self.m(y2)), 1))


class Focus(nn.Module):
    """Focus wh information into c-space."""

    def __init__(self, c1: int, c2: int, k: int = 1) -> None:
        super().__init__()
        self.conv = Conv(c1 * 4, c2, k)

    def forward(self, x: Float[Tensor, "B c1 H W"]) -> Float[Tensor, "B c2 H//2 W//2"]:
        return self.conv(
            torch.cat((x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]), 1)
        )


class Detect(nn.Module):
    stride: Tensor

    def __init__(self, nc: int = 80, anchors: tuple = (), ch: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.nc = nc
        self.no = nc + 5
        self.nl = len(anchors)
        self.na = len(anchors[0]) // 2
        self.grid = [torch.empty(0) for _ in range(self.nl)]
        self.anchor_grid = [torch.empty(0) for _ in range(self.nl)]
        self.register_buffer("anchors", torch.tensor(anchors).float().view(self.nl, -1, 2))  # shape(nl,na,2)
        self.m = nn.ModuleList(nn.Conv2d(x, self.no * self.na, 1) for x in ch)
        self.stride = torch.tensor([4.0, 8.0])

    def forward(self, x: list[Float[Tensor, "B _ _ _"]]):
        z = []
        for i in range(self.nl):
            x[i] = self.m[i](x[i])
            bs, _, ny, nx = x[i].shape  # x(bs,255,20,20) to x(bs,3,20,20,85)
            x[i] = x[i].view(bs, self.na, self.no, ny, nx).permute(0, 1, 3, 4, 2).contiguous()
            if not self.training:
                if self.grid[i].shape[2:4] != x[i].shape[2:4]:
                    self.grid[i], self.anchor_grid[i] = self._make_grid(nx, ny, i)
                xy, wh, conf = x[i].sigmoid().split((2, 2, self.nc + 1), 4)
                xy = (xy * 2 + self.grid[i]) * self.stride[i]
                wh = (wh * 2) ** 2 * self.anchor_grid[i]
                y = torch.cat((xy, wh, conf), 4)
                z.append(y.view(bs, self.na * nx * ny, self.no))
        return x if self.training else (torch.cat(z, 1), x)

    def _make_grid(self, nx: int = 20, ny: int = 20, i: int = 0):
        shape = 1, self.na, ny, nx, 2
        y, x = torch.arange(ny), torch.arange(nx)
        yv, xv = torch.meshgrid(y, x, indexing="ij")
        grid = torch.stack((xv, yv), 2).expand(shape) - 0.5
        anchor_grid = (self.anchors[i] * self.stride[i]).view((1, self.na, 1, 1, 2)).expand(shape)
        return grid, anchor_grid


class Model(nn.Module):
    def __init__(self, nc: int = 5) -> None:
        super().__init__()
        self.focus = Focus(3, 8, 3)
        self.down1 = nn.Sequential(Conv(8, 16, 3, 2), C3(16, 16, n=2))
        self.down2 = nn.Sequential(Conv(16, 32, 3, 2), C2f(32, 32, n=2, shortcut=True), SPPF(32, 32))
        self.up = nn.Upsample(None, 2, "nearest")
        self.reduce = Conv(32, 16, 1)
        self.c3_up = C3(32, 16, 1, False)
        self.down = Conv(16, 16, 3, 2)
        self.c3_out = C3(32, 32, 1, False)
        self.detect = Detect(nc, ([4, 5, 8, 10, 13, 16], [23, 29, 43, 55, 73, 105]), (16, 32))

    def forward(self, x: Float[Tensor, "B 3 H W"]):
        p1 = self.down1(self.focus(x))
        p2 = self.down2(p1)
        top = self.reduce(p2)
        small = self.c3_up(torch.cat([self.up(top), p1], 1))
        large = self.c3_out(torch.cat([self.down(small), top], 1))
        return self.detect([small, large])


def xywh2xyxy(x: Float[Tensor, "*n 4"]) -> Float[Tensor, "*n 4"]:
    y = torch.empty_like(x)
    y[..., 0] = x[..., 0] - x[..., 2] / 2
    y[..., 1] = x[..., 1] - x[..., 3] / 2
    y[..., 2] = x[..., 0] + x[..., 2] / 2
    y[..., 3] = x[..., 1] + x[..., 3] / 2
    return y


def bbox_ciou(
    box1: Float[Tensor, "n 4"], box2: Float[Tensor, "n 4"], eps: float = 1e-7
) -> Float[Tensor, "n 1"]:
    (x1, y1, w1, h1), (x2, y2, w2, h2) = box1.chunk(4, -1), box2.chunk(4, -1)
    inter = ((x1 + w1 / 2).minimum(x2 + w2 / 2) - (x1 - w1 / 2).maximum(x2 - w2 / 2)).clamp(0) * (
        (y1 + h1 / 2).minimum(y2 + h2 / 2) - (y1 - h1 / 2).maximum(y2 - h2 / 2)
    ).clamp(0)
    union = w1 * h1 + w2 * h2 - inter + eps
    v = (4 / math.pi**2) * (torch.atan(w2 / (h2 + eps)) - torch.atan(w1 / (h1 + eps))).pow(2)
    return inter / union - v


def box_iou(
    box1: Float[Tensor, "N 4"], box2: Float[Tensor, "M 4"], eps: float = 1e-7
) -> Float[Tensor, "N M"]:
    (a1, a2), (b1, b2) = box1.unsqueeze(1).chunk(2, 2), box2.unsqueeze(0).chunk(2, 2)
    inter = (torch.min(a2, b2) - torch.max(a1, b1)).clamp(0).prod(2)
    return inter / ((a2 - a1).prod(2) + (b2 - b1).prod(2) - inter + eps)


def nms(
    boxes: Float[Tensor, "N 4"], scores: Float[Tensor, " N"], threshold: float = 0.5
) -> Int[Tensor, " K"]:
    order = scores.argsort(descending=True)
    keep = []
    while order.numel() > 0:
        i = order[0]
        keep.append(i)
        if order.numel() == 1:
            break
        iou = box_iou(boxes[i].unsqueeze(0), boxes[order[1:]]).squeeze(0)
        order = order[1:][iou <= threshold]
    return torch.stack(keep)


def non_max_suppression(prediction: Float[Tensor, "B P no"], conf_thres: float = 0.25) -> list[Tensor]:
    xc = prediction[..., 4] > conf_thres
    output = [torch.zeros((0, 6))] * prediction.shape[0]
    for xi, x in enumerate(prediction):
        x = x[xc[xi]]
        if not x.shape[0]:
            continue
        x[:, 5:] *= x[:, 4:5]  # conf = obj_conf * cls_conf
        box = xywh2xyxy(x[:, :4])
        conf, j = x[:, 5:].max(1, keepdim=True)
        x = torch.cat((box, conf, j.float()), 1)
        c = x[:, 5:6] * 4096
        output[xi] = x[nms(x[:, :4] + c, x[:, 4])]
    return output


def main() -> None:
    torch.manual_seed(0)
    model = Model()
    for size in ((2, 3, 64, 64), (3, 3, 32, 96)):
        maps = model.train()(torch.randn(*size))
        boxes, _ = model.eval()(torch.randn(*size))
        print(
            [tuple(m.shape) for m in maps], tuple(boxes.shape), len(non_max_suppression(boxes.detach(), 0.3))
        )
        print(tuple(bbox_ciou(torch.rand(size[0], 4), torch.rand(size[0], 4)).shape))


if __name__ == "__main__":
    main()

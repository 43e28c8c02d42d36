"""SegNet with pooling indices, a feature pyramid, ASPP, pyramid pooling: heads of dense prediction."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn


class SegNet(nn.Module):
    def __init__(self, in_chn: int = 3, out_chn: int = 32) -> None:
        super().__init__()
        self.MaxEn = nn.MaxPool2d(2, stride=2, return_indices=True)
        self.MaxDe = nn.MaxUnpool2d(2, stride=2)
        self.ConvEn11 = nn.Conv2d(in_chn, 16, kernel_size=3, padding=1)
        self.BNEn11 = nn.BatchNorm2d(16, momentum=0.5)
        self.ConvEn21 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.BNEn21 = nn.BatchNorm2d(32, momentum=0.5)
        self.ConvDe21 = nn.Conv2d(32, 16, kernel_size=3, padding=1)
        self.BNDe21 = nn.BatchNorm2d(16, momentum=0.5)
        self.ConvDe11 = nn.Conv2d(16, out_chn, kernel_size=3, padding=1)

    def forward(self, x: Float[Tensor, "N in_chn H W"]) -> Float[Tensor, "N out_chn H W"]:
        x = F.relu(self.BNEn11(self.ConvEn11(x)))
        size1 = x.size()
        x, ind1 = self.MaxEn(x)
        x = F.relu(self.BNEn21(self.ConvEn21(x)))
        size2 = x.size()
        x, ind2 = self.MaxEn(x)
        x = self.MaxDe(x, ind2, output_size=size2)
        x = F.relu(self.BNDe21(self.ConvDe21(x)))
        x = self.MaxDe(x, ind1, output_size=size1)
        x = self.ConvDe11(x)
        return F.softmax(x, dim=1)


class FeaturePyramidNetwork(nn.Module):
    def __init__(self, in_channels_list: list[int], out_channels: int) -> None:
        super().__init__()
        self.inner_blocks = nn.ModuleList()
        self.layer_blocks = nn.ModuleList()
        for in_channels in in_channels_list:
            if in_channels == 0:
                raise ValueError("in_channels=0 is currently not supported")
            self.inner_blocks.append(nn.Conv2d(in_channels, out_channels, 1))
            self.layer_blocks.append(nn.Conv2d(out_channels, out_channels, 3, padding=1))

    def forward(self, x: dict[str, Float[Tensor, "N _ _ _"]]) -> dict[str, Tensor]:
        names = list(x.keys())
        features = list(x.values())
        last_inner = self.inner_blocks[-1](features[-1])
        results = []
        results.append(self.layer_blocks[-1](last_inner))
        for idx in range(len(features) - 2, -1, -1):
            inner_lateral = self.inner_blocks[idx](features[idx])
            feat_shape = inner_lateral.shape[-2:]
            inner_top_down = F.interpolate(last_inner, size=feat_shape, mode="nearest")
            last_inner = inner_lateral + inner_top_down
            results.insert(0, self.layer_blocks[idx](last_inner))
        return OrderedDict([(k, v) for k, v in zip(names, results)])


class ASPPPooling(nn.Sequential):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.ReLU()
        )

    def forward(self, x: Float[Tensor, "N in_channels H W"]) -> Float[Tensor, "N out_channels H W"]:
        size = x.shape[-2:]
        for mod in self:
            x = mod(x)
        return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class ASPP(nn.Module):
    def __init__(self, in_channels: int, atrous_rates: list[int], out_channels: int = 256) -> None:
        super().__init__()
        modules = []
        modules.append(nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.ReLU()))
        for rate in tuple(atrous_rates):
            modules.append(
                nn.Sequential(
                    nn.Conv2d(in_channels, out_channels, 3, padding=rate, dilation=rate, bias=False),
                    nn.BatchNorm2d(out_channels),
                    nn.ReLU(),
                )
            )
        modules.append(ASPPPooling(in_channels, out_channels))
        self.convs = nn.ModuleList(modules)
        self.project = nn.Sequential(
            nn.Conv2d(len(self.convs) * out_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Dropout(0.5),
        )

    def forward(self, x: Float[Tensor, "N in_channels H W"]) -> Float[Tensor, "N out_channels H W"]:
        _res = []
        for conv in self.convs:
            _res.append(conv(x))
        res = torch.cat(_res, dim=1)
        return self.project(res)


class PPM(nn.Module):
    def __init__(self, in_dim: int, reduction_dim: int, bins: tuple[int, ...]) -> None:
        super().__init__()
        self.features = nn.ModuleList(
            [
                nn.Sequential(nn.AdaptiveAvgPool2d(bin), nn.Conv2d(in_dim, reduction_dim, kernel_size=1))
                for bin in bins
            ]
        )

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N D H W"]:
        x_size = x.size()
        out = [x]
        for f in self.features:
            out.append(F.interpolate(f(x), x_size[2:], mode="bilinear", align_corners=True))
        return torch.cat(out, 1)


class PanopticFPN(nn.Module):
    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.stages = nn.ModuleList([nn.Conv2d(8 * 2**i, 16 * 2**i, 3, 2, 1) for i in range(3)])
        self.fpn = FeaturePyramidNetwork([16, 32, 64], 12)
        self.aspp = ASPP(64, [2, 4], 20)
        self.ppm = PPM(20, 5, (1, 2, 3))
        self.head = nn.Conv2d(12 * 3 + 20 + 3 * 5, num_classes, 1)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N num_classes H W"]:
        input_shape = x.shape[-2:]
        x = self.stem(x)
        feats = OrderedDict()
        for i, stage in enumerate(self.stages):
            x = F.relu(stage(x))
            feats[str(i)] = x
        context = self.ppm(self.aspp(x))
        pyramid = self.fpn(feats)
        size = pyramid["0"].shape[2:]
        ups = [F.interpolate(p, size=size, mode="bilinear", align_corners=False) for p in pyramid.values()]
        ups.append(F.interpolate(context, size=size, mode="bilinear", align_corners=False))
        logits = self.head(torch.cat(ups, dim=1))
        return F.interpolate(logits, size=input_shape, mode="bilinear", align_corners=False)


def mean_iou(logits: Float[Tensor, "N K H W"], target: Int[Tensor, "N H W"]) -> Float[Tensor, " K"]:
    k = logits.shape[1]
    pred = logits.argmax(1)
    hist = torch.bincount(k * target.flatten() + pred.flatten(), minlength=k * k).reshape(k, k).float()
    return hist.diag() / (hist.sum(1) + hist.sum(0) - hist.diag()).clamp(min=1)


def main() -> None:
    torch.manual_seed(0)
    for size in ((2, 3, 64, 48), (3, 3, 70, 53)):
        image = torch.randn(*size)
        print(tuple(SegNet(3, 6)(image).shape))
        logits = PanopticFPN(5)(image)
        target = torch.randint(0, 5, (size[0], *size[2:]))
        print(tuple(logits.shape), F.cross_entropy(logits, target).shape, mean_iou(logits, target).shape)


if __name__ == "__main__":
    main()

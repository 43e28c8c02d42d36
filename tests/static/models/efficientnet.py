"""EfficientNet: MBConv with squeeze-excitation, same padding computed at run time, drop connect."""

import math
from dataclasses import dataclass
from typing import List, Optional

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class BlockArgs:
    num_repeat: int
    kernel_size: int
    stride: int
    expand_ratio: int
    input_filters: int
    output_filters: int
    se_ratio: Optional[float] = 0.25
    id_skip: bool = True


def round_filters(filters: int, width: float, divisor: int = 8) -> int:
    filters = filters * width
    new_filters = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    if new_filters < 0.9 * filters:
        new_filters += divisor
    return int(new_filters)


def drop_connect(inputs: Float[Tensor, "B C H W"], p: float, training: bool) -> Float[Tensor, "B C H W"]:
    if not training:
        return inputs
    batch_size = inputs.shape[0]
    keep_prob = 1 - p
    random_tensor = keep_prob
    random_tensor += torch.rand([batch_size, 1, 1, 1], dtype=inputs.dtype, device=inputs.device)
    binary_tensor = torch.floor(random_tensor)
    output = inputs / keep_prob * binary_tensor
    return output


class Conv2dSamePadding(nn.Conv2d):
    """TensorFlow's same padding for any image size."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, groups=1, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.stride = self.stride if len(self.stride) == 2 else [self.stride[0]] * 2

    def forward(self, x):
        ih, iw = x.size()[-2:]
        kh, kw = self.weight.size()[-2:]
        sh, sw = self.stride
        oh, ow = math.ceil(ih / sh), math.ceil(iw / sw)
        pad_h = max((oh - 1) * self.stride[0] + (kh - 1) * self.dilation[0] + 1 - ih, 0)
        pad_w = max((ow - 1) * self.stride[1] + (kw - 1) * self.dilation[1] + 1 - iw, 0)
        if pad_h > 0 or pad_w > 0:
            x = F.pad(x, [pad_w // 2, pad_w - pad_w // 2, pad_h // 2, pad_h - pad_h // 2])
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class MBConvBlock(nn.Module):
    def __init__(self, block_args: BlockArgs, input_filters: int, stride: int) -> None:
        super().__init__()
        self._block_args = block_args
        self._stride = stride
        self._input_filters = input_filters
        self.has_se = (block_args.se_ratio is not None) and (0 < block_args.se_ratio <= 1)
        self.id_skip = block_args.id_skip
        inp = input_filters
        oup = input_filters * block_args.expand_ratio
        if block_args.expand_ratio != 1:
            self._expand_conv = Conv2dSamePadding(inp, oup, kernel_size=1, bias=False)
            self._bn0 = nn.BatchNorm2d(num_features=oup)
        k = block_args.kernel_size
        self._depthwise_conv = Conv2dSamePadding(
            oup, oup, groups=oup, kernel_size=k, stride=stride, bias=False
        )
        self._bn1 = nn.BatchNorm2d(num_features=oup)
        if self.has_se:
            num_squeezed_channels = max(1, int(input_filters * block_args.se_ratio))
            self._se_reduce = Conv2dSamePadding(
                in_channels=oup, out_channels=num_squeezed_channels, kernel_size=1
            )
            self._se_expand = Conv2dSamePadding(
                in_channels=num_squeezed_channels, out_channels=oup, kernel_size=1
            )
        final_oup = block_args.output_filters
        self._project_conv = Conv2dSamePadding(
            in_channels=oup, out_channels=final_oup, kernel_size=1, bias=False
        )
        self._bn2 = nn.BatchNorm2d(num_features=final_oup)
        self._swish = nn.SiLU()

    def forward(self, inputs: Float[Tensor, "B C H W"], drop_connect_rate: Optional[float] = None) -> Tensor:
        x = inputs
        if self._block_args.expand_ratio != 1:
            x = self._expand_conv(inputs)
            x = self._bn0(x)
            x = self._swish(x)
        x = self._depthwise_conv(x)
        x = self._bn1(x)
        x = self._swish(x)
        if self.has_se:
            x_squeezed = F.adaptive_avg_pool2d(x, 1)
            x_squeezed = self._se_reduce(x_squeezed)
            x_squeezed = self._swish(x_squeezed)
            x_squeezed = self._se_expand(x_squeezed)
            x = torch.sigmoid(x_squeezed) * x
        x = self._project_conv(x)
        x = self._bn2(x)
        input_filters, output_filters = self._input_filters, self._block_args.output_filters
        if self.id_skip and self._stride == 1 and input_filters == output_filters:
            if drop_connect_rate:
                x = drop_connect(x, p=drop_connect_rate, training=self.training)
            x = x + inputs
        return x


class EfficientNet(nn.Module):
    def __init__(self, blocks_args: List[BlockArgs], width: float = 1.0, num_classes: int = 1000) -> None:
        super().__init__()
        self.drop_connect_rate = 0.2
        out_channels = round_filters(32, width)
        self._conv_stem = Conv2dSamePadding(3, out_channels, kernel_size=3, stride=2, bias=False)
        self._bn0 = nn.BatchNorm2d(num_features=out_channels)
        self._blocks = nn.ModuleList([])
        current = out_channels
        for args in blocks_args:
            output = round_filters(args.output_filters, width)
            args = BlockArgs(
                1, args.kernel_size, args.stride, args.expand_ratio, current, output, args.se_ratio
            )
            self._blocks.append(MBConvBlock(args, current, args.stride))
            for _ in range(2 - 1):
                self._blocks.append(MBConvBlock(args, output, 1))
            current = output
        out_channels = round_filters(320, width)
        self._conv_head = Conv2dSamePadding(current, out_channels, kernel_size=1, bias=False)
        self._bn1 = nn.BatchNorm2d(num_features=out_channels)
        self._avg_pooling = nn.AdaptiveAvgPool2d(1)
        self._dropout = nn.Dropout(0.2)
        self._fc = nn.Linear(out_channels, num_classes)
        self._swish = nn.SiLU()

    def extract_features(self, inputs: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B C h w"]:
        x = self._swish(self._bn0(self._conv_stem(inputs)))
        for idx, block in enumerate(self._blocks):
            drop_connect_rate = self.drop_connect_rate
            if drop_connect_rate:
                drop_connect_rate *= float(idx) / len(self._blocks)
            x = block(x, drop_connect_rate=drop_connect_rate)
        return self._swish(self._bn1(self._conv_head(x)))

    def forward(self, inputs: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B num_classes"]:
        x = self.extract_features(inputs)
        x = self._avg_pooling(x)
        x = x.flatten(start_dim=1)
        x = self._dropout(x)
        return self._fc(x)


def main() -> None:
    torch.manual_seed(0)
    blocks = [
        BlockArgs(1, 3, 1, 1, 32, 16),
        BlockArgs(2, 3, 2, 6, 16, 24),
        BlockArgs(2, 5, 2, 6, 24, 40, None),
    ]
    for width in (0.5, 1.0):
        model = EfficientNet(blocks, width, num_classes=7)
        for size in ((2, 3, 33, 64), (1, 3, 47, 40)):
            print(
                tuple(model.train()(torch.randn(2, 3, *size[2:])).shape),
                tuple(model.eval()(torch.randn(*size)).shape),
            )


if __name__ == "__main__":
    main()

"""MobileNetV2 and V3: inverted residuals, squeeze-excitation, hard swish, channels made divisible."""

import torch
from torch import nn
from torch.nn import functional as F


def _make_divisible(v, divisor, min_value=None):
    if min_value is None:
        min_value = divisor
    new_v = max(min_value, int(v + divisor / 2) // divisor * divisor)
    if new_v < 0.9 * v:
        new_v += divisor
    return new_v


class ConvBNReLU(nn.Sequential):
    def __init__(
        self, in_planes, out_planes, kernel_size=3, stride=1, groups=1, norm_layer=None, act=nn.ReLU6
    ):
        padding = (kernel_size - 1) // 2
        if norm_layer is None:
            norm_layer = nn.BatchNorm2d
        super(ConvBNReLU, self).__init__(
            nn.Conv2d(in_planes, out_planes, kernel_size, stride, padding, groups=groups, bias=False),
            norm_layer(out_planes),
            act(inplace=True),
        )
        self.out_channels = out_planes


class InvertedResidual(nn.Module):
    def __init__(self, inp, oup, stride, expand_ratio):
        super().__init__()
        self.stride = stride
        assert stride in [1, 2]
        hidden_dim = int(round(inp * expand_ratio))
        self.use_res_connect = self.stride == 1 and inp == oup
        layers = []
        if expand_ratio != 1:
            layers.append(ConvBNReLU(inp, hidden_dim, kernel_size=1))
        layers.extend(
            [
                ConvBNReLU(hidden_dim, hidden_dim, stride=stride, groups=hidden_dim),
                nn.Conv2d(hidden_dim, oup, 1, 1, 0, bias=False),
                nn.BatchNorm2d(oup),
            ]
        )
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        if self.use_res_connect:
            return x + self.conv(x)
        else:
            return self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self, num_classes=1000, width_mult=1.0, inverted_residual_setting=None, round_nearest=8):
        super().__init__()
        block = InvertedResidual
        input_channel = 32
        last_channel = 128
        if inverted_residual_setting is None:
            inverted_residual_setting = [
                # t, c, n, s
                [1, 16, 1, 1],
                [6, 24, 2, 2],
                [6, 32, 2, 2],
            ]
        input_channel = _make_divisible(input_channel * width_mult, round_nearest)
        self.last_channel = _make_divisible(last_channel * max(1.0, width_mult), round_nearest)
        features = [ConvBNReLU(3, input_channel, stride=2)]
        for t, c, n, s in inverted_residual_setting:
            output_channel = _make_divisible(c * width_mult, round_nearest)
            for i in range(n):
                stride = s if i == 0 else 1
                features.append(block(input_channel, output_channel, stride, expand_ratio=t))
                input_channel = output_channel
        features.append(ConvBNReLU(input_channel, self.last_channel, kernel_size=1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(self.last_channel, num_classes))

    def forward(self, x):
        x = self.features(x)
        x = F.adaptive_avg_pool2d(x, 1).reshape(x.shape[0], -1)
        return self.classifier(x)


class SqueezeExcitation(nn.Module):
    def __init__(self, input_channels, squeeze_factor=4):
        super().__init__()
        squeeze_channels = _make_divisible(input_channels // squeeze_factor, 8)
        self.fc1 = nn.Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = nn.Conv2d(squeeze_channels, input_channels, 1)

    def _scale(self, input, inplace):
        scale = F.adaptive_avg_pool2d(input, 1)
        scale = F.relu(self.fc1(scale), inplace=True)
        return F.hardsigmoid(self.fc2(scale), inplace=inplace)

    def forward(self, input):
        return self._scale(input, True) * input


class InvertedResidualV3(nn.Module):
    def __init__(self, in_c, kernel, expanded_c, out_c, use_se, use_hs, stride):
        super().__init__()
        self.use_res_connect = stride == 1 and in_c == out_c
        layers = []
        act = nn.Hardswish if use_hs else nn.ReLU
        if expanded_c != in_c:
            layers.append(ConvBNReLU(in_c, expanded_c, kernel_size=1, act=act))
        layers.append(ConvBNReLU(expanded_c, expanded_c, kernel, stride=stride, groups=expanded_c, act=act))
        if use_se:
            layers.append(SqueezeExcitation(expanded_c))
        layers += [nn.Conv2d(expanded_c, out_c, 1, bias=False), nn.BatchNorm2d(out_c)]
        self.block = nn.Sequential(*layers)
        self.out_channels = out_c

    def forward(self, input):
        result = self.block(input)
        if self.use_res_connect:
            result += input
        return result


class MobileNetV3(nn.Module):
    def __init__(self, settings, last_channel, num_classes=1000):
        super().__init__()
        firstconv_output_channels = settings[0][0]
        layers = [ConvBNReLU(3, firstconv_output_channels, kernel_size=3, stride=2, act=nn.Hardswish)]
        for cnf in settings:
            layers.append(InvertedResidualV3(*cnf))
        lastconv_input_channels = settings[-1][3]
        lastconv_output_channels = 6 * lastconv_input_channels
        layers.append(
            ConvBNReLU(lastconv_input_channels, lastconv_output_channels, kernel_size=1, act=nn.Hardswish)
        )
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(lastconv_output_channels, last_channel),
            nn.Hardswish(inplace=True),
            nn.Dropout(p=0.2, inplace=True),
            nn.Linear(last_channel, num_classes),
        )

    def forward(self, x):
        x = self.features(x)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        x = self.classifier(x)
        return x


def main():
    torch.manual_seed(0)
    settings = [
        (16, 3, 16, 16, True, False, 2),
        (16, 3, 72, 24, False, False, 2),
        (24, 5, 88, 24, True, True, 1),
    ]
    for size in ((2, 3, 64, 64), (3, 3, 51, 70)):
        for width in (1.0, 0.5):
            print(tuple(MobileNetV2(5, width_mult=width)(torch.randn(*size)).shape))
        print(tuple(MobileNetV3(settings, 40, 6)(torch.randn(*size)).shape))


if __name__ == "__main__":
    main()

"""WaveNet with gated dilated causal convolutions, and a temporal convolutional network that chomps."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.parametrizations import weight_norm


class CausalConv1d(nn.Conv1d):
    def __init__(self, in_channels, out_channels, kernel_size=2, dilation=1, **kwargs):
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation, **kwargs)
        self.left_pad = (kernel_size - 1) * dilation

    def forward(self, x):
        return super().forward(F.pad(x, (self.left_pad, 0)))


class ResidualBlock(nn.Module):
    def __init__(self, residual_channels, skip_channels, dilation, cond_channels=None):
        super().__init__()
        self.dilated = CausalConv1d(residual_channels, 2 * residual_channels, dilation=dilation)
        self.cond = nn.Conv1d(cond_channels, 2 * residual_channels, 1) if cond_channels else None
        self.conv_res = nn.Conv1d(residual_channels, residual_channels, 1)
        self.conv_skip = nn.Conv1d(residual_channels, skip_channels, 1)

    def forward(self, x, c=None):
        output = self.dilated(x)
        if self.cond is not None and c is not None:
            output = output + self.cond(c)
        a, b = output.split(output.size(1) // 2, dim=1)
        gated = torch.tanh(a) * torch.sigmoid(b)
        output = self.conv_res(gated)
        output += x
        return output, self.conv_skip(gated)


class WaveNet(nn.Module):
    def __init__(
        self, classes=256, residual_channels=16, skip_channels=24, layers=4, blocks=2, cond_channels=None
    ):
        super().__init__()
        self.classes = classes
        self.embed = nn.Embedding(classes, residual_channels)
        self.causal = CausalConv1d(residual_channels, residual_channels)
        self.res_blocks = nn.ModuleList()
        for b in range(blocks):
            for i in range(layers):
                self.res_blocks.append(ResidualBlock(residual_channels, skip_channels, 2**i, cond_channels))
        self.post = nn.Sequential(
            nn.ReLU(),
            nn.Conv1d(skip_channels, skip_channels, 1),
            nn.ReLU(),
            nn.Conv1d(skip_channels, classes, 1),
        )
        self.receptive_field = blocks * sum(2**i for i in range(layers)) + 2

    def forward(self, x, c=None):
        # x: (B, T) of classes
        x = self.embed(x).transpose(1, 2)
        x = self.causal(x)
        skips = 0
        for block in self.res_blocks:
            x, skip = block(x, c)
            skips = skips + skip
        return self.post(skips)

    @torch.no_grad()
    def generate(self, x, steps):
        for _ in range(steps):
            logits = self.forward(x[:, -self.receptive_field :])[:, :, -1]
            x = torch.cat([x, torch.multinomial(logits.softmax(-1), 1)], dim=1)
        return x


def mu_law_encode(audio, channels=256):
    mu = float(channels - 1)
    safe = torch.minimum(audio.abs(), torch.ones_like(audio))
    magnitude = torch.log1p(mu * safe) / torch.log1p(torch.tensor(mu))
    return ((torch.sign(audio) * magnitude + 1) / 2 * mu + 0.5).long()


class Chomp1d(nn.Module):
    def __init__(self, chomp_size):
        super().__init__()
        self.chomp_size = chomp_size

    def forward(self, x):
        return x[:, :, : -self.chomp_size].contiguous()


class TemporalBlock(nn.Module):
    def __init__(self, n_inputs, n_outputs, kernel_size, stride, dilation, padding, dropout=0.2):
        super().__init__()
        self.conv1 = weight_norm(
            nn.Conv1d(n_inputs, n_outputs, kernel_size, stride=stride, padding=padding, dilation=dilation)
        )
        self.chomp1 = Chomp1d(padding)
        self.relu1 = nn.ReLU()
        self.dropout1 = nn.Dropout(dropout)
        self.conv2 = weight_norm(
            nn.Conv1d(n_outputs, n_outputs, kernel_size, stride=stride, padding=padding, dilation=dilation)
        )
        self.chomp2 = Chomp1d(padding)
        self.net = nn.Sequential(
            self.conv1,
            self.chomp1,
            self.relu1,
            self.dropout1,
            self.conv2,
            self.chomp2,
            nn.ReLU(),
            nn.Dropout(dropout),
        )
        self.downsample = nn.Conv1d(n_inputs, n_outputs, 1) if n_inputs != n_outputs else None
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.net(x)
        res = x if self.downsample is None else self.downsample(x)
        return self.relu(out + res)


class TemporalConvNet(nn.Module):
    def __init__(self, num_inputs, num_channels, kernel_size=2, dropout=0.2):
        super().__init__()
        layers = []
        num_levels = len(num_channels)
        for i in range(num_levels):
            dilation_size = 2**i
            in_channels = num_inputs if i == 0 else num_channels[i - 1]
            out_channels = num_channels[i]
            layers += [
                TemporalBlock(
                    in_channels,
                    out_channels,
                    kernel_size,
                    stride=1,
                    dilation=dilation_size,
                    padding=(kernel_size - 1) * dilation_size,
                    dropout=dropout,
                )
            ]
        self.network = nn.Sequential(*layers)

    def forward(self, x):
        return self.network(x)


class TCN(nn.Module):
    def __init__(self, input_size, output_size, num_channels, kernel_size, dropout):
        super().__init__()
        self.tcn = TemporalConvNet(input_size, num_channels, kernel_size=kernel_size, dropout=dropout)
        self.linear = nn.Linear(num_channels[-1], output_size)

    def forward(self, inputs):
        """Inputs have to have dimension (N, C_in, L_in)"""
        y1 = self.tcn(inputs)
        o = self.linear(y1[:, :, -1])
        return F.log_softmax(o, dim=1)


def main():
    torch.manual_seed(0)
    plain, conditional = WaveNet(32), WaveNet(32, cond_channels=5)
    tcn = TCN(3, 6, [8, 8, 12], 3, 0.1)
    for b, t in ((2, 40), (3, 65)):
        codes = mu_law_encode(torch.rand(b, t) * 2 - 1, 32)
        logits = plain(codes)
        loss = F.cross_entropy(logits[:, :, :-1], codes[:, 1:])
        print(tuple(logits.shape), loss.shape, tuple(conditional(codes, torch.randn(b, 5, t)).shape))
        print(tuple(plain.generate(codes, 3).shape), tuple(tcn(torch.randn(b, 3, t)).shape))


if __name__ == "__main__":
    main()

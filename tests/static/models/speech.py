"""Speech: Conv-TasNet with aligned strides, scale-invariant SNR, Deep Speech 2, a Gumbel quantiser."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import Conv1d, Conv2d, ConvTranspose1d

LRELU_SLOPE = 0.1


def get_padding(kernel_size, dilation=1):
    return int((kernel_size * dilation - dilation) / 2)


class ConvBlock(nn.Module):
    def __init__(self, io_channels, hidden_channels, kernel_size, padding, dilation=1, no_residual=False):
        super().__init__()
        self.conv_layers = nn.Sequential(
            Conv1d(io_channels, hidden_channels, kernel_size=1),
            nn.PReLU(),
            nn.GroupNorm(num_groups=1, num_channels=hidden_channels, eps=1e-08),
            Conv1d(
                hidden_channels,
                hidden_channels,
                kernel_size,
                padding=padding,
                dilation=dilation,
                groups=hidden_channels,
            ),
            nn.PReLU(),
            nn.GroupNorm(num_groups=1, num_channels=hidden_channels, eps=1e-08),
        )
        self.res_out = None if no_residual else Conv1d(hidden_channels, io_channels, kernel_size=1)
        self.skip_out = Conv1d(hidden_channels, io_channels, kernel_size=1)

    def forward(self, input):
        feature = self.conv_layers(input)
        if self.res_out is None:
            residual = None
        else:
            residual = self.res_out(feature)
        skip_out = self.skip_out(feature)
        return residual, skip_out


class ConvTasNet(nn.Module):
    def __init__(
        self, num_sources: int = 2, kernel: int = 8, feats: int = 24, layers: int = 3, stacks: int = 2
    ) -> None:
        super().__init__()
        self.num_sources = num_sources
        self.enc_num_feats = feats
        self.enc_kernel_size = kernel
        self.enc_stride = kernel // 2
        self.encoder = Conv1d(
            1, feats, kernel_size=kernel, stride=self.enc_stride, padding=self.enc_stride, bias=False
        )
        self.input_norm = nn.GroupNorm(num_groups=1, num_channels=feats, eps=1e-8)
        self.input_conv = Conv1d(feats, 16, kernel_size=1)
        self.conv_layers = nn.ModuleList([])
        for s in range(stacks):
            for l in range(layers):
                multi = 2**l
                last = l == layers - 1 and s == stacks - 1
                self.conv_layers.append(ConvBlock(16, 32, 3, padding=multi, dilation=multi, no_residual=last))
        self.output_prelu = nn.PReLU()
        self.output_conv = Conv1d(16, feats * num_sources, kernel_size=1)
        self.decoder = ConvTranspose1d(
            feats, 1, kernel_size=kernel, stride=self.enc_stride, padding=self.enc_stride, bias=False
        )

    def _align_num_frames_with_strides(
        self, input: Float[Tensor, "B 1 T"]
    ) -> tuple[Float[Tensor, "B 1 P"], int]:
        batch_size, num_channels, num_frames = input.shape
        is_odd = self.enc_kernel_size % 2
        num_strides = (num_frames - is_odd) // self.enc_stride
        num_remainings = num_frames - (is_odd + num_strides * self.enc_stride)
        if num_remainings == 0:
            return input, 0
        num_paddings = self.enc_stride - num_remainings
        pad = torch.zeros(batch_size, num_channels, num_paddings, dtype=input.dtype)
        return torch.cat([input, pad], 2), num_paddings

    def mask(self, feats: Tensor) -> Float[Tensor, "B S C M"]:
        batch_size = feats.shape[0]
        x = self.input_conv(self.input_norm(feats))
        output = 0.0
        for layer in self.conv_layers:
            residual, skip = layer(x)
            if residual is not None:
                x = x + residual
            output = output + skip
        output = torch.sigmoid(self.output_conv(self.output_prelu(output)))
        return output.view(batch_size, self.num_sources, self.enc_num_feats, -1)

    def forward(self, input: Float[Tensor, "B 1 T"]) -> Float[Tensor, "B S T"]:
        if input.ndim != 3 or input.shape[1] != 1:
            raise ValueError(f"Expected 3D tensor (batch, channel==1, frames). Found: {input.shape}")
        padded, num_pads = self._align_num_frames_with_strides(input)
        batch_size, num_padded_frames = padded.shape[0], padded.shape[2]
        feats = self.encoder(padded)
        masked = self.mask(feats) * feats.unsqueeze(1)  # B, S, F, M
        masked = masked.view(batch_size * self.num_sources, self.enc_num_feats, -1)
        decoded = self.decoder(masked)
        output = decoded.view(batch_size, self.num_sources, num_padded_frames)
        if num_pads > 0:
            output = output[..., :-num_pads]
        return output


def si_snr(
    est: Float[Tensor, "B S T"], ref: Float[Tensor, "B S T"], eps: float = 1e-8
) -> Float[Tensor, "B S"]:
    est = est - est.mean(dim=-1, keepdim=True)
    ref = ref - ref.mean(dim=-1, keepdim=True)
    proj = (ref * est).sum(-1, keepdim=True) * ref / (ref.pow(2).sum(-1, keepdim=True) + eps)
    noise = est - proj
    return 10 * torch.log10(proj.pow(2).sum(-1) / (noise.pow(2).sum(-1) + eps) + eps)


class DeepSpeech(nn.Module):
    def __init__(self, n_freq: int, hidden: int, vocab: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            Conv2d(1, 8, kernel_size=(11, 5), stride=(2, 2), padding=(5, 2)),
            nn.BatchNorm2d(8),
            nn.Hardtanh(0, 20),
        )
        rnn_input_size = int(math.floor((n_freq + 2 * 5 - 11) / 2 + 1)) * 8
        self.rnns = nn.ModuleList(
            [nn.GRU(rnn_input_size if i == 0 else hidden, hidden, bidirectional=True) for i in range(2)]
        )
        self.fc = nn.Linear(hidden, vocab, bias=False)

    def forward(
        self, x: Float[Tensor, "B F T"], lengths: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "t B V"], Tensor]:
        x = self.conv(x.unsqueeze(1))
        sizes = x.size()
        x = x.view(sizes[0], sizes[1] * sizes[2], sizes[3])  # Collapse feature dimension
        x = x.transpose(1, 2).transpose(0, 1).contiguous()  # TxNxH
        for rnn in self.rnns:
            x, _ = rnn(x)
            x = (
                x.view(x.size(0), x.size(1), 2, -1).sum(2).view(x.size(0), x.size(1), -1)
            )  # (TxNxH*2) -> (TxNxH) by sum
        return self.fc(x).log_softmax(-1), (lengths - 1) // 2 + 1


class GumbelVectorQuantizer(nn.Module):
    def __init__(self, dim: int, num_vars: int, groups: int, vq_dim: int) -> None:
        super().__init__()
        self.groups, self.num_vars = groups, num_vars
        self.vars = nn.Parameter(torch.rand(1, groups * num_vars, vq_dim // groups))
        self.weight_proj = nn.Linear(dim, groups * num_vars)

    def forward(self, x: Float[Tensor, "B T D"]) -> tuple[Float[Tensor, "B T Q"], Float[Tensor, ""]]:
        bsz, tsz, fsz = x.shape
        x = self.weight_proj(x.reshape(-1, fsz)).view(bsz * tsz * self.groups, -1)
        avg_probs = torch.softmax(x.view(bsz * tsz, self.groups, -1).float(), dim=-1).mean(dim=0)
        perplexity = torch.exp(-torch.sum(avg_probs * torch.log(avg_probs + 1e-7), dim=-1)).sum()
        x = F.gumbel_softmax(x.float(), tau=2.0, hard=True).type_as(x) if self.training else x.softmax(-1)
        x = x.view(bsz * tsz, -1)
        x = x.unsqueeze(-1) * self.vars
        x = x.view(bsz * tsz, self.groups, self.num_vars, -1).sum(-2)
        return x.view(bsz, tsz, -1), perplexity


def main() -> None:
    torch.manual_seed(0)
    for b, t in ((2, 41), (3, 64)):
        est = ConvTasNet()(torch.randn(b, 1, t))
        print(tuple(est.shape), tuple(si_snr(est, torch.randn(b, 2, t)).shape))
        log_probs, lengths = DeepSpeech(20, 12, 9)(torch.randn(b, 20, t), torch.full((b,), t))
        print(F.ctc_loss(log_probs, torch.randint(1, 9, (b, 4)), lengths, torch.full((b,), 4)).shape)
        quantized, perplexity = GumbelVectorQuantizer(12, 6, 2, 16)(torch.randn(b, t, 12))
        print(tuple(quantized.shape), perplexity.shape)


if __name__ == "__main__":
    main()

"""Forecasting: decomposition and DLinear, N-BEATS with bases, reversible norms, patches with PatchTST."""

import torch
import torch.nn as nn


class MovingAvg(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        self.kernel_size = kernel_size
        self.avg = nn.AvgPool1d(kernel_size=kernel_size, stride=stride, padding=0)

    def forward(self, x):
        # padding on the both ends of time series
        front = x[:, 0:1, :].repeat(1, (self.kernel_size - 1) // 2, 1)
        end = x[:, -1:, :].repeat(1, (self.kernel_size - 1) // 2, 1)
        x = torch.cat([front, x, end], dim=1)
        x = self.avg(x.permute(0, 2, 1))
        x = x.permute(0, 2, 1)
        return x


class SeriesDecomp(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.moving_avg = MovingAvg(kernel_size, stride=1)

    def forward(self, x):
        moving_mean = self.moving_avg(x)
        res = x - moving_mean
        return res, moving_mean


class DLinear(nn.Module):
    def __init__(self, seq_len, pred_len, enc_in, individual=False):
        super().__init__()
        self.seq_len = seq_len
        self.pred_len = pred_len
        self.decompsition = SeriesDecomp(25)
        self.individual = individual
        self.channels = enc_in
        if self.individual:
            self.Linear_Seasonal = nn.ModuleList()
            self.Linear_Trend = nn.ModuleList()
            for i in range(self.channels):
                self.Linear_Seasonal.append(nn.Linear(self.seq_len, self.pred_len))
                self.Linear_Trend.append(nn.Linear(self.seq_len, self.pred_len))
        else:
            self.Linear_Seasonal = nn.Linear(self.seq_len, self.pred_len)
            self.Linear_Trend = nn.Linear(self.seq_len, self.pred_len)

    def forward(self, x):
        # x: [Batch, Input length, Channel]
        seasonal_init, trend_init = self.decompsition(x)
        seasonal_init, trend_init = seasonal_init.permute(0, 2, 1), trend_init.permute(0, 2, 1)
        if self.individual:
            seasonal_output = torch.zeros(
                [seasonal_init.size(0), seasonal_init.size(1), self.pred_len], dtype=seasonal_init.dtype
            )
            trend_output = torch.zeros(
                [trend_init.size(0), trend_init.size(1), self.pred_len], dtype=trend_init.dtype
            )
            for i in range(self.channels):
                seasonal_output[:, i, :] = self.Linear_Seasonal[i](seasonal_init[:, i, :])
                trend_output[:, i, :] = self.Linear_Trend[i](trend_init[:, i, :])
        else:
            seasonal_output = self.Linear_Seasonal(seasonal_init)
            trend_output = self.Linear_Trend(trend_init)
        x = seasonal_output + trend_output
        return x.permute(0, 2, 1)  # to [Batch, Output length, Channel]


class NBeatsBlock(nn.Module):
    def __init__(self, backcast_length, forecast_length, units, thetas_dim, share=False):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(backcast_length, units), nn.ReLU(), nn.Linear(units, units), nn.ReLU()
        )
        self.theta_b_fc = nn.Linear(units, thetas_dim, bias=False)
        self.theta_f_fc = self.theta_b_fc if share else nn.Linear(units, thetas_dim, bias=False)
        backcast = torch.arange(backcast_length) / backcast_length
        forecast = torch.arange(forecast_length) / forecast_length
        self.register_buffer("basis_b", torch.stack([backcast**i for i in range(thetas_dim)]))
        self.register_buffer("basis_f", torch.stack([forecast**i for i in range(thetas_dim)]))

    def forward(self, x):
        x = self.fc(x)
        return self.theta_b_fc(x) @ self.basis_b, self.theta_f_fc(x).mm(self.basis_f)


class NBeats(nn.Module):
    def __init__(self, backcast_length, forecast_length, blocks=3):
        super().__init__()
        self.blocks = nn.ModuleList(
            NBeatsBlock(backcast_length, forecast_length, 16, 2 + i, share=i == 0) for i in range(blocks)
        )
        self.forecast_length = forecast_length

    def forward(self, backcast):
        forecast = torch.zeros(backcast.size(0), self.forecast_length)
        for block in self.blocks:
            b, f = block(backcast)
            backcast = backcast - b
            forecast = forecast + f
        return backcast, forecast


class RevIN(nn.Module):
    def __init__(self, num_features, eps=1e-5, affine=True):
        super().__init__()
        self.eps = eps
        self.affine = affine
        if self.affine:
            self.affine_weight = nn.Parameter(torch.ones(num_features))
            self.affine_bias = nn.Parameter(torch.zeros(num_features))

    def forward(self, x, mode):
        if mode == "norm":
            dim2reduce = tuple(range(1, x.ndim - 1))
            self.mean = torch.mean(x, dim=dim2reduce, keepdim=True).detach()
            self.stdev = torch.sqrt(
                torch.var(x, dim=dim2reduce, keepdim=True, unbiased=False) + self.eps
            ).detach()
            x = (x - self.mean) / self.stdev
            if self.affine:
                x = x * self.affine_weight + self.affine_bias
        elif mode == "denorm":
            if self.affine:
                x = (x - self.affine_bias) / (self.affine_weight + self.eps * self.eps)
            x = x * self.stdev + self.mean
        else:
            raise NotImplementedError
        return x


class PatchTST(nn.Module):
    def __init__(self, c_in, context_window, target_window, patch_len=8, stride=4, d_model=12, n_heads=3):
        super().__init__()
        self.revin = RevIN(c_in)
        self.patch_len, self.stride = patch_len, stride
        patch_num = int((context_window - patch_len) / stride + 1) + 1
        self.padding_patch_layer = nn.ReplicationPad1d((0, stride))
        self.W_P = nn.Linear(patch_len, d_model)
        self.W_pos = nn.Parameter(torch.zeros(patch_num, d_model))
        layer = nn.TransformerEncoderLayer(d_model, n_heads, 24, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.Flatten(start_dim=-2), nn.Linear(d_model * patch_num, target_window))

    def forward(self, z):
        # z: [bs x seq_len x nvars]
        z = self.revin(z, "norm").permute(0, 2, 1)
        z = self.padding_patch_layer(z)
        z = z.unfold(
            dimension=-1, size=self.patch_len, step=self.stride
        )  # z: [bs x nvars x patch_num x patch_len]
        n_vars = z.shape[1]
        x = self.W_P(z)  # x: [bs x nvars x patch_num x d_model]
        u = torch.reshape(x, (x.shape[0] * x.shape[1], x.shape[2], x.shape[3]))
        u = u + self.W_pos
        z = self.encoder(u)
        z = torch.reshape(z, (-1, n_vars, z.shape[-2], z.shape[-1]))
        z = z.permute(0, 1, 3, 2)  # z: [bs x nvars x d_model x patch_num]
        return self.revin(self.head(z).permute(0, 2, 1), "denorm")


def main():
    torch.manual_seed(0)
    for b, t, c in ((2, 36, 4), (3, 48, 5)):
        x = torch.randn(b, t, c)
        print([tuple(DLinear(t, 12, c, individual)(x).shape) for individual in (False, True)])
        print([tuple(o.shape) for o in NBeats(t, 7)(x[:, :, 0])], tuple(PatchTST(c, t, 10)(x).shape))


if __name__ == "__main__":
    main()

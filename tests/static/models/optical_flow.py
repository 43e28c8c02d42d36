"""RAFT: all-pairs correlation in a pyramid, lookup by grid_sample, a convolutional GRU, convex upsampling; warping."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def bilinear_sampler(
    img: Float[Tensor, "N C H W"], coords: Float[Tensor, "N h w 2"]
) -> Float[Tensor, "N C h w"]:
    """Wrapper for grid_sample, uses pixel coordinates"""
    H, W = img.shape[-2:]
    xgrid, ygrid = coords.split([1, 1], dim=-1)
    xgrid = 2 * xgrid / max(W - 1, 1) - 1
    ygrid = 2 * ygrid / max(H - 1, 1) - 1
    grid = torch.cat([xgrid, ygrid], dim=-1)
    return F.grid_sample(img, grid, align_corners=True)


def coords_grid(batch: int, ht: int, wd: int) -> Float[Tensor, "{batch} 2 {ht} {wd}"]:
    coords = torch.meshgrid(torch.arange(ht), torch.arange(wd), indexing="ij")
    coords = torch.stack(coords[::-1], dim=0).float()
    return coords[None].repeat(batch, 1, 1, 1)


def warp(x: Float[Tensor, "B C H W"], flow: Float[Tensor, "B 2 H W"]) -> Float[Tensor, "B C H W"]:
    B, _, H, W = x.size()
    xx = torch.arange(0, W).view(1, -1).repeat(H, 1)
    yy = torch.arange(0, H).view(-1, 1).repeat(1, W)
    xx = xx.view(1, 1, H, W).repeat(B, 1, 1, 1)
    yy = yy.view(1, 1, H, W).repeat(B, 1, 1, 1)
    grid = torch.cat((xx, yy), 1).float()
    vgrid = grid + flow
    vgrid[:, 0, :, :] = 2.0 * vgrid[:, 0, :, :].clone() / max(W - 1, 1) - 1.0
    vgrid[:, 1, :, :] = 2.0 * vgrid[:, 1, :, :].clone() / max(H - 1, 1) - 1.0
    vgrid = vgrid.permute(0, 2, 3, 1)
    output = F.grid_sample(x, vgrid, align_corners=True)
    mask = F.grid_sample(torch.ones(x.size()), vgrid, align_corners=True)
    mask[mask < 0.9999] = 0
    mask[mask > 0] = 1
    return output * mask


class CorrBlock:
    def __init__(
        self,
        fmap1: Float[Tensor, "N D H W"],
        fmap2: Float[Tensor, "N D H W"],
        num_levels: int = 3,
        radius: int = 2,
    ) -> None:
        self.num_levels = num_levels
        self.radius = radius
        self.corr_pyramid = []
        corr = CorrBlock.corr(fmap1, fmap2)
        batch, h1, w1, dim, h2, w2 = corr.shape
        corr = corr.reshape(batch * h1 * w1, dim, h2, w2)
        self.corr_pyramid.append(corr)
        for _ in range(self.num_levels - 1):
            corr = F.avg_pool2d(corr, 2, stride=2)
            self.corr_pyramid.append(corr)

    def __call__(self, coords: Float[Tensor, "N 2 H W"]) -> Float[Tensor, "N K H W"]:
        r = self.radius
        coords = coords.permute(0, 2, 3, 1)
        batch, h1, w1, _ = coords.shape
        out_pyramid = []
        for i in range(self.num_levels):
            corr = self.corr_pyramid[i]
            dx = torch.linspace(-r, r, 2 * r + 1)
            dy = torch.linspace(-r, r, 2 * r + 1)
            delta = torch.stack(torch.meshgrid(dy, dx, indexing="ij"), dim=-1)
            centroid_lvl = coords.reshape(batch * h1 * w1, 1, 1, 2) / 2**i
            delta_lvl = delta.view(1, 2 * r + 1, 2 * r + 1, 2)
            coords_lvl = centroid_lvl + delta_lvl
            corr = bilinear_sampler(corr, coords_lvl)
            corr = corr.view(batch, h1, w1, -1)
            out_pyramid.append(corr)
        out = torch.cat(out_pyramid, dim=-1)
        return out.permute(0, 3, 1, 2).contiguous().float()

    @staticmethod
    def corr(
        fmap1: Float[Tensor, "N D H W"], fmap2: Float[Tensor, "N D H W"]
    ) -> Float[Tensor, "N H W 1 H W"]:
        batch, dim, ht, wd = fmap1.shape
        fmap1 = fmap1.view(batch, dim, ht * wd)
        fmap2 = fmap2.view(batch, dim, ht * wd)
        corr = torch.matmul(fmap1.transpose(1, 2), fmap2)
        corr = corr.view(batch, ht, wd, 1, ht, wd)
        return corr / torch.sqrt(torch.tensor(dim).float())


class SepConvGRU(nn.Module):
    def __init__(self, hidden_dim: int = 16, input_dim: int = 24) -> None:
        super().__init__()
        both = hidden_dim + input_dim
        self.convz1 = nn.Conv2d(both, hidden_dim, (1, 5), padding=(0, 2))
        self.convr1 = nn.Conv2d(both, hidden_dim, (1, 5), padding=(0, 2))
        self.convq1 = nn.Conv2d(both, hidden_dim, (1, 5), padding=(0, 2))
        self.convz2 = nn.Conv2d(both, hidden_dim, (5, 1), padding=(2, 0))
        self.convr2 = nn.Conv2d(both, hidden_dim, (5, 1), padding=(2, 0))
        self.convq2 = nn.Conv2d(both, hidden_dim, (5, 1), padding=(2, 0))

    def forward(
        self, h: Float[Tensor, "N hidden_dim H W"], x: Float[Tensor, "N input_dim H W"]
    ) -> Float[Tensor, "N hidden_dim H W"]:
        # horizontal
        hx = torch.cat([h, x], dim=1)
        z = torch.sigmoid(self.convz1(hx))
        r = torch.sigmoid(self.convr1(hx))
        q = torch.tanh(self.convq1(torch.cat([r * h, x], dim=1)))
        h = (1 - z) * h + z * q
        # vertical
        hx = torch.cat([h, x], dim=1)
        z = torch.sigmoid(self.convz2(hx))
        r = torch.sigmoid(self.convr2(hx))
        q = torch.tanh(self.convq2(torch.cat([r * h, x], dim=1)))
        h = (1 - z) * h + z * q
        return h


class MotionEncoder(nn.Module):
    def __init__(self, corr_levels: int, corr_radius: int) -> None:
        super().__init__()
        cor_planes = corr_levels * (2 * corr_radius + 1) ** 2
        self.convc1 = nn.Conv2d(cor_planes, 16, 1, padding=0)
        self.convf1 = nn.Conv2d(2, 8, 7, padding=3)
        self.conv = nn.Conv2d(16 + 8, 16 - 2, 3, padding=1)

    def forward(
        self, flow: Float[Tensor, "N 2 H W"], corr: Float[Tensor, "N K H W"]
    ) -> Float[Tensor, "N 16 H W"]:
        cor = F.relu(self.convc1(corr))
        flo = F.relu(self.convf1(flow))
        out = F.relu(self.conv(torch.cat([cor, flo], dim=1)))
        return torch.cat([out, flow], dim=1)


class RAFT(nn.Module):
    def __init__(self, levels: int = 3, radius: int = 2, dim: int = 16) -> None:
        super().__init__()
        self.hidden_dim = hdim = 16
        self.context_dim = cdim = 8
        self.levels, self.radius = levels, radius
        self.fnet = nn.Sequential(nn.Conv2d(3, 8, 7, stride=2, padding=3), nn.ReLU(), nn.Conv2d(8, dim, 4, 4))
        self.cnet = nn.Sequential(
            nn.Conv2d(3, 8, 7, stride=2, padding=3), nn.ReLU(), nn.Conv2d(8, hdim + cdim, 4, 4)
        )
        self.encoder = MotionEncoder(levels, radius)
        self.gru = SepConvGRU(hidden_dim=hdim, input_dim=16 + cdim)
        self.flow_head = nn.Sequential(
            nn.Conv2d(hdim, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 2, 3, padding=1)
        )
        self.mask = nn.Conv2d(hdim, 64 * 9, 1)

    def initialize_flow(self, img: Float[Tensor, "N C H W"]) -> tuple[Tensor, Tensor]:
        N, C, H, W = img.shape
        return coords_grid(N, H // 8, W // 8), coords_grid(N, H // 8, W // 8)

    def upsample_flow(
        self, flow: Float[Tensor, "N 2 h w"], mask: Float[Tensor, "N 576 h w"]
    ) -> Float[Tensor, "N 2 8*h 8*w"]:
        """Upsample flow field [H/8, W/8, 2] -> [H, W, 2] using convex combination"""
        N, _, H, W = flow.shape
        mask = mask.view(N, 1, 9, 8, 8, H, W)
        mask = torch.softmax(mask, dim=2)
        up_flow = F.unfold(8 * flow, [3, 3], padding=1)
        up_flow = up_flow.view(N, 2, 9, 1, 1, H, W)
        up_flow = torch.sum(mask * up_flow, dim=2)
        up_flow = up_flow.permute(0, 1, 4, 2, 5, 3)
        return up_flow.reshape(N, 2, 8 * H, 8 * W)

    def forward(
        self, image1: Float[Tensor, "N 3 H W"], image2: Float[Tensor, "N 3 H W"], iters: int = 2
    ) -> list[Float[Tensor, "N 2 H W"]]:
        image1 = 2 * (image1 / 255.0) - 1.0
        image2 = 2 * (image2 / 255.0) - 1.0
        fmap1, fmap2 = self.fnet(torch.cat([image1, image2], dim=0)).chunk(2, dim=0)
        corr_fn = CorrBlock(fmap1, fmap2, self.levels, self.radius)
        net, inp = torch.split(self.cnet(image1), [self.hidden_dim, self.context_dim], dim=1)
        net = torch.tanh(net)
        inp = torch.relu(inp)
        coords0, coords1 = self.initialize_flow(image1)
        flow_predictions = []
        for _ in range(iters):
            coords1 = coords1.detach()
            corr = corr_fn(coords1)
            flow = coords1 - coords0
            motion_features = self.encoder(flow, corr)
            net = self.gru(net, torch.cat([inp, motion_features], dim=1))
            coords1 = coords1 + self.flow_head(net)
            flow_predictions.append(self.upsample_flow(coords1 - coords0, 0.25 * self.mask(net)))
        return flow_predictions


def sequence_loss(
    preds: list[Tensor], gt: Float[Tensor, "N 2 H W"], valid: Float[Tensor, "N H W"]
) -> Float[Tensor, ""]:
    flow_loss = torch.zeros(())
    mag = torch.sum(gt**2, dim=1).sqrt()
    valid = (valid >= 0.5) & (mag < 400)
    for i, pred in enumerate(preds):
        i_loss = (pred - gt).abs()
        flow_loss = flow_loss + 0.8 ** (len(preds) - i - 1) * (valid[:, None] * i_loss).mean()
    return flow_loss


def main() -> None:
    torch.manual_seed(0)
    model = RAFT()
    for n, h, w in ((2, 64, 48), (1, 48, 80)):
        image1, image2 = torch.rand(n, 3, h, w) * 255, torch.rand(n, 3, h, w) * 255
        flows = model(image1, image2)
        print(
            tuple(flows[-1].shape), sequence_loss(flows, torch.randn(n, 2, h, w), torch.ones(n, h, w)).shape
        )
        print(tuple(warp(image2, flows[-1].detach()).shape))


if __name__ == "__main__":
    main()

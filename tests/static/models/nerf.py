"""NeRF: rays from a pose, positional encoding, an MLP with a skip, volume rendering, sampling of a PDF."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class Embedder:
    def __init__(self, input_dims: int, num_freqs: int, include_input: bool = True) -> None:
        embed_fns = []
        out_dim = 0
        if include_input:
            embed_fns.append(lambda x: x)
            out_dim += input_dims
        freq_bands = 2.0 ** torch.linspace(0.0, num_freqs - 1, steps=num_freqs)
        for freq in freq_bands:
            for p_fn in [torch.sin, torch.cos]:
                embed_fns.append(lambda x, p_fn=p_fn, freq=freq: p_fn(x * freq))
                out_dim += input_dims
        self.embed_fns = embed_fns
        self.out_dim = out_dim

    def embed(self, inputs: Float[Tensor, "*batch C"]) -> Float[Tensor, "*batch E"]:
        return torch.cat([fn(inputs) for fn in self.embed_fns], -1)


class NeRF(nn.Module):
    def __init__(
        self,
        D: int = 8,
        W: int = 256,
        input_ch: int = 3,
        input_ch_views: int = 3,
        skips: tuple[int, ...] = (4,),
    ) -> None:
        super().__init__()
        self.D = D
        self.W = W
        self.input_ch = input_ch
        self.input_ch_views = input_ch_views
        self.skips = skips
        self.pts_linears = nn.ModuleList(
            [nn.Linear(input_ch, W)]
            + [nn.Linear(W, W) if i not in self.skips else nn.Linear(W + input_ch, W) for i in range(D - 1)]
        )
        self.views_linears = nn.ModuleList([nn.Linear(input_ch_views + W, W // 2)])
        self.feature_linear = nn.Linear(W, W)
        self.alpha_linear = nn.Linear(W, 1)
        self.rgb_linear = nn.Linear(W // 2, 3)

    def forward(self, x: Float[Tensor, "P C"]) -> Float[Tensor, "P 4"]:
        input_pts, input_views = torch.split(x, [self.input_ch, self.input_ch_views], dim=-1)
        h = input_pts
        for i, l in enumerate(self.pts_linears):
            h = self.pts_linears[i](h)
            h = F.relu(h)
            if i in self.skips:
                h = torch.cat([input_pts, h], -1)
        alpha = self.alpha_linear(h)
        feature = self.feature_linear(h)
        h = torch.cat([feature, input_views], -1)
        for i, l in enumerate(self.views_linears):
            h = self.views_linears[i](h)
            h = F.relu(h)
        rgb = self.rgb_linear(h)
        return torch.cat([rgb, alpha], -1)


def get_rays(
    H: int, W: int, focal: float, c2w: Float[Tensor, "3 4"]
) -> tuple[Float[Tensor, "{H} {W} 3"], Float[Tensor, "{H} {W} 3"]]:
    i, j = torch.meshgrid(torch.linspace(0, W - 1, W), torch.linspace(0, H - 1, H), indexing="ij")
    i = i.t()
    j = j.t()
    dirs = torch.stack([(i - W * 0.5) / focal, -(j - H * 0.5) / focal, -torch.ones_like(i)], -1)
    # Rotate ray directions from camera frame to the world frame
    rays_d = torch.sum(dirs[..., None, :] * c2w[:3, :3], -1)
    rays_o = c2w[:3, -1].expand(rays_d.shape)
    return rays_o, rays_d


def raw2outputs(
    raw: Float[Tensor, "R S 4"],
    z_vals: Float[Tensor, "R S"],
    rays_d: Float[Tensor, "R 3"],
    white_bkgd: bool = False,
) -> tuple[Float[Tensor, "R 3"], Float[Tensor, " R"], Float[Tensor, "R S"]]:
    dists = z_vals[..., 1:] - z_vals[..., :-1]
    dists = torch.cat([dists, torch.tensor([1e10]).expand(dists[..., :1].shape)], -1)  # [N_rays, N_samples]
    dists = dists * torch.norm(rays_d[..., None, :], dim=-1)
    rgb = torch.sigmoid(raw[..., :3])  # [N_rays, N_samples, 3]
    alpha = 1.0 - torch.exp(-F.relu(raw[..., 3]) * dists)  # [N_rays, N_samples]
    weights = (
        alpha
        * torch.cumprod(torch.cat([torch.ones((alpha.shape[0], 1)), 1.0 - alpha + 1e-10], -1), -1)[:, :-1]
    )
    rgb_map = torch.sum(weights[..., None] * rgb, -2)  # [N_rays, 3]
    depth_map = torch.sum(weights * z_vals, -1)
    acc_map = torch.sum(weights, -1)
    if white_bkgd:
        rgb_map = rgb_map + (1.0 - acc_map[..., None])
    return rgb_map, depth_map, weights


def sample_pdf(
    bins: Float[Tensor, "R M"], weights: Float[Tensor, "R M-1"], N_samples: int, det: bool = False
) -> Float[Tensor, "R {N_samples}"]:
    weights = weights + 1e-5  # prevent nans
    pdf = weights / torch.sum(weights, -1, keepdim=True)
    cdf = torch.cumsum(pdf, -1)
    cdf = torch.cat([torch.zeros_like(cdf[..., :1]), cdf], -1)  # (batch, len(bins))
    if det:
        u = torch.linspace(0.0, 1.0, steps=N_samples)
        u = u.expand(list(cdf.shape[:-1]) + [N_samples])
    else:
        u = torch.rand(list(cdf.shape[:-1]) + [N_samples])
    u = u.contiguous()
    inds = torch.searchsorted(cdf, u, right=True)
    below = torch.max(torch.zeros_like(inds - 1), inds - 1)
    above = torch.min((cdf.shape[-1] - 1) * torch.ones_like(inds), inds)
    inds_g = torch.stack([below, above], -1)  # (batch, N_samples, 2)
    matched_shape = [inds_g.shape[0], inds_g.shape[1], cdf.shape[-1]]
    cdf_g = torch.gather(cdf.unsqueeze(1).expand(matched_shape), 2, inds_g)
    bins_g = torch.gather(bins.unsqueeze(1).expand(matched_shape), 2, inds_g)
    denom = cdf_g[..., 1] - cdf_g[..., 0]
    denom = torch.where(denom < 1e-5, torch.ones_like(denom), denom)
    t = (u - cdf_g[..., 0]) / denom
    samples = bins_g[..., 0] + t * (bins_g[..., 1] - bins_g[..., 0])
    return samples


class Renderer(nn.Module):
    def __init__(self, width: int = 16, n_samples: int = 6, n_importance: int = 4) -> None:
        super().__init__()
        self.embed, self.embed_dirs = Embedder(3, 4), Embedder(3, 2)
        self.coarse = NeRF(6, width, self.embed.out_dim, self.embed_dirs.out_dim, skips=(2,))
        self.fine = NeRF(6, width, self.embed.out_dim, self.embed_dirs.out_dim, skips=(2,))
        self.n_samples, self.n_importance = n_samples, n_importance

    def run_network(
        self, inputs: Float[Tensor, "R S 3"], viewdirs: Float[Tensor, "R 3"], fn: nn.Module
    ) -> Float[Tensor, "R S 4"]:
        inputs_flat = torch.reshape(inputs, [-1, inputs.shape[-1]])
        embedded = self.embed.embed(inputs_flat)
        input_dirs = viewdirs[:, None].expand(inputs.shape)
        input_dirs_flat = torch.reshape(input_dirs, [-1, input_dirs.shape[-1]])
        embedded = torch.cat([embedded, self.embed_dirs.embed(input_dirs_flat)], -1)
        outputs_flat = fn(embedded)
        return torch.reshape(outputs_flat, list(inputs.shape[:-1]) + [outputs_flat.shape[-1]])

    def forward(
        self, rays_o: Float[Tensor, "R 3"], rays_d: Float[Tensor, "R 3"], near: float = 2.0, far: float = 6.0
    ) -> dict[str, Float[Tensor, "R ..."]]:
        viewdirs = rays_d / torch.norm(rays_d, dim=-1, keepdim=True)
        t_vals = torch.linspace(0.0, 1.0, steps=self.n_samples)
        z_vals = (near * (1.0 - t_vals) + far * t_vals).expand([rays_o.shape[0], self.n_samples])
        if self.training:
            mids = 0.5 * (z_vals[..., 1:] + z_vals[..., :-1])
            upper = torch.cat([mids, z_vals[..., -1:]], -1)
            lower = torch.cat([z_vals[..., :1], mids], -1)
            z_vals = lower + (upper - lower) * torch.rand(z_vals.shape)
        pts = rays_o[..., None, :] + rays_d[..., None, :] * z_vals[..., :, None]  # [N_rays, N_samples, 3]
        rgb0, _, weights = raw2outputs(self.run_network(pts, viewdirs, self.coarse), z_vals, rays_d)
        z_vals_mid = 0.5 * (z_vals[..., 1:] + z_vals[..., :-1])
        z_samples = sample_pdf(
            z_vals_mid, weights[..., 1:-1], self.n_importance, det=not self.training
        ).detach()
        z_vals, _ = torch.sort(torch.cat([z_vals, z_samples], -1), -1)
        pts = rays_o[..., None, :] + rays_d[..., None, :] * z_vals[..., :, None]
        rgb, depth, _ = raw2outputs(
            self.run_network(pts, viewdirs, self.fine), z_vals, rays_d, white_bkgd=True
        )
        return {"rgb": rgb, "rgb0": rgb0, "depth": depth}


def main() -> None:
    torch.manual_seed(0)
    model = Renderer()
    for h, w in ((4, 6), (5, 3)):
        rays_o, rays_d = get_rays(h, w, 10.0, torch.eye(3, 4))
        for mode in (True, False):
            out = model.train(mode)(rays_o.reshape(-1, 3), rays_d.reshape(-1, 3))
            loss = ((out["rgb"] - torch.rand(h * w, 3)) ** 2).mean()
            print({k: tuple(v.shape) for k, v in out.items()}, loss.shape)


if __name__ == "__main__":
    main()

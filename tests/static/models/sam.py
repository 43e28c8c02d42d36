"""Segment Anything's prompt encoder and two-way mask decoder."""

import math
from typing import List, Tuple, Type

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


class LayerNorm2d(nn.Module):
    def __init__(self, num_channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_channels))
        self.bias = nn.Parameter(torch.zeros(num_channels))
        self.eps = eps

    def forward(self, x: Float[Tensor, "B num_channels H W"]) -> Float[Tensor, "B num_channels H W"]:
        u = x.mean(1, keepdim=True)
        s = (x - u).pow(2).mean(1, keepdim=True)
        x = (x - u) / torch.sqrt(s + self.eps)
        x = self.weight[:, None, None] * x + self.bias[:, None, None]
        return x


class Attention(nn.Module):
    """Attention whose inner width may be smaller than that of its inputs."""

    def __init__(self, embedding_dim: int, num_heads: int, downsample_rate: int = 1) -> None:
        super().__init__()
        self.internal_dim = embedding_dim // downsample_rate
        self.num_heads = num_heads
        assert self.internal_dim % num_heads == 0, "num_heads must divide embedding_dim."
        self.q_proj = nn.Linear(embedding_dim, self.internal_dim)
        self.k_proj = nn.Linear(embedding_dim, self.internal_dim)
        self.v_proj = nn.Linear(embedding_dim, self.internal_dim)
        self.out_proj = nn.Linear(self.internal_dim, embedding_dim)

    def _separate_heads(self, x: Float[Tensor, "B N C"], num_heads: int) -> Float[Tensor, "B h N c"]:
        b, n, c = x.shape
        x = x.reshape(b, n, num_heads, c // num_heads)
        return x.transpose(1, 2)  # B x N_heads x N_tokens x C_per_head

    def _recombine_heads(self, x: Float[Tensor, "B h N c"]) -> Float[Tensor, "B N h*c"]:
        b, n_heads, n_tokens, c_per_head = x.shape
        x = x.transpose(1, 2)
        return x.reshape(b, n_tokens, n_heads * c_per_head)  # B x N_tokens x C

    def forward(
        self, q: Float[Tensor, "B Q D"], k: Float[Tensor, "B K D"], v: Float[Tensor, "B K D"]
    ) -> Float[Tensor, "B Q D"]:
        q = self._separate_heads(self.q_proj(q), self.num_heads)
        k = self._separate_heads(self.k_proj(k), self.num_heads)
        v = self._separate_heads(self.v_proj(v), self.num_heads)
        _, _, _, c_per_head = q.shape
        attn = q @ k.permute(0, 1, 3, 2)  # B x N_heads x N_tokens x N_tokens
        attn = attn / math.sqrt(c_per_head)
        attn = torch.softmax(attn, dim=-1)
        out = self._recombine_heads(attn @ v)
        return self.out_proj(out)


class TwoWayBlock(nn.Module):
    def __init__(self, dim: int, num_heads: int, skip_first_layer_pe: bool = False) -> None:
        super().__init__()
        self.self_attn = Attention(dim, num_heads)
        self.norm1 = nn.LayerNorm(dim)
        self.cross_attn_token_to_image = Attention(dim, num_heads, downsample_rate=2)
        self.cross_attn_image_to_token = Attention(dim, num_heads, downsample_rate=2)
        self.norm4 = nn.LayerNorm(dim)
        self.skip_first_layer_pe = skip_first_layer_pe

    def forward(
        self,
        queries: Float[Tensor, "B Q D"],
        keys: Float[Tensor, "B K D"],
        query_pe: Float[Tensor, "B Q D"],
        key_pe: Float[Tensor, "B K D"],
    ) -> Tuple[Float[Tensor, "B Q D"], Float[Tensor, "B K D"]]:
        if self.skip_first_layer_pe:
            queries = self.self_attn(q=queries, k=queries, v=queries)
        else:
            q = queries + query_pe
            queries = queries + self.self_attn(q=q, k=q, v=queries)
        queries = self.norm1(queries)
        queries = queries + self.cross_attn_token_to_image(q=queries + query_pe, k=keys + key_pe, v=keys)
        keys = keys + self.cross_attn_image_to_token(q=keys + key_pe, k=queries + query_pe, v=queries)
        return queries, self.norm4(keys)


class PromptEncoder(nn.Module):
    def __init__(self, embed_dim: int, image_embedding_size: Tuple[int, int]) -> None:
        super().__init__()
        self.image_embedding_size = image_embedding_size
        self.register_buffer("gaussian", torch.randn((2, embed_dim // 2)))
        self.point_embeddings = nn.ModuleList([nn.Embedding(1, embed_dim) for i in range(2)])
        self.no_mask_embed = nn.Embedding(1, embed_dim)

    def _pe_encoding(self, coords: Float[Tensor, "*B 2"]) -> Float[Tensor, "*B D"]:
        coords = 2 * coords - 1
        coords = coords @ self.gaussian
        coords = 2 * math.pi * coords
        return torch.cat([torch.sin(coords), torch.cos(coords)], dim=-1)

    def get_dense_pe(self) -> Float[Tensor, "1 D h w"]:
        h, w = self.image_embedding_size
        grid = torch.ones((h, w))
        y_embed = (grid.cumsum(dim=0) - 0.5) / h
        x_embed = (grid.cumsum(dim=1) - 0.5) / w
        pe = self._pe_encoding(torch.stack([x_embed, y_embed], dim=-1))
        return pe.permute(2, 0, 1).unsqueeze(0)

    def forward(
        self, points: Float[Tensor, "B P 2"], labels: Int[Tensor, "B P"]
    ) -> Tuple[Float[Tensor, "B P D"], Float[Tensor, "B D h w"]]:
        bs = points.shape[0]
        point_embedding = self._pe_encoding(points)
        point_embedding[labels == 0] += self.point_embeddings[0].weight
        point_embedding[labels == 1] += self.point_embeddings[1].weight
        dense = self.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(
            bs, -1, self.image_embedding_size[0], self.image_embedding_size[1]
        )
        return point_embedding, dense


class MaskDecoder(nn.Module):
    def __init__(
        self, dim: int, num_multimask_outputs: int = 3, activation: Type[nn.Module] = nn.GELU
    ) -> None:
        super().__init__()
        self.num_mask_tokens = num_multimask_outputs + 1
        self.iou_token = nn.Embedding(1, dim)
        self.mask_tokens = nn.Embedding(self.num_mask_tokens, dim)
        self.layers = nn.ModuleList([TwoWayBlock(dim, 4, skip_first_layer_pe=(i == 0)) for i in range(2)])
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(dim, dim // 4, kernel_size=2, stride=2),
            LayerNorm2d(dim // 4),
            activation(),
            nn.ConvTranspose2d(dim // 4, dim // 8, kernel_size=2, stride=2),
            activation(),
        )
        self.hyper_mlps = nn.ModuleList(
            [
                nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim // 8))
                for i in range(self.num_mask_tokens)
            ]
        )
        self.iou_head = nn.Linear(dim, self.num_mask_tokens)

    def forward(
        self,
        image_embeddings: Float[Tensor, "1 D h w"],
        image_pe: Float[Tensor, "1 D h w"],
        sparse: Float[Tensor, "B P D"],
        dense: Float[Tensor, "B D h w"],
        multimask_output: bool,
    ) -> Tuple[Float[Tensor, "B M 4*h 4*w"], Float[Tensor, "B M"]]:
        output_tokens = torch.cat([self.iou_token.weight, self.mask_tokens.weight], dim=0)
        output_tokens = output_tokens.unsqueeze(0).expand(sparse.size(0), -1, -1)
        tokens = torch.cat((output_tokens, sparse), dim=1)
        src = torch.repeat_interleave(image_embeddings, tokens.shape[0], dim=0)
        src = src + dense
        pos_src = torch.repeat_interleave(image_pe, tokens.shape[0], dim=0)
        b, c, h, w = src.shape
        keys, key_pe, queries = src.flatten(2).permute(0, 2, 1), pos_src.flatten(2).permute(0, 2, 1), tokens
        for layer in self.layers:
            queries, keys = layer(queries, keys, tokens, key_pe)
        iou_token_out = queries[:, 0, :]
        mask_tokens_out = queries[:, 1 : (1 + self.num_mask_tokens), :]
        upscaled_embedding = self.output_upscaling(keys.transpose(1, 2).view(b, c, h, w))
        hyper_in_list: List[Tensor] = []
        for i in range(self.num_mask_tokens):
            hyper_in_list.append(self.hyper_mlps[i](mask_tokens_out[:, i, :]))
        hyper_in = torch.stack(hyper_in_list, dim=1)
        b, c, h, w = upscaled_embedding.shape
        masks = (hyper_in @ upscaled_embedding.view(b, c, h * w)).view(b, -1, h, w)
        iou_pred = self.iou_head(iou_token_out)
        mask_slice = slice(1, None) if multimask_output else slice(0, 1)
        return masks[:, mask_slice, :, :], iou_pred[:, mask_slice]


class Sam(nn.Module):
    def __init__(self, dim: int = 32, size: Tuple[int, int] = (7, 5)) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 16, stride=16)
        self.neck = nn.Sequential(nn.Conv2d(dim, dim, 1, bias=False), LayerNorm2d(dim))
        self.prompt, self.decoder = PromptEncoder(dim, size), MaskDecoder(dim)

    def forward(
        self, image: Float[Tensor, "1 3 H W"], points: Float[Tensor, "B P 2"], labels: Int[Tensor, "B P"]
    ) -> Tuple[Float[Tensor, "B M h w"], Float[Tensor, "B M"]]:
        x = self.neck(self.patch(image))
        sparse, dense = self.prompt(points, labels)
        return self.decoder(x, self.prompt.get_dense_pe(), sparse, dense, multimask_output=True)


def main() -> None:
    torch.manual_seed(0)
    model = Sam()
    for b, p in ((1, 2), (3, 4)):
        masks, iou = model(torch.randn(1, 3, 112, 80), torch.rand(b, p, 2), torch.randint(0, 2, (b, p)))
        print(tuple(masks.shape), tuple(iou.shape))


if __name__ == "__main__":
    main()

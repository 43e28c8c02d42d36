"""DETR: sine positions over a padding mask, a sequence-first transformer, class and box heads, set loss."""

import copy
import math
from typing import List, Optional

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


class PositionEmbeddingSine(nn.Module):
    def __init__(self, num_pos_feats: int = 64, temperature: int = 10000, normalize: bool = True) -> None:
        super().__init__()
        self.num_pos_feats = num_pos_feats
        self.temperature = temperature
        self.normalize = normalize
        self.scale = 2 * math.pi

    def forward(self, mask: Bool[Tensor, "B H W"]) -> Float[Tensor, "B C H W"]:
        not_mask = ~mask
        y_embed = not_mask.cumsum(1, dtype=torch.float32)
        x_embed = not_mask.cumsum(2, dtype=torch.float32)
        if self.normalize:
            eps = 1e-6
            y_embed = y_embed / (y_embed[:, -1:, :] + eps) * self.scale
            x_embed = x_embed / (x_embed[:, :, -1:] + eps) * self.scale
        dim_t = torch.arange(self.num_pos_feats, dtype=torch.float32)
        dim_t = self.temperature ** (2 * torch.div(dim_t, 2, rounding_mode="floor") / self.num_pos_feats)
        pos_x = x_embed[:, :, :, None] / dim_t
        pos_y = y_embed[:, :, :, None] / dim_t
        pos_x = torch.stack((pos_x[:, :, :, 0::2].sin(), pos_x[:, :, :, 1::2].cos()), dim=4).flatten(3)
        pos_y = torch.stack((pos_y[:, :, :, 0::2].sin(), pos_y[:, :, :, 1::2].cos()), dim=4).flatten(3)
        pos = torch.cat((pos_y, pos_x), dim=3).permute(0, 3, 1, 2)
        return pos


def _get_clones(module: nn.Module, N: int) -> nn.ModuleList:
    return nn.ModuleList([copy.deepcopy(module) for i in range(N)])


class EncoderLayer(nn.Module):
    def __init__(self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(d_model, nhead, dropout=dropout)
        self.linear1 = nn.Linear(d_model, dim_feedforward)
        self.linear2 = nn.Linear(dim_feedforward, d_model)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def with_pos_embed(self, tensor: Tensor, pos: Optional[Tensor]) -> Tensor:
        return tensor if pos is None else tensor + pos

    def forward(
        self,
        src: Float[Tensor, "S B D"],
        src_key_padding_mask: Optional[Bool[Tensor, "B S"]] = None,
        pos: Optional[Float[Tensor, "S B D"]] = None,
    ) -> Float[Tensor, "S B D"]:
        q = k = self.with_pos_embed(src, pos)
        src2 = self.self_attn(q, k, value=src, key_padding_mask=src_key_padding_mask)[0]
        src = self.norm1(src + self.dropout(src2))
        src2 = self.linear2(self.dropout(F.relu(self.linear1(src))))
        return self.norm2(src + self.dropout(src2))


class DecoderLayer(EncoderLayer):
    def __init__(self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1) -> None:
        super().__init__(d_model, nhead, dim_feedforward, dropout)
        self.multihead_attn = nn.MultiheadAttention(d_model, nhead, dropout=dropout)
        self.norm3 = nn.LayerNorm(d_model)

    def forward(
        self,
        tgt: Float[Tensor, "Q B D"],
        memory: Float[Tensor, "S B D"],
        memory_key_padding_mask: Optional[Bool[Tensor, "B S"]] = None,
        pos: Optional[Float[Tensor, "S B D"]] = None,
        query_pos: Optional[Float[Tensor, "Q B D"]] = None,
    ) -> Float[Tensor, "Q B D"]:
        q = k = self.with_pos_embed(tgt, query_pos)
        tgt2 = self.self_attn(q, k, value=tgt)[0]
        tgt = self.norm1(tgt + self.dropout(tgt2))
        tgt2 = self.multihead_attn(
            query=self.with_pos_embed(tgt, query_pos),
            key=self.with_pos_embed(memory, pos),
            value=memory,
            key_padding_mask=memory_key_padding_mask,
        )[0]
        tgt = self.norm2(tgt + self.dropout(tgt2))
        tgt2 = self.linear2(self.dropout(F.relu(self.linear1(tgt))))
        return self.norm3(tgt + self.dropout(tgt2))


class Transformer(nn.Module):
    def __init__(
        self, d_model: int = 512, nhead: int = 8, num_layers: int = 6, return_intermediate: bool = True
    ):
        super().__init__()
        self.encoder = _get_clones(EncoderLayer(d_model, nhead, 64), num_layers)
        self.decoder = _get_clones(DecoderLayer(d_model, nhead, 64), num_layers)
        self.norm = nn.LayerNorm(d_model)
        self.d_model = d_model
        self.return_intermediate = return_intermediate

    def forward(
        self,
        src: Float[Tensor, "B D H W"],
        mask: Bool[Tensor, "B H W"],
        query_embed: Float[Tensor, "Q D"],
        pos_embed: Float[Tensor, "B D H W"],
    ) -> tuple[Float[Tensor, "L B Q D"], Float[Tensor, "B D H W"]]:
        # flatten NxCxHxW to HWxNxC
        bs, c, h, w = src.shape
        src = src.flatten(2).permute(2, 0, 1)
        pos_embed = pos_embed.flatten(2).permute(2, 0, 1)
        query_embed = query_embed.unsqueeze(1).repeat(1, bs, 1)
        mask = mask.flatten(1)
        tgt = torch.zeros_like(query_embed)
        memory = src
        for layer in self.encoder:
            memory = layer(memory, src_key_padding_mask=mask, pos=pos_embed)
        intermediate: List[Tensor] = []
        output = tgt
        for layer in self.decoder:
            output = layer(output, memory, memory_key_padding_mask=mask, pos=pos_embed, query_pos=query_embed)
            if self.return_intermediate:
                intermediate.append(self.norm(output))
        hs = torch.stack(intermediate) if self.return_intermediate else self.norm(output).unsqueeze(0)
        return hs.transpose(1, 2), memory.permute(1, 2, 0).view(bs, c, h, w)


class MLP(nn.Module):
    """Very simple multi-layer perceptron (also called FFN)"""

    def __init__(self, input_dim: int, hidden_dim: int, output_dim: int, num_layers: int) -> None:
        super().__init__()
        self.num_layers = num_layers
        h = [hidden_dim] * (num_layers - 1)
        self.layers = nn.ModuleList(nn.Linear(n, k) for n, k in zip([input_dim] + h, h + [output_dim]))

    def forward(self, x: Float[Tensor, "*B input_dim"]) -> Float[Tensor, "*B output_dim"]:
        for i, layer in enumerate(self.layers):
            x = F.relu(layer(x)) if i < self.num_layers - 1 else layer(x)
        return x


class DETR(nn.Module):
    def __init__(
        self, transformer: Transformer, num_classes: int, num_queries: int, num_channels: int = 32
    ) -> None:
        super().__init__()
        self.num_queries = num_queries
        self.transformer = transformer
        hidden_dim = transformer.d_model
        self.class_embed = nn.Linear(hidden_dim, num_classes + 1)
        self.bbox_embed = MLP(hidden_dim, hidden_dim, 4, 3)
        self.query_embed = nn.Embedding(num_queries, hidden_dim)
        self.position = PositionEmbeddingSine(hidden_dim // 2)
        self.body = nn.Sequential(nn.Conv2d(3, num_channels, 7, stride=8, padding=3), nn.ReLU())
        self.input_proj = nn.Conv2d(num_channels, hidden_dim, kernel_size=1)

    def forward(self, images: Float[Tensor, "B 3 H W"], padding: Bool[Tensor, "B H W"]) -> dict[str, Tensor]:
        src = self.body(images)
        mask = F.interpolate(padding[None].float(), size=src.shape[-2:]).to(torch.bool)[0]
        pos = self.position(mask).to(src.dtype)
        hs = self.transformer(self.input_proj(src), mask, self.query_embed.weight, pos)[0]
        outputs_class = self.class_embed(hs)
        outputs_coord = self.bbox_embed(hs).sigmoid()
        return {"pred_logits": outputs_class[-1], "pred_boxes": outputs_coord[-1]}


def box_cxcywh_to_xyxy(x: Float[Tensor, "*B 4"]) -> Float[Tensor, "*B 4"]:
    x_c, y_c, w, h = x.unbind(-1)
    b = [(x_c - 0.5 * w), (y_c - 0.5 * h), (x_c + 0.5 * w), (y_c + 0.5 * h)]
    return torch.stack(b, dim=-1)


def box_iou(boxes1: Float[Tensor, "N 4"], boxes2: Float[Tensor, "M 4"]) -> Float[Tensor, "N M"]:
    area1 = (boxes1[:, 2] - boxes1[:, 0]) * (boxes1[:, 3] - boxes1[:, 1])
    area2 = (boxes2[:, 2] - boxes2[:, 0]) * (boxes2[:, 3] - boxes2[:, 1])
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])  # [N,M,2]
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])  # [N,M,2]
    wh = (rb - lt).clamp(min=0)  # [N,M,2]
    inter = wh[:, :, 0] * wh[:, :, 1]  # [N,M]
    union = area1[:, None] + area2 - inter
    return inter / (union + 1e-6)


def match_cost(
    logits: Float[Tensor, "B Q K"],
    boxes: Float[Tensor, "B Q 4"],
    labels: Int[Tensor, " T"],
    target: Float[Tensor, "T 4"],
) -> Float[Tensor, "B Q T"]:
    bs, num_queries = logits.shape[:2]
    out_prob = logits.flatten(0, 1).softmax(-1)  # [batch_size * num_queries, num_classes]
    out_bbox = boxes.flatten(0, 1)  # [batch_size * num_queries, 4]
    cost_class = -out_prob[:, labels]
    cost_bbox = torch.cdist(out_bbox, target, p=1)
    cost_iou = -box_iou(box_cxcywh_to_xyxy(out_bbox), box_cxcywh_to_xyxy(target))
    C = 5 * cost_bbox + cost_class + 2 * cost_iou
    return C.view(bs, num_queries, -1)


def main() -> None:
    torch.manual_seed(0)
    model = DETR(Transformer(24, 4, 2), num_classes=5, num_queries=9)
    for b, h, w in ((2, 64, 48), (1, 40, 80)):
        padding = torch.zeros(b, h, w, dtype=torch.bool)
        padding[:, :, w // 2 :] = True
        out = model(torch.randn(b, 3, h, w), padding)
        cost = match_cost(out["pred_logits"], out["pred_boxes"], torch.tensor([1, 4, 2]), torch.rand(3, 4))
        print({k: tuple(v.shape) for k, v in out.items()}, tuple(cost.shape))


if __name__ == "__main__":
    main()

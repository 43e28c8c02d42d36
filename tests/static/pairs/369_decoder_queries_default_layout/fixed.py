import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class DetrDecoder(nn.Module):
    def __init__(self, d_model: int, nhead: int, num_queries: int, num_layers: int = 2) -> None:
        super().__init__()
        self.query_embed = nn.Embedding(num_queries, d_model)
        layer = nn.TransformerDecoderLayer(d_model, nhead, dim_feedforward=4 * d_model, batch_first=True)
        self.decoder = nn.TransformerDecoder(layer, num_layers)
        self.bbox = nn.Linear(d_model, 4)

    def forward(self, memory: Float[Tensor, "B S d_model"]) -> Float[Tensor, "B num_queries 4"]:
        queries = self.query_embed.weight.unsqueeze(0).expand(memory.size(0), -1, -1)
        hs = self.decoder(queries, memory)
        return self.bbox(hs).sigmoid()


def main() -> Tensor:
    torch.manual_seed(0)
    return DetrDecoder(16, 4, 10)(torch.randn(2, 49, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)

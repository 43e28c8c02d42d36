from dataclasses import dataclass
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


@dataclass
class BertConfig:
    vocab_size: int = 50
    hidden_size: int = 24
    max_position_embeddings: int = 64


class Embeddings(nn.Module):
    def __init__(self, config: BertConfig = BertConfig()) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size, padding_idx=0)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size)

    def forward(self, input_ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T D"]:
        position_ids = torch.arange(input_ids.size(0), device=input_ids.device)
        x = self.word_embeddings(input_ids) + self.position_embeddings(position_ids)
        return self.norm(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return Embeddings()(torch.randint(0, 50, (3, 8)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)

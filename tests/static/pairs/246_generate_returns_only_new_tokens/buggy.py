from typing import Optional
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TinyLM(nn.Module):
    def __init__(self, vocab: int, dim: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocab, dim)
        self.rnn = nn.GRU(dim, dim, batch_first=True)
        self.out = nn.Linear(dim, vocab)

    def forward(
        self, ids: Int[Tensor, "B T"], state: Optional[Float[Tensor, "1 B D"]] = None
    ) -> tuple[Float[Tensor, "B T vocab"], Float[Tensor, "1 B D"]]:
        h, state = self.rnn(self.emb(ids), state)
        return self.out(h), state


def generate(model: TinyLM, prompt: Int[Tensor, "B T"], steps: int) -> Int[Tensor, "B T+{steps}"]:
    ids = prompt
    for _ in range(steps):
        logits, _ = model(ids)
        nxt = logits[:, -1].argmax(dim=-1, keepdim=True)
        ids = torch.cat([ids, nxt], dim=1)
    return ids[:, prompt.size(1) :]


def main() -> Tensor:
    torch.manual_seed(0)
    return generate(TinyLM(9, 6), torch.randint(0, 9, (2, 3)), 4)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)

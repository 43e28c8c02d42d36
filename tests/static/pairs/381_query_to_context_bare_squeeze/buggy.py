import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class AttFlow(nn.Module):
    def __init__(self, hidden2: int) -> None:
        super().__init__()
        self.att_weight_c = nn.Linear(hidden2, 1)
        self.att_weight_q = nn.Linear(hidden2, 1)
        self.att_weight_cq = nn.Linear(hidden2, 1)

    def forward(
        self, c: Float[Tensor, "B C hidden2"], q: Float[Tensor, "B Q hidden2"]
    ) -> Float[Tensor, "B C 4*hidden2"]:
        c_len = c.size(1)
        q_len = q.size(1)
        cq = []
        for i in range(q_len):
            qi = q.select(1, i).unsqueeze(1)
            cq.append(self.att_weight_cq(c * qi).squeeze(2))
        s = (
            self.att_weight_c(c).expand(-1, -1, q_len)
            + self.att_weight_q(q).permute(0, 2, 1).expand(-1, c_len, -1)
            + torch.stack(cq, dim=-1)
        )
        a = F.softmax(s, dim=2)
        c2q_att = torch.bmm(a, q)
        b = F.softmax(torch.max(s, dim=2)[0], dim=1).unsqueeze(1)
        q2c_att = torch.bmm(b, c).squeeze()
        q2c_att = q2c_att.unsqueeze(1).expand(-1, c_len, -1)
        return torch.cat([c, c2q_att, c * c2q_att, c * q2c_att], dim=-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return AttFlow(8)(torch.randn(1, 5, 8), torch.randn(1, 3, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)

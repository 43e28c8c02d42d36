import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class GraphConvolution(nn.Module):
    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features)) if bias else None
        nn.init.xavier_uniform_(self.weight)

    def forward(
        self, x: Float[Tensor, "nodes in_features"], adj: Float[Tensor, "nodes nodes"]
    ) -> Float[Tensor, "nodes out_features"]:
        support = torch.mm(x, self.weight)
        output = torch.mm(support, adj)
        if self.bias is not None:
            return output + self.bias
        return output


def main() -> Tensor:
    torch.manual_seed(0)
    return GraphConvolution(12, 7)(torch.randn(20, 12), torch.rand(20, 20))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)

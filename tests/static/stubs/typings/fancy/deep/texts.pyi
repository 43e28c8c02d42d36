from jaxtyping import Float, Int
from torch import Tensor

Ids = Int[Tensor, "B T"]

def encode(ids: Ids, width: int) -> Float[Tensor, "B T width"]: ...

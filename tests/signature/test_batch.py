"""Which dims a call is free to choose."""

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.signature.batch import batch_dim, free_dims
from namedtorch.signature.text import parse_signature

DIMS = [
    ("image: N C=3 H W -> N 10", "N", ("N", "H", "W")),
    ("x: C=3 H W -> H", Unknown, ("H", "W")),
    ("x: N C, y: N=4 D -> C", Unknown, ("C", "D")),
    ("x: N C -> N=4", Unknown, ("C",)),
    ("x: *batch C -> *batch", Unknown, ("*batch", "C")),
    ("x: ... C -> C", Unknown, ("C",)),
    ("x: #N C, y: N C -> N C", Unknown, ("C", "N")),
    ("x: 2*N, y: N -> N", Unknown, ("N",)),
    ("x: (N T) C, y: N -> N", Unknown, ("C", "N")),
    ("x: _ C -> C", Unknown, ("C",)),
    ("x: , y: N -> N", Unknown, ("N",)),
]


@pytest.mark.parametrize(("text", "batch", "free"), DIMS)
def test_batch_dim_and_free_dims(text: str, batch: object, free: tuple[str, ...]) -> None:
    signature = parse_signature(text)
    assert batch_dim(signature) == batch
    assert free_dims(signature) == free

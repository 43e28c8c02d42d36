"""Tables of vectors, looked up by index."""

from typing import Final

from namedtorch.ops.module_rule import ModuleRule

_SIZES: Final = {"vocabulary": "num_embeddings", "features": "embedding_dim"}

MODULES: Final = (
    ModuleRule(
        "torch.nn.Embedding",
        sizes=_SIZES,
        state={"weight": "vocabulary features"},
        forward="input: *batch -> *batch features",
    ),
    ModuleRule(
        "torch.nn.EmbeddingBag",
        sizes=_SIZES,
        state={"weight": "vocabulary features"},
        # With one axis, the bags are as many as their offsets.
        forward=("input: n _ -> n features", "input: _ -> _ features"),
    ),
)

"""Names behind views under other sizes."""

import torch

from tests.ops.names.harness import names
from tests.ops.oracle import t

X = t(2, 3, 4, 5)
VIEW = "torch.Tensor.view"

CASES = (
    # What stays, what is merged, and what is split.
    names("N C H W -> N C H W", "torch.reshape", X, (2, 3, 4, 5)),
    names("N C H W -> N (C H W)", "torch.Tensor.reshape", X, 2, 60),
    names("N C H W -> N (C H W)", VIEW, X, 2, -1),
    names("N C H W -> (N C) (H W)", VIEW, X, (-1, 20)),
    names("N C H W -> (N C H W)", VIEW, X, -1),
    names("N _ H W -> N (_ H) W", VIEW, X, 2, 12, 5),
    names("_ _ _ _ -> _ _", VIEW, X, 6, 20),
    names("N T C -> N T _ _", VIEW, t(2, 5, 12), 2, 5, 4, 3),
    names("N T (h d) -> N T _ _", VIEW, t(2, 5, 12), 2, 5, 4, -1),
    names("N T (h d) -> N T _ _ _", VIEW, t(2, 5, 12), 2, 5, 2, 2, 3),
    names("N (C H) W -> (N C H) W", VIEW, t(2, 12, 5), 24, 5),
    names("N (C _) -> N _ _", VIEW, t(2, 12), 2, 3, 4),
    names("() -> _ _", VIEW, t(), 1, 1),
    # Views that mix dims.
    names("A B -> refused", VIEW, t(2, 3), 3, 2),
    names("A B -> refused", VIEW, t(4, 3), 2, 6),
    names("N T C -> refused", VIEW, t(2, 5, 12), 2, 4, 5, 3),
    names("A _ -> _ _", VIEW, t(2, 3), 3, 2),
    names("_ _ C -> _ _ C", VIEW, t(2, 3, 4), 3, 2, 4),
    names("A B -> _ _ B", VIEW, t(6, 2), 3, 2, 2),
    # Axes of size 1.
    names("N C H W -> N (C H W)", VIEW, t(1, 3, 4, 5), 1, -1),
    names("N C H W -> N (C H W)", VIEW, t(2, 1, 4, 5), 2, -1),
    names("N C H W -> N (C H W)", VIEW, t(1, 1, 1, 1), 1, -1),
    names("N C H W -> N (C H W)", VIEW, t(2, 1, 4, 5), 2, 20),
    names("N C H W -> (N C H) W", VIEW, t(2, 3, 1, 5), 6, 5),
    names("N C H W -> N (C H W)", VIEW, t(2, 3, 1, 1), 2, -1),
    names("N C H W -> (N C) H W", VIEW, t(1, 3, 4, 5), -1, 4, 5),
    names("N C H W -> N C", VIEW, t(2, 3, 1, 1), 2, 3),
    names("N C H W -> N C (H W)", VIEW, t(2, 3, 1, 1), 2, 3, 1),
    names("N C H W -> N C H W _", VIEW, t(2, 3, 1, 1), 2, 3, 1, 1, 1),
    names("N _ H -> N H", VIEW, t(2, 1, 1), 2, 1),
    names("N C -> _ N _ C _", VIEW, t(2, 3), 1, 2, 1, 3, 1),
    names("N (C H W) -> N _ _ _", VIEW, t(2, 12), 2, 1, 3, 4),
    names("N (C H W) -> N _ _ _", VIEW, t(2, 12), 2, 3, 4, 1),
    names("A B C -> A (B C)", VIEW, t(2, 1, 3), 2, -1),
    # No elements.
    names("N C H -> N (C H)", VIEW, t(0, 3, 4), 0, 12),
    names("N C H -> N (C H)", VIEW, t(0, 3, 4), -1, 12),
    names("N C -> ?", VIEW, t(0, 3), 0, 7),
    names("_ _ -> _ _", VIEW, t(0, 3), 0, 7),
    # Another dtype.
    names("N C -> N C", VIEW, t(2, 4), torch.int32),
    names("() -> ?", VIEW, t(), torch.int32),
    # The sizes of another tensor.
    names("N C H, _ _ -> N (C H)", "torch.Tensor.view_as", t(2, 3, 4), t(2, 12)),
    names("N, N C -> N C", "torch.Tensor.view_as", t(2), t(2, 1)),
    names("N (C H), N F -> N (C H)", "torch.Tensor.reshape_as", t(2, 12), t(2, 12)),
    # Merging.
    names("N C H W -> N (C H W)", "torch.flatten", X, 1),
    names("N C H W -> N (C H) W", "torch.flatten", X, "C", "H"),
    names("N C H W -> N C (H W)", "torch.Tensor.flatten", X, start_dim="H", end_dim=-1),
    names("N C H W -> (N C H W)", "torch.Tensor.flatten", X),
    names("N C H W -> N C H W", "torch.flatten", X, "C", "C"),
    names("N C H W -> N (C H W)", "torch.flatten", t(2, 3, 1, 1), 1),
    names("N C _ _ -> N (C _ _)", "torch.flatten", t(2, 3, 1, 1), 1),
    names("N (C H) W -> N (C H W)", "torch.flatten", t(2, 12, 5), 1),
    names("_ _ -> _", "torch.flatten", t(2, 3)),
    names("() -> _", "torch.flatten", t()),
    names("N C H W -> refused", "torch.flatten", X, "W", "C"),
    names("N C H W -> refused", "torch.flatten", X, "T"),
    names("N C -> (N C)", "torch.ravel", t(2, 3)),
    # Splitting.
    names("N C -> N _ _", "torch.unflatten", t(2, 12), "C", (3, 4)),
    names("N (C H) -> N _ _", "torch.unflatten", t(2, 12), "(C H)", (3, -1)),
    names("N (C H) -> N _ _", "torch.Tensor.unflatten", t(2, 12), 1, (1, 12)),
    names("N (C H) -> N _ _ _", "torch.Tensor.unflatten", t(2, 12), 1, (2, 2, 3)),
    names("N (C H) -> N (C H)", "torch.Tensor.unflatten", t(2, 12), 1, (12,)),
    # Windows, and what has no dims.
    names("N C T -> N C T _", "torch.Tensor.unfold", t(2, 3, 7), "T", 3, 2),
    names("N C T -> N C T _", "torch.Tensor.unfold", t(2, 3, 7), 1, 2, 1),
    names("_ -> _ _", "torch.as_strided", t(6), (2, 3), (3, 1)),
    names("N -> ?", "torch.as_strided", t(6), (2, 3), (3, 1)),
)

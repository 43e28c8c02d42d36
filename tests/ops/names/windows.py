"""Names behind windows of an image as columns."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_UNFOLD, _FOLD = "torch.nn.functional.unfold", "torch.nn.functional.fold"
_X = t(2, 3, 11, 7)

CASES = (
    names("N C H W -> N (C _ _) (H W)", _UNFOLD, _X, 3),
    names("N C H W -> N (C _ _) (H W)", _UNFOLD, _X, (2, 3), stride=2),
    names("C H W -> (C _ _) (H W)", _UNFOLD, t(3, 11, 7), 3),
    names("N C H W -> N (C _) (H W)", _UNFOLD, _X, (1, 3)),
    names("N C H W -> N C (H W)", _UNFOLD, _X, 1),
    names("N C H W -> N C (H W)", _UNFOLD, t(2, 3, 1, 1), 1),
    names("_ _ H _ -> _ _ (H _)", _UNFOLD, _X, 3),
    names("_ _ _ _ -> _ _ _", _UNFOLD, _X, 3),
    names("N (C _ _) (H W) -> N C H W", _FOLD, t(2, 27, 45), (11, 7), 3),
    names("N (C _) (H W) -> N C H W", _FOLD, t(2, 9, 55), (11, 7), (1, 3)),
    names("N C (H W) -> N C H W", _FOLD, t(2, 3, 77), (11, 7), 1),
    names("N (C h w) (H W) -> N C H W", _FOLD, t(2, 27, 45), (11, 7), 3),
    names("N (heads d _ _) (H W) -> N (heads d) H W", _FOLD, t(2, 27, 45), (11, 7), 3),
    names("N (heads d) L -> N (heads d) _ _", _FOLD, t(2, 27, 45), (11, 7), 3),
    names("N C _ -> N C _ _", _FOLD, t(2, 27, 45), (11, 7), 3),
    names("(_ _ _) (_ W) -> _ _ W", _FOLD, t(27, 45), (11, 7), 3),
)

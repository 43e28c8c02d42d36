"""Names behind losses whose targets are classes."""

from tests.ops.names.harness import names
from tests.ops.oracle import ints, t

_F = "torch.nn.functional"
X = t(2, 3, 5, 7)
Y = ints(2, 5, 7)

_CLASSES = (f"{_F}.cross_entropy", f"{_F}.nll_loss")
_LABELS = f"{_F}.multilabel_margin_loss"
_SOFT = f"{_F}.multilabel_soft_margin_loss"
_MARGIN = f"{_F}.multi_margin_loss"
_CTC = f"{_F}.ctc_loss"

CASES = (
    *(
        case
        for loss in _CLASSES
        for case in (
            names("N C H W, N H W -> ()", loss, X, Y),
            names("N C H W, N H W -> N H W", loss, X, Y, reduction="none"),
            names("N C H _, _ _ W -> N H W", loss, X, Y, reduction="none"),
            names("N C H W, N W H -> refused", loss, t(2, 3, 5, 5), ints(2, 5, 5)),
            names("N C, T -> refused", loss, t(2, 3), ints(2)),
            names("N C, N, C -> N", loss, t(2, 3), ints(2), t(3), reduction="none"),
            names("N _, N, C -> ()", loss, t(2, 3), ints(2), weight=t(3)),
            names("N C, N, K -> refused", loss, t(2, 3), ints(2), weight=t(3)),
            names("C, () -> ()", loss, t(3), ints(), reduction="none"),
        )
    ),
    names("N C T, N C T -> N T", f"{_F}.cross_entropy", t(2, 3, 5), t(2, 3, 5), reduction="none"),
    names("_ C _, N _ T -> N T", f"{_F}.cross_entropy", t(2, 3, 5), t(2, 3, 5), reduction="none"),
    names("N C, N K -> refused", f"{_F}.cross_entropy", t(2, 3), t(2, 3)),
    names("N C, N -> N", _MARGIN, t(2, 3), ints(2), reduction="none"),
    names("_ C, N -> N", _MARGIN, t(2, 3), ints(2), reduction="none"),
    names("N C, T -> refused", _MARGIN, t(2, 3), ints(2)),
    names("N C, N, C -> ()", _MARGIN, t(2, 3), ints(2), weight=t(3)),
    names("N C, N, K -> refused", _MARGIN, t(2, 3), ints(2), weight=t(3)),
    names("C, _ -> _", _MARGIN, t(3), ints(1), reduction="none"),
    names("N C, _ C -> N", _LABELS, t(2, 3), ints(2, 3), reduction="none"),
    names("_ C, N C -> N", _LABELS, t(2, 3), ints(2, 3), reduction="none"),
    names("N C, N C -> ()", _LABELS, t(2, 3), ints(2, 3)),
    names("N C, N K -> refused", _LABELS, t(2, 3), ints(2, 3)),
    names("N T C, N T C -> N T", _SOFT, t(2, 5, 3), t(2, 5, 3), reduction="none"),
    names("_ C, N C -> N", _SOFT, t(2, 3), t(2, 3), reduction="none"),
    names("N C, C -> N", _SOFT, t(2, 3), t(3), reduction="none"),
    # The classes are the last axis of the input, whatever that of the target is.
    names("C, N C -> C", _SOFT, t(3), t(2, 3), reduction="none"),
    names("N C, N C, C -> N", _SOFT, t(2, 3), t(2, 3), t(3), reduction="none"),
    names("_ C, _ C, N C -> N", _SOFT, t(2, 3), t(2, 3), t(2, 3), reduction="none"),
    names("N C, N C, K -> refused", _SOFT, t(2, 3), t(2, 3), t(3)),
    names("N C, N C, K -> refused", _SOFT, t(2, 3), t(2, 3), t(1)),
    names("N C, N K -> refused", _SOFT, t(2, 3), t(2, 3)),
    names("T N C, N S, N, N -> N", _CTC, t(7, 2, 4), ints(2, 3), ints(2), ints(2), reduction="none"),
    names("T _ C, _ S, N, _ -> N", _CTC, t(7, 2, 4), ints(2, 3), ints(2), ints(2), reduction="none"),
    names("T N C, N S -> N", _CTC, t(7, 2, 4), ints(2, 3), (5, 5), (3, 3), reduction="none"),
    names("T N C, N S -> ()", _CTC, t(7, 2, 4), ints(2, 3), (5, 5), (3, 3)),
    names("T C, S -> ()", _CTC, t(7, 4), ints(3), (5,), (3,), reduction="none"),
    names("T N C, M S -> refused", _CTC, t(7, 2, 4), ints(2, 3), (5, 5), (3, 3)),
    names("T N C, N S, M, M -> refused", _CTC, t(7, 2, 4), ints(2, 3), ints(2), ints(2)),
    names("T _ C, _ S, M, N -> refused", _CTC, t(7, 2, 4), ints(2, 3), ints(2), ints(2)),
)

"""Names behind losses of two tensors element by element."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_F = "torch.nn.functional"
_X = t(2, 3)
_BROADCAST = (
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div", "poisson_nll_loss", "hinge_embedding_loss",
    "soft_margin_loss",
)  # fmt: skip
_SAME = ("binary_cross_entropy", "binary_cross_entropy_with_logits")

CASES = (
    *(
        case
        for name in (*_BROADCAST, *_SAME)
        for case in (
            names("N C, N C -> N C", f"{_F}.{name}", _X, _X, reduction="none"),
            names("N _, _ C -> N C", f"{_F}.{name}", _X, _X, reduction="none"),
            names("N C, N C -> ()", f"{_F}.{name}", _X, _X),
            names("N C, N K -> refused", f"{_F}.{name}", _X, _X),
            names("N C, C N -> refused", f"{_F}.{name}", t(3, 3), t(3, 3), reduction="sum"),
        )
    ),
    *(
        case
        for name in _BROADCAST
        for case in (
            names("N C, C -> N C", f"{_F}.{name}", _X, t(3), reduction="none"),
            names("N C, () -> N C", f"{_F}.{name}", _X, t(), reduction="none"),
        )
    ),
    *(
        case
        for name in ("mse_loss", "l1_loss", "huber_loss")
        for case in (
            names("N _, _ _, _ C -> N C", f"{_F}.{name}", _X, _X, weight=_X, reduction="none"),
            names("N C, N C, N K -> refused", f"{_F}.{name}", _X, _X, weight=_X),
        )
    ),
    *(
        case
        for name in _SAME
        for case in (
            names("N _, N _, C -> N C", f"{_F}.{name}", _X, _X, weight=t(3), reduction="none"),
            names("N _, N _, C -> N C", f"{_F}.{name}", _X, _X, weight=t(1), reduction="none"),
            names("N C, N C, K -> refused", f"{_F}.{name}", _X, _X, weight=t(1)),
        )
    ),
    names(
        "N _, N _, C -> N C",
        f"{_F}.binary_cross_entropy_with_logits",
        _X,
        _X,
        pos_weight=t(3),
        reduction="none",
    ),
    names("N _, _ C, N C -> N C", f"{_F}.gaussian_nll_loss", _X, _X, _X, reduction="none"),
    names("_ C, _ C, N -> N C", f"{_F}.gaussian_nll_loss", _X, _X, t(2), reduction="none"),
    names("N _, N _, _ C -> N C", f"{_F}.gaussian_nll_loss", _X, _X, t(2, 1), reduction="none"),
    names("N C, N C, _ K -> refused", f"{_F}.gaussian_nll_loss", _X, _X, t(2, 1)),
    names("_ _, N C, N K -> refused", f"{_F}.gaussian_nll_loss", _X, _X, _X),
    names("N C, N C, N -> ()", f"{_F}.gaussian_nll_loss", _X, _X, t(2)),
)

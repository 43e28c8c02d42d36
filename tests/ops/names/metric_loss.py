"""Names behind losses that compare examples with one another."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_F = "torch.nn.functional"
_X = t(2, 3)
_ONE, _EACH = t(2), {"reduction": "none"}

CASES = (
    *(
        case
        for name in ("triplet_margin_loss", "triplet_margin_with_distance_loss")
        for case in (
            names("N D, N D, N D -> N", f"{_F}.{name}", _X, _X, _X, **_EACH),
            names("_ D, _ _, N _ -> N", f"{_F}.{name}", _X, _X, _X, **_EACH),
            names("N D, N D, N D -> ()", f"{_F}.{name}", _X, _X, _X),
            names("N D, N D, M D -> refused", f"{_F}.{name}", _X, _X, _X),
            names("N D, N K, N D -> refused", f"{_F}.{name}", _X, _X, _X),
        )
    ),
    names("N C, N C, N C -> N C", f"{_F}.margin_ranking_loss", _X, _X, _X, **_EACH),
    names("N _, _ C, _ _ -> N C", f"{_F}.margin_ranking_loss", _X, _X, _X, **_EACH),
    names("N C, N C, N K -> refused", f"{_F}.margin_ranking_loss", _X, _X, _X),
    names("N D, N D, N -> N", f"{_F}.cosine_embedding_loss", _X, _X, _ONE, **_EACH),
    names("_ D, _ D, N -> N", f"{_F}.cosine_embedding_loss", _X, _X, _ONE, **_EACH),
    names("N D, N D, M -> refused", f"{_F}.cosine_embedding_loss", _X, _X, _ONE),
    names("N D, N K, N -> refused", f"{_F}.cosine_embedding_loss", _X, _X, _ONE),
    names("D, D, () -> ()", f"{_F}.cosine_embedding_loss", t(3), t(3), t()),
)

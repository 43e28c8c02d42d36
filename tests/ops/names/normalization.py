"""Names behind normalizations."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_F = "torch.nn.functional"
_X, _C = t(2, 6, 5), t(6)
_END = (False, 0.1, 1e-5, False)

CASES = (
    names("N C T, C, C -> N C T", f"{_F}.batch_norm", _X, _C, _C),
    names("N _ T, _, _, C -> N C T", f"{_F}.batch_norm", _X, _C, _C, weight=_C),
    names("N _ T, C, K -> refused", f"{_F}.batch_norm", _X, _C, _C),
    names("N C T, _, _, K -> refused", f"{_F}.batch_norm", _X, _C, _C, weight=_C),
    names("N C T, C, _, _, _ -> N C T", "torch.batch_norm", _X, _C, _C, _C, _C, *_END),
    names("N C T -> N C T", f"{_F}.instance_norm", _X),
    names("N _ T, C -> N C T", f"{_F}.instance_norm", _X, weight=_C),
    names("N C T, K -> refused", f"{_F}.instance_norm", _X, weight=_C),
    names("N _ T, C, C, _, _ -> N C T", "torch.instance_norm", _X, _C, _C, _C, _C, *_END),
    names("N C T -> N C T", f"{_F}.group_norm", _X, 3),
    names("N _ T, C, C -> N C T", f"{_F}.group_norm", _X, 3, _C, _C),
    names("N C T, T -> refused", f"{_F}.group_norm", _X, 3, _C),
    names("N _ T, C -> N C T", "torch.group_norm", _X, 3, _C),
    names("N T D -> N T D", f"{_F}.layer_norm", t(2, 5, 3), (3,)),
    names("N T _, D, D -> N T D", f"{_F}.layer_norm", t(2, 5, 3), (3,), t(3), t(3)),
    names("N _ _, T _, _ D -> N T D", f"{_F}.layer_norm", t(2, 5, 3), (5, 3), t(5, 3), t(5, 3)),
    names("N T D, K -> refused", f"{_F}.layer_norm", t(2, 5, 3), (3,), t(3)),
    names("N T _, D, K -> refused", f"{_F}.layer_norm", t(2, 5, 3), (3,), t(3), t(3)),
    names("N T _, D -> N T D", "torch.layer_norm", t(2, 5, 3), (3,), t(3)),
    names("N T _, D -> N T D", f"{_F}.rms_norm", t(2, 5, 3), (3,), t(3)),
    names("N T D, K -> refused", "torch.rms_norm", t(2, 5, 3), (3,), t(3)),
    names("N C T -> N C T", f"{_F}.local_response_norm", _X, 2),
)

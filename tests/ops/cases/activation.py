"""Cases of activations, of dropouts, and of what competes along one dim."""

from namedtorch.ops import activation
from tests.ops.oracle import Case, ModuleCase, call, t

_F = "torch.nn.functional"
_ALONG = (
    f"{_F}.softmax",
    f"{_F}.log_softmax",
    f"{_F}.softmin",
    "torch.softmax",
    "torch.Tensor.softmax",
    "torch.special.log_softmax",
    "torch.Tensor.log_softmax",
    "torch.special.softmax",
    f"{_F}.gumbel_softmax",
    f"{_F}.normalize",
)
_PLAIN = [
    spelling
    for rule in activation.OPERATORS
    for spelling in rule.spellings
    if sum(one.required for one in rule.taken) == 1 and not rule.dims and rule.name != f"{_F}.dropout1d"
]
_INPLACE = ("relu_", "elu_", "celu_", "selu_", "leaky_relu_", "hardtanh_", "rrelu_")
_MODULES = [
    rule.name for rule in activation.MODULES if rule.operate is None and "threshold," not in rule.constructor
]

CASES = [
    *(call(spelling, t(*sizes)) for spelling in _PLAIN for sizes in ((2, 3, 5, 7), (2, 3, 5))),
    *(call(f"{_F}.{name}", t(2, 3)) for name in _INPLACE),
    *(call(name, t(2, 3), 0.5, True) for name in ("torch.dropout", "torch.feature_dropout")),
    call(f"{_F}.dropout", t(2, 3), p=0.1, training=False),
    call(f"{_F}.leaky_relu", t(2, 3), 0.2, inplace=True),
    call(f"{_F}.threshold", t(2, 3), 0.1, 20),
    call("torch.threshold", t(2, 3), 0.1, 20),
    call(f"{_F}.gelu", t(2, 3), approximate="tanh"),
    *(call(spelling, t(2, 3, 5), dim=dim) for spelling in _ALONG for dim in (0, 1, -1, -3)),
    *(Case(spelling, (t(2, 3, 5),), {"dim": dim}, real=True) for spelling in _ALONG for dim in (3, -4)),
    call(f"{_F}.softmax", t(2, 3, 5)),
    call(f"{_F}.softmax", t(), 0),
    Case(f"{_F}.softmax", (t(), 1), real=True),
    *(call(f"{_F}.dropout1d", t(*(2, 3, 5, 7)[:rank])) for rank in (1, 2, 3, 4)),
    call("torch.softmax", t(2, 3), 1, None),
    call(f"{_F}.normalize", t(2, 3), 2.0, 1),
    call(f"{_F}.normalize", t(2)),
    *(call(f"{_F}.glu", t(2, 6, 5), dim) for dim in (-2, 0, 1, 2, 3)),
    call(f"{_F}.glu", t(2, 6)),
    call(f"{_F}.glu", t()),
    *(
        call(spelling, t(*sizes), t(*weight))
        for spelling in ("torch.prelu", f"{_F}.prelu", "torch.Tensor.prelu")
        for sizes in ((), (2,), (2, 3), (2, 3, 5, 7))
        for weight in ((), (1,), (3,), (5,), (1, 1))
    ),
]

MODULE_CASES = [
    *(ModuleCase(name, (), {}, (t(2, 3, 5, 7),)) for name in _MODULES),
    *(
        ModuleCase(f"torch.nn.{name}", (), {"dim": dim}, (t(2, 6, 5),))
        for name in ("Softmax", "LogSoftmax", "Softmin", "GLU")
        for dim in (0, 1, -1, -2)
    ),
    ModuleCase("torch.nn.LogSoftmax", (3,), {}, (t(2, 6, 5),)),
    ModuleCase("torch.nn.GLU", (3,), {}, (t(2, 6, 5),)),
    ModuleCase("torch.nn.Dropout1d", (), {}, (t(2, 6, 5),)),
    ModuleCase("torch.nn.Dropout1d", (), {}, (t(2, 6, 5, 7),)),
    ModuleCase("torch.nn.Softmax", (), {}, (t(2, 3),)),
    ModuleCase("torch.nn.Softmax", (1,), {}, (t(2, 3),)),
    ModuleCase("torch.nn.Softmax2d", (), {}, (t(2, 3, 5, 7),)),
    ModuleCase("torch.nn.Softmax2d", (), {}, (t(3, 5, 7),)),
    ModuleCase("torch.nn.Softmax2d", (), {}, (t(5, 7),)),
    ModuleCase("torch.nn.Threshold", (0.1, 20.0), {}, (t(2, 3),)),
    ModuleCase("torch.nn.PReLU", (3,), {}, (t(2, 3, 5),)),
    ModuleCase("torch.nn.PReLU", (5,), {}, (t(2, 3, 5),)),
    ModuleCase("torch.nn.Dropout", (0.1,), {"inplace": True}, (t(2, 3),)),
    ModuleCase("torch.nn.Hardtanh", (-2.0, 2.0), {}, (t(2, 3),)),
    ModuleCase("torch.nn.ReLU", (True, 5), {}, (t(2, 3),)),
    ModuleCase("torch.nn.Identity", (54,), {"unused": 1}, (t(2, 3),)),
]

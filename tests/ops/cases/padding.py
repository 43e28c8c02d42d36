"""Cases of padding."""

from tests.ops.oracle import ModuleCase, call, t

_F = "torch.nn.functional."
_INPUTS = ((), (7,), (5, 7), (3, 5, 7), (2, 3, 5, 7), (2, 3, 5, 7, 11), (2, 2, 3, 5, 7, 11))
_PADS = (
    (),
    (1,),
    (1, 2),
    (0, 0),
    (-1, 2),
    (-3, -3),
    (-4, -4),
    (6, 6),
    (7, 7),
    (8, 0),
    [1, 2, 3, 4],
    (1, 2, 3),
    (0, 0, 1, 1),
    (1, 2, 0, 0, 3, 4),
    (1, 2, 3, 4, 5, 6),
    (1, 1, 1, 1, 1, 1, 1, 1),
)

_MODES = ("constant", "reflect", "replicate", "circular")


CASES = [
    *(
        call(_F + "pad", t(*sizes), pad, mode)
        for sizes in _INPUTS
        for pad in _PADS
        for mode in _MODES
        # What is no padding at all has no mode.
        if mode == "constant" or pad
    ),
    call(_F + "pad", t(2, 3, 5), (1, 1)),
    call(_F + "pad", t(2, 3, 5), (1, 1), value=3.0),
    call(_F + "pad", t(2, 3, 5), (1, 1), mode="other"),
    call("torch.constant_pad_nd", t(2, 3, 5), (1, 1, 2, 2)),
    call("torch.constant_pad_nd", t(2, 3, 5), [1, 1], 0.5),
]

MODULE_CASES = [
    ModuleCase(
        f"torch.nn.{name}{axes}d", (padding, 0.0) if name == "ConstantPad" else (padding,), {}, (t(*sizes),)
    )
    for axes in (1, 2, 3)
    for name in ("ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad")
    for padding in (1, 4, 5, (1, 2), (1, 2, 3, 4), (1, 2, 0, 1, 3, 1))
    for sizes in _INPUTS
]

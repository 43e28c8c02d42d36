"""Cases of views, and of the modules that flatten and unflatten."""

from tests.ops.oracle import Case, ModuleCase, call, t

_SIZES = (
    (30,), (2, 15), (-1,), (-1, 5), (2, -1), (6, -1), (2, 3, 5), (5, 3, 2), (2, 3, 5, 1), (1, 30), (7, 4), (-1, 7),
    (-1, -1), (0, 30), (2, -2, 15), (4, -1),
)  # fmt: skip

CASES: list[Case] = [
    *(
        case
        for given in (t(2, 3, 5), t(30), t(6, 5), t(2, 1, 15))
        for sizes in _SIZES
        for case in (
            call("torch.reshape", given, sizes),
            call("torch.Tensor.reshape", given, *sizes),
            call("torch.Tensor.view", given, sizes),
        )
    ),
    call("torch.reshape", t(), (1, 1)),
    call("torch.reshape", t(), ()),
    call("torch.reshape", t(2), ()),
    call("torch.reshape", t(1), ()),
    call("torch.reshape", t(2, 3), [3, 2]),
    call("torch.reshape", t(2, 3), shape=(6,)),
    call("torch.Tensor.reshape", t(2, 3), [3, 2]),
    call("torch.Tensor.view", t(2, 3), [3, -1]),
    call("torch.Tensor.view_as", t(2, 3), t(3, 2)),
    call("torch.Tensor.view_as", t(2, 3), t(3, 5)),
    call("torch.Tensor.reshape_as", t(2, 3, 5), t(6, 5)),
    *(
        call(name, given, start, end)
        for name in ("torch.flatten", "torch.Tensor.flatten")
        for given in (t(), t(7), t(2, 3, 5), t(2, 3, 5, 7))
        for start in (0, 1, -2, -1, 3, 5)
        for end in (-1, 0, 1, 2, -5)
    ),
    call("torch.flatten", t(2, 3, 5)),
    call("torch.Tensor.flatten", t(2, 3, 5), start_dim=1),
    *(
        call(name, t(2, 30, 5), dim, sizes)
        for name in ("torch.unflatten", "torch.Tensor.unflatten")
        for dim in (1, -2, 0, 3)
        for sizes in ((2, 15), (2, -1), (5, 2, 3), (-1,), (4, -1), (7, 5), (), (-1, -1))
    ),
    call("torch.unflatten", t(6), -1, [2, 3]),
    call("torch.ravel", t(2, 3, 5)),
    call("torch.ravel", t()),
    call("torch.Tensor.ravel", t(2)),
    call("torch.as_strided", t(30), (2, 3), (3, 1)),
    call("torch.Tensor.as_strided", t(2, 15), (5,), (2,), 1),
    *(
        call("torch.Tensor.unfold", t(2, 17, 5), dim, size, step)
        for dim in (1, -1, 0, -2, 3)
        for size in (1, 2, 3, 6, 18)
        for step in (1, 2, 3, 0)
    ),
]

MODULE_CASES = [
    *(
        ModuleCase("torch.nn.Flatten", made, {}, (given,))
        for made in ((), (0,), (1, 2), (2,), (-2, -1), (3,))
        for given in (t(2, 3, 5), t(2, 3, 5, 7), t(7), t(2, 3))
    ),
    ModuleCase("torch.nn.Flatten", (), {"start_dim": 0, "end_dim": 1}, (t(2, 3, 5),)),
    *(
        ModuleCase("torch.nn.Unflatten", (dim, sizes), {}, (t(2, 30, 5),))
        for dim in (1, -2, 0)
        for sizes in ((2, 15), (3, -1), (7, 5), (2, 3, 5))
    ),
]

"""Cases of windows and columns."""

from tests.ops.oracle import Case, ModuleCase, call, t

_OPTIONS = (
    {"kernel_size": 3},
    {"kernel_size": (2, 3), "stride": 2},
    {"kernel_size": 2, "padding": (1, 0), "dilation": 2},
    {"kernel_size": 3, "stride": (1, 2), "padding": 1},
    {"kernel_size": 13},
)

CASES: list[Case] = [
    *(
        call("torch.nn.functional.unfold", image, **options)
        for image in (t(2, 3, 11, 7), t(3, 11, 7), t(11, 7), t(2, 3, 5, 11, 7))
        for options in _OPTIONS
    ),
    call("torch.nn.functional.unfold", t(2, 3, 11, 7), 3, 1, 1, 2),
    *(
        call("torch.nn.functional.fold", columns, (5, 7), **options)
        for columns in (
            t(2, 54, 15),
            t(54, 15),
            t(2, 53, 15),
            t(2, 54, 16),
            t(2, 2, 54, 15),
            t(2, 12, 6),
            t(2, 12, 24),
        )
        for options in _OPTIONS
    ),
    call("torch.nn.functional.fold", t(2, 12, 16), output_size=5, kernel_size=2),
]

MODULE_CASES = [
    *(ModuleCase("torch.nn.Unfold", (), options, (t(2, 3, 11, 7),)) for options in _OPTIONS),
    ModuleCase("torch.nn.Unfold", (3, 1, 1), {}, (t(3, 11, 7),)),
    *(
        ModuleCase("torch.nn.Fold", ((5, 7), 3), {}, (columns,))
        for columns in (t(2, 54, 15), t(54, 15), t(2, 53, 15), t(2, 54, 16))
    ),
    ModuleCase("torch.nn.Fold", (5,), {"kernel_size": 2, "stride": 1}, (t(2, 12, 16),)),
]

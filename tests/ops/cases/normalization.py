"""Cases of normalizations."""

from typing import Any

from tests.ops.oracle import Case, ModuleCase, call, t

_F = "torch.nn.functional."


def _real(spelling: str, *arguments: Any, **keywords: Any) -> Case:
    """A case for torch's real kernels: those of the meta device take more."""
    return Case(spelling, arguments, keywords, real=True)


_SHAPES = ((5,), (3, 5), (3, 5, 7), (3, 5, 7, 11), (3, 5, 7, 11, 13), (3, 7, 5), (3, 7, 11, 5))

CASES = [
    *(
        case
        for sizes in _SHAPES
        for case in (
            _real(_F + "batch_norm", t(*sizes), t(5), t(5)),
            _real(_F + "batch_norm", t(*sizes), t(5), t(5), t(5), t(5)),
            _real(_F + "batch_norm", t(*sizes), t(5), t(7)),
            _real(_F + "batch_norm", t(*sizes), t(5), t(5), t(3)),
            _real("torch.batch_norm", t(*sizes), t(5), t(5), t(5), t(5), False, 0.1, 1e-5, False),
            _real(_F + "instance_norm", t(*sizes)),
            _real(_F + "instance_norm", t(*sizes), t(5), t(5), t(5), t(5)),
            _real(_F + "instance_norm", t(*sizes), weight=t(5), bias=t(5)),
            _real(_F + "group_norm", t(*sizes), 5),
            _real(_F + "group_norm", t(*sizes), 1, t(5), t(5)),
            _real(_F + "group_norm", t(*sizes), 2),
            _real(_F + "group_norm", t(*sizes), 0),
            _real("torch.group_norm", t(*sizes), 5, t(5)),
            call(_F + "local_response_norm", t(*sizes), 2),
        )
    ),
    _real("torch.instance_norm", t(3, 5, 7), t(5), t(5), None, None, True, 0.1, 1e-5, False),
    _real(_F + "instance_norm", t(3, 5, 1)),
    _real(_F + "instance_norm", t(3, 5, 1, 1)),
    _real(_F + "group_norm", t(3, 12, 7), 4),
    _real(_F + "group_norm", t(3, 12, 7), 4, t(7)),
    *(
        case
        for sizes in _SHAPES
        for name in (_F + "layer_norm", "torch.layer_norm", _F + "rms_norm", "torch.rms_norm")
        for case in (
            call(name, t(*sizes), (5,)),
            call(name, t(*sizes), [7, 5]),
            call(name, t(*sizes), (7, 11), t(7, 11)),
            call(name, t(*sizes), (5,), t(5)),
            _real(name, t(*sizes), (5,), t(7)),
            _real(name, t(*sizes), (5,), t(1, 5)),
            call(name, t(*sizes), (3, 5, 7, 11, 13, 17)),
            call(name, t(*sizes), ()),
        )
    ),
    call(_F + "layer_norm", t(3, 7, 5), (5,), t(5), t(5)),
]

_FIVE: tuple[tuple[Any, ...], ...] = ((5,),)


def _modules(name: str, made: tuple[Any, ...], **keywords: Any) -> list[ModuleCase]:
    return [ModuleCase(f"torch.nn.{name}", made, keywords, (t(*sizes),)) for sizes in _SHAPES]


MODULE_CASES = [
    *(
        case
        for kind in ("BatchNorm", "InstanceNorm")
        for axes in (1, 2, 3)
        for options in (
            {},
            {"affine": False},
            {"affine": True},
            {"track_running_stats": True},
            {"affine": False, "track_running_stats": False},
        )
        for case in (
            *_modules(f"{kind}{axes}d", (5,), **options),
            # Without a batch, what a lazy one takes depends on what it took first.
            *(
                one
                for one in _modules(f"Lazy{kind}{axes}d", (), **options)
                if kind == "BatchNorm" or len(one.inputs[0].sizes) != axes + 1
            ),
        )
    ),
    *_modules("SyncBatchNorm", (5,)),
    *_modules("SyncBatchNorm", (5,), affine=False, track_running_stats=False),
    *_modules("GroupNorm", (5, 5)),
    *_modules("GroupNorm", (1, 5), affine=False),
    *_modules("GroupNorm", (3, 5)),
    *_modules("GroupNorm", (0, 5)),
    *_modules("GroupNorm", (2, 6), affine=False),
    *_modules("LayerNorm", (5,)),
    *_modules("LayerNorm", ([7, 5],)),
    *_modules("LayerNorm", ((7, 11),), elementwise_affine=False),
    *_modules("RMSNorm", (5,)),
    *_modules("RMSNorm", ((7, 5),)),
    *_modules("LocalResponseNorm", (2,)),
    *_modules("CrossMapLRN2d", (2,)),
]

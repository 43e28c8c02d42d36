"""Names behind convolutions and their transposes."""

from tests.ops.names.harness import names
from tests.ops.oracle import T, t

_F = "torch.nn.functional"
_SPATIAL = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
_KERNEL = {1: "k", 2: "kh kw", 3: "kd kh kw"}


def _taken(axes: int, *channels: int) -> T:
    return t(*channels, *(31, 37, 41)[:axes])


def _filter(axes: int, *channels: int) -> T:
    return t(*channels, *(3,) * axes)


CASES = (
    *(
        case
        for axes in (1, 2, 3)
        for image, kernel in [(" ".join(_SPATIAL[axes]), _KERNEL[axes])]
        for name in (f"{_F}.conv{axes}d", f"torch.conv{axes}d")
        for case in (
            names(f"N C {image}, O C {kernel} -> N O {image}", name, _taken(axes, 2, 6), _filter(axes, 9, 6)),
            names(f"C {image}, O C {kernel} -> O {image}", name, _taken(axes, 6), _filter(axes, 9, 6)),
            names(f"N C {image}, O I {kernel} -> refused", name, _taken(axes, 2, 6), _filter(axes, 9, 6)),
        )
    ),
    *(
        case
        for axes in (1, 2, 3)
        for image, kernel in [(" ".join(_SPATIAL[axes]), _KERNEL[axes])]
        for name in (f"{_F}.conv_transpose{axes}d", f"torch.conv_transpose{axes}d")
        for case in (
            names(f"N C {image}, C O {kernel} -> N O {image}", name, _taken(axes, 2, 6), _filter(axes, 6, 9)),
            names(f"C {image}, C O {kernel} -> O {image}", name, _taken(axes, 6), _filter(axes, 6, 9)),
            names(f"N C {image}, I O {kernel} -> refused", name, _taken(axes, 2, 6), _filter(axes, 6, 9)),
        )
    ),
    # A weight without names gives channels without one.
    names("N C T, _ _ _ -> N _ T", f"{_F}.conv1d", t(2, 6, 31), t(9, 6, 3)),
    names("N _ T, O I k -> N O T", f"{_F}.conv1d", t(2, 6, 31), t(9, 6, 3)),
    names("N C T, C C k -> N C T", f"{_F}.conv1d", t(2, 6, 31), t(6, 6, 3)),
    names("N C T, _ _ _ -> N _ T", f"{_F}.conv_transpose1d", t(2, 6, 31), t(6, 9, 3)),
    # The bias is added to the channels.
    names("N C T, O C k, O -> N O T", f"{_F}.conv1d", t(2, 6, 31), t(9, 6, 3), t(9)),
    names("N C T, _ C k, O -> N O T", f"{_F}.conv1d", t(2, 6, 31), t(9, 6, 3), t(9)),
    names("N C T, O C k, _ -> N O T", f"{_F}.conv1d", t(2, 6, 31), t(9, 6, 3), t(9)),
    names("N C T, O C k, C -> refused", f"{_F}.conv1d", t(2, 6, 31), t(9, 6, 3), t(9)),
    # A spatial axis is the same dim, however long it gets.
    names("N C _ W, O C _ _ -> N O _ W", f"{_F}.conv2d", t(2, 6, 31, 37), t(9, 6, 3, 3), stride=2, padding=1),
    names("N C H W, O C _ _ -> N O H W", f"{_F}.conv2d", t(2, 6, 31, 37), t(9, 6, 3, 3), padding="same"),
    names("N C H W, O C _ _ -> N O H W", f"{_F}.conv2d", t(2, 6, 31, 37), t(9, 6, 1, 1)),
    names("N C H W, O C _ _ -> N O H W", f"{_F}.conv2d", t(2, 6, 31, 37), t(9, 6, 3, 3), dilation=(2, 3)),
    names("N C T, C O k -> N O T", f"{_F}.conv_transpose1d", t(2, 6, 31), t(6, 9, 3), None, 2, 1, 1),
    # A group takes some of the channels, which are another dim.
    names("N C T, O I k -> N O T", f"{_F}.conv1d", t(2, 6, 31), t(9, 2, 3), groups=3),
    names("N C T, O C k -> N O T", f"{_F}.conv1d", t(2, 6, 31), t(9, 2, 3), groups=3),
    names("N C T, C _ k -> N C T", f"{_F}.conv1d", t(2, 6, 31), t(6, 1, 3), groups=6),
    names("N C T, C O k -> N O T", f"{_F}.conv_transpose1d", t(2, 6, 31), t(6, 4, 3), groups=3),
    names("N C T, I O k -> refused", f"{_F}.conv_transpose1d", t(2, 6, 31), t(6, 4, 3), groups=3),
)

"""Axes that are merged, split, put in, and stretched, under names."""

from typing import Final

from tests.ops.names.harness import NamesCase, names
from tests.ops.oracle import t

_OWN: Final = "namedtorch.NamedTensor."

CASES: Final[tuple[NamesCase, ...]] = (
    names("N C H -> N F", f"{_OWN}flatten", t(2, 3, 5), ["C", "H"], "F"),
    names("N C H -> N F", f"{_OWN}flatten", t(2, 3, 5), "C", "H", "F"),
    names("N C H -> N F", f"{_OWN}flatten", t(2, 3, 5), start_dim=1, out_dim="F"),
    names("N C H -> N (C H)", f"{_OWN}flatten", t(2, 3, 5), ["C", "H"]),
    names("N C H -> N (C H)", f"{_OWN}flatten", t(2, 3, 5), 1),
    names("N C H -> (N C) H", f"{_OWN}flatten", t(2, 3, 5), end_dim="C"),
    names("N C H -> refused", f"{_OWN}flatten", t(2, 3, 5), ["H", "C"], "F"),
    names("N C H -> refused", f"{_OWN}flatten", t(2, 3, 5), ["C", "H"], "N"),
    names("N F -> N C H", f"{_OWN}unflatten", t(2, 6), "F", (("C", 2), ("H", 3))),
    names("N F -> N C H", f"{_OWN}unflatten", t(2, 6), 1, [["C", 2], ["H", -1]]),
    names("N F -> N _ _", f"{_OWN}unflatten", t(2, 6), "F", (2, 3)),
    names("N F -> refused", f"{_OWN}unflatten", t(2, 6), "F", (("C", 2), ("H", 4))),
    names("N C -> K N C", f"{_OWN}unsqueeze", t(2, 3), "K"),
    names("N C -> N K C", f"{_OWN}unsqueeze", t(2, 3), "C", "K"),
    names("N C -> N C K", f"{_OWN}unsqueeze", t(2, 3), -1, name="K"),
    names("N C -> N _ C", f"{_OWN}unsqueeze", t(2, 3), 1),
    names("N C -> refused", f"{_OWN}unsqueeze", t(2, 3), "C"),
    names("N C -> N C", f"{_OWN}expand", t(1, 3), N=4),
    names("N C -> _ N C", f"{_OWN}expand", t(1, 3), 5, 4, 3),
    names("N C -> refused", f"{_OWN}expand", t(2, 3), N=4),
    names("N C -> N C", f"{_OWN}repeat", t(2, 3), C=2),
    names("N C -> _ N C", f"{_OWN}repeat", t(2, 3), 2, 1, 1),
    names("N C -> refused", f"{_OWN}repeat", t(2, 3), Z=2),
    names("N C -> N C K", f"{_OWN}repeat", t(2, 3), "N C -> N C K", K=3),
    names("N H W -> N E", f"{_OWN}diagonal", t(2, 3, 5), dim1="H", dim2="W", outdim="E"),
    names("N H W -> W E", f"{_OWN}diagonal", t(2, 3, 5), 1, outdim="E"),
    names("N H W -> N _", f"{_OWN}diagonal", t(2, 3, 5), dim1=1, dim2=2),
)

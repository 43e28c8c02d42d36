"""Names that axes are given, and their order by names."""

from typing import Final

from tests.ops.names.harness import NamesCase, names
from tests.ops.oracle import t

_OWN: Final = "namedtorch.NamedTensor."

CASES: Final[tuple[NamesCase, ...]] = (
    names("N C -> B C", f"{_OWN}rename", t(2, 3), N="B"),
    names("N C -> C N", f"{_OWN}rename", t(2, 3), N="C", C="N"),
    names("N C -> a b", f"{_OWN}rename", t(2, 3), "a", "b"),
    names("N C T -> a C b", f"{_OWN}rename", t(2, 3, 5), "a ... b"),
    names("N C -> _ _", f"{_OWN}rename", t(2, 3), None),
    names("N C -> refused", f"{_OWN}rename", t(2, 3), N="C"),
    names("N C -> refused", f"{_OWN}rename", t(2, 3), Z="C"),
    names("N C -> a C", f"{_OWN}rename_", t(2, 3), ["a", "..."]),
    names("_ C -> N C", f"{_OWN}refine_names", t(2, 3), "N", "C"),
    names("_ C _ -> N C _", f"{_OWN}refine_names", t(2, 3, 5), "N ..."),
    names("N C -> refused", f"{_OWN}refine_names", t(2, 3), "N", "D"),
    names("N C T -> T N C", f"{_OWN}align_to", t(2, 3, 5), "T", "..."),
    names("N C T -> T K C N", f"{_OWN}align_to", t(2, 3, 5), "T K C N"),
    names("N _ T -> T N _", f"{_OWN}align_to", t(2, 3, 5), "T", "..."),
    names("N C T -> refused", f"{_OWN}align_to", t(2, 3, 5), "T", "C"),
    names("N C, C H N -> C H N", f"{_OWN}align_as", t(2, 3), t(5, 7, 2)),
    names("C, N _ C -> N _ C", f"{_OWN}align_as", t(3), t(5, 7, 2)),
    names("N C, N H -> refused", f"{_OWN}align_as", t(2, 3), t(2, 5)),
    names("_ C -> True", f"{_OWN}has_names", t(2, 3)),
    names("_ _ -> False", f"{_OWN}has_names", t(2, 3)),
)

"""Cases of einops, on tensors without data."""

from tests.ops.oracle import Case, ModuleCase, call, t

_REARRANGED: list[tuple[str, dict[str, int]]] = [
    ("b c h w -> b h w c", {}),
    ("b c h w -> b (c h w)", {}),
    ("b (g c) h w -> b g c h w", {"g": 3}),
    ("b (g c) h w -> b g c h w", {"g": 4}),
    ("b (g c) h w -> b g c h w", {"g": 3, "c": 2}),
    ("b (g c) h w -> b g c h w", {"g": 3, "c": 5}),
    ("b (g c) h w -> b g c h w", {}),
    ("b c (h p) (w q) -> b (h w) (p q c)", {"p": 2, "q": 5}),
    ("b c h w -> b h w", {}),
    ("b c h -> b h c", {}),
    ("b ... -> ... b", {}),
    ("b ... w -> (b w) ...", {}),
    ("b ... -> b (...)", {}),
    ("b (...) -> b ...", {}),
    ("... w -> w ... 1", {}),
    ("b c h w -> b 1 c () h w", {}),
    ("b c h w -> b c h w", {"c": 6}),
    ("b c h w -> b c h w", {"c": 7}),
    ("b c h w -> b c h w", {"z": 7}),
    ("b b h w -> b h w", {}),
    ("b c h w -> b (c h w", {}),
    ("b c h w -> b c h) w", {}),
    ("b c h w -> b ((c h) w)", {}),
    ("b c h w > b c h w", {}),
    ("b c h w", {}),
    ("_b c h w -> _b c h w", {}),
    ("b_ c h w -> b_ c h w", {}),
    ("b c-1 h w -> b c-1 h w", {}),
    ("b 6 h w -> b 6 h w", {}),
    ("b1 c_2 h w -> (b1 c_2) h w", {}),
    ("a b c d e ... -> e d c b a ...", {}),
    ("... -> ...", {}),
    ("b... -> b...", {}),
    ("b c\th w -> b c h w", {}),
]
_SHAPES = [(2, 6, 4, 10), (2, 6, 4), (2, 3, 6, 4, 10)]

CASES = [
    *(
        call("einops.rearrange", t(*shape), pattern, **sizes)
        for pattern, sizes in _REARRANGED
        for shape in _SHAPES
    ),
    call("einops.rearrange", t(2, 1, 3), "b 1 c -> b c"),
    call("einops.rearrange", t(2, 5, 3), "b 1 c -> b c"),
    call("einops.rearrange", t(2, 1, 3), "b () c -> b c"),
    call("einops.rearrange", t(2, 3), "b c -> b c", pattern="b c -> c b"),
    call("einops.rearrange", [t(2, 3), t(2, 3)], "n b c -> b (n c)"),
    call("einops.rearrange", [t(2, 3), t(2, 5)], "n b c -> b (n c)"),
    call("einops.rearrange", [t(2, 3), t(2)], "n b c -> b (n c)"),
    call("einops.rearrange", [], "n b c -> b (n c)"),
    *(
        call("einops.reduce", t(2, 6, 4, 10), pattern, reduction, **sizes)
        for reduction in ("mean", "max", "sum", "min", "prod", "median")
        for pattern, sizes in (
            ("b c h w -> b c", {}),
            ("b c h w -> b c 1 1", {}),
            ("b c (h 2) (w 5) -> b c h w", {}),
            ("b c (h 3) (w 5) -> b c h w", {}),
            ("b c (h p) (w q) -> b c h w", {"p": 2, "q": 2}),
            ("b c (h p) (w q) -> b c h w", {"p": 2}),
            ("b c h w -> b c d", {}),
            ("b c h w -> b 3", {}),
            ("b ... -> b", {}),
            ("... w -> ...", {}),
            ("b c h w ->", {}),
            ("b (2 c) h w -> c", {}),
            ("b c h w -> b c h w", {}),
        )
    ),
    *(
        call("einops.repeat", t(2, 6, 4), pattern, **sizes)
        for pattern, sizes in (
            ("c h w -> b c h w", {"b": 7}),
            ("c h w -> b c h w", {}),
            ("c h w -> c (h 2) (w 3)", {}),
            ("c h w -> c (2 h) (w p)", {"p": 5}),
            ("c h w -> c h", {}),
            ("c h w -> c h w 1", {}),
            ("c h w -> c h w 7", {}),
            ("c 6 w -> c w", {}),
            ("c 6 w -> c 6 w", {}),
            ("(c d) h w -> d h w c e", {"c": 2, "e": 3}),
            ("(c d) h w -> d h w c e", {"c": 4, "e": 3}),
            ("... -> b ...", {"b": 3}),
            ("... -> (b ...)", {"b": 3}),
            ("h w -> h w c", {"c": 3}),
        )
    ),
    *(
        call("einops.einsum", t(2, 3, 5), t(2, 7, 5), pattern)
        for pattern in (
            "b q d, b k d -> b q k",
            "b q d, b k d ->",
            "b q d, b d k -> b q k",
            "b q d, b k -> b q k",
            "b q d, b k d, e -> b q k",
            "b q d, b k d",
            "... d, b k d -> ... k",
            "... q d, ... k d -> ... q k",
            "b q d, b k d -> b q z",
            "b (q d), b k d -> b q",
            "b q d, b k d -> b q 1",
            "b q d, b k d -> b q b",
            "_ q d, _ k d -> q k",
        )
    ),
    call("einops.einsum", t(3, 3), "i i ->"),
    call("einops.einsum", t(3, 3), "i i -> i"),
    call("einops.einsum", t(3, 5), "i i -> i"),
    call("einops.einsum", "i i -> i"),
    Case("einops.pack", ([t(2, 3), t(2, 5, 3)], "b * c"), unknown=True),
    Case("einops.unpack", (t(2, 6, 3), [(1,), (5,)], "b * c"), unknown=True),
]

MODULE_CASES = [
    *(
        ModuleCase("einops.layers.torch.Rearrange", (pattern,), sizes, (t(*shape),))
        for pattern, sizes in _REARRANGED
        for shape in _SHAPES
    ),
    *(
        ModuleCase(
            "einops.layers.torch.Reduce", ("b c (h p) w -> b c h", reduction), {"p": p}, (t(2, 6, 4, 10),)
        )
        for reduction in ("mean", "max", "nothing")
        for p in (2, 3)
    ),
]

"""Names behind the patterns of einops, whose words stand for axes within the call only."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

X = t(2, 6, 4, 10)
REARRANGE, REDUCE, REPEAT = "einops.rearrange", "einops.reduce", "einops.repeat"

CASES = (
    names("N C H W -> N H W C", REARRANGE, X, "b c h w -> b h w c"),
    names("N C H W -> W C H N", REARRANGE, X, "N H W C -> C H W N"),
    names("N C H W -> N (C H W)", REARRANGE, X, "b c h w -> b (c h w)"),
    names("N _ H W -> N (_ H) W", REARRANGE, X, "b c h w -> b (c h) w"),
    names("N C H W -> N (C H) W", REARRANGE, t(2, 1, 4, 10), "b c h w -> b (c h) w"),
    names("N C H W -> N _ _ H W", REARRANGE, X, "b (g c) h w -> b g c h w", g=3),
    names("N (g c) H W -> N _ _ H W", REARRANGE, X, "b (g c) h w -> b g c h w", g=3),
    names("N (g c) H W -> N _ _ _ H W", REARRANGE, X, "b (g c d) h w -> b g c d h w", g=3, d=1),
    names("N (C H) W -> N (_ W) _", REARRANGE, t(2, 6, 5), "b (c h) w -> b (h w) c", c=2),
    names("N C H -> N _ (_ C)", REARRANGE, t(2, 6, 4), "b c (h p) -> b h (p c)", p=2),
    names("N C H W -> C H W N", REARRANGE, X, "b ... -> ... b"),
    names("N C H W -> N (C H W)", REARRANGE, X, "b ... -> b (...)"),
    names("N C H W -> N _ C H W", REARRANGE, X, "b c h w -> b 1 c h w"),
    names("N C T -> N T", REARRANGE, t(2, 1, 3), "b 1 t -> b t"),
    names("N C H W -> N C H W", REARRANGE, X, "b c h w -> b c h w", c=6),
    names("N C, N C -> N (_ C)", REARRANGE, [t(2, 3), t(2, 3)], "k b c -> b (k c)"),
    names("N _, _ C -> _ N C", REARRANGE, [t(2, 3), t(2, 3)], "k b c -> k b c"),
    names("N C, N D -> refused", REARRANGE, [t(2, 3), t(2, 3)], "k b c -> b (k c)"),
    # What is reduced in blocks is the dim with fewer places.
    names("N C H W -> N C", REDUCE, X, "b c h w -> b c", "mean"),
    names("N C H W -> N C _ _", REDUCE, X, "b c h w -> b c 1 1", "mean"),
    names("N C H W -> N C H W", REDUCE, X, "b c (h 2) (w q) -> b c h w", "max", q=5),
    names("N (g c) H W -> N _", REDUCE, X, "b (g c) h w -> b c", "max", g=3),
    names("N C H W -> N _ _", REDUCE, X, "b (g c) h w -> b g c", "max", g=3),
    # What is repeated is the dim that it was.
    names("C H W -> _ C H W", REPEAT, t(2, 6, 4), "c h w -> b c h w", b=7),
    names("C H W -> C H W", REPEAT, t(2, 6, 4), "c h w -> c (h 2) (r w)", r=3),
    names("C H W -> C (H W)", REPEAT, t(2, 6, 4), "c h w -> c (h w 2)"),
    names("C _ W -> C _ W", REPEAT, t(2, 6, 4), "c h w -> c (h 2) w"),
    names("C H W -> _ C H W", REPEAT, t(2, 6, 4), "... -> b ...", b=3),
    # Contractions.
    names("N T d, N S d -> N T S", "einops.einsum", t(2, 3, 5), t(2, 7, 5), "b q d, b k d -> b q k"),
    names("N T _, N S d -> N T S", "einops.einsum", t(2, 3, 5), t(2, 7, 5), "b q d, b k d -> b q k"),
    names("N T d, N S e -> refused", "einops.einsum", t(2, 3, 5), t(2, 7, 5), "b q d, b k d -> b q k"),
    # Packing; what the `*` stood for is no tensor.
    names("N C, N T C -> N T C, ?", "einops.pack", [t(2, 3), t(2, 5, 3)], "b * c"),
    names("N H W C -> N (H W) C, ?", "einops.pack", [t(2, 4, 5, 3)], "b * c"),
    names("N H C, N T C -> N _ C, ?", "einops.pack", [t(2, 4, 3), t(2, 5, 3)], "b * c"),
    names("N T _, _ T C -> N T C, ?", "einops.pack", [t(2, 4, 3), t(2, 5, 3)], "b * c"),
    names("N T C, N T D -> refused", "einops.pack", [t(2, 4, 3), t(2, 5, 3)], "b * c"),
    names("N C -> refused", "einops.pack", [t(2, 4)], "b c d *"),
    names("N C -> refused", "einops.pack", [t(2, 4)], "b c"),
    names("N T C -> N C, N T C", "einops.unpack", t(2, 6, 3), [(), (5,)], "b * c"),
    names("N (H W) C -> N (H W) C, N _ _ C", "einops.unpack", t(2, 9, 3), [(1,), (2, 4)], "b * c"),
    names("N C -> refused", "einops.unpack", t(2, 6), [(1,), (5,)], "b * c"),
)

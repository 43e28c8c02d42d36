"""Cases: calls of einops."""

from tests.lower.constructs.case import Code
from tests.lower.mending.module_case import Case

CASES = [
    Case(
        "`einops.rearrange`",
        'rearrange(x, "n (h d) -> h n d", h=self.heads)',
        "x.unflatten(1, (self.heads, -1)).transpose(0, 1)",
        Code(
            'y = rearrange(x, "n (h d) -> h n d", h=self.heads)\nreturn rearrange(self.linear(y * x.t()[:, :, None]), '
            '"h n d -> n (d h)") if y.dim() == 2 else rearrange(y + 1, "h n d -> n (d h)")',
            top="from einops import rearrange",
            init="self.heads = 3",
        ),
    ),
    Case(
        "`einops.reduce`",
        'einops.reduce(x, "n (h 3) -> n h", "max")',
        "x.unflatten(1, (-1, 3)).amax(2)",
        Code(
            'y = einops.reduce(x, "n (h 3) -> n h", "max")\nreturn y * einops.reduce(x, "n c -> 1 c", "mean")',
            top="import einops",
        ),
    ),
    Case(
        "`einops.repeat`",
        'repeat(x, "n c -> n (c r)", r=x.size(1))',
        "x.unsqueeze(2).expand(-1, -1, x.size(1)).flatten(1)",
        Code('return repeat(x, "n c -> n (c r)", r=x.size(1)) * 2', top="from einops import repeat"),
    ),
    Case(
        "`einops.einsum`",
        'einsum(x, self.linear.weight, "batch old, new old -> batch new")',
        "torch.einsum('bo,no->bn', x, self.linear.weight)",
        Code(
            'return einsum(x, self.linear.weight, "batch old, new old -> batch new")',
            top="from einops import einsum",
        ),
    ),
    Case(
        "`einops.rearrange` of a list",
        'rearrange([x, x + 1], "two n c -> n two c")',
        "torch.stack([x, x + 1])",
        Code(
            'both = [x * 2, x * 3]\nreturn rearrange(both, "two n c -> n (two c)").sum(1) + '
            'rearrange([x, x + 1], "two n c -> n two c").sum((1, 2))',
            top="from einops import rearrange",
        ),
    ),
    Case(
        "`...` in a pattern of einops, where an annotation tells the rank",
        'reduce(x, "n ... -> n", "sum")',
        "return x.sum(1)",
        Code('return reduce(x, "n ... -> n", "sum")', top="from einops import reduce"),
    ),
    Case(
        "`...` in front, in a pattern of einops",
        'rearrange(y, "... (h d) -> ... h d", h=3)',
        "y.unflatten(-1, (3, -1))",
        Code(
            "y = self.linear(x)\n"
            'return rearrange(y, "... (h d) -> ... h d", h=3) + reduce(y, "... h -> ... h 1", "sum")',
            top="from einops import rearrange, reduce",
        ),
    ),
    Case(
        "einops in a comprehension, an import of it inside",
        '[rearrange(row, "(h d) -> d h", h=3) for row in rows]',
        ").unflatten(0, (3, -1)).transpose(0, 1) for row in x.unbind(0)",
        Code(
            "from einops import rearrange\n"
            'rows = [rearrange(row, "(h d) -> d h", h=3) for row in x.unbind(0)]\nreturn torch.stack(rows)'
        ),
    ),
    Case(
        "einops in a function that is called, with sizes that are asserted",
        'rearrange(x, "n c -> c n", c=width)',
        "assert x.size(1) == width",
        Code(
            "return helper(x, 3)",
            top="""
            from einops import rearrange
            def helper(x: Tensor, width: int):
                return rearrange(x, "n c -> c n", c=width)
            """,
        ),
    ),
]

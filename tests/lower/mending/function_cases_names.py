"""Cases: names, parameters, arguments and assignments of functions."""

from tests.lower.constructs.case import Code
from tests.lower.mending.module_case import Case


def _helper(parameters: str, result: str, *calls: str) -> Code:
    """A function beside the model, and the sum of its calls."""
    return Code(f"return {' + '.join(calls)}", top=f"def helper({parameters}):\n    return {result}")


CASES = [
    Case("a number outside of the function", "x * BY", "x * 2.5", Code("return x * BY", top="BY = 2.5")),
    Case(
        "a value of the function around",
        "x * by",
        "x * 3",
        Code(
            top="""
            def around(by):
                def helper(x: Tensor):
                    return x * by
                return helper
            helper = around(3)
            """
        ),
    ),
    Case(
        "None outside of the function",
        "x if OFFSET is None else x + 1",
        "x if None is None else x + 1",
        Code("return x if OFFSET is None else x + 1", top="OFFSET = None"),
    ),
    Case(
        "an element of a tuple outside, by a variable",
        "SIZES[i]",
        "x * [2, 3][i]",
        Code("i = x.dim() - 1\nreturn x * SIZES[i]", top="SIZES = (2, 3)"),
    ),
    Case(
        "a list outside that nothing changes",
        "for size in SIZES:",
        "for size in [2, 3]:",
        Code("for size in SIZES:\n    x = x * size\nreturn x", top="SIZES = [2, 3]"),
    ),
    Case(
        "a dtype outside of the function",
        "x.to(KIND)",
        "x.to(torch.float64)",
        Code("return x.to(KIND)", top="KIND = torch.float64"),
    ),
    Case(
        "a number of a class",
        "x * Options.by",
        "x * 2",
        Code("return x * Options.by", top="class Options:\n    by = 2"),
    ),
    Case(
        "keyword-only parameters with defaults",
        "def helper(x: Tensor, *, by: int = 2):",
        "def helper(x: Tensor, *, by: int=2):",
        _helper("x: Tensor, *, by: int = 2", "x * by", "helper(x)", "helper(x, by=3)"),
    ),
    Case(
        "positional-only parameters",
        "def helper(x: Tensor, by: int, /):",
        "def helper(x: Tensor, by: int):",
        _helper("x: Tensor, by: int, /", "x * by", "helper(x, 3)"),
    ),
    Case(
        "a list as a default that nothing changes",
        "sizes: list[int] = [1, 2]",
        "sizes = [1, 2]",
        _helper("x: Tensor, sizes: list[int] = [1, 2]", "x * sizes[1]", "helper(x)", "helper(x, [1, 5])"),
    ),
    Case(
        "a parameter with a default and no type",
        "def helper(x, by=2):",
        "by: int=2",
        _helper("x, by=2", "x * by", "helper(x)", "helper(x, 5)"),
    ),
    Case(
        "an iterable, torch.Size, or a tuple of any length as a type",
        "sizes: Iterable[int]",
        "sizes: List[int]",
        _helper("x: Tensor, sizes: Iterable[int]", "x * sum([size for size in sizes])", "helper(x, x.shape)"),
    ),
    Case(
        "any object as a type",
        "unused: object",
        "unused: Any",
        _helper("x: Tensor, unused: object", "x * 2", "helper(x, 3)", 'helper(x, "a")'),
    ),
    Case(
        "sizes as arguments",
        "x.view(*x.shape[:-1], 1, -1)",
        "x.view(x.shape[:-1] + [1, -1])",
        Code("return x.view(*x.shape[:-1], 1, -1)"),
    ),
    Case(
        "sizes in a tuple",
        "x.reshape((*x.shape, 1))",
        "x.reshape(x.shape + [1])",
        Code("return x.reshape((*x.shape, 1))"),
    ),
    Case(
        "lists in a list",
        "[*sizes, 4]",
        "sizes + [4]",
        Code("sizes = [2, 3]\nreturn x * sum([*sizes, 4])"),
    ),
    Case(
        "a tuple of sizes",
        "sizes = tuple(x.shape)",
        "sizes = x.shape",
        Code("sizes = tuple(x.shape)\nreturn x.view(sizes)"),
    ),
    Case(
        "sizes that are compared",
        "tuple(x.shape) == (4, 3)",
        "x.shape == [4, 3]",
        Code("return x * 2 if tuple(x.shape) == (4, 3) else x"),
    ),
    Case(
        "keywords from a dict",
        "x.sum(**options)",
        "x.sum(dim=0, keepdim=True)",
        Code('options = {"dim": 0, "keepdim": True}\nreturn x.sum(**options)'),
    ),
    Case(
        "a dict in a dict",
        '{**one, "b": x}',
        "merged = one.copy()",
        Code('one = {"a": x, "b": x * 3}\ntwo = {**one, "b": x}\nreturn two["a"] + two["b"] + one["b"]'),
    ),
    Case(
        "a starred target",
        "first, *rest = x.t().unbind(0)",
        "rest = values[1:]",
        Code("first, *rest = x.t().unbind(0)\nreturn first * len(rest) + rest[1]"),
    ),
    Case(
        "a tensor unpacked",
        "a, b, c = x.t()",
        "a, b, c = x.t().unbind(0)",
        Code("a, b, c = x.t()\nreturn a + b * c"),
    ),
    Case("`:=`", "x + (y := x * 2)", "return value + y", Code("return x.exp() + (y := x * 2) + y")),
    Case(
        "`:=` in the condition of a loop",
        "while (i := i + 1) < 4:",
        "while i < 4:",
        Code("i = 0\nwhile (i := i + 1) < 4:\n    x = x + i\nreturn x"),
    ),
    Case(
        "`//=` of numbers",
        "half //= 2",
        "half = half // 2",
        Code("half = x.size(1)\nhalf //= 2\nreturn x * half"),
    ),
    Case("`@=`", "y @= x.T @ x", "y = y @ (x.T @ x)", Code("y = x * 2\ny @= x.T @ x\nreturn y")),
    Case(
        "a type in a comment",
        "sizes = [2]  # type: list[int]",
        "sizes: list[int] = [2]",
        Code("sizes = [2]  # type: list[int]\nreturn x * sizes[0]"),
    ),
    Case(
        "an annotation without a value",
        "y: Tensor",
        "y: Tensor = x * 2",
        Code("y: Tensor\ny = x * 2\nreturn y"),
    ),
    Case(
        "an empty list of numbers",
        "sizes = []",
        "sizes: list[int] = []",
        Code("sizes = []\nfor row in x.unbind(0):\n    sizes.append(row.size(0))\nreturn x * sum(sizes)"),
    ),
    Case(
        "None at first, a tensor later",
        "best = None",
        "best: Optional[Tensor] = None",
        Code(
            """
            best = None
            for row in x.unbind(0):
                if best is None or row.sum() > best.sum():
                    best = row
            return x if best is None else x * best
            """
        ),
    ),
    Case(
        "`setattr`",
        'setattr(self, "by", 3)',
        "self.by = 3",
        Code('setattr(self, "by", 3)\nreturn x * self.by', init="self.by = 2"),
    ),
]

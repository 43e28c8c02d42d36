"""Cases: builtins, and what can't be called."""

from tests.lower.constructs.case import Case, Code

_PAIR = "class Pair(NamedTuple):\n    left: Tensor\n    right: int\n"

CASES = [
    Case(
        "map",
        Code("rows = list(map(torch.relu, x.unbind(0)))  # here\nreturn rows[1]"),
        Code("rows = [torch.relu(row) for row in x.unbind(0)]\nreturn rows[1]"),
        mended=True,
    ),
    Case(
        "sort-key",
        Code("values = sorted([1, -3, 2], key=abs)  # here\nreturn x * values[0]"),
        Code("sizes = [abs(value) for value in [1, -3, 2]]\nsizes.sort()\nreturn x * sizes[0]"),
        mended=True,
    ),
    Case(
        "sorted-reverse",
        Code("values = sorted([1, 3, 2], reverse=True)  # here\nreturn x * values[0]"),
        Code("values = sorted([1, 3, 2])[::-1]\nreturn x * values[0]"),
        mended=True,
    ),
    Case(
        "reversed",
        Code("for value in reversed([1, 2]):  # here\n    x = x * value + 1\nreturn x"),
        Code("for value in [1, 2][::-1]:\n    x = x * value + 1\nreturn x"),
        mended=True,
    ),
    Case(
        "reversed",
        Code("for value in reversed(range(3)):  # here\n    x = x * value + 1\nreturn x"),
        Code("for value in range(2, -1, -1):\n    x = x * value + 1\nreturn x"),
        mended=True,
    ),
    Case(
        "set-call",
        Code("return x * len(set([1, 1, 2]))  # here"),
        Code("return x * len({value: True for value in [1, 1, 2]})"),
        mended=True,
    ),
    Case(
        "getattr",
        Code("return getattr(self, self.chosen)(x)  # here", init='self.chosen = "linear"'),
        Code(
            "for name, layer in self.table.items():\n    if name == self.chosen:\n        x = layer(x)\nreturn x",
            init='self.chosen = "linear"\nself.table = nn.ModuleDict({"linear": self.linear})',
        ),
        mended=True,
    ),
    Case(
        "setattr",
        Code('setattr(self, "calls", 1)  # here\nreturn x * self.calls', init="self.calls = 0"),
        Code("self.calls = 1\nreturn x * self.calls", init="self.calls = 0"),
        mended=True,
    ),
    Case(
        "type-call",
        Code("return x + 1 if type(x) == Tensor else x  # here"),
        Code("return x + 1 if isinstance(x, Tensor) else x"),
    ),
    Case("introspection", Code("return x if vars(self) else x + 1  # here"), Code("return x")),
    Case("introspection", Code("return x * 2 if callable(x) else x  # here"), Code("return x")),
    Case(
        "iter",
        Code("for row in iter(x.unbind(0)):  # here\n    x = x + row\nreturn x"),
        Code("for row in x.unbind(0):\n    x = x + row\nreturn x"),
        mended=True,
    ),
    Case(
        "repr",
        Code("return x * len(repr(x.dim()))  # here"),
        Code("return x * len(str(x.dim()))"),
        mended=True,
    ),
    Case(
        "input",
        Code("with open(os.devnull) as file:  # here\n    return x + len(file.read())"),
        Code("return x + len(self.text)", init="with open(os.devnull) as file:\n    self.text = file.read()"),
    ),
    Case(
        "round-digits", Code("return x * round(1.25, 1)  # here"), Code("return x * (round(1.25 * 10) / 10)")
    ),
    Case(
        "record-method",
        Code("pair = Pair(x, 2)\nreturn pair._replace(right=3).left * 2  # here", top=_PAIR),
        Code("pair = Pair(x, 2)\nreturn Pair(left=pair.left, right=3).left * 2", top=_PAIR),
    ),
    Case(
        "recursion",
        Code(
            "return helper(x, 3)",
            top="def helper(x: Tensor, n: int) -> Tensor:\n    return x if n == 0 else helper(x * 2, n - 1)  # here",
        ),
        Code(
            "return helper(x, 3)",
            top="def helper(x: Tensor, n: int) -> Tensor:\n    for _ in range(n):\n        x = x * 2\n    return x",
        ),
    ),
    Case(
        "mutual-recursion",
        Code(
            "return even(x, 3)",
            top="""
            def even(x: Tensor, n: int) -> Tensor:
                return x if n == 0 else odd(x * 2, n - 1)  # here
            def odd(x: Tensor, n: int) -> Tensor:
                return x if n == 0 else even(x + 1, n - 1)
            """,
        ),
        Code(
            "return even(x, 3)",
            top="""
            def even(x: Tensor, n: int) -> Tensor:
                for i in range(n):
                    x = x * 2 if i % 2 == 0 else x + 1
                return x
            """,
        ),
    ),
    Case(
        "partial",
        Code("return leaky(x)  # here", top="leaky = functools.partial(F.leaky_relu, negative_slope=0.2)"),
        Code("return leaky(x)", top="def leaky(x: Tensor):\n    return F.leaky_relu(x, negative_slope=0.2)"),
        mended=True,
    ),
    Case(
        "callable-object",
        Code(
            "return double(x)  # here",
            top="class Double:\n    def __call__(self, x):\n        return x * 2\ndouble = Double()",
        ),
        Code("return double(x)", top="def double(x: Tensor):\n    return x * 2"),
    ),
    Case(
        "enum-call",
        Code(
            "return x + 1 if Mode(self.mode) == Mode.SUM else x  # here",
            top="class Mode(enum.Enum):\n    SUM = 1",
            init="self.mode = 1",
        ),
        Code(
            "return x + 1 if self.mode == Mode.SUM.value else x",
            top="class Mode(enum.Enum):\n    SUM = 1",
            init="self.mode = 1",
        ),
    ),
]

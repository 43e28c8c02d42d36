"""Cases: attributes of modules."""

from tests.lower.constructs.case import Case, Code

CASES = [
    Case(
        "list-of-modules",
        Code(
            "for layer in self.layers:  # here\n    x = layer(x)\nreturn x",
            init="self.layers = [nn.ReLU(), nn.Tanh()]",
        ),
        Code(
            "for layer in self.layers:\n    x = layer(x)\nreturn x",
            init="self.layers = nn.ModuleList([nn.ReLU(), nn.Tanh()])",
        ),
    ),
    Case(
        "empty-container",
        Code("return x + len(self.sizes)  # here", init="self.sizes = []"),
        Code("return x + len(self.sizes)", members="sizes: list[int]", init="self.sizes = []"),
        mended=True,
    ),
    Case(
        "mixed-container",
        Code('return x + len(self.options["name"])  # here', init='self.options = {"name": "a", "width": 2}'),
        Code("return x + len(self.name)", init='self.name = "a"'),
        mended=True,
    ),
    Case(
        "numpy-attribute",
        Code("return x * float(self.offset[0])  # here", init="self.offset = np.ones(3, np.float32)"),
        Code(
            "return x * float(self.offset[0])",
            init='self.register_buffer("offset", torch.from_numpy(np.ones(3, np.float32)))',
        ),
    ),
    Case(
        "numpy-attribute",
        Code("return x * self.by  # here", init="self.by = np.float32(2)"),
        Code("return x * self.by", init="self.by = float(np.float32(2))"),
    ),
    Case(
        "function-attribute",
        Code("return self.act(x)  # here", init="self.act = lambda y: y * 2"),
        Code("return self.act(x)", top="def double(y: Tensor):\n    return y * 2", init="self.act = double"),
        mended=True,
    ),
    Case(
        "function-attribute",
        Code(
            "return self.act(x)  # here",
            init="self.act = functools.partial(F.leaky_relu, negative_slope=0.2)",
        ),
        Code(
            "return self.act(x)",
            top="def leaky(y: Tensor):\n    return F.leaky_relu(y, negative_slope=0.2)",
            init="self.act = leaky",
        ),
        mended=True,
    ),
    Case(
        "set-attribute",
        Code("return x + 1 if x.dim() in self.ranks else x  # here", init="self.ranks = {1, 2}"),
        Code("return x + 1 if x.dim() in self.ranks else x", init="self.ranks = [1, 2]"),
        mended=True,
    ),
    Case(
        "object-attribute",
        Code(
            "return x * self.options.by  # here",
            top="@dataclasses.dataclass\nclass Options:\n    by: int = 2",
            init="self.options = Options()",
        ),
        Code(
            "return x * self.by",
            top="@dataclasses.dataclass\nclass Options:\n    by: int = 2",
            init="self.by = Options().by",
        ),
        mended=True,
    ),
    Case(
        "value-attribute",
        Code("return x * options.by  # here", top="class Options:\n    by = 2\noptions = Options()"),
        Code(
            "return x * self.by",
            top="class Options:\n    by = 2\noptions = Options()",
            init="self.by = options.by",
        ),
    ),
    Case(
        "new-attribute",
        Code("self.last = x  # here\nreturn x"),
        Code("self.last = x\nreturn x", init="self.last = torch.zeros(0)"),
    ),
    Case(
        "missing-attribute",
        Code("return x if x.dim() == 2 else x * self.by  # here"),
        Code("return x if x.dim() == 2 else x * self.by", init="self.by = 2"),
    ),
    Case(
        "class-attribute",
        Code("return x * self.by  # here", members="by = 2"),
        Code("return x * self.by", members="by: Final[int] = 2"),
        mended=True,
    ),
    Case(
        "class-function",
        Code("return self.act(x)  # here", members="act = torch.relu"),
        Code("return self.act(x)", init="self.act = torch.relu"),
        mended=True,
    ),
    Case(
        "inherited",
        Code(
            "return x * Sizes().total()",
            top="""
            class Plain:
                def two(self) -> int:
                    return 2
            class Sizes(Plain):
                def __init__(self):
                    self.by = 3
                def total(self) -> int:
                    return self.by + self.two()  # here
            """,
        ),
        Code(
            "return x * Sizes().total()",
            top="""
            class Sizes:
                def __init__(self):
                    self.by = 3
                def two(self) -> int:
                    return 2
                def total(self) -> int:
                    return self.by + self.two()
            """,
        ),
    ),
    Case(
        "inherited-init",
        Code(
            "return x * Sizes().by  # here",
            top="""
            class Plain:
                def __init__(self):
                    self.by = 3
            class Sizes(Plain):
                pass
            """,
        ),
        Code("return x * Sizes().by", top="class Sizes:\n    def __init__(self):\n        self.by = 3"),
    ),
]

"""Cases: statements."""

from tests.lower.constructs.case import Case, Code

_LAYERS = "self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])"

CASES = [
    Case(
        "match",
        Code("match x.dim():  # here\n    case 2:\n        return x + 1\n    case _:\n        return x"),
        Code("if x.dim() == 2:\n    return x + 1\nelse:\n    return x"),
        mended=True,
    ),
    Case(
        "try",
        Code("try:  # here\n    return x.view(3, 2)\nexcept RuntimeError:\n    return x"),
        Code("if x.numel() == 6:\n    return x.view(3, 2)\nreturn x"),
    ),
    Case(
        "try",
        Code("try:  # here\n    y = x + 1\nfinally:\n    print(x.dim())\nreturn y"),
        Code("y = x + 1\nprint(x.dim())\nreturn y"),
    ),
    Case(
        "inner-function",
        Code("def inner(y):  # here\n    return y * 2\n\nreturn inner(x)"),
        Code(top="def helper(y: Tensor) -> Tensor:\n    return y * 2"),
        mended=True,
    ),
    Case(
        "inner-class",
        Code("class Two:  # here\n    by = 2\n\nreturn x * Two.by"),
        Code(top="class Two:\n    def __init__(self):\n        self.by = 2", body="return x * Two().by"),
    ),
    Case(
        "no-plain-function",
        Code(top="helper = lambda x: x * 2  # here"),
        Code(top="def helper(x: Tensor):\n    return x * 2"),
        mended=True,
    ),
    Case("import", Code("import math  # here\nreturn x * math.pi"), Code("return x * math.pi"), mended=True),
    Case("import", Code("from math import pi  # here\nreturn x * 2"), Code("return x * 2"), mended=True),
    Case(
        "global",
        Code("global calls  # here\ncalls += 1\nreturn x * calls", top="calls = 0"),
        Code("self.calls += 1\nreturn x * self.calls", init="self.calls = 0"),
    ),
    Case(
        "nonlocal",
        Code(
            top="""
            def counted():
                calls = 0
                def count(x: Tensor):
                    nonlocal calls  # here
                    calls += 1
                    return x * calls
                return count
            helper = counted()
            """
        ),
        Code("self.calls += 1\nreturn x * self.calls", init="self.calls = 0"),
    ),
    Case(
        "loop-else",
        Code("for i in range(3):  # here\n    if i > 5:\n        break\nelse:\n    x = x + 1\nreturn x"),
        Code(
            "ended = True\nfor i in range(3):\n    if i > 5:\n        ended = False\n        break\n"
            "if ended:\n    x = x + 1\nreturn x"
        ),
        mended=True,
    ),
    Case(
        "loop-else",
        Code("i = 0\nwhile i < 3:  # here\n    i += 1\nelse:\n    x = x + 1\nreturn x"),
        Code("i = 0\nwhile i < 3:\n    i += 1\nx = x + 1\nreturn x"),
        mended=True,
    ),
    Case(
        "unrolled-exit",
        Code(
            "for layer in self.layers:\n    if x.dim() == 3:\n        break  # here\n    x = layer(x)\nreturn x",
            init=_LAYERS,
        ),
        Code("for layer in self.layers:\n    if x.dim() != 3:\n        x = layer(x)\nreturn x", init=_LAYERS),
        mended=True,
    ),
    Case(
        "unrolled-exit",
        Code(
            """
            for i, layer in enumerate(self.layers):
                if i == 1:
                    continue  # here
                x = layer(x)
            return x
            """,
            init=_LAYERS,
        ),
        Code(
            "for i, layer in enumerate(self.layers):\n    if i != 1:\n        x = layer(x)\nreturn x",
            init=_LAYERS,
        ),
        mended=True,
    ),
    Case(
        "delete-attribute",
        Code("y = x * self.by\ndel self.by  # here\nreturn y", init="self.by = 2"),
        Code("y = x * self.by\nreturn y", init="self.by = 2"),
    ),
    Case(
        "bare-raise",
        Code("if x.dim() != 2:\n    raise  # here\nreturn x"),
        Code('if x.dim() != 2:\n    raise ValueError("no matrix")\nreturn x'),
    ),
    Case(
        "annotation-alone",
        Code("y: Tensor  # here\ny = x * 2\nreturn y"),
        Code("y: Tensor = x * 2\nreturn y"),
        mended=True,
    ),
    Case(
        "annotated-attribute",
        Code("self.calls: int = 1  # here\nreturn x * self.calls", init="self.calls = 0"),
        Code("self.calls = 1\nreturn x * self.calls", init="self.calls: int = 0"),
        mended=True,
    ),
    Case(
        "augmented-operator",
        Code("half = x.size(0)\nhalf //= 2  # here\nreturn x * half"),
        Code("half = x.size(0)\nhalf = half // 2\nreturn x * half"),
        mended=True,
    ),
    Case(
        "augmented-operator",
        Code("x @= x.T @ x  # here\nreturn x"),
        Code("x = x @ (x.T @ x)\nreturn x"),
        mended=True,
    ),
    Case(
        "slice-of-list",
        Code("sizes = [1, 2, 3]\nsizes[:1] = [4]  # here\nreturn x * sizes[0]"),
        Code("sizes = [1, 2, 3]\nsizes = [4] + sizes[1:]\nreturn x * sizes[0]"),
    ),
    Case(
        "context",
        Code("with contextlib.nullcontext():  # here\n    x = x * 2\nreturn x"),
        Code("x = x * 2\nreturn x"),
        mended=True,
    ),
    Case(
        "unknown-context",
        Code('with torch.device("cpu"):  # here\n    x = x * 2\nreturn x'),
        Code("x = x * 2\nreturn x"),
    ),
    Case(
        "type-comment",
        Code("sizes = [2]  # type: list[int]  # here\nreturn x * sizes[0]"),
        Code("sizes: list[int] = [2]\nreturn x * sizes[0]"),
        mended=True,
    ),
]

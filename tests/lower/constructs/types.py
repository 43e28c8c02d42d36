"""Cases: types."""

from tests.lower.constructs.case import Case, Code

_PAIR = "class Pair(NamedTuple):\n    left: Tensor\n    right: int\n"

CASES = [
    Case(
        "callable-type",
        Code(
            "return helper(torch.relu, x)",
            top="def helper(act: Callable[[Tensor], Tensor], x: Tensor):  # here\n    return act(x)",
        ),
        Code(top="def helper(x: Tensor):\n    return torch.relu(x)"),
    ),
    Case(
        "set-type",
        Code(top="def helper(x: Tensor, ranks: Optional[set[int]] = None):  # here\n    return x"),
        Code(top="def helper(x: Tensor, ranks: Optional[list[int]] = None):\n    return x"),
    ),
    Case(
        "any-length",
        Code("sizes: tuple[int, ...] = (2, 3)  # here\nreturn x * sizes[0]"),
        Code("sizes: list[int] = [2, 3]\nreturn x * sizes[0]"),
        mended=True,
    ),
    Case(
        "iterable-type",
        Code(
            "return helper(x, [1, 2])",
            top="def helper(x: Tensor, by: Iterable[int]):  # here\n    return x * sum(by)",
        ),
        Code("return helper(x, [1, 2])", top="def helper(x: Tensor, by: list[int]):\n    return x * sum(by)"),
        mended=True,
    ),
    Case(
        "module-type",
        Code(
            top="""
            def helper(x: Tensor, layer: Optional[nn.Module] = None):  # here
                return x if layer is None else layer(x)
            """
        ),
        Code("return x"),
    ),
    Case(
        "type-variable",
        Code(top='T = TypeVar("T")\ndef helper(x: T):  # here\n    return x'),
        Code(top="def helper(x: Tensor):\n    return x"),
    ),
    Case(
        "array-type",
        Code(top="def helper(x: Tensor, offset: Optional[np.ndarray] = None):  # here\n    return x"),
        Code(top="def helper(x: Tensor, offset: Optional[Tensor] = None):\n    return x"),
    ),
    Case(
        "size-type",
        Code(
            "return helper(x, x.shape)",
            top="def helper(x: Tensor, size: torch.Size):  # here\n    return x.view(size)",
        ),
        Code(
            "return helper(x, x.shape)",
            top="def helper(x: Tensor, size: list[int]):\n    return x.view(size)",
        ),
        mended=True,
    ),
    Case(
        "plain-dict",
        Code('return helper({"x": x})', top='def helper(inputs: dict):  # here\n    return inputs["x"]'),
        Code('return helper({"x": x})', top='def helper(inputs: dict[str, Tensor]):\n    return inputs["x"]'),
    ),
    Case(
        "object-type",
        Code("return helper(x, 1)", top="def helper(x: Tensor, unused: object):  # here\n    return x"),
        Code("return helper(x, 1)", top="def helper(x: Tensor, unused: Any):\n    return x"),
        mended=True,
    ),
    Case(
        "bytes-type",
        Code(top="def helper(x: Tensor, name: Optional[bytes] = None):  # here\n    return x"),
        Code(top="def helper(x: Tensor, name: Optional[str] = None):\n    return x"),
    ),
    Case(
        "class-type",
        Code(top="def helper(x: Tensor, kind: Optional[type[int]] = None):  # here\n    return x"),
        Code(top="def helper(x: Tensor, kind: Optional[str] = None):\n    return x"),
    ),
    Case(
        "local-constant",
        Code("by: Final = 2  # here\nreturn x * by"),
        Code("by = 2\nreturn x * by"),
        mended=True,
    ),
    Case(
        "dataclass-type",
        Code(
            "return x",
            top="@dataclasses.dataclass\nclass Pair:\n    left: Tensor\n    right: int",
            members="@torch.jit.export\ndef total(self, pair: Pair) -> Tensor:  # here\n    return pair.left",
        ),
        Code(
            "return x",
            top=_PAIR,
            members="@torch.jit.export\ndef total(self, pair: Pair) -> Tensor:\n    return pair.left",
        ),
    ),
    Case(
        "dataclass",
        Code(
            "return Pair(x, 2).left  # here",
            top="@dataclasses.dataclass\nclass Pair:\n    left: Tensor\n    right: int",
        ),
        Code("return Pair(x, 2).left", top=_PAIR),
    ),
    Case(
        "unknown-type",
        Code("return x if isinstance(x, np.ndarray) else x + 1  # here"),
        Code("return x + 1"),
    ),
    Case(
        "dict-key",
        Code(
            "return helper(x)",
            top="def helper(x: Tensor, by: Optional[dict[tuple[int, int], int]] = None):  # here\n    return x",
        ),
        Code(
            "return helper(x)",
            top="def helper(x: Tensor, by: Optional[dict[int, int]] = None):\n    return x",
        ),
    ),
    Case(
        "not-annotated",
        Code("return helper(x, 2)  # here", top="def helper(x, by):\n    return x * by"),
        Code("return helper(x, 2)", top="def helper(x, by: int):\n    return x * by"),
    ),
    Case(
        "not-annotated",
        Code("return helper([x, x])", top="def helper(xs):\n    return torch.stack(xs)  # here"),
        Code("return helper([x, x])", top="def helper(xs: list[Tensor]):\n    return torch.stack(xs)"),
    ),
    Case(
        "not-annotated",
        Code("return helper(x)", top="def helper(x, by=2):  # here\n    return x * by"),
        Code("return helper(x)", top="def helper(x, by: int = 2):\n    return x * by"),
        mended=True,
    ),
    Case(
        "default-type",
        Code("return helper(x)", top="def helper(x: Tensor, by: int = 1.5):  # here\n    return x * by"),
        Code("return helper(x)", top="def helper(x: Tensor, by: float = 1.5):\n    return x * by"),
    ),
    Case(
        "optional-attribute",
        Code(
            "if self.offset is not None:\n    x = x + self.offset  # here\nreturn x",
            members="offset: Optional[Tensor]",
            init="self.offset = torch.ones(3)",
        ),
        Code(
            "offset = self.offset\nif offset is not None:\n    x = x + offset\nreturn x",
            members="offset: Optional[Tensor]",
            init="self.offset = torch.ones(3)",
        ),
        mended=True,
    ),
    Case(
        "optional-truth",
        Code(
            top="""
            def helper(x: Tensor, sizes: Optional[list[int]] = None):
                return x * sizes[0] if sizes else x  # here
            """
        ),
        Code(
            top="def helper(x: Tensor, sizes: Optional[list[int]] = None):\n"
            "    return x * sizes[0] if sizes is not None else x"
        ),
        mended=True,
    ),
    Case(
        "sum-of-tensors",
        Code("return sum([x, x])  # here"),
        Code("return torch.stack([x, x]).sum(0)"),
        mended=True,
    ),
    Case(
        "empty-list",
        Code("sizes = []\nsizes.append(2)  # here\nreturn x * sizes[0]"),
        Code("sizes: list[int] = []\nsizes.append(2)\nreturn x * sizes[0]"),
        mended=True,
    ),
    Case(
        "changed-type",
        Code("total = 0\nfor _ in range(3):\n    total = total + 0.5  # here\nreturn x * total"),
        Code("total = 0.0\nfor _ in range(3):\n    total = total + 0.5\nreturn x * total"),
    ),
    Case(
        "changed-type",
        Code(
            "last = None\nfor row in x.unbind(0):\n    last = row  # here\nreturn x if last is None else last"
        ),
        Code(
            "last: Optional[Tensor] = None\nfor row in x.unbind(0):\n    last = row\nreturn x if last is None else last"
        ),
        mended=True,
    ),
    Case(
        "two-types",
        Code("by = 2 if x.dim() == 2 else 0.5  # here\nreturn x * by"),
        Code("by = 2.0 if x.dim() == 2 else 0.5\nreturn x * by"),
    ),
    Case(
        "returned-types",
        Code("if x.dim() == 2:\n    return x\nreturn 1.5  # here"),
        Code("if x.dim() == 2:\n    return x\nreturn torch.tensor(1.5)"),
    ),
    Case(
        "one-branch",
        Code("if x.dim() == 2:  # here\n    y = x * 2\nreturn y"),
        Code("y = x\nif x.dim() == 2:\n    y = x * 2\nreturn y"),
    ),
    Case(
        "unset",
        Code("for i in range(3):\n    last = i\nreturn x * last  # here"),
        Code("last = 0\nfor i in range(3):\n    last = i\nreturn x * last"),
    ),
    Case(
        "attribute-type",
        Code("self.last = x  # here\nreturn x", init="self.last = None"),
        Code("self.last = x\nreturn x", members="last: Optional[Tensor]", init="self.last = None"),
        mended=True,
    ),
    Case(
        "tensor-unpacked",
        Code("a, b = x  # here\nreturn a + b"),
        Code("a, b = x.unbind(0)\nreturn a + b"),
        mended=True,
    ),
    Case(
        "index-type",
        Code("place = (0, 1)\nreturn x[place]  # here"),
        Code("place = (0, 1)\nreturn x[place[0], place[1]]"),
    ),
    Case(
        "function-value",
        Code("act = torch.relu if x.dim() == 2 else torch.tanh  # here\nreturn act(x)"),
        Code("return torch.relu(x) if x.dim() == 2 else torch.tanh(x)"),
        mended=True,
    ),
    Case(
        "class-as-value",
        Code("found = collections.defaultdict(list)  # here\nreturn x + len(found)"),
        Code("found: dict[str, Tensor] = {}\nreturn x + len(found)"),
    ),
    Case(
        "no-operator",
        Code("return x * torch.get_num_threads()  # here"),
        Code("return x * self.threads", init="self.threads = torch.get_num_threads()"),
    ),
    Case(
        "no-method",
        Code('return x * len("a-b".removeprefix("a"))  # here'),
        Code('return x * len("a-b"[1:])'),
        mended=True,
    ),
    Case("no-method", Code("return x + x.new_tensor([1.0])  # here"), Code("return x + torch.tensor([1.0])")),
    Case(
        "python-builtin",
        Code("return x * 2 if gc.isenabled() else x  # here"),
        Code("return x * 2 if self.collects else x", init="self.collects = gc.isenabled()"),
    ),
]

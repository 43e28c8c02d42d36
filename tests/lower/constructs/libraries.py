"""Cases: NumPy, Python's library, and torch's Python."""

from tests.lower.constructs.case import Case, Code

CASES = [
    Case("numpy", Code("return x * np.sqrt(4.0)  # here"), Code("return x * math.sqrt(4.0)"), mended=True),
    Case("numpy", Code("return x * np.prod(x.shape)  # here"), Code("return x * x.numel()"), mended=True),
    Case(
        "numpy",
        Code("return x + torch.from_numpy(np.ones(3, np.float32))  # here"),
        Code("return x + torch.ones(3)"),
    ),
    Case(
        "numpy-method", Code("return x * float(x.numpy().sum())  # here"), Code("return x * float(x.sum())")
    ),
    Case(
        "tolist",
        Code("values = x.tolist()  # here\nreturn x * values[0][1]"),
        Code("values: list[list[float]] = x.tolist()\nreturn x * values[0][1]"),
    ),
    Case(
        "random",
        Code("return x * random.random()  # here"),
        Code("return x * torch.rand(1).item()"),
        same=False,
    ),
    Case(
        "random",
        Code("return x * random.randint(0, 4)  # here"),
        Code("return x * torch.randint(0, 5, (1,)).item()"),
        same=False,
    ),
    Case("time", Code("start = time.perf_counter()  # here\nreturn x * 2"), Code("return x * 2")),
    Case(
        "system",
        Code('return x if os.environ.get("FAST") else x + 1  # here'),
        Code("return x if self.fast else x + 1", init='self.fast = bool(os.environ.get("FAST"))'),
    ),
    Case(
        "system",
        Code('path = os.path.join("a", "b")  # here\nreturn x'),
        Code("return x", init='self.path = os.path.join("a", "b")'),
    ),
    Case(
        "logging",
        Code(
            'logger.debug("rank %d", x.dim())  # here\nreturn x', top="logger = logging.getLogger(__name__)"
        ),
        Code('print("rank", x.dim())\nreturn x'),
        mended=True,
    ),
    Case("copy", Code("return copy.deepcopy(x) + x  # here"), Code("return x.clone() + x")),
    Case(
        "iterator",
        Code("for a, b in itertools.product([1, 2], [3]):  # here\n    x = x * a + b\nreturn x"),
        Code("for a in [1, 2]:\n    for b in [3]:\n        x = x * a + b\nreturn x"),
        mended=True,
    ),
    Case(
        "reduce",
        Code("return functools.reduce(torch.add, [x, x, x])  # here"),
        Code("total = torch.zeros_like(x)\nfor one in [x, x, x]:\n    total = total + one\nreturn total"),
        mended=True,
    ),
    Case(
        "library",
        Code("return x * len(json.dumps([1]))  # here"),
        Code("return x * self.length", init="self.length = len(json.dumps([1]))"),
    ),
    Case(
        "einops",
        Code(
            'return rearrange(self.linear(x), "... c -> c ...")  # here', top="from einops import rearrange"
        ),
        Code('return rearrange(self.linear(x), "n c -> c n")', top="from einops import rearrange"),
    ),
    Case(
        "math",
        Code("return x * math.prod(x.shape)  # here"),
        Code("total = 1\nfor size in x.shape:\n    total = total * size\nreturn x * total"),
        mended=True,
    ),
    Case(
        "math",
        Code("return x * math.log2(8.0)  # here"),
        Code("return x * (math.log(8.0) / math.log(2.0))"),
        mended=True,
    ),
    Case(
        "dtype-property",
        Code("return x + 1 if x.dtype.is_floating_point else x  # here"),
        Code("return x + 1 if x.is_floating_point() else x"),
        mended=True,
    ),
    Case(
        "shape-numel", Code("return x * x.shape.numel()  # here"), Code("return x * x.numel()"), mended=True
    ),
    Case(
        "torch-number",
        Code("return x.clamp(min=torch.finfo(torch.float32).min)  # here"),
        Code("return x.clamp(min=self.lowest)", init="self.lowest = torch.finfo(torch.float32).min"),
        mended=True,
    ),
    Case(
        "torch-tensor-class",
        Code("return x + torch.Tensor([1.0])  # here"),
        Code("return x + torch.tensor([1.0])"),
    ),
    Case(
        "is-tensor",
        Code("return x + 1 if torch.is_tensor(x) else x  # here"),
        Code("return x + 1 if isinstance(x, Tensor) else x"),
        mended=True,
    ),
    Case(
        "grad-mode",
        Code("with torch.inference_mode():  # here\n    x = x * 2\nreturn x"),
        Code("with torch.no_grad():\n    x = x * 2\nreturn x"),
    ),
    Case(
        "checkpoint",
        Code("return checkpoint(self.linear, x, use_reentrant=False)  # here"),
        Code(
            """
            if torch.jit.is_scripting():
                return self.linear(x)
            else:
                return checkpoint(self.linear, x, use_reentrant=False)
            """
        ),
        mended=True,
    ),
    Case("library-function", Code("return torch.vmap(torch.relu)(x)  # here"), Code("return torch.relu(x)")),
    Case(
        "library-function",
        Code("self.rnn.flatten_parameters()  # here\nreturn self.rnn(x)[0]", init="self.rnn = nn.LSTM(3, 2)"),
        Code("return self.rnn(x)[0]", init="self.rnn = nn.LSTM(3, 2)"),
    ),
]

"""Cases: expressions, statements and calls of functions."""

from tests.lower.constructs.case import Code
from tests.lower.mending.module_case import Case

CASES = [
    Case(
        "a comprehension with `if`",
        "[row for row in x.unbind(0) if row.sum() > 9]",
        "if row2.sum() > -9:",
        Code("row = x\nrows = [row for row in x.unbind(0) if row.sum() > -9]\nreturn rows[0] + row"),
    ),
    Case(
        "a comprehension with several `for`",
        "[a * b for a in x.unbind(1) for b in x.unbind(1)]",
        "for b in",
        Code("return sum([a * b for a in x.unbind(1) for b in x.unbind(1)])"),
    ),
    Case(
        "a dict by a comprehension with `if`",
        "{i: row for i, row in enumerate(rows) if i > 0}",
        "rows[i] = row",
        Code("rows = {i: row for i, row in enumerate(x.unbind(1)) if i > 0}\nreturn rows[1] + len(rows)"),
    ),
    Case(
        "a set of constants",
        "x.dim() in {1, 2}",
        "x.dim() in [1, 2]",
        Code("return x if x.dim() in {1, 2} else x + 1"),
    ),
    Case(
        "a set that is only asked",
        "seen = set(sizes)",
        "{each: True for each in",
        Code(
            "seen = {row.size(0) for row in x.unbind(0)}\nreturn x * len(seen) if 3 in seen else x * len(set([1, 1]))"
        ),
    ),
    Case(
        "a lambda in a variable",
        "double = lambda y: y * 2",
        "return value + given * by",
        Code("by = 2\ndouble = lambda y: y * by\nreturn double(x) + double(x + 1)"),
    ),
    Case(
        "a lambda outside of the function",
        "double = lambda y: y * 2",
        "def double(y):",
        Code("return double(x)", top="double = lambda y: y * 2"),
    ),
    Case(
        "a function inside of a function",
        "def inner(y): ...",
        "z2 = y2 * 2",
        Code(
            "by = 3\ndef inner(y):\n    z = y * 2\n    return self.linear(z) * by\nreturn inner(x) + inner(x + 1)"
        ),
    ),
    Case(
        "a function inside that returns in a branch",
        "def inner(y): ...",
        "def inner(y, *, by: int):",
        Code(
            """
            by = 3
            def inner(y):
                if y.sum() > 0:
                    return y * by
                return y
            return inner(x) + inner(-x)
            """
        ),
    ),
    Case(
        "a choice of functions",
        "act = torch.relu if x.dim() == 2 else torch.tanh",
        "torch.relu(x) if act_chosen else torch.tanh(x)",
        Code("act = torch.relu if x.dim() == 2 else torch.tanh\nreturn act(x)"),
    ),
    Case(
        "a partial",
        "leaky(x)",
        "leaky_relu(x, negative_slope=0.2)",
        Code("return leaky(x)", top="leaky = functools.partial(F.leaky_relu, negative_slope=0.2)"),
    ),
    Case("`+x`", "+x", "return x", Code("return +x")),
    Case(
        "`or` of values",
        "sizes = sizes or [2]",
        "if sizes is not None and len(sizes) > 0 else [2]",
        Code(
            "return helper(x, None) + helper(x, []) + helper(x, [5])",
            top="""
            def helper(x: Tensor, sizes: Optional[list[int]]):
                sizes = sizes or [2]
                return x * sizes[0]
            """,
        ),
    ),
    Case(
        "an Optional as a condition",
        "if not by:",
        "if not (by is not None and by != 0):",
        Code(
            "return helper(x, None) + helper(x, 0) + helper(x, 3)",
            top="""
            def helper(x: Tensor, by: Optional[int]):
                if not by:
                    return x
                return x * by
            """,
        ),
    ),
    Case(
        "formats in an f-string",
        'f"{n:03d} {n!r} {n=}"',
        "zero_filled(n, 3)",
        Code('n = x.dim() - 5\nreturn x * len(f"{n:03d} {n!r} {n=} {n:>6}")'),
    ),
    Case(
        "a format in the message of an error",
        'f"{x.sum():.2f}"',
        "{x.sum()}",
        Code('if x.dim() != 2:\n    raise ValueError(f"{x.sum():.2f}")\nreturn x'),
    ),
    Case(
        "`print` with `sep`",
        'print(n, 2, sep=", ")',
        "print(f'{n}, {2}')",
        Code('n = x.dim()\nprint(n, 2, sep=", ")\nreturn x'),
    ),
    Case(
        "`match` of numbers and texts",
        "match x.dim():",
        "elif subject == 2:",
        Code(
            """
            match x.dim():
                case 1 | 3:
                    y = x
                case 2:
                    y = x + 1
                case n:
                    y = x * n
            return y
            """
        ),
    ),
    Case(
        "`else` behind a loop",
        "for ... else:",
        "if ended:",
        Code("for i in range(3):\n    if x.size(0) == i:\n        break\nelse:\n    x = x + 1\nreturn x"),
    ),
    Case(
        "`nullcontext`",
        "with contextlib.nullcontext():",
        "    x = x * 2\n    return x",
        Code("with contextlib.nullcontext():\n    x = x * 2\nreturn x"),
    ),
    Case("an import inside", "import math", "x * math.pi", Code("import math\nreturn x * math.pi")),
    Case(
        "a message to a log (left out)",
        'logger.debug("rank %d", x.dim())',
        "    return x * 2",
        Code('logger.debug("rank %d", x.dim())\nreturn x * 2', top="logger = logging.getLogger(__name__)"),
    ),
    Case(
        "`map`",
        "list(map(torch.relu, rows))",
        "[torch.relu(each) for each in",
        Code("rows = list(map(torch.relu, x.unbind(0)))\nreturn rows[0]"),
    ),
    Case(
        "`filter`",
        "list(filter(lambda row: ..., rows))",
        "if each.sum() > -9:",
        Code("rows = list(filter(lambda row: row.sum() > -9, x.unbind(0)))\nreturn rows[0]"),
    ),
    Case(
        "`sorted` by a key",
        "sorted(values, key=abs)",
        "enumerate(values",
        Code(
            "values = sorted([3, -1, 1, 2], key=abs, reverse=True)\nreturn x * values[0] + values[1] + values[2] * 10"
        ),
    ),
    Case(
        "`sorted` the other way",
        "sorted(values, reverse=True)",
        "[::-1]",
        Code("values = sorted([3, 1, 2], reverse=True)\nreturn x * values[0]"),
    ),
    Case(
        "`reversed`",
        "reversed(range(3))",
        "range(3 - 1, -1, -1)",
        Code("for i in reversed(range(3)):\n    x = x * i + 1\nreturn x"),
    ),
    Case(
        "`iter` and `next`",
        "next(iter(rows))",
        "rows[0]",
        Code("rows = x.unbind(0)\nreturn next(iter(rows))"),
    ),
    Case(
        "`itertools.product`",
        "for a, b in itertools.product([1, 2], [3]):",
        "for b in values",
        Code("for a, b in itertools.product([1, 2], [3]):\n    x = x * a + b\nreturn x"),
    ),
    Case(
        "`functools.reduce`",
        "functools.reduce(torch.mul, x.unbind(1))",
        "total = torch.mul(total, each)",
        Code("return functools.reduce(torch.mul, x.unbind(1))"),
    ),
    Case(
        "`sum` of tensors", "sum(x.unbind(1))", "sum_of_tensors(x.unbind(1))", Code("return sum(x.unbind(1))")
    ),
    Case(
        "`math.prod`", "math.prod(x.shape)", "product_of_ints(x.shape)", Code("return x * math.prod(x.shape)")
    ),
    Case("numbers by NumPy", "np.sqrt(4.0)", "x * 2.0", Code("return x * np.sqrt(4.0)")),
    Case(
        "`copy` of numbers",
        "copy.copy(sizes)",
        "list(sizes)",
        Code("sizes = [1, 2]\nreturn x * copy.copy(sizes)[1]"),
    ),
    Case("`repr` of a number", "repr(x.dim())", "str(x.dim())", Code("return x * len(repr(x.dim()))")),
    Case(
        "`type(n) == int`",
        "type(n) == int",
        "isinstance(n, int)",
        Code("n = x.dim()\nreturn x if type(n) == int else x + 1"),
    ),
    Case(
        "methods of texts",
        '"a-b".removeprefix("a")',
        "without_prefix(",
        Code('return x * len("a-b".removeprefix("a"))'),
    ),
    Case(
        "properties of dtypes",
        "x.dtype.is_floating_point",
        "x.is_floating_point()",
        Code("return x + 1 if x.dtype.is_floating_point else x"),
    ),
    Case("`x.shape.numel()`", "x.shape.numel()", "x.numel()", Code("return x * x.shape.numel()")),
    Case(
        "limits of the dtype of a tensor",
        "torch.finfo(x.dtype).min",
        "smallest_float(x.dtype)",
        Code("return x.masked_fill(x > 0, torch.finfo(x.dtype).min)"),
    ),
    Case(
        "`torch.is_tensor`",
        "torch.is_tensor(x)",
        "isinstance(x, Tensor)",
        Code("return x + 1 if torch.is_tensor(x) else x"),
    ),
    Case(
        "`checkpoint`",
        "checkpoint(self.linear, x, use_reentrant=False)",
        "self.linear(x)",
        Code("return checkpoint(self.linear, x, use_reentrant=False)"),
    ),
    Case(
        "defaults of methods of Python's",
        "x.norm(dim=1)",
        "torch.norm(x, dim=1)",
        Code("return x.norm(dim=1)"),
    ),
]

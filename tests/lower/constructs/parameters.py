"""Cases: parameters, arguments, and lists of unknown length."""

from tests.lower.constructs.case import Case, Code

CASES = [
    Case(
        "star-parameter",
        Code(
            top="def helper(x: Tensor, *more: Tensor):  # here\n    return x + len(more)",
            body="return helper(x, x)",
        ),
        Code(
            top="def helper(x: Tensor, more: list[Tensor]):\n    return x + len(more)",
            body="return helper(x, [x])",
        ),
    ),
    Case(
        "double-star-parameter",
        Code(
            top="def helper(x: Tensor, **more: Tensor):  # here\n    return x + len(more)",
            body="return helper(x, y=x)",
        ),
        Code(
            top="def helper(x: Tensor, more: dict[str, Tensor]):\n    return x + len(more)",
            body='return helper(x, {"y": x})',
        ),
    ),
    Case(
        "keyword-only-default",
        Code(
            top="def helper(x: Tensor, *, by: int = 2):  # here\n    return x * by",
            body="return helper(x, by=3)",
        ),
        Code(top="def helper(x: Tensor, *, by: int):\n    return x * by", body="return helper(x, by=3)"),
        mended=True,
    ),
    Case(
        "positional-only",
        Code(top="def helper(x: Tensor, by: int, /):  # here\n    return x * by", body="return helper(x, 3)"),
        Code(top="def helper(x: Tensor, by: int):\n    return x * by", body="return helper(x, 3)"),
        mended=True,
    ),
    Case(
        "mutable-default",
        Code(top="def helper(x: Tensor, sizes: list[int] = [1, 2]):  # here\n    return x * sizes[0]"),
        Code(
            top="""
            def helper(x: Tensor, sizes: Optional[list[int]] = None):
                if sizes is None:
                    sizes = [1, 2]
                return x * sizes[0]
            """
        ),
        mended=True,
    ),
    Case(
        "star-argument",
        Code("return x.new_zeros(*x.shape)  # here"),
        Code("return x.new_zeros(x.shape)"),
        mended=True,
    ),
    Case(
        "star-argument",
        Code("return torch.ones(*x.size())  # here"),
        Code("return torch.ones(x.size())"),
        mended=True,
    ),
    Case(
        "star-target",
        Code("first, *rest = x.unbind(0)  # here\nreturn first + len(rest)"),
        Code("rows = x.unbind(0)\nfirst, rest = rows[0], rows[1:]\nreturn first + len(rest)"),
        mended=True,
    ),
    Case(
        "tuple-of-list",
        Code("sizes = tuple(x.shape)  # here\nreturn x.view(sizes)"),
        Code("return x.view(x.shape)"),
        mended=True,
    ),
    Case(
        "zip-star",
        Code("pairs = [[1, 2], [3, 4]]\nfor a, b in zip(*pairs):  # here\n    x = x * a + b\nreturn x"),
        Code("pairs = [[1, 2], [3, 4]]\nfor a, b in zip(pairs[0], pairs[1]):\n    x = x * a + b\nreturn x"),
    ),
    Case(
        "list-length",
        Code("sizes = [1, 1]\nreturn x.repeat(*sizes)  # here"),
        Code("sizes = [1, 1]\nreturn x.repeat(sizes)"),
        mended=True,
    ),
    Case(
        "keyword-expansion",
        Code('options = {"dim": 0}\nreturn x.sum(**options)  # here'),
        Code("return x.sum(dim=0)"),
        mended=True,
    ),
    Case(
        "dict-expansion",
        Code('one = {"a": x}\ntwo = {**one, "b": x}  # here\nreturn two["a"]'),
        Code('one = {"a": x}\ntwo = {"b": x}\ntwo.update(one)\nreturn two["a"]'),
        mended=True,
    ),
    Case(
        "dict-expansion",
        Code('one = {"a": x}\ntwo = {"b": x, **one}  # here\nreturn two["a"]'),
        Code('one = {"a": x}\ntwo = {"b": x}\ntwo.update(one)\nreturn two["a"]'),
        mended=True,
    ),
]

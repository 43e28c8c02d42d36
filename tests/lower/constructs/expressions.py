"""Cases: expressions."""

from tests.lower.constructs.case import Case, Code

CASES = [
    Case("walrus", Code("return x + (y := x * 2)  # here"), Code("y = x * 2\nreturn x + y"), mended=True),
    Case(
        "lambda",
        Code("double = lambda y: y * 2  # here\nreturn double(x)"),
        Code(top="def helper(y: Tensor) -> Tensor:\n    return y * 2"),
        mended=True,
    ),
    Case(
        "yield",
        Code(
            top="def rows(x: Tensor):\n    for row in x.unbind(0):\n        yield row  # here",
            body="return sum(rows(x))",
        ),
        Code(
            top="""
            def rows(x: Tensor) -> list[Tensor]:
                found = []
                for row in x.unbind(0):
                    found.append(row)
                return found
            """,
            body="return torch.stack(rows(x)).sum(0)",
        ),
    ),
    Case(
        "comprehension-if",
        Code("rows = [row for row in x.unbind(0) if row.sum() > 5]  # here\nreturn rows[0]"),
        Code(
            """
            rows = []
            for row in x.unbind(0):
                if row.sum() > 5:
                    rows.append(row)
            return rows[0]
            """
        ),
        mended=True,
    ),
    Case(
        "comprehension-twice",
        Code("sums = [a + b for a in x.unbind(0) for b in x.unbind(0)]  # here\nreturn sums[1]"),
        Code(
            """
            sums = []
            for a in x.unbind(0):
                for b in x.unbind(0):
                    sums.append(a + b)
            return sums[1]
            """
        ),
        mended=True,
    ),
    Case(
        "set",
        Code("if x.dim() in {1, 2}:  # here\n    return x + 1\nreturn x"),
        Code("if x.dim() in [1, 2]:\n    return x + 1\nreturn x"),
        mended=True,
    ),
    Case(
        "set",
        Code("seen = {row.dim() for row in x.unbind(0)}  # here\nreturn x * len(seen)"),
        Code("seen = {row.dim(): True for row in x.unbind(0)}\nreturn x * len(seen)"),
        mended=True,
    ),
    Case(
        "super",
        Code(
            "return self.scale(x)",
            top="class Base(nn.Module):\n    def scale(self, x: Tensor) -> Tensor:\n        return x * 2",
            members="""
            def scale(self, x: Tensor) -> Tensor:
                return super().scale(x) + 1  # here
            """,
            base="Base",
        ),
        Code(
            "return self.scale(x)",
            top="""
            class Base(nn.Module):
                def scale(self, x: Tensor) -> Tensor:
                    return self.double(x)

                def double(self, x: Tensor) -> Tensor:
                    return x * 2
            """,
            members="""
            def scale(self, x: Tensor) -> Tensor:
                return self.double(x) + 1
            """,
            base="Base",
        ),
        mended=True,
    ),
    Case(
        "f-string-format",
        Code('if x.dim() != 2:\n    raise ValueError(f"rank {x.dim():03d}")  # here\nreturn x'),
        Code('if x.dim() != 2:\n    raise ValueError(f"rank {x.dim()}")\nreturn x'),
        mended=True,
    ),
    Case(
        "f-string-conversion",
        Code('if x.dim() != 2:\n    raise ValueError(f"rank {x.dim()!r}")  # here\nreturn x'),
        Code('if x.dim() != 2:\n    raise ValueError(f"rank {x.dim()}")\nreturn x'),
        mended=True,
    ),
    Case(
        "f-string-conversion",
        Code('if x.dim() != 2:\n    raise ValueError(f"{x.dim()=}")  # here\nreturn x'),
        Code('if x.dim() != 2:\n    raise ValueError(f"x.dim()={x.dim()}")\nreturn x'),
        mended=True,
    ),
    Case("unary-plus", Code("return +x  # here"), Code("return x"), mended=True),
    Case(
        "bytes",
        Code('return x * len(b"abc")  # here'),
        Code('return x * len("abc")'),
    ),
    Case(
        "print-option",
        Code('print(x.dim(), end=" ")  # here\nreturn x'),
        Code("print(x.dim())\nreturn x"),
    ),
]

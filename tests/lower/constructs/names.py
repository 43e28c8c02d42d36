"""Cases: names."""

from tests.lower.constructs.case import Case, Code

CASES = [
    Case(
        "global-value",
        Code("return x * by  # here", top="by = 2"),
        Code("return x * self.by", init="self.by = 2"),
        mended=True,
    ),
    Case(
        "global-value",
        Code(
            top='mode = "sum"\ndef helper(x: Tensor):\n    return x.sum() if mode == "sum" else x.mean()  # here'
        ),
        Code(
            top='def helper(x: Tensor, mode: str = "sum"):\n    return x.sum() if mode == "sum" else x.mean()'
        ),
        mended=True,
    ),
    Case(
        "global-container",
        Code("return x * sizes[0]  # here", top="sizes = (2, 3)"),
        Code("return x * self.sizes[0]", top="sizes = (2, 3)", init="self.sizes = sizes"),
        mended=True,
    ),
    Case(
        "global-none",
        Code("return x if offset is None else x + 1  # here", top="offset = None"),
        Code("return x if self.offset is None else x + 1", init="self.offset = None"),
        mended=True,
    ),
    Case(
        "global-tensor",
        Code("return x + offset  # here", top="offset = torch.ones(3)"),
        Code(
            "return x + self.offset",
            top="offset = torch.ones(3)",
            init='self.register_buffer("offset", offset)',
        ),
    ),
    Case(
        "global-dtype",
        Code("return x.to(kind)  # here", top="kind = torch.float64"),
        Code("return x.to(self.kind)", top="kind = torch.float64", init="self.kind = kind"),
        mended=True,
    ),
    Case(
        "class-value",
        Code("return x * Options.by  # here", top="class Options:\n    by = 2"),
        Code("return x * self.by", top="class Options:\n    by = 2", init="self.by = Options.by"),
        mended=True,
    ),
    Case("undefined", Code("return missing(x) if x.dim() == 3 else x  # here"), Code("return x")),
]

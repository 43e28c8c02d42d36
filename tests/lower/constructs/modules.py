"""Cases: modules as they stand."""

from tests.lower.constructs.case import Case, Code

_HOOKED = "self.linear.register_forward_hook(hook)"
_HOOK = "def hook(module, given: tuple[Tensor], result: Tensor) -> Tensor:\n    return result * 2"

CASES = [
    Case(
        "lazy-module",
        Code("return self.lazy(x)", init="self.lazy = nn.LazyLinear(3)  # here"),
        Code("return self.lazy(x)", init="self.lazy = nn.LazyLinear(3)\nself.lazy(torch.ones(1, 3))"),
        same=False,
    ),
    Case(
        "lambda-hook",
        Code(
            "return self.linear(x)",
            init="self.linear.register_forward_hook(lambda module, given, result: result * 2)  # here",
        ),
        Code("return self.linear(x)", top=_HOOK, init=_HOOKED),
        mended=True,
    ),
    Case(
        "bound-hook",
        Code(
            "return self.linear(x)",
            members="""
            def hook(self, module, given: tuple[Tensor], result: Tensor) -> Tensor:  # here
                return result * 2
            """,
            init="self.linear.register_forward_hook(self.hook)",
        ),
        Code("return self.linear(x)", top=_HOOK, init=_HOOKED),
        mended=True,
    ),
    Case(
        "object-hook",
        Code(
            "return self.linear(x)",
            top="class Hook:\n    def __call__(self, module, given, result):\n        return result * 2",
            init="self.linear.register_forward_hook(Hook())  # here",
        ),
        Code("return self.linear(x)", top=_HOOK, init=_HOOKED),
    ),
    Case(
        "norm-hook",
        Code(
            "return self.normed(x)",
            init="self.normed = torch.nn.utils.spectral_norm(nn.Linear(3, 3))  # here",
        ),
        Code(
            "return self.normed(x)",
            init="self.normed = torch.nn.utils.spectral_norm(nn.Linear(3, 3))\n"
            "torch.nn.utils.remove_spectral_norm(self.normed)",
        ),
        same=False,
        mended=True,
    ),
    Case(
        "keyword-hook",
        Code(
            "return self.linear(x)",
            top="def hook(module, given, named, result):  # here\n    return result * 2",
            init="self.linear.register_forward_hook(hook, with_kwargs=True)",
        ),
        Code("return self.linear(x)", top=_HOOK, init=_HOOKED),
    ),
    Case(
        "hook-types",
        Code(
            "return self.linear(x)",
            top="def hook(module, given, result):  # here\n    return result * 2",
            init=_HOOKED,
        ),
        Code("return self.linear(x)", top=_HOOK, init=_HOOKED),
        mended=True,
    ),
    Case(
        "data-parallel",
        Code("return self.part(x)", init="self.part = nn.DataParallel(nn.Linear(3, 3))  # here"),
        Code("return self.part(x)", init="self.part = nn.DataParallel(nn.Linear(3, 3)).module"),
        same=False,
    ),
    Case(
        "adaptive-softmax",
        Code(
            "return self.soft.log_prob(x)",
            init="self.soft = nn.AdaptiveLogSoftmaxWithLoss(3, 5, [2], 1.0)  # here",
        ),
        Code("return F.log_softmax(self.head(x), 1)", init="self.head = nn.Linear(3, 5)"),
        same=False,
    ),
]

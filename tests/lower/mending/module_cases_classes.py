"""Cases: base classes, attributes that may be None, state, hooks, and weights that are computed."""

from tests.lower.constructs.case import Code
from tests.lower.mending.module_case import Case

_BASE = """
class Base(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.by = 3
    def forward(self, x: Tensor) -> Tensor:
        return self.scale(x) + self.by
    def scale(self, x: Tensor) -> Tensor:
        return x * 2
"""
_THREE = """
class First(nn.Module):
    def step(self, x: Tensor, by: int = 1) -> Tensor:
        return x + by
class Second(First):
    def step(self, x: Tensor, by: int = 2) -> Tensor:
        return super().step(x, by) * 2
class Third(Second):
    def step(self, x: Tensor, by: int = 3) -> Tensor:
        return super().step(x, by=by) - 1
"""
_WIDE = """
class Wide(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * 2
"""
_MEMORY = "self.memory = None"
_OFFSET = "self.offset = torch.rand(3)"
_DECLARED = "offset: Optional[Tensor]"

INHERITED = [
    Case(
        "super().forward",
        "return super().forward(x) * 2",
        "return self.forward_of_Base(x) * 2",
        Code("return super().forward(x) * 2", top=_BASE, base="Base"),
    ),
    Case(
        "super() through several classes",
        "return super().step(x)",
        "return self.step_of_First(x, by) * 2",
        Code("return super().step(x) + self.step(x)", top=_THREE, base="Third"),
    ),
    Case(
        "super().method that nothing overrides",
        "return super().scale(x)",
        "return self.scale(x)",
        Code("return super().scale(x)", top=_BASE, base="Base"),
    ),
    Case(
        "super(Model, self)",
        "return super(Model, self).forward(x)",
        "return self.forward_of_Base(x)",
        Code("return super(Model, self).forward(x)", top=_BASE, base="Base"),
    ),
    Case(
        "Base.forward(self, x)",
        "return Base.forward(self, x)",
        "return self.forward_of_Base(x)",
        Code("return Base.forward(self, x)", top=_BASE, base="Base"),
    ),
    Case(
        "super().forward of a class of torch's",
        "return super().forward(x) * 2",
        "return self.forward_of_Linear(x) * 2",
        Code("return self.wide(x)", top=_WIDE, init="self.wide = Wide(3, 3)"),
    ),
    Case(
        "a classmethod through its class",
        "return Model.double(x)",
        "return self.double(x)",
        Code(
            "return Model.double(x)",
            members="@classmethod\ndef double(cls, x: Tensor) -> Tensor:\n    return x * 2",
        ),
    ),
]

OPTIONAL = [
    Case(
        "an Optional attribute",
        "if self.offset is not None:",
        "if offset is not None:",
        Code(
            "if self.offset is not None:\n    x = x + self.offset\nreturn x", members=_DECLARED, init=_OFFSET
        ),
    ),
    Case(
        "an Optional attribute, in an expression",
        "return x if self.offset is None else x + self.offset",
        "return x if offset is None else x + offset",
        Code("return x if self.offset is None else x + self.offset", members=_DECLARED, init=_OFFSET),
    ),
    Case(
        "an Optional attribute, behind an assertion",
        "assert self.offset is not None",
        "assert offset is not None",
        Code("assert self.offset is not None\nreturn x + self.offset", members=_DECLARED, init=_OFFSET),
    ),
    Case(
        "an Optional buffer",
        "if self.offset is None or x.dim() == 3:",
        "offset = self.offset",
        Code(
            "if self.offset is None or x.dim() == 3:\n    return x\nreturn x + self.offset",
            members=_DECLARED,
            init='self.register_buffer("offset", torch.rand(3))',
        ),
    ),
    Case(
        "an Optional attribute that forward sets",
        "self.memory = x.mean(0)",
        "self.memory = memory",
        Code(
            "if self.memory is None:\n    self.memory = x.mean(0)\nelse:\n    self.memory = self.memory * 0.5\n"
            "return x + self.memory",
            members="memory: Optional[Tensor]",
            init=_MEMORY,
        ),
        calls=3,
    ),
    Case(
        "an attribute that begins as None",
        "self.memory = x.mean(0)",
        "memory = self.memory",
        Code(
            "if self.memory is not None:\n    x = x + self.memory\nself.memory = x.mean(0)\nreturn x",
            init=_MEMORY,
        ),
        calls=3,
    ),
    Case(
        "a list that forward appends to",
        "self.history.append(x.mean(0))",
        "self.history.append(x.mean(0))",
        Code(
            "self.history.append(x.mean(0))\nreturn x + torch.stack(self.history).sum(0)",
            init="self.history = []",
        ),
        calls=3,
    ),
    Case(
        "a list of numbers that forward appends to",
        "self.sizes.append(x.size(0))",
        "self.sizes.append(x.size(0))",
        Code(
            "self.sizes.append(x.size(0))\nreturn x * len(self.sizes) + self.sizes[0]", init="self.sizes = []"
        ),
        calls=2,
    ),
]

_OWN_PARAMETRIZATION = """
class Symmetric(nn.Module):
    def forward(self, weight):
        return weight.triu() + weight.triu(1).transpose(-1, -2)
"""

WEIGHTS = [
    Case(
        "parametrizations.weight_norm",
        "self.part = torch.nn.utils.parametrizations.weight_norm(nn.Linear(3, 3))",
        "",
        Code(
            "return self.part(x)",
            init="self.part = torch.nn.utils.parametrizations.weight_norm(nn.Linear(3, 3))",
        ),
        fails=True,
    ),
    Case(
        "parametrizations.spectral_norm",
        "self.part = torch.nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3))",
        "",
        Code(
            "return self.part(x)",
            init="self.part = torch.nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3))",
        ),
    ),
    Case(
        "parametrizations.orthogonal",
        "self.part = torch.nn.utils.parametrizations.orthogonal(nn.Linear(3, 3))",
        "",
        Code(
            "return self.part(x)",
            init="self.part = torch.nn.utils.parametrizations.orthogonal(nn.Linear(3, 3))",
        ),
    ),
    Case(
        "a parametrization of the user's",
        'torch.nn.utils.parametrize.register_parametrization(self.linear, "weight", Symmetric())',
        "",
        Code(
            "return self.linear(x)",
            top=_OWN_PARAMETRIZATION,
            init='torch.nn.utils.parametrize.register_parametrization(self.linear, "weight", Symmetric())',
        ),
        fails=True,
    ),
    Case(
        "torch.nn.utils.weight_norm",
        "self.part = torch.nn.utils.weight_norm(nn.Linear(3, 3))",
        "",
        Code(
            "return self.part(x)",
            init="import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n"
            "    self.part = torch.nn.utils.weight_norm(nn.Linear(3, 3))",
        ),
    ),
    Case(
        "torch.nn.utils.spectral_norm",
        "self.part = torch.nn.utils.spectral_norm(nn.Linear(3, 3))",
        "",
        Code("return self.part(x)", init="self.part = torch.nn.utils.spectral_norm(nn.Linear(3, 3))"),
    ),
    Case(
        "torch.nn.utils.prune",
        'torch.nn.utils.prune.l1_unstructured(self.linear, "weight", 0.5)',
        "",
        Code(
            "return self.linear(x)",
            init="import torch.nn.utils.prune\n"
            'torch.nn.utils.prune.l1_unstructured(self.linear, "weight", 0.5)\n'
            'torch.nn.utils.prune.random_unstructured(self.linear, "bias", 1)',
        ),
    ),
]
HOOKS = [
    Case(
        "a hook without types",
        "def hook(module, given, result):",
        "def hook(module, given: Tuple[Tensor], result: Tensor) -> Tensor:",
        Code(
            "return self.linear(x)",
            top="def hook(module, given, result):\n    return result * 2 + given[0]",
            init="self.linear.register_forward_hook(hook)",
        ),
    ),
    Case(
        "a hook before forward, without types",
        "def hook(module, given):",
        "def hook(module, given: Tuple[Tensor]) -> Tuple[Tensor]:",
        Code(
            "return self.linear(x)",
            top="def hook(module, given):\n    return (given[0] * 2,)",
            init="self.linear.register_forward_pre_hook(hook)",
        ),
    ),
    Case(
        "a hook that is a lambda",
        "self.linear.register_forward_hook(lambda module, given, result: result * 2)",
        "return result * 2",
        Code(
            "return self.linear(x)",
            init="self.linear.register_forward_hook(lambda module, given, result: result * 2)",
        ),
    ),
    Case(
        "a hook that is a method and does not use its object",
        "self.linear.register_forward_hook(self.hook)",
        "return result * 2",
        Code(
            "return self.linear(x)",
            members="def hook(self, module, given, result):\n    return result * 2",
            init="self.linear.register_forward_hook(self.hook)",
        ),
    ),
]

FLOATS = [
    Case(
        "a whole number in a module of torch's",
        "self.part = nn.Hardtanh(0, 20)",
        "",
        Code("return self.part(x)", init="self.part = nn.Hardtanh(0, 20)"),
    ),
    Case(
        "nn.Dropout(0)",
        "self.part = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0), nn.LeakyReLU(0))",
        "",
        Code(
            "return self.part(x)",
            init="self.part = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0), nn.LeakyReLU(0), nn.LayerNorm(3, eps=1))",
        ),
    ),
]

PROPERTIES = [
    Case(
        "a property that TorchScript refuses and nothing in the graph uses",
        "return sum(p.numel() for p in self.parameters())",
        "",
        Code(
            "return self.linear(x)",
            members="""
            @property
            def count(self) -> int:
                return sum(p.numel() for p in self.parameters())
            """,
        ),
    ),
    Case(
        "a property that reads the first parameter",
        "return next(self.parameters()).dtype",
        "return self.linear.weight.dtype",
        Code(
            "return self.linear(x.to(self.kind))",
            members="@property\ndef kind(self) -> torch.dtype:\n    return next(self.parameters()).dtype",
        ),
    ),
]

CASES = [*PROPERTIES, *INHERITED, *OPTIONAL, *WEIGHTS, *HOOKS, *FLOATS]

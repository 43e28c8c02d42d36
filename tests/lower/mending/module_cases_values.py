"""Cases: what a module is configured with, and what it holds."""

from tests.lower.constructs.case import Code
from tests.lower.mending.module_case import Case

_OPTIONS = """
@dataclasses.dataclass
class Options:
    width: int = 12
    heads: int = 2
    bias: bool = True
    act: str = "relu"
    slope: float = 0.1
    sizes: tuple = (1, 2)
    @property
    def each(self) -> int:
        return self.width // self.heads
"""
_MODE = """
class Mode(enum.Enum):
    SUM = "sum"
    MEAN = "mean"
"""
_HELD = "self.options = Options()"

CASES = [
    Case(
        "a value of a configuration object",
        "return x * self.options.heads",
        "return x * 2",
        Code("return x * self.options.heads", top=_OPTIONS, init=_HELD),
    ),
    Case(
        "a configuration object in a local",
        "options = self.options",
        "y = x * 0.1",
        Code(
            "options = self.options\ny = x * options.slope\nreturn y + options.sizes[1]",
            top=_OPTIONS,
            init=_HELD,
        ),
    ),
    Case(
        "a property of a configuration object",
        "return x.sum() * self.options.each",
        "x.sum() * 6",
        Code("return x.sum() * self.options.each", top=_OPTIONS, init=_HELD),
    ),
    Case(
        "a condition over a configuration object",
        'if self.options.act == "relu":',
        "x = F.relu(x)",
        Code(
            'if self.options.act == "relu":\n    x = F.relu(x)\nelif self.options.act == "gone":\n'
            "    x = self.gone(x)\nif not self.options.bias and x.dim() == 2:\n    x = x + 1\nreturn x",
            top=_OPTIONS,
            init=_HELD,
        ),
    ),
    Case(
        "a loop over a list of a configuration object",
        "for by in self.options.sizes:",
        "for by in (1, 2):",
        Code("for by in self.options.sizes:\n    x = x * by\nreturn x", top=_OPTIONS, init=_HELD),
    ),
    Case(
        "a loop over the keys and values of a dict",
        "for name, by in self.options.items():",
        "x = x * 2 + 1",
        Code(
            "for name, by in self.options.items():\n    x = x * by + len(name)\nreturn x",
            init='self.options = {"a": 2, "bc": 0.5}',
        ),
    ),
    Case(
        "types.SimpleNamespace",
        "return x * self.options.by",
        "return x * 3",
        Code("return x * self.options.by", init="import types\nself.options = types.SimpleNamespace(by=3)"),
    ),
    Case(
        "argparse.Namespace",
        "return x.to(self.options.kind) * self.options.by",
        "return x.to(torch.float64) * 3",
        Code(
            "return x.to(self.options.kind) * self.options.by",
            init="import argparse\nself.options = argparse.Namespace(by=3, kind=torch.float64)",
        ),
    ),
    Case(
        "a member of an enum in a configuration",
        "if self.options.mode is Mode.SUM:",
        "return x.sum(1)",
        Code(
            "if self.options.mode is Mode.SUM:\n    return x.sum(1)\nreturn x.mean(1)",
            top=_MODE,
            init="import types\nself.options = types.SimpleNamespace(mode=Mode.SUM)",
        ),
    ),
    Case(
        "a dict with values of several types",
        'return x * self.options["by"] + len(self.options["name"])',
        "return x * 2 + 1",
        Code(
            'return x * self.options["by"] + len(self.options["name"])',
            init='self.options = {"by": 2, "name": "a"}',
        ),
    ),
    Case(
        "dict.get",
        'return x * self.options.get("by", 5)',
        "return x * 5",
        Code('return x * self.options.get("by", 5)', init='self.options = {"on": True, "name": "a"}'),
    ),
    Case(
        "a list with values of several types",
        "return x * self.sizes[1]",
        "return x * 0.5",
        Code("return x * self.sizes[1]", init='self.sizes = [1, 0.5, "a"]'),
    ),
    Case(
        "a set",
        "return x + 1 if x.dim() in self.ranks else x",
        "x.dim() in [1, 2]",
        Code("return x + 1 if x.dim() in self.ranks else x", init="self.ranks = {1, 2}"),
    ),
    Case(
        "a number of NumPy's",
        "return x * self.by + self.count",
        "return x * self.by + 3",
        Code("return x * self.by + self.count", init="self.by = np.float64(2.5)\nself.count = np.int64(3)"),
    ),
    Case(
        "an attribute of the class",
        "return x * self.by",
        "return x * 2",
        Code("return x * self.by", members="by = 2"),
    ),
    Case(
        "an operator of torch's in the body of the class",
        "return self.act(x)",
        "return torch.tanh(x)",
        Code("return self.act(x)", members="act = torch.tanh"),
    ),
    Case(
        "functools.partial",
        "return self.act(x)",
        "return leaky_relu(x, negative_slope=0.2)",
        Code("return self.act(x)", init="self.act = functools.partial(F.leaky_relu, negative_slope=0.2)"),
    ),
    Case(
        "a partial of a function of the user's",
        "return self.act(x, by=4)",
        "return scaled(x, by=4, offset=1)",
        Code(
            "return self.act(x, by=4)",
            top="def scaled(x: Tensor, by: int, offset: int):\n    return x * by + offset",
            init="self.act = functools.partial(scaled, by=3, offset=1)",
        ),
    ),
    Case(
        "a lambda",
        "return self.act(x + 1)",
        "return (x + 1) * 2",
        Code("return self.act(x + 1)", init="self.act = lambda y: y * 2"),
    ),
    Case(
        "a lambda with values of its surroundings",
        "return self.act(x)",
        "return F.leaky_relu(x, 0.25)",
        Code("return self.act(x)", init="slope = 0.25\nself.act = lambda y: F.leaky_relu(y, slope)"),
    ),
    Case(
        "a bound method",
        "return self.act(x)",
        "return self.twice(x)",
        Code(
            "return self.act(x)",
            init="self.act = self.twice",
            members="def twice(self, x: Tensor) -> Tensor:\n    return x * 2",
        ),
    ),
    Case(
        "functions in a dict, by a key that is known",
        "return ACTS[self.act](x)",
        "return gelu(x)",
        Code(
            "return ACTS[self.act](x)",
            top='ACTS = {"relu": F.relu, "gelu": F.gelu}',
            init='self.act = "gelu"',
        ),
    ),
    Case(
        "a function in a configuration",
        "return self.options.act(x)",
        "return silu(x)",
        Code(
            "return self.options.act(x)",
            init="import types\nself.options = types.SimpleNamespace(act=F.silu)",
        ),
    ),
    Case(
        "the name of the class",
        "return x * len(self.__class__.__name__)",
        "return x * 5",
        Code("return x * len(self.__class__.__name__)"),
    ),
    Case(
        "the type or device of the first parameter",
        "return x.to(next(self.parameters()).device) + 1",
        "return x.to(self.linear.weight.device) + 1",
        Code("return x.to(next(self.parameters()).device) + 1"),
    ),
    Case(
        "an attribute that is tested and not there",
        "x = self.extra(x)",
        "return x",
        Code("if self.deep:\n    x = self.extra(x)\nreturn x", init="self.deep = False"),
    ),
]

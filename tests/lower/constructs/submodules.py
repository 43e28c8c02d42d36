"""Cases: modules in the code of others."""

from tests.lower.constructs.case import Case, Code

_LAYERS = "self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])"
_TABLE = 'self.table = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.ReLU()})'

CASES = [
    Case(
        "module-made",
        Code("return nn.ReLU()(x)  # here"),
        Code("return self.relu(x)", init="self.relu = nn.ReLU()"),
        mended=True,
    ),
    Case(
        "module-made",
        Code("layer = nn.Linear(3, 3)  # here\nreturn layer(x)"),
        Code("return self.linear(x)"),
        same=False,
    ),
    Case(
        "module-index",
        Code("for i in range(2):\n    x = self.layers[i](x)  # here\nreturn x", init=_LAYERS),
        Code("for layer in self.layers:\n    x = layer(x)\nreturn x", init=_LAYERS),
        mended=True,
    ),
    Case(
        "module-index",
        Code("return self.layers[self.first](x)  # here", init=_LAYERS + "\nself.first = 1"),
        Code(
            "for i, layer in enumerate(self.layers):\n    if i == self.first:\n        x = layer(x)\nreturn x",
            init=_LAYERS + "\nself.first = 1",
        ),
        mended=True,
    ),
    Case(
        "module-key",
        Code("return self.table[self.first](x)  # here", init=_TABLE + '\nself.first = "a"'),
        Code(
            "for name, layer in self.table.items():\n    if name == self.first:\n        x = layer(x)\nreturn x",
            init=_TABLE + '\nself.first = "a"',
        ),
        mended=True,
    ),
    Case(
        "module-slice",
        Code("for layer in self.layers[1:]:  # here\n    x = layer(x)\nreturn x", init=_LAYERS),
        Code(
            "for i, layer in enumerate(self.layers):\n    if i >= 1:\n        x = layer(x)\nreturn x",
            init=_LAYERS,
        ),
        mended=True,
    ),
    Case(
        "module-value",
        Code(
            "layer = self.linear if x.dim() == 2 else self.layers[0]  # here\nreturn layer(x)", init=_LAYERS
        ),
        Code("return self.linear(x) if x.dim() == 2 else self.layers[0](x)", init=_LAYERS),
    ),
    Case(
        "module-value",
        Code("for layer in [self.linear, self.linear]:  # here\n    x = layer(x)\nreturn x"),
        Code("x = self.linear(x)\nreturn self.linear(x)"),
        mended=True,
    ),
    Case(
        "module-part",
        Code(
            "return self.layers[:1](x)  # here",
            init="self.layers = nn.Sequential(nn.Linear(3, 3), nn.ReLU())",
        ),
        Code(
            "return self.start(x)",
            init="self.layers = nn.Sequential(nn.Linear(3, 3), nn.ReLU())\nself.start = self.layers[:1]",
        ),
        mended=True,
    ),
    Case(
        "through-class",
        Code(
            "return Model.double(x)  # here",
            members="@classmethod\ndef double(cls, x: Tensor) -> Tensor:\n    return x * 2",
        ),
        Code(
            "return Model.double(x)",
            members="@staticmethod\ndef double(x: Tensor) -> Tensor:\n    return x * 2",
        ),
        mended=True,
    ),
    Case(
        "through-class",
        Code(
            "return Base.scale(self, x)  # here",
            top="class Base(nn.Module):\n    def scale(self, x: Tensor) -> Tensor:\n        return x * 2",
            base="Base",
        ),
        Code(
            "return self.scale(x)",
            top="class Base(nn.Module):\n    def scale(self, x: Tensor) -> Tensor:\n        return x * 2",
            base="Base",
        ),
        mended=True,
    ),
    Case(
        "module-argument",
        Code("return helper(self, x)  # here", top="def helper(model, x):\n    return x"),
        Code("return self.helper(x)", members="def helper(self, x: Tensor):\n    return x"),
    ),
    Case(
        "module-subscript",
        Code(
            "return x * self[1]  # here",
            members="def __getitem__(self, key: int) -> int:\n    return key + 1",
        ),
        Code("return x * self.item(1)", members="def item(self, key: int) -> int:\n    return key + 1"),
    ),
    Case(
        "own-method",
        Code("for one in self.parameters():  # here\n    x = x + one.sum()\nreturn x"),
        Code("return x + self.linear.weight.sum() + self.linear.bias.sum()"),
        mended=True,
    ),
    Case("own-method", Code("self.eval()  # here\nreturn x"), Code("return x")),
    Case(
        "own-attribute",
        Code("return x * len(self.__class__.__name__)  # here"),
        Code("return x * len(self.name)", init="self.name = type(self).__name__"),
        mended=True,
    ),
]

"""Cases: the modules that a module holds, indexed, chosen and looped over."""

from tests.lower.constructs.case import Code
from tests.lower.mending.module_case import Case

_LAYERS = "self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])"
_TWO = _LAYERS + "\nself.norms = nn.ModuleList([nn.LayerNorm(3) for _ in range(3)])"
_TABLE = 'self.table = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.Tanh()})'
_NAMED = "for i in range(3):\n    self.add_module(f'layer{i}', nn.Linear(3, 3))"
_SEQUENCE = "self.layers = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))"

CASES = [
    Case(
        "an index of a loop",
        "x = self.layers[i](x)",
        "x = self.layers[2](x)",
        Code("for i in range(len(self.layers)):\n    x = self.layers[i](x)\nreturn x", init=_LAYERS),
    ),
    Case(
        "an index that is computed",
        "x = self.layers[len(self.layers) - 1 - i](x)",
        "x = self.layers[2](x)",
        Code(
            "for i in range(2):\n    if i % 2 == 0:\n        x = x + 1\n"
            "    x = self.layers[len(self.layers) - 1 - i](x) * i\nreturn x",
            init=_LAYERS,
        ),
    ),
    Case(
        "a module of a loop in a local",
        "layer, norm = self.layers[i], self.norms[i]",
        "x = x + self.layers[1](self.norms[1](x))",
        Code(
            "for i in range(3):\n    layer = self.layers[i]\n    norm = self.norms[i]\n    x = x + layer(norm(x))\n"
            "return x",
            init=_TWO,
        ),
    ),
    Case(
        "an attribute as an index",
        "return self.layers[self.first](x)",
        "return self.layers[1](x)",
        Code("return self.layers[self.first](x)", init=_LAYERS + "\nself.first = 1"),
    ),
    Case(
        "an attribute as a key",
        "return self.table[self.first](x)",
        "return self.table['b'](x)",
        Code("return self.table[self.first](x)", init=_TABLE + '\nself.first = "b"'),
    ),
    Case(
        "an index that waits for the call",
        "return self.layers[n](x)",
        "raise IndexError(f'index {n} is out of range')",
        Code("n = x.size(0) - 2\nreturn self.layers[n](x) * 2", init=_LAYERS),
    ),
    Case(
        "a key that waits for the call",
        "x = x + self.table[key](x)",
        "if key == 'a':",
        Code('key = "a" if x.size(0) == 1 else "b"\nx = x + self.table[key](x)\nreturn x', init=_TABLE),
    ),
    Case(
        "a module chosen in a local, by an index that waits for the call",
        "layer = self.layers[n]",
        "x = self.layers[2](x)",
        Code(
            "for n in range(x.size(1)):\n    layer = self.layers[n]\n    x = layer(x)\nreturn x", init=_LAYERS
        ),
    ),
    Case(
        "getattr with a text that is made",
        'x = getattr(self, f"layer{i}")(x)',
        "x = self.layer2(x)",
        Code('for i in range(3):\n    x = getattr(self, f"layer{i}")(x)\nreturn x', init=_NAMED),
    ),
    Case(
        "getattr with a counter",
        'x = getattr(self, "layer" + str(n))(layer(x))',
        "x = self.layer1(self.layers[1](x))\n    x = self.layer2",
        Code(
            'n = 0\nfor layer in self.layers:\n    x = getattr(self, "layer" + str(n))(layer(x))\n    n += 1\nreturn x',
            init=_NAMED + "\n" + _LAYERS,
        ),
    ),
    Case(
        "a loop over a slice of modules",
        "for layer in self.layers[1:]:",
        "x = self.layers[1](x)",
        Code("for layer in self.layers[1:]:\n    x = layer(x)\nreturn x", init=_LAYERS),
    ),
    Case(
        "enumerate over a slice of modules",
        "for i, layer in enumerate(self.layers[:-1]):",
        "x = self.layers[1](x) * 1",
        Code(
            "for i, layer in enumerate(self.layers[:-1]):\n    x = layer(x) * i + 1\nreturn x", init=_LAYERS
        ),
    ),
    Case(
        "reversed modules",
        "for layer in reversed(self.layers):",
        "x = self.layers[2](x)",
        Code("for layer in reversed(self.layers):\n    x = layer(x)\nreturn x", init=_LAYERS),
    ),
    Case(
        "zip of modules that are turned around",
        "for layer, norm in zip(self.layers[::-1], self.norms):",
        "x = self.norms[0](self.layers[2](x))",
        Code(
            "for layer, norm in zip(self.layers[::-1], self.norms):\n    x = norm(layer(x))\nreturn x",
            init=_TWO,
        ),
    ),
    Case(
        "zip of modules with a list",
        "for layer, y in zip(self.layers, parts):",
        "for i, layer in enumerate(self.layers):",
        Code(
            "parts = [x, x + 1]\ntotal = torch.zeros_like(x)\nfor layer, y in zip(self.layers, parts):\n"
            "    total = total + layer(y)\nreturn total",
            init=_LAYERS,
        ),
    ),
    Case(
        "zip of modules with a list that is turned around",
        "for layer, norm, y in zip(self.layers, self.norms, reversed(parts)):",
        "values = parts[::-1]",
        Code(
            "parts: list[Tensor] = []\nfor layer in self.layers:\n    x = layer(x)\n    parts.append(x)\n"
            "for layer, norm, y in zip(self.layers, self.norms, reversed(parts)):\n    x = x + norm(layer(y))\n"
            "return x",
            init=_TWO,
        ),
    ),
    Case(
        "the modules of a module, by _modules",
        "for layer in self.layers._modules.values():",
        "x = self.layers[1](x)",
        Code("for layer in self.layers._modules.values():\n    x = layer(x)\nreturn x", init=_SEQUENCE),
    ),
    Case(
        "the modules of a module, by named_children",
        'if name.startswith("layer"):',
        "x = self.layer1(x)",
        Code(
            'for name, layer in self.named_children():\n    if name.startswith("layer"):\n        x = layer(x)\n'
            "return x",
            init=_NAMED + "\nself.unused = nn.Bilinear(3, 3, 3)",
        ),
    ),
    Case(
        "a list of modules that are held elsewhere",
        "for layer in self.both:",
        "x = self.linear(x)",
        Code(
            "for layer in self.both:\n    x = layer(x)\nreturn x",
            init=_LAYERS + "\nself.both = [self.linear, self.layers[0]]",
        ),
    ),
    Case(
        "the parameters of a module",
        "for one in self.linear.parameters():",
        "x = x + self.linear.weight.sum()",
        Code("for one in self.linear.parameters():\n    x = x + one.sum()\nreturn x"),
    ),
    Case(
        "an index of an nn.ParameterList",
        "x = x * self.scales[i]",
        "x = x * self.scales[1]",
        Code(
            "for i in range(2):\n    x = x * self.scales[i]\nreturn x",
            init="self.scales = nn.ParameterList([nn.Parameter(torch.rand(3)) for _ in range(2)])",
        ),
    ),
    Case(
        "`continue` in a loop over modules",
        "continue",
        "if not x.size(0) > 2:",
        Code(
            "for i, layer in enumerate(self.layers):\n    if i == 1:\n        continue\n    if x.size(0) > 2:\n"
            "        continue\n    x = layer(x)\nreturn x",
            init=_LAYERS,
        ),
    ),
    Case(
        "`break` in a loop over modules",
        "break",
        "x = self.layers[1](x)",
        Code(
            "for i, layer in enumerate(self.layers):\n    x = layer(x)\n    if x.size(0) > 2 and i == 1:\n"
            "        x = x + 1\n        break\nreturn x",
            init=_LAYERS,
        ),
    ),
    Case(
        "a part of an nn.Sequential",
        "return self.layers[:2](x)",
        "return self.layers[1](self.layers[0](x))",
        Code("return self.layers[:2](x) + self.layers[-1](x)", init=_SEQUENCE),
    ),
    Case(
        "a comprehension over an index of modules",
        "parts = [self.layers[i](x) for i in range(3)]",
        "[self.layers[0](x), self.layers[1](x), self.layers[2](x)]",
        Code("parts = [self.layers[i](x) for i in range(3)]\nreturn torch.cat(parts)", init=_LAYERS),
    ),
    Case(
        "a condition in a comprehension over modules",
        "parts = [layer(x) for i, layer in enumerate(self.layers) if i != 1]",
        "[self.layers[0](x), self.layers[2](x)]",
        Code(
            "parts = [layer(x) for i, layer in enumerate(self.layers) if i != 1]\nreturn torch.cat(parts)",
            init=_LAYERS,
        ),
    ),
    Case(
        "a module as a condition",
        "if self.norm:",
        "x = self.linear(x)",
        Code(
            "if self.norm:\n    x = self.norm(x)\nif self.linear and not self.norm:\n    x = self.linear(x)\nreturn x",
            init="self.norm = None",
        ),
    ),
    Case(
        "a module chosen by its type",
        "if type(layer) == nn.Tanh:",
        "x = self.layers[1](x) + 1",
        Code(
            "for layer in self.layers:\n    if type(layer) == nn.Tanh:\n        x = layer(x) + 1\n    else:\n"
            "        x = layer(x)\nreturn x",
            init=_SEQUENCE,
        ),
    ),
    Case(
        "a module without parameters, made in forward",
        "return nn.Softmax(dim=1)(x)",
        "return self.softmax(x)",
        Code("return nn.Softmax(dim=1)(x)"),
    ),
    Case(
        "a module without parameters, made in forward and kept in a local",
        "act = nn.ReLU()",
        "return self.relu(x) + self.relu(-x)",
        Code("act = nn.ReLU()\nreturn act(x) + act(-x)"),
    ),
]

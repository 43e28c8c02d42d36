"""Programs that are deep, long, endless, or grow with every statement, by name."""

HEADER = "import torch\nimport torch.nn as nn\nfrom jaxtyping import Float\nfrom torch import Tensor\n"
MATRIX = 'x: Float[Tensor, "N C"]'


def repeated(count: int, line: str) -> str:
    """A line many times; `#` in it is the number of the time, `@` the next one."""
    return "".join(line.replace("#", str(number)).replace("@", str(number + 1)) for number in range(count))


def nested(count: int, head: str, last: str) -> str:
    """Blocks inside each other."""
    blocks = "".join("    " * depth + head.replace("#", str(depth)) + "\n" for depth in range(1, count))
    return blocks + "    " * count + last + "\n"


TWO_OF_THE_LAST = """
class M@(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.a, self.b = M#(n), M#(n)
    def forward(self, x):
        return self.a(x) + self.b(x)
"""

LAST = """
class M0(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.a = nn.Linear(n, n)
    def forward(self, x):
        return self.a(x)
"""

ENDLESS = """
def f(x):
    while True:
        x = x + 1
        y = torch.cat([y, x])
def g(x):
    n = 1
    xs = []
    while True:
        n = n * 2 + 1
        xs = [xs, n]
        x = torch.zeros(n, 2)[None]
        if x: continue
        elif n: break
    return x
while True:
    pass
z = torch.zeros(1, 2) @ torch.zeros(3, 4)
"""

RECURSION = """
def f(x, n): return g(f(x, n - 1), n) + f(f(x, n), n)
def g(x, n): return f(g(x, n), n) if n else x
f(torch.zeros(2, 3), 10 ** 6)
def h(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]: return h(h(x.t()).t())
class A(nn.Module):
    def __init__(self, n):
        self.a = A(n - 1) if n else A(n + 1)
    def forward(self, x): return self.a(self(x))
A(3)(4)
"""

RECURSIVE_DATA = """
x = []
x.append(x)
y = {}
y["y"] = y
z = torch.cat(x)
for i in x:
    for j in i:
        j.append(y)
a = (x, y)
b = a == a
c = [*x, *x]
print(x, y)
class A: pass
A.a = A
A().a.a.a.a = A()
"""

BODIES = {
    "deep expression": "x = " + "(" * 80 + "torch.zeros(2, 3)" + ")" * 80 + "\ny = " + "-" * 500 + "x\n",
    "deep sum": "x = torch.zeros(2, 3)\ny = " + " + ".join(["x"] * 1_000) + "\nz = y @ y\n",
    "deep calls": "x = torch.zeros(2, 3)\ny = x" + ".relu()" * 500 + "\n",
    "deep lists": "x = " + "[" * 90 + "1" + "]" * 90 + "\n",
    "deep branches": "def f(x):\n" + nested(90, "if x[#]:", "return x"),
    "long elif": "def f(x, n):\n    if n:\n        y = x\n"
    + repeated(500, "    elif n == #:\n        y = x.t()\n")
    + "    return y\n",
    "sixty branches": f"def f({MATRIX}, flags):\n"
    + repeated(60, "    if flags[#]:\n        x = x.t()\n    else:\n        y = torch.cat([x, x])\n")
    + "    return x\n",
    "sixty branches that return": f"def f({MATRIX}, n: int):\n"
    + repeated(60, "    if n == #:\n        return x.view(n, -1)\n")
    + "    return f(x, n + 1)\n",
    "sixty ternaries": "def f(a, b):\n    return " + "a if b else (" * 60 + "a" + ")" * 60 + "\n",
    "nested loops": "def f(x):\n" + nested(16, "for i# in range(100):", "x = x + x.t()") + "    return x\n",
    "doubling calls": repeated(40, "def f#(x):\n    return f@(x) + f@(x.t())\n")
    + "def f40(x):\n    return x\nf0(torch.zeros(2, 3))\n",
    "doubling modules": LAST + repeated(14, TWO_OF_THE_LAST),
    "growing shape": "x = torch.zeros(2)\n" + "x = x[None] + x[..., None]\n" * 200,
    "growing size": f"def f({MATRIX}):\n    n, c = x.shape\n"
    + "    n, c = n * c + n // c, (c + n) % (n * n + 1)\n" * 60
    + "    return x.view(n, c)\n",
    "growing list": "x = [1]\n" + "x = x + x\n" * 60 + "y = torch.zeros(*x)\n",
    "growing list in place": "x = [1]\n" + "x += x\nx.extend(x)\n" * 40 + "y = torch.zeros(*x)\n",
    "growing stars": "x = [1]\n" + "x = [*x, *x]\n" * 60 + "y = torch.zeros(*x)\n",
    "growing tuple": "x = (1,)\n" + "x = (x, x)\n" * 60 + "y = [*x]\nz = x == x\n",
    "growing dict": "x = {'a': 1}\n" + "x = {'a': x, 'b': x}\n" * 60 + "y = x == x\n",
    "growing text": "x = 'x'\n" + "x = x + x\n" * 60 + "y = torch.zeros(len(x))\n",
    "growing f-string": "x = 'x'\n" + "x = f'{x}{x}'\n" * 60 + "y = torch.zeros(len(x))\n",
    "growing joined text": "x = 'x'\n"
    + "x = x.join([x, x])\nx = x * 2\nx = x.replace('x', x)\n" * 20
    + "y = x\n",
    "growing number": "x = 3\n" + "x = x * x\n" * 60 + "y = torch.zeros(x)\n",
    "growing dims": "x = torch.zeros(2, 3)\n"
    + "x = torch.cat([x, x.flatten()[None]], 1) if x else x.flatten()[:, None]\n" * 60,
    "big list": "x = [" + ", ".join(map(str, range(10_000))) + "]\ny = torch.tensor(x)\n"
    "for i in x:\n    y = y + i\nz = [i * 2 for i in x]\n",
    "big dict": "x = {" + repeated(10_000, "#: 'a', ") + "}\nfor k, v in x.items():\n    y = k\n",
    "big ranges": "x = [[[i * j * k for i in range(256)] for j in range(256)] for k in range(256)]\n"
    "y = torch.tensor(x)\n",
    "many functions": repeated(500, "def f#(x): return f@(f0(x))\n"),
    "many names": repeated(3_000, "x# = torch.zeros(#, 3)\n"),
    "endless": ENDLESS,
    "recursion": RECURSION,
    "recursive data": RECURSIVE_DATA,
}

LARGE = {name: HEADER + body for name, body in BODIES.items()}

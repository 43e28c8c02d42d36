"""Whatever Python it is given, the checker comes back: no exception, no more than its budget."""

import ast
import sysconfig
import textwrap
from pathlib import Path

import pytest

from namedtorch.static.checked import Checked, Options
from namedtorch.static.checker import check_module
from namedtorch.static.configuration import Configuration
from namedtorch.static.interpreter.machine import FUEL, Machine
from namedtorch.static.project import Project
from namedtorch.static.source_module import BrokenModule, SourceModule

HEADER = "import torch\nimport torch.nn as nn\nfrom jaxtyping import Float\nfrom torch import Tensor\n"


def check_files(folder: Path, files: dict[str, str], name: str) -> Checked:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    project = Project.of([str(folder)], Configuration(str(folder)))
    module = project.module_at(str(folder / name))
    assert isinstance(module, SourceModule)
    return check_module(module, project, Options(comments=True))


def check(folder: Path, source: str) -> Checked:
    return check_files(folder, {"odd.py": HEADER + textwrap.dedent(source)}, "odd.py")


@pytest.fixture
def burnt(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often fuel was used: the work of a check, on any machine."""
    steps: list[int] = []
    burn = Machine.burn

    def counted(machine: Machine) -> None:
        steps.append(machine.fuel)
        burn(machine)

    monkeypatch.setattr(Machine, "burn", counted)
    return steps


SYNTAX = {
    "match": """
        def f(x: Float[Tensor, "N C"], y):
            match y:
                case 0 | 1: return x
                case [a, b, *rest] if a > b: x = x + a
                case {"k": v, **others}: x = v
                case nn.Linear(in_features=n) as layer: x = layer(x)
                case (1.5 | -2j | "s" | b"b" | None | True): pass
                case str() | int(): del x
                case [Tensor(shape=[n, c])]: x = torch.zeros(n, c)
                case other: return other @ x
            return x
        """,
    "walrus": """
        def f(x: Float[Tensor, "N C"]):
            while (y := x.sum(1)).mean() > 0 and (n := len(y)):
                x = x / n
            return [z for i in range(3) if (z := x * i) is not None], (x := y), z
        """,
    "async": """
        async def f(x: Float[Tensor, "N C"], xs):
            async with xs as (a, b), open("f") as c:
                async for y in xs:
                    await y
                    x = x + y
                else:
                    x = await x
            return [z async for z in xs], {await z async for z in xs}, (await x).sum()
        async def g():
            yield 1
            await f(torch.zeros(2, 3), [])
        """,
    "stars": """
        def f(*args: Float[Tensor, "N C"], **kwargs: Float[Tensor, "N"]):
            a, *b = args
            *c, (d, *e), [*g] = kwargs.values(), *args, [*b]
            [*h], = b,
            print(*args, *[1], **kwargs, **{"end": ""})
            return [*a, *b], {*c}, {**kwargs, "x": d}, (*e, *g, *h), a[*b], torch.cat([*args], *b)
        """,
    "decorators": """
        def make(*args): return lambda f: f
        @make(1)(2) if True else make
        @(lambda f: f)
        @torch.no_grad()
        @undefined.thing[3]
        def f(x: Float[Tensor, "N C"]) -> Float[Tensor, "C N"]: return x.t()
        @make
        class A(nn.Module):
            @property
            def p(self): return self.p
            @p.setter
            def p(self, v): self.p = v
            @staticmethod
            def s(x): return A.s(x)
            @classmethod
            def c(cls): return cls.c()
        """,
    "nested": """
        def f(x: Float[Tensor, "N C"]):
            class A(nn.Module):
                class B:
                    class C:
                        def g(self):
                            def h():
                                nonlocal x
                                x = x.t()
                                return A.B.C().g()
                            return h
                    y = x
                def forward(self, z): return self.B.C().g()()(z) + x
            return A()(x), A.B.y, A.B.C.g(x)
        """,
    "global and nonlocal": """
        g = torch.zeros(2, 3)
        def f():
            global g, h
            g = g.t(); h = g @ g
            k = 1
            def inner():
                nonlocal k
                global g
                k += 1; g = k
                return g
            return inner() + k
        """,
    "try": """
        def f(x: Float[Tensor, "N C"]):
            try: x = x.t()
            except* (ValueError, TypeError) as group: x = group.exceptions[0]
            except* RuntimeError: raise
            else: x = x @ x
            finally: del x
            try:
                return x
            except: raise ValueError from None
            finally:
                return torch.zeros(1) + torch.zeros(2)
        """,
    "lambdas": """
        f = lambda x=torch.zeros(2, 3), *a, k=lambda: f, **b: (x, a, k()(), b)
        g = (lambda: (yield))()
        h = sorted([1], key=lambda _: h)
        r = (lambda f: f(f))(lambda f: f(f))
        y = (lambda n: y(n - 1))(5)
        """,
    "metaclasses": """
        class Meta(type):
            def __new__(mcs, name, bases, space, **kw): return super().__new__(mcs, name, bases, space)
            def __call__(cls, *args): return 3
            def __getattr__(cls, name): return cls
        class A(nn.Module, metaclass=Meta, flag=1):
            __slots__ = ("a", "b")
            def __init_subclass__(cls, **kw): cls.x = cls
            def __class_getitem__(cls, item): return cls[item]
            def __getattr__(self, name): return getattr(self, name)
            def __call__(self, x): return self(x)
        class B(A, flag=2): pass
        B(1).a.b.c(torch.zeros(2)); B[3]; B()(B)
        """,
    "del": """
        def f(x: Float[Tensor, "N C"], d):
            y = [x]; del y[0], y[:], d.a, d["k"], (x, y)
            del d
            return x + y + d
        """,
    "comparisons": """
        def f(x: Float[Tensor, "N C"], n: int):
            if 0 < n <= x.shape[0] < 10 != n in [1] not in x is not None is n: x = x.t()
            assert 1 < n < 2 > 3 == x.shape[0] == x.shape[1] == n, f"{x}"
            return x < x.t() < 3, not x, x and n or x
        """,
    "f-strings": """
        def f(x: Float[Tensor, "N C"], n=3):
            s = f"{x!r:>{n}} {n=} {f'{n}'} {{}} {x.shape[0]:{n}.{n}f}" "more" rf"\\d{n}"
            return getattr(x, f"{'t'}")(), x.view(f"{n}"), s % x, s.format(x), s * n, s[n], b"%d" % n
        """,
    "literals": """
        big = 10 ** 400; huge = 123456789 ** 9999; shift = 1 << 100000; real = 1e400; neg = -0.0; imag = 3j; dots = ...
        a = torch.zeros(10 ** 30, 3) @ torch.zeros(3, big)
        b = a.view(huge, -1); c = a[10 ** 50:]; d = a.repeat(big, big); e = [0] * 10 ** 12; f = "x" * 10 ** 12
        g = 2 ** 2 ** 2 ** 2 ** 2; h = 0 ** -1; i = 5 // 0; j = 5 % 0; k = 1.0 // 0; m = -7 // 2; n = (-8) ** 0.5; o = range(10 ** 18)
        p = torch.zeros(*range(10 ** 9)); q = torch.zeros(-3); r = torch.zeros(0, 2).max(); s = int("9" * 5000); t = real - real
        u = torch.zeros(2.5, "x", None); v = torch.zeros(2, 3).view(0, -1); w = a.sum(10 ** 40); x = 1 if huge else 2; y = list(o)
        z = [*o]; aa = sum(o); bb = max(o); cc = sorted(o); dd = tuple(o)[5]; ee = dict.fromkeys(o); ff = 3 @ 4; gg = ~real
        """,
    "subscripts": """
        def f(x: Float[Tensor, "N C"]):
            x[...]; x[..., ...]; x[None, None, None]; x[()]; x[[]]; x[x]; x[x[x]]; x[:, ::0]; x[::-1]; x["a"]; x[1.5]; x[1j]
            x[:, None, ..., True, False]; x[-100]; x[100:1:-3]; x[slice(1, None, 2)]; x[[[0]], [[[1]]]]; x[{}]; x[lambda: 0]; x[*x]
            x[0] = x; x[:, 0] += x; x[x > 0] = 3; x[...] = None; x[0][1][2][3][4] = x; x.a.b.c = x; x().y[0]().z = x
            return x[0, 0, 0, 0], x[x.shape], x[:x], x[x:x:x]
        """,
    "name errors": """
        def f(x: Undefined["N C"], y: Float[Missing, "N C"], z: Float[Tensor, undefined], w: Float, v: Float[Tensor]) -> nowhere.X:
            return undefined(x) + missing.attr[y](z) + self.w + super().v + __class__ + cls
        class A(Undefined, missing.B, nn.Nothing, metaclass=Gone, **unknown):
            def f(): return super().f() + self.x
        A().f(); A.g(); nn.Nothing(3)(4); torch.nothing.at.all(); nn.Linear(); nn.Linear(1, 2, 3, 4, 5, 6, 7, 8); nn.Linear(x=1); f(); f(1, 2, 3, 4, 5, 6, k=7)
        from . import nothing
        from .... import above
        from nowhere import *
        import a.b.c as d, e.f.g
        """,
    "class is its own base": """
        class A(A): pass
        class B(C): x = 1
        class C(B):
            def forward(self, x): return super().forward(x) + self.x + self.y
        class D(D.E, nn.Module):
            class E(D): pass
        class F(nn.Module, nn.Module, F, object): pass
        A().x(); B()(1); C()(torch.zeros(2)); D.E().z; F()(2); C().y
        """,
    "constructors": """
        class A(nn.Module):
            def __init__(self, a, a_=1, *b, c, d=2, **e):
                self.me = self; self.a = A(a); self.b = [self.b]; self.c = self.c.d
                super(A, self).__init__(); super().__init__().x; nn.Module.__init__(self); self.__dict__["z"] = 3; self.__class__ = A
                self.l = nn.Sequential(self, self.me, None, 3, *b, **e); self.m = nn.ModuleList(self.m); self.n = nn.ModuleDict([("a", 1)])
                return 3
            def forward(self, x, *args): return self.me.me.me(self.l(self.m(self.n(x)))) + self(x)
        class B(nn.Sequential): forward = lambda self, x: self[0](x) + self[100](x) + self["a"]
        class C(nn.Linear): __init__ = None
        class D(nn.Module): __init__ = A.__init__; forward = property(lambda self: self.forward)
        A(1, c=A)(2); B(B)(3); C(1, 2)(torch.zeros(1)); D(1, 2, 3)(4); A; B[0]; (A if A else B)(C)
        """,
    "operators": """
        def f(x: Float[Tensor, "N C"], s: str, n: int):
            x @ s; s @ x; x + s; x + [x]; x + None; x ** x.t(); x // s; s * x; -s; ~x; +x; not x; x @ 3; 3 @ x; x << x; x | x.t(); n @ n
            x += s; x @= x; x **= x; s += x; n //= 0; x = x if x else x[0]; (x) = x; x: int = x; [x] = x; (a, b), c = x, x; a = b = x @ x.t() @ x
            return x, a, b, c, x.T.mT.H.real.imag.grad.data.shape.numel().x, x.shape + x.shape, x.shape * 2, x.shape[::-1], x.shape == x.shape
        """,
    "operators with odd arguments": """
        def f(x: Float[Tensor, "N C"], u):
            torch.cat(x); torch.cat([]); torch.cat([x, None]); torch.cat([x], dim="a"); torch.cat(tensors=[x], dim=u); torch.stack(()); torch.cat(u, u, u, u)
            x.view(); x.view(-1, -1); x.view([]); x.view(u); x.view(*u); x.view(x); x.permute(); x.permute(u); x.permute(0, 0.5); x.transpose(0); x.sum(u)
            x.sum(dim=[]); x.sum(()); x.sum(None); x.max(0, 1, 2); x.expand(); x.expand(-1); x.expand(-2, 3); x.repeat(); x.repeat(-1, 0); x.split(0); x.split([], 0)
            x.chunk(0); x.chunk(-1); x.unbind(5); torch.einsum(); torch.einsum("", x); torch.einsum("->", x); torch.einsum("ij..., ...jk->", x); torch.einsum(u, x)
            torch.einsum("ii i", x); torch.einsum(x, [0, 1], [1]); nn.Conv2d(0, 0, 0)(x); nn.Conv2d(3, 4, (1, 2, 3))(x); nn.Conv2d(u, u, u, u, u)(x); nn.Linear(-1, x)(x)
            nn.LSTM(1, 2, 0)(x); nn.MultiheadAttention(3, 0)(x, x, x); nn.GroupNorm(0, 3)(x); nn.LayerNorm(())(x); nn.LayerNorm(x)(x); nn.Embedding(u, 0)(x); nn.Unfold(0)(x)
            torch.nn.functional.max_pool2d(x, 0); torch.nn.functional.pad(x, (1,)); torch.nn.functional.pad(x, u); torch.nn.functional.interpolate(x, scale_factor=0)
            x.reshape(0, -1); x.reshape(10 ** 30); x.unflatten(0, (-1, -1)); x.flatten(5, 1); x.squeeze((0, 0)); x.unsqueeze(100); x.gather(9, x); x.index_select(u, u)
            torch.arange(0, 10, 0); torch.arange(10, 0); torch.linspace(0, 1, -5); torch.zeros(()); torch.zeros([[1]]); torch.tensor([[1], [2, 3]]); torch.eye(-1); torch.randint(5)
            torch.meshgrid(); torch.meshgrid(x, x); torch.where(x); torch.where(); torch.tensordot(x, x, -1); torch.tensordot(x, x, ([0], [0, 1])); x.topk(-1); x.fold(); x.unfold(0, 0, 0)
            return x.size(u), x.size(7), x.size("a"), x.shape[9], x.stride(0, 1), x.dim(1), len(x, x), len(), int(), int(x, x, x), range(), zip(), sum(), max(), min([]), divmod(1, 0), round()
        """,
    "annotations": """
        x: Float[Tensor, "N C"]
        y: "Float[Tensor, 'N C'" = 3
        z: Float[Tensor, f"{x}"] = x
        def f(a: Float[Tensor, "self.a.b.c self[0]"], b: Float[Float[Float[Tensor, "N"], "C"], "N"], c: list["Optional[f]"], d: f(3), e: [1, 2], g: Float[Tensor, "*a *b *c"],
              h: Float[Tensor, "N*0 N//0 N%0 N**99 99**99"], i: Float[Tensor, "where"], j: Float[Tensor, "N where N == N+1"], k: Float[()], m: Float[Tensor, "N C", "D"], *,
              n: "" = 1, o: "\\n" = 2, p: "(" = 3, q: Float["Tensor", "N"], r: Float[q, q], s: tuple[()], t: tuple[Float[Tensor, "N"], ...], u: None | Float[Tensor, "N"],
              v: Float[Tensor, "N" * 3], w: Float[Tensor, b"N"], **kw: Float[Tensor, "?N"]) -> Float[Tensor, "N @ N @ C"]:
            return a, b, c
        class Self:
            a: "Self"; b: "list[Self]" = []; c: Float[Tensor, "self.c"] = None
            def f(self: "Self", x: Float[Tensor, "self.f self.b"]) -> "Self.f": return self
        Alias = Float[Tensor, "N"]; Loop = "Loop"; Other = Another; Another = Other
        def g(a: Alias, b: Loop, c: Other) -> Another: return a
        """,
    "exotic statements": """
        if True: pass
        elif False: ...
        for x, (y, [z, *w]) in []: break
        else: pass
        while False: continue
        else: pass
        with (open("a") as f, open("b") as (g, h), x): pass
        import os, sys as system; from os import path as p, (sep)
        """.replace("(sep)", "sep"),
    "encodings": 'def f(é: Float[Tensor, "N Ç 通道"], ñ=3):\n    "docstring ✓"\n    return é @ é, "🙂" * ñ  # (N, Ç) 🙂\n',
    "only comments": "# nothing\n# (B, T, C)\n",
    "type ignore": "x = 1  # type: ignore\ny = torch.zeros(2, 3)  # (A, B, C, D, E) -> (F)\nz = y @ y  # noqa\n",
    "comprehensions": """
        a = [[[x for x in y] for y in z] for z in [[[torch.zeros(2)]]]]
        b = {x: y for x, y in zip(a, b) if x if y for z in x}; c = {x for x in c}; d = (x for x in d); e = [e for e in e for e in e]
        f = [x async for x in y] if 0 else [lambda: x for x in range(3)]
        g = torch.stack([torch.cat([torch.zeros(i, j) for i in range(j)]) for j in range(4)]); h = sum(x for x in [g, g, g]); i = max(i for i in [])
        """.replace("[x async for x in y] if 0 else ", ""),
    "yields": """
        def f(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
            y = yield x
            z = yield from f(y)
            return (yield)
        for a in f(1): a.b
        b = list(f(2)) + [*f(3)]; c, d = f(4)
        """,
    "semicolons": "x = 1; y = 2; torch.zeros(x, y) @ torch.zeros(5, 6); pass;\n",
}


@pytest.mark.parametrize("name", SYNTAX)
def test_every_form_of_syntax(name: str, tmp_path: Path) -> None:
    found = check(tmp_path, SYNTAX[name])
    assert all(problem.place.path.endswith("odd.py") for problem in found.problems)
    assert all(1 <= problem.place.line and problem.message for problem in found.problems)


def test_every_kind_of_node_is_in_the_sources() -> None:
    seen = {
        type(node)
        for source in [*SYNTAX.values(), *(sources for sources in LARGE.values())]
        for node in ast.walk(ast.parse(textwrap.dedent(source)))
    }
    abstract = {ast.mod, ast.stmt, ast.expr, ast.pattern, ast.slice, ast.Module}
    kinds = {
        kind
        for base in (ast.stmt, ast.expr, ast.pattern)
        for kind in base.__subclasses__()
        if kind.__module__ == "ast" or kind.__module__ == "_ast"
    }
    deprecated = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis"}
    assert {kind.__name__ for kind in kinds - seen - abstract} <= deprecated


LARGE = {
    "deep expression": "x = " + "(" * 80 + "torch.zeros(2, 3)" + ")" * 80 + "\ny = " + "-" * 500 + "x\n",
    "deep sum": "x = torch.zeros(2, 3)\ny = " + " + ".join(["x"] * 1_000) + "\nz = y @ y\n",
    "deep calls": "x = torch.zeros(2, 3)\ny = x" + ".relu()" * 500 + "\n",
    "deep lists": "x = " + "[" * 90 + "1" + "]" * 90 + "\n",
    "deep branches": "def f(x):\n"
    + "".join(f"{'    ' * depth}if x[{depth}]:\n" for depth in range(1, 90))
    + "    " * 90
    + "return x\n",
    "long elif": "def f(x, n):\n    if n == 0:\n        y = x\n"
    + "".join(f"    elif n == {number}:\n        y = x.t()\n" for number in range(1, 500))
    + "    return y\n",
    "sixty branches": 'def f(x: Float[Tensor, "N C"], flags):\n'
    + "".join(
        f"    if flags[{number}]:\n        x = x.t()\n    else:\n        y = torch.cat([x, x])\n"
        for number in range(60)
    )
    + "    return x\n",
    "sixty branches that return": 'def f(x: Float[Tensor, "N C"], n: int):\n'
    + "".join(f"    if n == {number}:\n        return x.view(n, -1)\n" for number in range(60))
    + "    return f(x, n + 1)\n",
    "sixty ternaries": "def f(a, b):\n    return " + "a if b else (" * 60 + "a" + ")" * 60 + "\n",
    "nested loops": "def f(x):\n"
    + "".join(f"{'    ' * (depth + 1)}for i{depth} in range(100):\n" for depth in range(15))
    + "    " * 16
    + "x = x + x.t()\n    return x\n",
    "doubling calls": "".join(
        f"def f{number}(x):\n    return f{number + 1}(x) + f{number + 1}(x.t())\n" for number in range(40)
    )
    + "def f40(x):\n    return x\nf0(torch.zeros(2, 3))\n",
    "doubling modules": "class M0(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.a = nn.Linear(n, n)\n"
    "    def forward(self, x):\n        return self.a(x)\n"
    + "".join(
        f"class M{number}(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.a, self.b = M{number - 1}(n), M{number - 1}(n)\n"
        f"    def forward(self, x):\n        return self.a(x) + self.b(x)\n"
        for number in range(1, 14)
    ),
    "growing shape": "x = torch.zeros(2)\n" + "x = x[None] + x[..., None]\n" * 200,
    "growing size": 'def f(x: Float[Tensor, "N C"]):\n    n, c = x.shape\n'
    + "    n, c = n * c + n // c, (c + n) % (n * n + 1)\n" * 60
    + "    return x.view(n, c)\n",
    "growing list": "x = [1]\n" + "x = x + x\n" * 60 + "y = torch.zeros(*x)\n",
    "growing tuple": "x = (1,)\n" + "x = (x, x)\n" * 60 + "y = [*x]\nz = x == x\n",
    "growing text": "x = 'x'\n" + "x = x + x\n" * 60 + "y = torch.zeros(len(x))\n",
    "growing number": "x = 3\n" + "x = x * x\n" * 60 + "y = torch.zeros(x)\n",
    "big list": "x = [" + ", ".join(map(str, range(10_000))) + "]\ny = torch.tensor(x)\nfor i in x:\n    y = y + i\nz = [i * 2 for i in x]\n",
    "big dict": "x = {" + ", ".join(f"{number}: 'a'" for number in range(10_000)) + "}\nfor k, v in x.items():\n    y = k\n",
    "many functions": "".join(f"def f{number}(x): return f{(number * 7) % 500}(x)\n" for number in range(500)),
    "many names": "".join(f"x{number} = torch.zeros({number}, 3)\n" for number in range(3_000)),
    "endless": "def f(x):\n    while True:\n        x = x + 1\n        y = torch.cat([y, x])\nwhile True:\n    pass\nz = torch.zeros(1, 2) @ torch.zeros(3, 4)\n",
    "endless growth": "def f(x):\n    n = 1\n    xs = []\n    while True:\n        n = n * 2 + 1\n        xs = [xs, n]\n        x = torch.zeros(n, 2)[None]\n        if x: continue\n        elif n: break\n    return x\n",
    "recursion": "def f(x, n): return g(f(x, n - 1), n) + f(f(x, n), n)\ndef g(x, n): return f(g(x, n), n) if n else x\nf(torch.zeros(2, 3), 10 ** 6)\n"
    "def h(x: Float[Tensor, 'N C']) -> Float[Tensor, 'N C']: return h(h(x.t()).t())\n",
    "recursive data": "x = []\nx.append(x)\ny = {}\ny['y'] = y\nz = torch.cat(x)\nfor i in x:\n    for j in i:\n        j.append(y)\na = (x, y)\nb = a == a\nc = [*x, *x]\nprint(x, y)\n"
    "class A: pass\nA.a = A\nA().a.a.a.a = A()\n",
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_large_and_endless_programs_end(name: str, tmp_path: Path, burnt: list[int]) -> None:
    source = LARGE[name]
    found = check(tmp_path, source)
    bodies = sum(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(ast.parse(source))) + 1
    assert len(burnt) <= bodies * (FUEL + 1)
    assert len(set(found.over_budget)) == len(found.over_budget)


def test_what_is_over_budget_is_said_and_the_rest_is_checked(tmp_path: Path) -> None:
    slow = "def slow(x):\n" + "".join(f"    for i{number} in range(200):\n        x = x * i{number} + 1\n" for number in range(200)) + "    return x\n"  # fmt: skip
    quick = 'def quick(x: Float[Tensor, "N C"]):\n    return x @ x\n'
    found = check(tmp_path, slow + quick)
    assert found.over_budget == ("slow",)
    assert [one.code for one in found.problems] == ["contracted-dims-differ"]


PROJECTS = {
    "imports itself": {"a.py": "import a\nfrom a import *\nfrom a import x, a as b\nx = a.x\ndef f(): return a.f()\n"},
    "circle": {
        "a.py": "from b import B\nclass A(B): pass\nx = A().f(1)\n",
        "b.py": "from c import C\nclass B(C):\n    def f(self, x): return super().f(x)\n",
        "c.py": "import a\nfrom a import A\nclass C(A): pass\ny = a.x\n",
    },
    "functions in circles": {
        "a.py": "from b import g\ndef f(x): return g(x)\ny = f(1)\n",
        "b.py": "import a\ndef g(x): return a.f(x) + a.y\n",
    },
    "stars in circles": {"a.py": "from b import *\nx = y\n", "b.py": "from a import *\ny = x\n"},
    "package": {
        "a.py": "import p.q.r\nfrom p import q, nothing\nx = p.q.r.x + q.x\n",
        "p/__init__.py": "from .q import *\nfrom . import q\nfrom .. import above\nfrom .p import p\n",
        "p/q/__init__.py": "from .r import x\nfrom ...p import q as q\n",
        "p/q/r.py": "from .. import q\nx = q.x\n",
    },
    "broken": {"a.py": "from b import x\nimport c\ny = x(c.z)\n", "b.py": "def f(:\n", "c.py": "\x00"},
    "shadows": {"a.py": "import torch\nimport os\nx = torch.zeros(2)\n", "torch.py": "def zeros(n): return torch\n", "os.py": "import a\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", PROJECTS)
def test_modules_that_import_each_other(name: str, tmp_path: Path, burnt: list[int]) -> None:
    check_files(tmp_path, PROJECTS[name], "a.py")
    assert len(burnt) <= 8 * (FUEL + 1)


def test_what_is_no_python_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text("x = " + "(" * 500 + ")" * 500)
    project = Project.of([str(tmp_path)], Configuration(str(tmp_path)))
    assert isinstance(project.module_at(str(tmp_path / "deep.py")), BrokenModule)


LIBRARY = Path(sysconfig.get_path("stdlib"))
SAMPLE = sorted(path.name for path in LIBRARY.glob("*.py"))[::3][:60]


@pytest.mark.parametrize("name", SAMPLE)
def test_files_of_the_standard_library(name: str) -> None:
    project = Project.of([str(LIBRARY / name)], Configuration(str(LIBRARY)))
    module = project.module_at(str(LIBRARY / name))
    assert isinstance(module, SourceModule)
    found = check_module(module, project, Options(comments=True))
    assert [(one.place.line, one.code, one.message) for one in found.problems] == []


def test_the_sample_is_large() -> None:
    assert len(SAMPLE) == 60

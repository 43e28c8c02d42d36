"""What PyTorch's own tests of named tensors state of operators: lines as in `torch_facts`."""

from tests.values.torch_facts import Table, each, facts

_UNARY = (
    "abs acos asin atan ceil cos cosh digamma erf erfc erfinv exp expm1 floor frac lgamma log log10 log1p log2 neg"
    " reciprocal round rsqrt sigmoid sign sin sinh sqrt tan tanh trunc"
)

UNARY = (
    *each(_UNARY, """
    N D -> N D      | a.OP()
    N D -> N D      | a.OP_()
    N D, _=0 -> N D | torch.OP(a, out=b)
    """),
    *facts("""
    N D -> N D      | a.clamp(-1, 1)
    N D -> N D      | a.clamp_(-1, 1)
    N D, _=0 -> N D | torch.clamp(a, -1, 1, out=b)
    """),
    *each(("min", "max"), """
    N D -> N D      | a.clamp_OP(0.5)
    N D -> N D      | a.clamp_OP_(0.5)
    N D, _=0 -> N D | torch.clamp_OP(a, 0.5, out=b)
    """),
    *each("bitwise_not logical_not", """
    N D: bool -> N D      | a.OP()
    N D: bool -> N D      | a.OP_()
    N D, _=0: bool -> N D | torch.OP(a, out=b)
    """),
    *each("clone contiguous relu relu_ requires_grad_ zero_", "N D -> N D | a.OP()"),
    *each("cauchy_ exponential_ log_normal_ normal_ random_ uniform_ bernoulli", "N D -> N D | a.OP()"),
    *each("bool byte char cpu double float half int long short", "N D -> N D | a.OP()"),
    *each("empty_like zeros_like ones_like rand_like randn_like", "N D -> N D | torch.OP(a)"),
    *facts("""
    N D -> N D      | a.geometric_(p=0.5)
    N D -> N D      | a.random_(0, 1)
    N D -> N D      | a.random_(1)
    N D -> N D      | a.bernoulli_(0.5)
    N D -> N D      | a.bernoulli_(torch.tensor(0.5))
    N D, _=0 -> N D | torch.bernoulli(a, out=b)
    N D -> N D      | torch.polygamma(1, a)
    N D -> N D      | a.polygamma_(1)
    N D -> N D      | torch.threshold(a, 0, 1)
    N D -> N D      | torch.threshold_(a, 0, 1)
    N D, _=0 -> N D | torch.threshold(a, 0, 1, out=b)
    N D -> N D      | a.fill_(1)
    N D -> N D      | a.fill_(torch.tensor(3.14))
    N D -> N D      | torch.full_like(a, 3.14)
    N D -> N D      | a.to(dtype=torch.long)
    N D -> N D      | a.to(device="cpu")
    N D -> N D      | a.to(torch.empty([]))
    N D -> N D      | a.type(dtype=torch.long)
    N D -> N D      | torch.isnan(a)
    N D -> N D      | torch.isinf(a)
    N C -> C N      | a.t().contiguous()
    N C -> H W      | a.t().rename_("H", "W").contiguous()
    """),
)  # fmt: skip

WRITTEN = facts("""
N _, N C -> refused broadcast-dims-differ | torch.abs(a, out=b)
N C, N _ -> refused broadcast-dims-differ | torch.abs(a, out=b)
_ _, N C -> refused | torch.abs(a, out=b)
N C, _ _ -> N C  | torch.abs(a, out=b)
_ _, _ _ -> _ _  | torch.abs(a, out=b)
N C, C N -> N C  | a.copy_(b.t())          ## stored the other way round
_ _, C N -> N C  | a.copy_(b.t())
N -> N           | a.resize_([2])
N -> refused operator-without-rule | a.resize_([3])
N, N -> N        | a.resize_as_(b)
N, _ -> refused operator-without-rule | a.resize_as_(b)
_=1, N -> N      | a.resize_as_(b)
""")

_MIXED = """
N=1 C=1, _=1 -> N C         | CALL
N=1 C=1, _=1 _=1 -> N C     | CALL
_=1 _=1, N=1 C=1 -> N C     | CALL
"""
_GROWING = """
N=1 C=1, _=1 _=1 _=1 -> _ N C | CALL
_=1, N=1 C=1 -> N C           | CALL
"""
_SHRINKING = "_=1 _=1 _=1, N=1 C=1 -> _ N C | CALL"

_MEETING = """
N C, N C -> N C  | CALL
N C, C -> N C    | CALL
N C, W -> refused broadcast-dims-differ   | CALL
N C, C N -> refused broadcast-dims-differ | CALL
N C, _ C -> N C  | CALL
N C, _ _ -> N C  | CALL
C _, _ C -> refused broadcast-dims-differ | CALL
"""


def _calls(text: str, *calls: str) -> str:
    return "\n".join(text.replace("CALL", call) for call in calls)


_ARITHMETIC = "add div mul sub pow atan2"

BINARY = (
    *each(_ARITHMETIC, _calls(_MEETING + _MIXED, "a.OP(b)", "a.OP_(b)", "torch.OP(a, b, out=empty())")),
    *each(_ARITHMETIC, _calls(_GROWING + _SHRINKING, "a.OP(b)", "torch.OP(a, b, out=empty())")),
    *each(_ARITHMETIC, _calls(_SHRINKING, "a.OP_(b)")),
    *each("floor_divide true_divide", _calls(_MEETING + _MIXED + _GROWING + _SHRINKING, "torch.OP(a, b)")),
    *facts(_calls(_MEETING + _MIXED + _SHRINKING, "a.copy_(b)")),
    *facts("""
    N C, _=0 -> N C | torch.pow(a, 0, out=b)
    N C, _=0 -> N C | torch.pow(a, 1, out=b)
    N C, _=0 -> N C | torch.pow(1, a, out=b)
    """),
    *each("addcmul addcdiv", """
    N, N, N -> N    | torch.OP(a, b, c)
    N, N, N, N -> N | torch.OP(a, b, c, out=d)
    N, N, N -> N    | a.OP_(b, c)
    """),
    *each("logical_xor logical_and logical_or", """
    N C, N C: bool -> N C      | torch.OP(a, b)
    N C, N C: bool -> N C      | a.OP_(b)
    N C, N C, _=0: bool -> N C | torch.OP(a, b, out=c)
    """),
)  # fmt: skip

COMPARED = (
    *each("== != > < >= <=", """
    N C, N C -> N C | a OP b
    N C -> N C      | a OP 1
    N C, () -> N C  | a OP b
    """),
    *each("eq ne lt gt le ge", "N C, N C -> N C | torch.OP(a, b, out=empty(torch.bool))"),
    *facts("""
    N C -> True     | torch.equal(a, a.clone())
    N C -> False    | torch.equal(a.rename("M", "C"), a)
    N C -> False    | torch.equal(a.rename(None, "C"), a)
    """),
)  # fmt: skip

_BY_DIM = """
N C L -> N L                 | OP(1)
N C L -> N C                 | OP(-1)
N C L -> N L                 | OP("C")
N C L -> refused dim-missing | OP("H")
"""
_KEPT = """
N C L -> N C L               | OP("C", keepdim=True)
"""
_SEVERAL = """
N C L -> N                   | OP([1, 2])
N C L -> C                   | OP([0, -1])
N C L -> N                   | OP(["C", "L"])
N C L -> refused dim-missing | OP([None, "C"])
"""
_WHOLE = """
N C L -> ()                  | OP()
"""
_NONE_IS_WHOLE = """
N C L -> ()                  | OP(None)
"""
_NONE_IS_REFUSED = """
N C L -> refused TypeError   | OP(None)
"""

_OF_ONE = ("a.sum", "a.mean", "a.var", "a.std")
_MOMENTS = ("first(a.std_mean)", "second(a.std_mean)", "first(a.var_mean)", "second(a.var_mean)")
_WHOLE_TOO = ("min", "max", "median", "nanmedian")
_PICKING = tuple(f"{item}(a.{name})" for name in (*_WHOLE_TOO, "mode") for item in ("first", "second"))
_KTH = ("first(smallest(a))", "second(smallest(a))")

REDUCED = (
    *each((*_OF_ONE, *_MOMENTS), _BY_DIM + _KEPT + _SEVERAL + _WHOLE + _NONE_IS_WHOLE),
    *each("a.prod", _BY_DIM + _KEPT + _WHOLE + _NONE_IS_REFUSED),
    *each("a.logsumexp", _BY_DIM + _KEPT + _SEVERAL + _NONE_IS_REFUSED),
    *each(("first(a.unbind)", "second(a.unbind)"), _BY_DIM + _NONE_IS_REFUSED),
    *each((*_PICKING, *_KTH), _BY_DIM + _KEPT + _NONE_IS_REFUSED),
    *each([f"a.{name}" for name in _WHOLE_TOO], _WHOLE),
    *each(
        (*_OF_ONE, "a.prod", "a.logsumexp", "first(a.unbind)", *_MOMENTS, *_PICKING[::2], _KTH[0]),
        """N C L -> True | gradient(lambda a: OP("C"), a) is not None""",
    ),
    *each("sum prod mean var std logsumexp", "N C L, _=0 -> N L | torch.OP(a, 1, out=b)"),
    *each(
        ("min(a, 1", "max(a, 1", "mode(a, 1", "kthvalue(a, 1, 1", "median(a, 1", "nanmedian(a, 1"),
        "N C L, _=0 -> N L, N L | torch.OP, out=(b, empty(torch.long)))",
    ),
    *each("any all", "C: bool -> () | a.OP()"),
)  # fmt: skip

ALONG = (
    *each("cumsum cumprod", """
    N D -> N D       | torch.OP(a, 0)
    N D -> N D       | a.OP("D")
    N D, _=0 -> N D  | torch.OP(a, 1, out=b)
    """),
    *each("softmax log_softmax", """
    N D -> N D       | a.OP(dim=1)
    N D -> N D       | a.OP(dim="D")
    """),
    *each("cummax cummin", "N D -> N D, N D | torch.OP(a, 0)"),
    *facts("""N D -> N D | a.logcumsumexp("D")"""),
)  # fmt: skip

PICKED = (
    *facts("""
    N C H W -> N H W    | a.select(1, 1)
    N C H W -> N H W    | a.select("C", 1)
    N C H W -> refused TypeError | a.select(None, 1)
    N D -> N D          | a.narrow(0, 0, 1)
    N D -> N D, N D     | a.split(1, 0)
    N D -> N D, N D     | a.split([1, 1], 1)
    N D -> N D, N D     | a.chunk(2, 0)
    N C H W -> _=16     | a.as_strided([16], [1])
    N C H W -> H W _    | a.diagonal()
    N=2 C=3 H=5 W=7 -> N H _   | a.diagonal(1, 3)
    N C H W -> N H E    | a.diagonal(outdim="E", dim1="C", dim2="W")
    N=3 C=1 H=1 W=1 -> N H W   | a.squeeze("C")
    N=3 C=1 H=1 W=1 -> N       | a.squeeze()
    N C H W -> C N H W  | a.transpose("N", "C")
    N C H W -> N W H C  | a.transpose(1, 3)
    N C -> C N          | a.t()
    D=1 -> D=3          | a.expand([3])
    H=3 W=2 -> _=10 _=3 H=3 W=2     | a.expand([10, 3, 3, 2])
    _=3 _=2 -> _=10 _=3 _=3 _=2     | a.expand([10, 3, 3, 2])
    """),
    *each(("5", "torch.tensor(4.0)"), """
    N=3 C=5 -> N C      | a.index_fill_("C", torch.tensor([0, 1]), OP)
    N=3 C=5 -> N C      | a.index_fill("C", torch.tensor([0, 1]), OP)
    """),
)  # fmt: skip

MASKED = facts("""
N C, N C -> _       | torch.masked_select(a, b > 0)
C, N C -> _         | torch.masked_select(a, b > 0)
N C, C -> _         | torch.masked_select(a, b > 0)
N C, D -> refused broadcast-dims-differ | torch.masked_select(a, b > 0)
N C, N C -> _       | torch.masked_select(a, b > 0, out=empty())
N C, N C -> N C     | a.masked_fill(b > 0, 3.14)
C, N C -> refused | a.masked_fill(b > 0, 3.14)
N C, C -> N C       | a.masked_fill(b > 0, 3.14)
N C, D -> refused broadcast-dims-differ | a.masked_fill(b > 0, 3.14)
N C, N C -> N C     | a.masked_fill_(b > 0, 3.14)
N _, N C -> refused broadcast-dims-differ | a.masked_fill_(b > 0, 3.14)
""")

JOINED = facts("""
N C, N C -> N C     | torch.cat([a, b])
(), () -> refused RuntimeError | torch.cat([a, b])
N C, C N -> refused cat-sizes-differ | torch.cat([a, b])
N C, C -> refused rank-unfit | torch.cat([a, b])
N C, N C -> N C     | torch.cat([a, b], out=empty())
""")

MULTIPLIED = (
    *facts("""
    N=3 C=2, W=2 H=5 -> N=3 H=5 | torch.mm(a, b)
    _=3 _=2, W=2 H=5 -> _=3 H=5 | torch.mm(a, b)
    N=3 C=2, _=2 _=5 -> N=3 _=5 | torch.mm(a, b)
    N C, W H -> N H         | torch.mm(a, b, out=empty())
    N C, W N -> refused contracted-dims-differ | torch.mm(a, b)
    N C, W -> N             | torch.mv(a, b)
    _ _, W -> _             | torch.mv(a, b)
    N C, _ -> N             | torch.mv(a, b)
    N C, W -> N             | torch.mv(a, b, out=empty())
    C, W -> ()              | torch.dot(a, b)
    """),
    *facts("""
    N H, N C, W H -> N H    | torch.addmm(a, b, c)
    _ _, N C, W H -> N H    | torch.addmm(a, b, c)
    N _, N C, W H -> N H    | torch.addmm(a, b, c)
    N _, N C, W H -> N H    | torch.addmm(a, b, c, out=empty())
    N H, N C, W H -> N H    | a.addmm_(b, c)
    N H, N C, W N -> refused contracted-dims-differ | torch.addmm(a, b, c)
    N, N C, H -> N          | torch.addmv(a, b, c)
    _, N C, H -> N          | torch.addmv(a, b, c)
    N, N C, H -> N          | torch.addmv(a, b, c, out=empty())
    N, N C, H -> N          | a.addmv_(b, c)
    """),
    *facts("""
    N A B, N A B -> N A B   | torch.bmm(a, b)
    _ _ _, N A B -> N _ B   | torch.bmm(a, b)
    N A B, _ _ _ -> N A _   | torch.bmm(a, b)
    N A B, N A B -> N A B   | torch.bmm(a, b, out=empty())
    N A B, N B A -> refused | torch.bmm(a, b)
    N A B, M A B -> refused contracted-dims-differ | torch.bmm(a, b)
    N A B, _ N B -> refused contracted-dims-differ | torch.bmm(a, b)
    """),
    *facts("""
    (), A -> refused rank-unfit | torch.matmul(a, b)
    A, () -> refused rank-unfit | torch.matmul(a, b)
    A, B -> ()              | torch.matmul(a, b)
    A C, B -> A             | torch.matmul(a, b)
    A C D, B -> A C         | torch.matmul(a, b)
    C, A B -> B             | torch.matmul(a, b)
    C, A B D -> A D         | torch.matmul(a, b)
    A B, A B -> A B         | torch.matmul(a, b)
    A B, B A -> refused     | torch.matmul(a, b)
    C A B, A B -> C A B     | torch.matmul(a, b)
    C A B, _=1 A B -> C A B | torch.matmul(a, b)
    C A B, _ _=1 A B -> _ C A B | torch.matmul(a, b)
    N A B, N A B -> N A B   | torch.matmul(a, b, out=empty())
    N A B, A N B -> refused contracted-dims-differ | torch.matmul(a, b)
    M=3 N=1 first=2 F=7, N=5 second=11 F=7 -> M=3 N=5 first=2 second=11 | torch.cdist(a, b)
    """),
)  # fmt: skip

# Products by torch's rules, of which its tests have few: the contracted dim has one name, or none on one side.
MULTIPLIED_BY_NAME = facts("""
N C, C H -> N H         | torch.mm(a, b)
N _, C H -> N H         | torch.mm(a, b)
N C, C H -> N H         | torch.mm(a, b, out=empty())
N C, C -> N             | torch.mv(a, b)
C, C -> ()              | torch.dot(a, b)
C, _ -> ()              | torch.dot(a, b)
N H, N C, C H -> N H    | torch.addmm(a, b, c)
N _, N C, C H -> N H    | torch.addmm(a, b, c, out=empty())
N H, N C, C H -> N H    | a.addmm_(b, c)
N, N C, C -> N          | torch.addmv(a, b, c)
N, N C, C -> N          | a.addmv_(b, c)
N A B, N A B, N B C -> refused broadcast-dims-differ | torch.baddbmm(a, b, c)
N A C, N A B, N B C -> N A C | torch.baddbmm(a, b, c)
N A B, N B C -> N A C   | torch.bmm(a, b)
N A B, M B C -> refused broadcast-dims-differ | torch.bmm(a, b)
N A B, N B C -> N A C   | torch.matmul(a, b)
N A B, B -> N A         | torch.matmul(a, b)
A, N A B -> N B         | torch.matmul(a, b)
C A B, _ _=1 B D -> _ C A D | torch.matmul(a, b)
N A B, A B C -> refused broadcast-dims-differ | torch.matmul(a, b)
""")

LAYERS = facts("""
N D -> N D                        | F.dropout(a, p=0.5, inplace=True)
N D -> N D                        | F.dropout(a, p=0.5, inplace=False)
A B C -> A B C                    | F.max_pool1d(a, 2)
A B C D -> A B C D                | F.max_pool2d(a, [2, 2])
A B C D E -> A B C D E            | F.max_pool3d(a, [2, 2, 2])
A B C -> A B C, A B C             | F.max_pool1d_with_indices(a, 2)
A B C D -> A B C D, A B C D       | F.max_pool2d_with_indices(a, [2, 2])
A B C D E -> A B C D E, A B C D E | F.max_pool3d_with_indices(a, [2, 2, 2])
""")

TABLES: dict[str, Table] = {
    "unary": UNARY,
    "written": WRITTEN,
    "binary": BINARY,
    "compared": COMPARED,
    "reduced": REDUCED,
    "along": ALONG,
    "picked": PICKED,
    "masked": MASKED,
    "joined": JOINED,
    "multiplied": MULTIPLIED,
    "multiplied by name": MULTIPLIED_BY_NAME,
    "layers": LAYERS,
}
"""Every fact of this file."""

"""Where NamedTensor says otherwise than torch's tests of named tensors did, on purpose: what it says, by the reason.

Lines as in `torch_facts`, with what comes out of NamedTensor.
"""

from tests.values.torch_facts import Table, each, facts

CONTRACTED = "contracted dims are checked: torch multiplied `N C` with `W H`, and never compared `C` with `W`"

REPEATED = "a product may have a name twice, as the scores of attention have: `rename` tells the two apart"

UNNAMED = "an axis without a name goes with any name, in `equal` and in `out=` as in `+`"

SUPPORTED = "what torch did not support of named tensors works"

GRADIENTS = "gradients carry the names of their tensor, and one that is handed in is held to them"

KEPT = "saving, pickling and other processes keep the names"

COMPILED = "torch.jit.trace goes through NamedTensor, and leaves a plain graph"

STABLE = "NamedTensor is no experiment, and warns of none"

LABELS = "`_1` begins with an underscore, which in the language of shapes labels an axis that has no name"

WITHOUT_NAMES = "`unflatten` by sizes alone gives axes without names, as every view does"

OPTIONAL = "`size` and `stride` take None as plain torch does: it asks for all of them"

RESIZED = "what a resize, or a view by strides, leaves of an axis can't be told, and no operator drops names silently"

TYPED_STORAGE = "torch has deprecated typed storages: `untyped_storage` is there"

_OTHER_CONTRACTED = """
N=3 C=2, W=2 H=5 | torch.mm(a, b)
N C, W H | torch.mm(a, b, out=empty())
N C, W | torch.mv(a, b)
N C, W | torch.mv(a, b, out=empty())
C, W | torch.dot(a, b)
N H, N C, W H | torch.addmm(a, b, c)
_ _, N C, W H | torch.addmm(a, b, c)
N _, N C, W H | torch.addmm(a, b, c)
N _, N C, W H | torch.addmm(a, b, c, out=empty())
N H, N C, W H | a.addmm_(b, c)
N, N C, H | torch.addmv(a, b, c)
_, N C, H | torch.addmv(a, b, c)
N, N C, H | torch.addmv(a, b, c, out=empty())
N, N C, H | a.addmv_(b, c)
N A B, N A B | torch.bmm(a, b)
N A B, N A B | torch.bmm(a, b, out=empty())
A, B | torch.matmul(a, b)
A C, B | torch.matmul(a, b)
A C D, B | torch.matmul(a, b)
C, A B | torch.matmul(a, b)
C, A B D | torch.matmul(a, b)
A B, A B | torch.matmul(a, b)
C A B, A B | torch.matmul(a, b)
C A B, _=1 A B | torch.matmul(a, b)
C A B, _ _=1 A B | torch.matmul(a, b)
N A B, N A B | torch.matmul(a, b, out=empty())
"""

DEVIATIONS: dict[str, Table] = {
    CONTRACTED: facts(_OTHER_CONTRACTED.replace(" | ", " -> refused contracted-dims-differ | ")),
    REPEATED: facts("""
    N A B, N B A -> N A A   | torch.bmm(a, b)
    A B, B A -> A A         | torch.matmul(a, b)
    """),
    UNNAMED: facts("""
    N C -> True             | torch.equal(a.rename(None, "C"), a)
    _ _, N C -> N C         | torch.abs(a, out=b)
    """),
    SUPPORTED: facts("""
    C, N C -> N C           | a.masked_fill(b > 0, 3.14)
    N C -> _                | torch.pdist(a)
    N C=3 H W, _ _=3 _ _ -> N _ H W | F.conv2d(a, b)
    N C H W -> N C H W      | F.avg_pool2d(a, 2)
    N C=3 -> N C            | F.layer_norm(a, (3,))
    N C, C, C -> N C        | F.batch_norm(a, b, c)
    N C, D C -> N D         | torch.einsum("nc,dc->nd", a, b)
    N C -> (N C)            | a.view(4)
    N C -> N C              | a.gather(1, a.tensor.long())
    N C -> N C, N C         | a.topk(1, "C")
    N C, N -> ()            | F.cross_entropy(a, b.long())
    N, V D -> N D           | F.embedding(a.long(), b)
    N T D, _ _ -> N T _     | F.linear(a, b)
    """),
    GRADIENTS: facts("""
    _ _, N C -> _ _, N C    | gradient(lambda a, b: a * b, a, b)
    N C, N C -> None        | a.requires_grad_().clone().backward(b)
    """),
    KEPT: each("saved pickled sent", "N C -> N C | OP(a)"),
    COMPILED: facts("""
    -> True                 | traced(lambda x: namedtorch.full(x.shape, 2.0, names=("N",)))
    -> True                 | traced(lambda x: named(x, "N").select("N", 1))
    """),
    STABLE: facts("""-> N C | namedtorch.randn(3, 3, names=("N", "C"))"""),
    LABELS: facts("""
    -> refused name-invalid | namedtorch.empty(1, 2, 3, names=("_1", "batch9", "BATCH_5"))
    """),
    WITHOUT_NAMES: facts("""
    A=1 -> _ _              | a.unflatten("A", (1, 1))
    A=1 -> _ _              | a.unflatten(0, (1, 1))
    """),
    OPTIONAL: facts("""
    N=2 _=3 C=5 -> torch.Size([2, 3, 5]) | a.size(None)
    N=2 _=3 C=5 -> 15, 5, 1 | a.stride(None)
    """),
    RESIZED: facts("""
    N -> refused operator-without-rule      | a.resize_([2])
    N, N -> refused operator-without-rule   | a.resize_as_(b)
    _=1, N -> refused operator-without-rule | a.resize_as_(b)
    N C H W -> refused operator-without-rule | a.as_strided([16], [1])
    """),
    TYPED_STORAGE: facts("""
    N D -> refused AttributeError | a.storage().data_ptr() == a.data_ptr()
    N D -> refused AttributeError | a.storage_type() is a.tensor.storage_type()
    """),
}
"""The facts that NamedTensor decides otherwise, as it decides them."""

"""Names behind products of matrices and vectors."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_LINALG = "torch.linalg"
_A, _B = t(2, 3), t(3, 5)
_BATCH, _BATCHES = t(7, 2, 3), t(7, 3, 5)

_MATMUL = (
    names("N C, C D -> N D", "torch.matmul", _A, _B),
    names("N C, _ _ -> N _", "operator.matmul", _A, _B),
    names("N _, _ D -> N D", "torch.Tensor.matmul", _A, _B),
    names("N C, D C -> refused", "torch.matmul", t(3, 3), t(3, 3)),
    names("N C, W D -> refused", "torch.matmul", _A, _B),
    names("N C, W D -> refused", "torch.matmul", t(2, 1), t(1, 5)),
    names("B T D, B D S -> B T S", "torch.matmul", _BATCH, _BATCHES),
    names("_ T D, B D S -> B T S", "torch.matmul", _BATCH, _BATCHES),
    names("B T D, _ D S -> B T S", "torch.matmul", _BATCH, t(1, 3, 5)),
    names("B T D, D S -> B T S", "torch.matmul", _BATCH, _B),
    names("T D, B D S -> B T S", "torch.matmul", _A, _BATCHES),
    names("B T D, M D S -> refused", "torch.matmul", _BATCH, _BATCHES),
    names("B T D, M D S -> refused", "torch.matmul", _BATCH, t(1, 3, 5)),
    names("B heads T D, heads D S -> B heads T S", "torch.matmul", t(2, 7, 2, 3), _BATCHES),
    names("B heads T D, B D S -> refused", "torch.matmul", t(7, 7, 2, 3), _BATCHES),
    # A dim may be both the rows and the columns.
    names("B T D, B D T -> B T T", "torch.matmul", t(7, 2, 3), t(7, 3, 2)),
    names("N C, C N -> N N", "torch.matmul", t(2, 3), t(3, 2)),
    # The batch of one operand is no axis of the matrices of the other.
    names("T D, T D S -> refused", "torch.matmul", t(7, 3), _BATCHES),
    names("_ A _, A _ B -> refused", "torch.matmul", _BATCH, _BATCHES),
    names("A _ C, _ C A -> refused", "torch.matmul", _BATCH, _BATCHES),
    names("T T D, _ D S -> T T S", "torch.matmul", _BATCH, _BATCHES),
    names("C, C -> ()", "torch.matmul", t(3), t(3)),
    names("C, K -> refused", "torch.matmul", t(3), t(3)),
    names("N T C, C -> N T", "torch.matmul", _BATCH, t(3)),
    names("C, N C D -> N D", "torch.matmul", t(3), _BATCHES),
    names("N C, C D, _ _ -> N D", "torch.matmul", _A, _B, out=t(2, 5)),
    names("N C, C _, N D -> N D", "torch.matmul", _A, _B, out=t(2, 5)),
    names("N C, C D, N K -> refused", "torch.matmul", _A, _B, out=t(2, 5)),
    names("N C, C D, _ -> N D", "torch.matmul", _A, _B, out=t(0)),
    names("N C, C D, N -> refused", "torch.matmul", _A, _B, out=t(0)),
)

_PRODUCTS = (
    names("N C, C D -> N D", "torch.mm", _A, _B),
    names("N C, _ D -> N D", "torch.Tensor.mm", _A, _B),
    names("N C, W N -> refused", "torch.mm", _A, _B),
    names("N C, C D, _ _ -> N D", "torch.mm", _A, _B, out=t(2, 5)),
    names("N C, C D, D N -> refused", "torch.mm", t(3, 3), t(3, 3), out=t(3, 3)),
    names("_ _ _, N A B -> N _ B", "torch.bmm", _BATCH, _BATCHES),
    names("N A B, _ _ _ -> N A _", "torch.bmm", _BATCH, _BATCHES),
    names("N A B, N B A -> N A A", "torch.bmm", _BATCH, _BATCHES),
    names("N A B, M B C -> refused", "torch.bmm", _BATCH, _BATCHES),
    names("_ N C, N C D -> refused", "torch.bmm", t(2, 2, 3), t(2, 3, 5)),
    names("N C, C -> N", "torch.mv", _A, t(3)),
    names("_ _, W -> _", "torch.mv", _A, t(3)),
    names("N C, N -> refused", "torch.mv", t(3, 3), t(3)),
    names("C, C -> ()", "torch.dot", t(3), t(3)),
    names("C, K -> refused", "torch.vdot", t(3), t(3)),
    names("N T C, K C -> N T K", "torch.inner", _BATCH, t(5, 3)),
    names("N C, C K -> refused", "torch.inner", t(3, 3), t(3, 3)),
    names("N C, () -> N C", "torch.inner", _A, t()),
    names("N, M -> N M", "torch.outer", t(2), t(3)),
    names("N, N -> N N", "torch.ger", t(2), t(2)),
    names("N, _ -> N _", "torch.Tensor.outer", t(2), t(3)),
)

_ADDED = (
    names("N D, N C, C D -> N D", "torch.addmm", t(2, 5), _A, _B),
    names("_ _, N C, C D -> N D", "torch.addmm", t(2, 5), _A, _B),
    names("D, N C, C _ -> N D", "torch.addmm", t(5), _A, _B),
    names("D, N C, C _ -> N D", "torch.addmm", t(1), _A, _B),
    names("(), N C, C D -> N D", "torch.addmm", t(), _A, _B, beta=0.5),
    names("N Z, N C, C D -> refused", "torch.addmm", t(2, 5), _A, _B),
    names("N Z, N C, C D -> refused", "torch.addmm", t(2, 1), _A, _B),
    names("N, N C, C _ -> refused", "torch.addmm", t(2), _A, t(3, 2)),
    names("_ N, N C, C _ -> refused", "torch.addmm", t(2, 2), _A, t(3, 2)),
    names("N C, K C, C D -> refused", "torch.addmm", t(2, 5), _A, _B),
    names("N _, _ C, C D -> N D", "torch.Tensor.addmm", t(2, 5), _A, _B),
    names("N _, _ C, C D, N E -> refused", "torch.addmm", t(2, 5), _A, _B, out=t(2, 5)),
    names("D, B N C, B C _ -> B N D", "torch.baddbmm", t(5), _BATCH, _BATCHES),
    names("B N D, _ _ C, _ C _ -> B N D", "torch.baddbmm", t(7, 2, 5), _BATCH, _BATCHES),
    names("M N D, B N C, B C D -> refused", "torch.baddbmm", t(7, 2, 5), _BATCH, _BATCHES),
    names("N D, B _ C, B C _ -> N D", "torch.addbmm", t(2, 5), _BATCH, _BATCHES),
    names("M D, B N C, B C D -> refused", "torch.addbmm", t(2, 5), _BATCH, _BATCHES),
    names("N, N C, C -> N", "torch.addmv", t(2), _A, t(3)),
    names("_, N C, C -> N", "torch.addmv", t(2), _A, t(3)),
    names("N, _ C, C -> N", "torch.addmv", t(2), _A, t(3)),
    names("N, N C, H -> refused", "torch.addmv", t(2), _A, t(3)),
    names("_ M, N, _ -> N M", "torch.addr", t(2, 3), t(2), t(3)),
    names("M N, N, M -> refused", "torch.addr", t(2, 2), t(2), t(2)),
)

_CHAINS = (
    names("N C, C D, D E -> N E", "torch.chain_matmul", _A, _B, t(5, 7)),
    names("N C, C D, _ E -> N E", _LINALG + ".multi_dot", [_A, _B, t(5, 7)]),
    names("C, C D, D -> ()", _LINALG + ".multi_dot", [t(3), _B, t(5)]),
    names("N C, C D, E D -> refused", _LINALG + ".multi_dot", [_A, _B, t(5, 5)]),
    names("A B C, B C D -> A D", "torch.tensordot", t(2, 3, 5), t(3, 5, 7)),
    names("A B C, C D -> A B D", "torch.tensordot", t(2, 3, 5), t(5, 7), 1),
    names("A B C, D E -> A B C D E", "torch.tensordot", t(2, 3, 5), t(5, 7), 0),
    names("A B C, D B -> A C D", "torch.tensordot", t(2, 3, 5), t(7, 3), ([1], [1])),
    names("A B C, D B -> A C D", "torch.tensordot", t(2, 3, 5), t(7, 3), (["B"], ["B"])),
    names("A B C, D B -> A C D", "torch.tensordot", t(2, 3, 5), t(7, 3), "B"),
    names("A B C, C _ B -> A _", "torch.tensordot", t(2, 3, 5), t(5, 7, 3), (["B", "C"], ["B", "C"])),
    names("A B C, _ B -> A C B", "torch.tensordot", t(2, 3, 5), t(3, 7), ("B", 0)),
    names("A B C, D B -> refused", "torch.tensordot", t(2, 3, 3), t(3, 3), (["B"], ["D"])),
    names("A B C, D B -> refused", "torch.tensordot", t(2, 1, 3), t(7, 3), (["B"], ["D"])),
    names("A B C, D B -> refused", "torch.tensordot", t(2, 3, 5), t(7, 3), "C"),
    names("N C, N C -> N", _LINALG + ".vecdot", t(2, 3), t(2, 3)),
    names("N C, N C -> C", _LINALG + ".vecdot", t(2, 3), t(2, 3), dim="N"),
    names("N _, C -> N", _LINALG + ".vecdot", t(2, 3), t(3), dim="C"),
    names("N C, N K -> refused", _LINALG + ".vecdot", t(2, 3), t(2, 3)),
)

CASES = (*_MATMUL, *_PRODUCTS, *_ADDED, *_CHAINS)

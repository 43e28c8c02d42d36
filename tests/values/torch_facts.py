"""What PyTorch's own tests of named tensors state, up to 2.12, fact by fact.

Source: https://github.com/pytorch/pytorch/blob/v2.12.0/test/test_namedtensor.py. Of `UNSUPPORTED`, the calls of
layers, views and losses stand in no test: torch 2.12 refused them for want of a rule.

A line is a fact: the dims of the tensors `a`, `b`, `c`, `d`, the dims that come out, and the call that does it.

    N=3 C=2, W=2 H=5 -> N H | torch.mm(a, b)

An axis without a size has size 2, so that names alone decide; `_` has no name, `()` no axes; `: bool` behind the
dims gives all tensors a dtype. What comes out may have sizes, too; it is a value of Python where the call gives
one; or `warned`; or `refused`, and behind it the code with which NamedTensor refuses it as well, or the exception
of torch or Python.

`torch_facts_of_operators` has the operators, `torch_deviations` what NamedTensor decides otherwise. torch's parser
takes no names in functions: `torch.sum(x, "C")` stands as `x.sum("C")`, and a call with names and `out=` with
numbers. Not here: `align_tensors`, which torch never built, and how often CPython counts a name.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """One call, the dims of its tensors, and what torch said came out."""

    dims: str
    said: str
    call: str

    def __str__(self) -> str:
        return f"{self.dims} | {self.call}"


Table = tuple[Fact, ...]


def facts(text: str) -> Table:
    """The facts of a text, one in each line; what stands behind `##` is a remark."""
    found: list[Fact] = []
    for line in text.splitlines():
        stated = line.partition("##")[0].strip()
        if stated:
            dims, _, call = stated.partition(" | ")
            before, _, said = dims.partition("->")
            found.append(Fact(" ".join(before.split()), said.strip(), call.strip()))
    return tuple(found)


def each(names: str | Iterable[str], text: str) -> Table:
    """The facts of a text for every one of several operators, which stand where it says OP."""
    listed = names.split() if isinstance(names, str) else names
    return tuple(fact for name in listed for fact in facts(text.replace("OP", name)))


FACTORIES = (
    *facts("""
    -> ()         | namedtorch.empty([])
    -> _ _ _      | namedtorch.empty(1, 2, 3)
    -> _ _ _      | namedtorch.empty(1, 2, 3, names=None)
    -> N T D      | namedtorch.empty(1, 2, 3, names=("N", "T", "D"))
    -> N _ D      | namedtorch.empty(1, 2, 3, names=("N", None, "D"))
    -> _1 batch9 BATCH_5 | namedtorch.empty(1, 2, 3, names=("_1", "batch9", "BATCH_5"))
    -> refused name-invalid   | namedtorch.empty(2, names=("1",))
    -> refused name-invalid   | namedtorch.empty(2, names=("?",))
    -> refused rank-unfit     | namedtorch.empty(2, 1, names=("N",))
    -> refused rank-unfit     | namedtorch.empty(2, 1, names="N")
    -> refused names-repeated | namedtorch.empty(2, 1, 1, names=("N", "C", "N"))
    -> True       | namedtorch.empty([1] * 64, names=letters(64)).names == letters(64)
    -> refused rank-unfit     | namedtorch.empty([1] * 65, names=letters(64))
    -> N=1 T=2 D=3 | namedtorch.full([1, 2, 3], 2.0, names=("N", "T", "D"))
    -> N C        | namedtorch.tensor([[1]], names=("N", "C"))
    -> N          | namedtorch.tensor([1], names=("N",))
    -> N C        | namedtorch.tensor(np.array([[1]]), names=("N", "C"))
    -> N C        | namedtorch.tensor(torch.randn(1, 1), names=("N", "C"))
    -> refused rank-unfit     | namedtorch.tensor([1], names=("N", "C"))
    N D -> N D    | namedtorch.tensor(a)
    N D -> N D    | namedtorch.tensor(a, names=None)
    N D -> refused names-differ | namedtorch.tensor(a, names=("N", "C"))
    -> warned     | namedtorch.randn(3, 3, names=("N", "C"))
    """),
    *each("ones rand randn zeros", """
    -> N=1 T=2 D=3 | namedtorch.OP(1, 2, 3, names=("N", "T", "D"))
    -> True        | seeded(namedtorch.OP, 1, 2, 3, names=("N", "T", "D")).equal(seeded(torch.OP, 1, 2, 3))
    """),
)  # fmt: skip

NAMES = (
    *facts("""
    _ _ -> False       | a.has_names()
    N _ -> True        | a.has_names()
    N C -> True        | a.has_names()
    -> False           | namedtorch.empty(2, 3).has_names()
    _ _ _ -> N C H     | a.refine_names("N", "C", "H")
    N C H -> N C H     | a.refine_names("N", "C", "H")
    _ C _ -> _ C H     | a.refine_names(None, "C", "H")
    _ _ _ _ -> _ _ C H | a.refine_names("...", "C", "H")
    _ _ _ _ -> N _ _ C | a.refine_names("N", ..., "C")
    _ _ -> refused rank-unfit | a.refine_names("N", "C", "H")
    D -> refused names-differ | a.refine_names("N")
    D -> refused names-differ | a.refine_names(None)
    """),
    *facts("""
    N C -> _ _    | a.rename_(None)
    N C -> H W    | a.rename_("H", "W")
    N C -> refused rank-unfit     | a.rename_("N", "C", "W")
    N C -> refused names-repeated | a.rename_("N", "N")
    N C -> _ _    | a.rename(None)
    N C -> H W    | a.rename("H", "W")
    N C -> N C    | (a.rename("H", "W"), a)[1]           ## `a` itself keeps its names
    N C -> True   | a.rename("H", "W").data_ptr() == a.data_ptr()
    N C -> True   | a.rename(None).data_ptr() == a.data_ptr()
    N C -> refused rank-unfit     | a.rename("N", "C", "W")
    N C -> refused names-repeated | a.rename("N", "N")
    N C -> refused TypeError      | a.rename(None, N="batch")
    N C -> _ _    | assigned(a, None)
    _ _ -> N W    | assigned(a, ("N", "W"))
    N C -> refused rank-unfit     | assigned(a, ["N", "C", "W"])
    N C -> refused names-repeated | assigned(a, ["N", "N"])
    """),
    *facts("""
    () -> ()             | a.rename(None)
    () -> ()             | a.rename("...")
    _ _ _ _ -> _ _ _ _   | a.rename("...")
    _ _ _ _ -> _ _ H W   | a.rename("...", "H", "W")
    _ _ _ _ -> N _ _ W   | a.rename("N", "...", "W")
    _ _ _ _ -> N C _ _   | a.rename("N", "C", "...")
    _ _ _ _ -> _ _ _ _   | a.rename("...", None, None, None, None)
    N C H W -> N C H W    | a.rename("...")
    N C H W -> N C H width             | a.rename("...", "width")
    N C H W -> batch channels H width  | a.rename("batch", "channels", "...", "width")
    N C H W -> batch C H W             | a.rename("batch", "...")
    N C H W -> N C H W                 | a.rename("N", "C", "H", "...", "W")
    N C H W -> refused name-invalid    | a.rename("...", "channels", "...")
    """),
    *facts("""
    () -> refused dim-missing       | a.rename(N="batch")
    _ _ _ _ -> refused dim-missing | a.rename(N="batch")
    N C H W -> refused dim-missing  | a.rename(B="batch")
    N C H W -> refused dim-missing  | a.rename(H="height", B="batch")
    N C H W -> batch C H W          | a.rename(N="batch")
    N C H W -> batch C height W     | a.rename(N="batch", H="height")
    N C H W -> True                 | a.rename(N="batch").data_ptr() == a.data_ptr()
    """),
)  # fmt: skip

SIZES = (
    *each("size stride", """
    N=2 _=3 C=5 -> refused dim-missing | a.OP("channels")
    N=2 _=3 C=5 -> refused             | a.OP(None)
    _ _ _ -> refused dim-missing       | a.OP("N")
    """),
    *facts("""
    N=2 _=3 C=5 -> 2   | a.size("N")
    N=2 _=3 C=5 -> 5   | a.size("C")
    N=2 _=3 C=5 -> 15  | a.stride("N")
    N=2 _=3 C=5 -> 1   | a.stride("C")
    """),
)  # fmt: skip

ALIGNED = (
    *facts("""
    N=3 -> N=3               | a.align_to("N")
    N=3 -> N=3 D=1           | a.align_to("N", "D")
    N=3 C=2 -> C=2 N=3       | a.align_to("C", "N")
    C=2 N=3 H=5 -> N=3 H=5 W=1 C=2 | a.align_to("N", "H", "W", "C")
    _ C -> refused name-missing    | a.align_to("N", "C")
    N C -> refused dim-missing     | a.align_to("C")
    N C -> refused dim-missing     | a.align_to("D", "N")
    """),
    *facts("""
    N=7 H=3 W=5 C=2 -> N=7 H=3 W=5 C=2     | a.align_to("...")
    N=7 H=3 W=5 C=2 -> H=3 C=2 W=5 N=7     | a.align_to("...", "W", "N")
    N=7 H=3 W=5 C=2 -> H=3 C=2 N=7 W=5     | a.align_to("H", "C", "...")
    N=7 H=3 W=5 C=2 -> W=5 H=3 C=2 N=7     | a.align_to("W", "...", "N")
    N=7 H=3 W=5 C=2 -> N=7 C=2 D=1 H=3 W=5 | a.align_to("N", "...", "C", "D", "H", "W")
    _=2 _=3 _=5 C=7 -> C=7 _=2 _=3 _=5     | a.align_to("C", "...")
    _ _ _ C -> refused name-missing        | a.align_to("C", None, "...")
    N H W C -> refused name-missing        | a.align_to("...", "N", None)
    N H W C -> refused names-repeated      | a.align_to("...", "N", "N")
    C=2 N=3 H=5, N=1 H=1 W=1 C=1 -> N=3 H=5 W=1 C=2 | a.align_as(b)
    """),
)  # fmt: skip

MERGED = (
    *facts("""
    N=2 C=3 D=5 H=7 W=11 -> N=2 C=3 features=385 | a.flatten("D", "W", "features")
    N=2 C=3 D=5 H=7 W=11 -> N=2 C=3 features=385 | a.flatten(2, 4, "features")
    N=2 C=3 D=5 H=7 W=11 -> N=2 C=3 features=385 | a.flatten(["D", "H", "W"], "features")
    N=2 C=3 D=5 -> True  | a.flatten(["C", "D"], "F").tensor.equal(a.tensor.view(2, -1))
    N=2 T=3 H=5 D=7 -> N_H=10 T=3 D=7 | a.transpose("T", "H").flatten("N", "H", "N_H")
    N C D H W -> refused dim-missing  | a.flatten(["D", "L"], "features")
    N C D H W -> refused permutation-wrong | a.flatten(["D", "W"], "features")
    N C D H W -> refused permutation-wrong | a.flatten(["H", "D", "W"], "features")
    _ _ -> refused axis-out-of-range | a.flatten((), "abcd")
    """),
    *facts("""
    A=4 -> A=2 B=2         | a.unflatten("A", (("A", 2), ("B", 2)))
    A=4 -> A=2 B=2         | a.unflatten("A", [("A", 2), ("B", 2)])
    A=4 -> A=2 B=2         | a.unflatten("A", (["A", 2], ["B", 2]))
    A=2 B=10 -> A=2 B1=10  | a.unflatten("B", (["B1", -1],))
    A=2 B=360 -> A=2 B1=3 B2=4 B3=5 B4=6 | a.unflatten("B", (["B1", 3], ["B2", 4], ["B3", -1], ["B4", 6]))
    A=2 B=0 -> A=2 B1=3 B2=0 B3=4        | a.unflatten("B", (["B1", 3], ["B2", -1], ["B3", 4]))
    A=2 B=4 -> A=2 B1=2 B2=2             | a.unflatten("B", (("B1", 2), ("B2", 2)))
    A=2 B=4 -> True        | a.unflatten("B", (("C", 2), ("D", 2))).tensor.equal(a.tensor.view(2, 2, 2))
    A=1 -> refused                       | a.unflatten("A", (1, 1))
    A=1 -> refused                       | a.unflatten(0, (1, 1))
    A=2 B=4 -> refused elements-differ     | a.unflatten("B", (("B1", 3), ("B2", -1)))
    A=2 B=0 -> refused elements-differ     | a.unflatten("B", (("B1", 0), ("B2", -1)))
    N=7 D=30 K=11 -> N=7 C=2 H=3 W=5 K=11 | a.unflatten("D", OrderedDict((("C", 2), ("H", 3), ("W", 5))))
    N=7 D=30 K=11 -> N=7 H=1 D=30 K=11   | a.unflatten("N", (("N", 7), ("H", 1)))
    N=7 D=30 K=11 -> N=7 D=30 K=11 H=1   | a.unflatten("K", (("K", 11), ("H", 1)))
    N=7 D=30 K=11 -> refused elements-differ | a.unflatten("D", (("H", 3), ("W", 5)))
    N=7 D=30 K=11 -> refused RuntimeError    | a.unflatten("D", None)
    N=7 D=30 K=11 -> refused elements-differ | a.unflatten("D", OrderedDict())
    """),
)  # fmt: skip

SHOWN = facts("""
N=2 C=3 -> True                | all(name in repr(a) for name in a.names)
N=128 C=3 H=64 W=64 -> True    | all(name in repr(a) for name in a.names)
_=2 _=3 -> False               | "names" in repr(a)
""")

INFORMING = (
    *each(
        "device dtype is_cuda is_leaf is_sparse layout shape ndim output_nr requires_grad",
        "N D -> True | a.OP == a.tensor.OP",
    ),
    *each(
        "get_device is_complex is_floating_point numel dim element_size is_contiguous is_pinned is_shared ndimension"
        " nelement size storage_offset stride data_ptr type is_signed",
        "N D -> True | a.OP() == a.tensor.OP()",
    ),
    *facts("""
    N=1 D=1 -> True  | a.is_nonzero()
    N=1 D=1 -> True  | a.item() == a.tensor.item()
    N D -> True      | torch.is_same_size(a, a)
    N D -> True      | torch.is_signed(a)
    N=3 D=2 -> 2     | a.size(1)
    N=3 D=2 -> 1     | a.stride(1)
    N D -> N D       | a.data
    N D -> True      | a.storage().data_ptr() == a.data_ptr()
    N D -> True      | a.storage_type() is a.tensor.storage_type()
    """),
)  # fmt: skip

KEPT = facts("""
N C -> refused   | saved(a)
N C -> refused   | pickled(a)
N C -> refused   | sent(a)
""")

COMPILED = facts("""
-> refused       | traced(lambda x: namedtorch.full(x.shape, 2.0, names=("N",)))
-> refused       | traced(lambda x: named(x, "N").select("N", 1))
N=2 C=3 -> refused RuntimeError | scripted(a)
""")

DIFFERENTIATED = facts("""
N D -> True           | gradient(lambda a: a.clone(), a) is not None
N C -> True           | gradient(lambda a: a.sigmoid(), a) is not None   ## no names are asked of it
N D -> N D            | retained(a.requires_grad_().clone())
N D -> True           | hooked(a.requires_grad_().clone())
N D -> False          | a.requires_grad_().relu().grad_fn is None
N -> N                | a.requires_grad_().detach()
N -> N                | a.requires_grad_().clone().detach_()
_ _, N C -> _ _, _ _  | gradient(lambda a, b: a * b, a, b)
N C, N C -> warned    | a.requires_grad_().clone().backward(b)
""")

UNSUPPORTED = (
    *facts("""
    N C -> refused       | torch.pdist(a)
    N C -> refused operator-without-rule | a.as_strided_((2, 2), (2, 1))
    _ _ -> refused dim-missing | a.squeeze_("N")
    """),
    *facts("""
    N C=3 H W, _ _=3 _ _ -> refused | F.conv2d(a, b)
    N C H W -> refused   | F.avg_pool2d(a, 2)
    N C=3 -> refused     | F.layer_norm(a, (3,))
    N C, C, C -> refused | F.batch_norm(a, b, c)
    N C, D C -> refused  | torch.einsum("nc,dc->nd", a, b)
    N C -> refused       | a.view(4)
    N C -> refused       | a.gather(1, a.tensor.long())
    N C -> refused       | a.topk(1, "C")
    N C, N -> refused    | F.cross_entropy(a, b.long())
    N, V D -> refused    | F.embedding(a.long(), b)
    N T D, _ _ -> refused | F.linear(a, b)
    """),
)  # fmt: skip

TABLES: dict[str, Table] = {
    "factories": FACTORIES,
    "names": NAMES,
    "sizes": SIZES,
    "aligned": ALIGNED,
    "merged": MERGED,
    "shown": SHOWN,
    "informing": INFORMING,
    "kept": KEPT,
    "compiled": COMPILED,
    "differentiated": DIFFERENTIATED,
    "unsupported": UNSUPPORTED,
}
"""Every fact of this file."""

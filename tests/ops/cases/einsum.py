"""Cases of einsum."""

from tests.ops.oracle import Case, call, t

_ONE = [
    "ij->ji",
    "ij",
    "ji",
    "ii",
    "ii->i",
    "ij->",
    "i j -> j i",
    "...",
    "...->",
    "...i->i...",
    "i...->...",
    "ij...->j",
    "ij->ijk",
    "ij->ii",
    "i1->i",
    "i,j->ij",
    "ij->k",
    "Ba",
    "..ij->i",
    "i....j->i",
    "ij->i->j",
    "",
    "->",
    "bAa->Aab",
]
_TWO = [
    "ij,jk->ik",
    "ij,kj->ik",
    "ij,jk",
    "bij,bjk->bik",
    "bij,jk->bik",
    "...ij,...jk->...ik",
    "...ij,jk->...ik",
    "i,j->ij",
    "bhid,bhjd->bhij",
    "bhqd,bkd->bhqk",
    "bqhd,bkhd->bhqk",
    "nchw,oc->nohw",
    "ij,ij->",
    "ij,ij->ij",
    "ii,i->i",
    "i,i",
    "...d,...d->...",
    "...,...",
    "...i,...",
    "b...d,d->b...",
    "ab,bc->abc",
    "ij,jk,kl->il",
    "ij->ij",
]
_SHAPES = [(), (3,), (3, 3), (2, 3), (5, 2, 3), (3, 1), (7, 5, 2, 3)]
_PAIRS = [
    ((2, 3), (3, 5)),
    ((2, 3), (5, 3)),
    ((7, 2, 3), (7, 3, 5)),
    ((7, 2, 3), (1, 3, 5)),
    ((7, 2, 3), (3, 5)),
    ((3,), (3,)),
    ((3,), (5,)),
    ((3, 3), (3,)),
    ((2, 3, 5, 7), (2, 3, 11, 7)),
    ((2, 5, 3, 7), (2, 11, 3, 7)),
    ((2, 3, 5, 7), (11, 3)),
    ((2, 3, 5, 7), (2, 11, 7)),
    ((2, 3), (2, 3)),
    ((2, 1), (2, 3)),
    ((7, 1, 2, 3), (5, 3, 11)),
    ((), (3,)),
    ((2, 3, 5), (5,)),
]

CASES = [
    *(call("torch.einsum", equation, t(*shape)) for equation in _ONE for shape in _SHAPES),
    *(call("torch.einsum", equation, t(*a), t(*b)) for equation in _TWO for a, b in _PAIRS),
    *(
        call("torch.einsum", "ij,jk,kl->il", t(2, 3), t(3, 5), t(*last))
        for last in ((5, 7), (3, 7), (5,), (1, 7))
    ),
    call("torch.einsum", "ij,jk->ik", [t(2, 3), t(3, 5)]),
    call("torch.einsum", "ij,jk->ik", [t(2, 3), t(5, 3)]),
    Case("torch.einsum", (t(2, 3), [0, 1], t(3, 5), [1, 2]), unknown=True),
]

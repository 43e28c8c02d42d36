"""Cases of diagonals and triangles."""

from tests.ops.oracle import call, t

_OFFSETS = (0, 1, -1, 3, -4)

CASES = [
    *(
        call(f"{home}.{name}", t(*sizes), *arguments)
        for home in ("torch", "torch.Tensor")
        for name in ("tril", "triu")
        for sizes in ((2, 3), (5, 2, 3), (3,), ())
        for arguments in ((), (1,))
    ),
    *(
        call(spelling, t(5, 3, 2), offset, *dims)
        for spelling in ("torch.diagonal", "torch.Tensor.diagonal")
        for offset in _OFFSETS
        for dims in ((), (1, 2), (0, -1), (2, 0), (1, 1), (0, 3))
    ),
    *(call("torch.linalg.diagonal", t(5, 3, 2), offset=offset) for offset in _OFFSETS),
    call("torch.diagonal", t(5)),
    *(
        call(spelling, t(*sizes), offset)
        for spelling in ("torch.diag", "torch.Tensor.diag")
        for sizes in ((3,), (2, 5), (2, 3, 5), ())
        for offset in _OFFSETS
    ),
    *(
        call(spelling, t(*sizes), offset)
        for spelling in ("torch.diagflat", "torch.Tensor.diagflat")
        for sizes in ((3,), (2, 5), ())
        for offset in (0, 2, -1)
    ),
    *(
        call(spelling, t(2, 3), *arguments)
        for spelling in ("torch.diag_embed", "torch.Tensor.diag_embed")
        for arguments in ((), (1,), (-2,), (0, 0, 1), (0, 0, -1), (0, 2, 1), (1, 0, 2), (0, 1, 1), (0, 3, 1))
    ),
    call("torch.diag_embed", t()),
    call("torch.trace", t(2, 3)),
    call("torch.Tensor.trace", t(3, 3)),
    call("torch.trace", t(3)),
    call("torch.trace", t(2, 3, 5)),
]

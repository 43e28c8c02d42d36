"""Views of tensors whose sizes are symbols: what comes out, what is refused, and which views move dims."""

import pytest

from tests.ops.written import gives, sizes

VIEW = "torch.Tensor.view"
MOVES = " !view-moves-dims"

# What is viewed, the sizes of the view, the result.
SILENT = [
    ("T B C", "T//2 2*B C", "T//2 2*B C"),
    ("B T C", "B*T//4 4 C", "(B*T)//4 4 C"),
    ("B H W C", "-1 w w C", "(B*H*W)//(w**2) w w C"),
    ("B H W 48", "B -1 48", "B (H W) 48"),
    ("B T C", "B T C", "B T C"),
    ("B T h*d", "B T h d", "B T h d"),
    ("B T (h d)", "B T h d", "B T h d"),
    ("B T (h d)", "B T -1 d", "B T h d"),
    ("B T C", "B T h C//h", "B T h C//h"),
    ("B T C", "B T -1 C//h", "B T h C//h"),
    ("B T C", "B T h -1", "B T h C//h"),
    ("B T h d", "B T -1", "B T (h d)"),
    ("B T h d", "B T h*d", "B T (h d)"),
    ("B T h C//h", "B T C", "B T (h C//h)"),
    ("B T h C//h", "B T -1", "B T (h C//h)"),
    ("B T C", "-1 C", "(B T) C"),
    ("B T C", "B*T C", "(B T) C"),
    ("(B T) C", "B T C", "B T C"),
    ("B*T C", "B T C", "B T C"),
    ("B*T C", "B -1 C", "B T C"),
    ("N C H W", "N -1", "N (C H W)"),
    ("N C H W", "N C*H*W", "N (C H W)"),
    ("N C 7 7", "N -1", "N (C 7 7)"),
    ("N C 1 1", "N C", "N C"),
    ("N C", "N C 1 1", "N C 1 1"),
    ("N C H W", "N C H*W", "N C (H W)"),
    ("N C H W", "N*C 1 H W", "(N C) 1 H W"),
    ("N C H W", "1 N*C H W", "1 (N C) H W"),
    ("N 64 H W", "N 8 8 H W", "N 8 8 H W"),
    ("N g*c H W", "N g c H W", "N g c H W"),
    ("N g c H W", "N g*c H W", "N (g c) H W"),
    ("N C H W", "N g C//g H W", "N g C//g H W"),
    ("N C H W", "N g -1 H W", "N g C//g H W"),
    ("N C H W", "N g -1", "N g (C*H*W)//g"),
    ("B H W C", "B H//w w W//w w C", "B H//w w W//w w C"),
    ("B H W C", "B H//7 7 W//7 7 C", "B H//7 7 W//7 7 C"),
    ("B H//w W//w w w C", "-1 w w C", "(B H//w W//w) w w C"),
    ("B H//w w W//w w C", "B H W C", "B (H//w w) (W//w w) C"),
    ("B T 3*h*d", "B T 3 h d", "B T 3 h d"),
    ("B T 3*C", "B T 3 h C//h", "B T 3 h C//h"),
    ("T B C", "T B*h C//h", "T B*h C//h"),
    ("T B*h d", "T B C", "T B C"),
    ("T B h*d", "T B*h d", "T B*h d"),
    ("T C", "T//2 2 C", "T//2 2 C"),
    ("T C", "T//2 2*C", "T//2 2*C"),
    ("B 2*T C", "B T 2*C", "B T 2*C"),
    ("B T C", "B T//2 2*C", "B T//2 2*C"),
    ("B C H W", "B C H//p p W//p p", "B C H//p p W//p p"),
    ("B h T S+1", "B h S+1 T", "B h _ _"),
    ("N N C", "N N C", "N N C"),
    ("N D D", "N D*D", "N (D D)"),
    ("B h*w C", "B h w C", "B h w C"),
    ("N C", "N M K", "N M K"),
    ("B N C", "B H W C", "B H W C"),
    ("B C N", "B C H W", "B C H W"),
    ("B C N", "B h d N", "B h d N"),
    ("(H W)", "H W", "H W"),
    ("4 6", "4 2 3", "4 2 3"),
    ("N 16 8", "N 4 4 8", "N 4 4 8"),
    ("N 4 4 16", "N 16 16", "N (4 4) 16"),
    ("_ C H W", "-1 C H*W", "_ C H*W"),
    ("B _ C", "B -1 C", "B _ C"),
    ("... C", "B T C", "B T C"),
    ("B ... C", "B -1", "B _"),
    ("N 4", "-1 8", "N//2 8"),
    ("N 16", "-1 4", "4*N 4"),
    ("B 3*C", "B -1 2", "B (3*C)//2 2"),
    ("", "1", "1"),
    ("2*C", "C 2", "C 2"),
    ("(C+1)*T", "C+1 -1", "C+1 T"),
]  # fmt: skip

MOVED = [
    ("B C H W", "B 4*C H//2 W//2", "B 4*C H//2 W//2"),
    ("B (3 4 4) (H W)", "B -1 48", "B H*W 48"),
    ("B H*W 48", "B 48 H W", "B 48 H W"),
    ("B 48 H W", "B H*W 48", "B H*W 48"),
    ("T B C", "B T*C", "B C*T"),
    ("B T C", "T B C", "T B C"),
    ("N H W C", "N C H W", "N C H W"),
    ("N C H W", "N H W C", "N H W C"),
    ("N H W 3", "N 3 H W", "N 3 H W"),
    ("N 32 32 3", "N 3 32 32", "N 3 32 32"),
    ("B C W H", "B C H W", "B C H W"),
    ("B T h*d", "B h T d", "B h T d"),
    ("B T (h d)", "B h T d", "B h T d"),
    ("B T C", "B h T C//h", "B h T C//h"),
    ("B T C", "B h T -1", "B h T C//h"),
    ("B T C", "B h T d", "B h T d"),
    ("B T 64", "B 8 T 8", "B 8 T 8"),
    ("B 10 64", "B 8 10 8", "B 8 10 8"),
    ("B h T d", "B T h*d", "B T d*h"),
    ("B h T d", "B T -1", "B T d*h"),
    ("B h T d", "B T C", "B T C"),
    ("B h T C//h", "B T C", "B T C"),
    ("B 8 10 8", "B 10 64", "B 10 64"),
    ("B T h d", "B*h T d", "B*h T d"),
    ("B N 3*h*d", "3 B N h*d", "3 B N d*h"),
    ("B T 3 d", "3 B T d", "3 B T d"),
    ("L B C", "B L*C", "B C*L"),
    ("2 B C", "B -1", "B 2*C"),
    ("T B C", "B -1", "B C*T"),
    ("B C H W", "B H*W C", "B H*W C"),
    ("B C H W", "B -1 C", "B H*W C"),
    ("B C H W", "-1 C", "B*H*W C"),
    ("B V T", "-1 V", "B*T V"),
    ("B 49 768", "B 768 7 7", "B 768 7 7"),
    ("B 768 7 7", "B 49 768", "B 49 768"),
    ("B (H W) C", "B C H W", "B C H W"),
    ("B (H W)", "B W H", "B W H"),
    ("(T B) C", "B T C", "B T C"),
    ("B N C", "B C H W", "B C H W"),
]  # fmt: skip

REFUSED = [
    ("B T C", "B T D"),
    ("B T C", "B T 2*C"),
    ("B T C", "B T h C"),
    ("B T 30", "B T 5 30"),
    ("N 16 5 5", "N 256"),
    ("N C 4 4", "N 8*C"),
    ("N C", "N C C"),
    ("5 7", "-1 4"),
    ("N C", "-1 -1"),
    ("N C", "N -2"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "asked", "result"), SILENT)
def test_view_keeps_the_order(given: str, asked: str, result: str) -> None:
    assert gives(VIEW, given, *sizes(asked)) == result


@pytest.mark.parametrize(("given", "asked", "result"), MOVED)
def test_view_moves_dims(given: str, asked: str, result: str) -> None:
    assert gives(VIEW, given, *sizes(asked)) == result + MOVES


@pytest.mark.parametrize(("given", "asked"), REFUSED)
def test_view_of_another_number_of_elements(given: str, asked: str) -> None:
    assert gives(VIEW, given, *sizes(asked)) == "elements-differ"


@pytest.mark.parametrize(
    ("given", "asked", "result"),
    [
        ("N 400", "-1 256", "(25*N)//16 256"),
        ("N 16 6 6", "-1 400", "(36*N)//25 400"),
    ],
)
def test_view_cuts_the_leading_dim(given: str, asked: str, result: str) -> None:
    assert gives(VIEW, given, *sizes(asked)) == result + " !view-cuts-dim"

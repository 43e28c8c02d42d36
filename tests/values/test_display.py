"""How a NamedTensor is shown."""

from html.parser import HTMLParser

import pytest
import torch

from namedtorch import NamedTensor, named, randn, zeros
from namedtorch.values.display import SHOWN

SHOWN_AS: list[tuple[NamedTensor, str]] = [
    (named(torch.tensor([1.0, 2.5, -3.0]), "N"), "NamedTensor(N=3, float32, [ 1.0000,  2.5000, -3.0000])"),
    (named(torch.ones(2, 3), "N 3"), "NamedTensor(N=2 3, float32,\n[[1., 1., 1.],\n [1., 1., 1.]])"),
    (
        named(torch.zeros(2, 2, 1, dtype=torch.int8), "A B C"),
        "NamedTensor(A=2 B=2 C=1, int8,\n[[[0],\n  [0]],\n\n [[0],\n  [0]]])",
    ),
    (named(torch.ones(1, 6), "N (H=2 W)"), "NamedTensor(N=1 (H W)=6, float32, [[1., 1., 1., 1., 1., 1.]])"),
    (named(torch.tensor(3.5), ""), "NamedTensor(float32, 3.5000)"),
    (named(torch.tensor(True), ""), "NamedTensor(bool, True)"),
    (named(torch.tensor(1 - 2j), ""), "NamedTensor(complex64, 1.-2.j)"),
    (zeros(N=0, C=3), "NamedTensor(N=0 C=3, float32, [])"),
    (zeros(N=2, device="meta"), "NamedTensor(N=2, float32, device=meta, ...)"),
    (zeros(N=2, requires_grad=True), "NamedTensor(N=2, float32, requires_grad=True, [0., 0.])"),
    (zeros(N=2, requires_grad=True) + 1, "NamedTensor(N=2, float32, grad_fn=<AddBackward0>, [1., 1.])"),
    (
        named(torch.tensor([0.0, 1.0]).to_sparse(), "N"),
        ("NamedTensor(N=2, float32,\n"
        "tensor(indices=tensor([[1]]),\n       values=tensor([1.]),\n"
        "       size=(2,), nnz=1, layout=torch.sparse_coo))"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("x", "text"), SHOWN_AS, ids=[text for _, text in SHOWN_AS])
def test_dims_and_sizes_stand_before_the_elements(x: NamedTensor, text: str) -> None:
    assert repr(x) == str(x) == f"{x}" == text


def test_large_tensors_are_short() -> None:
    text = repr(zeros(N=500, C=400))
    assert text.startswith("NamedTensor(N=500 C=400, float32,\n[[0., 0., 0.,  ..., 0., 0., 0.],\n")
    assert len(text.splitlines()) < 12


def test_the_print_options_of_torch_hold() -> None:
    torch.set_printoptions(precision=1)
    try:
        assert repr(named(torch.tensor([0.25]), "N")) == "NamedTensor(N=1, float32, [0.2])"
    finally:
        torch.set_printoptions(profile="default")


def test_a_number_is_formatted_as_one() -> None:
    assert f"{named(torch.tensor(2.5), ''):.2f}" == "2.50"


# Notebooks


class Tables(HTMLParser):
    """The cells of all tables, row by row; what is not closed is left in `opened`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.opened: list[str] = []
        self.outside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.opened.append(tag)
        if tag in ("tr", "caption"):
            self.rows.append([])
        if tag in ("td", "th", "caption"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.opened[-1] in ("td", "th", "caption"):
            self.rows[-1][-1] += data
        else:
            self.outside += data


def cells(x: NamedTensor) -> list[list[str]]:
    tables = Tables(x._repr_html_())  # type: ignore[attr-defined] # notebooks ask for it
    assert tables.opened == []
    return tables.rows


def test_a_matrix_is_a_table() -> None:
    assert cells(named(torch.tensor([[1, 2, 3], [4, 5, 6]]), "N C")) == [
        ["NamedTensor, int64"],
        ["dim", "N", "C"],
        ["size", "2", "3"],
        ["N \\ C", "0", "1", "2"],
        ["0", "1", "2", "3"],
        ["1", "4", "5", "6"],
    ]


def test_a_vector_is_a_row() -> None:
    assert cells(named(torch.tensor([0.5, 1.0]), "_"))[3:] == [["_", "0", "1"], ["", "0.5", "1"]]


def test_what_is_large_is_cut_in_the_middle() -> None:
    rows = cells(randn(N=100, C=2 * SHOWN + 1))[3:]
    assert len(rows) == 1 + 2 * SHOWN + 1
    assert [row[0] for row in rows[SHOWN:][:3]] == ["3", "…", "96"]
    assert {len(row) for row in rows} == {2 * SHOWN + 2}


def test_other_ranks_are_printed_below_their_dims() -> None:
    tables = Tables(zeros(A=1, B=2, C=3)._repr_html_())  # type: ignore[attr-defined] # notebooks ask for it
    assert tables.rows == [["NamedTensor, float32"], ["dim", "A", "B", "C"], ["size", "1", "2", "3"]]
    assert tables.outside == "[[[0., 0., 0.],\n  [0., 0., 0.]]]"
    for x in (named(torch.tensor(1), ""), zeros(N=0), zeros(N=2, device="meta")):
        assert "<pre>" in x._repr_html_()  # type: ignore[attr-defined] # notebooks ask for it


def test_nothing_of_it_is_markup() -> None:
    text = (zeros(N=2, requires_grad=True) + 1)._repr_html_()  # type: ignore[attr-defined] # notebooks ask for it
    assert "grad_fn=&lt;AddBackward0&gt;" in text
    assert Tables(NamedTensor(torch.ones(2), ("<b>",))._repr_html_()).rows[1] == ["dim", "<b>"]  # type: ignore[attr-defined] # notebooks

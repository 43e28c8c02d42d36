"""Methods that are told dims by name, in plain torch: numbers of axes, from the left, all else as it is written."""

import ast
from pathlib import Path

import pytest

from namedtorch.erase.site import Unsettled
from tests.erase.running import becomes
from tests.erase.sources import erased

X = "x: N=2 C=3 T=4"

CASES = [
    # One dim, several, by place and by keyword; what is no name stays.
    ('x.sum("C")', "x.sum(1)"),
    ('x.sum(dim="C", keepdim=True)', "x.sum(dim=1, keepdim=True)"),
    ('x.mean(("N", "T"))', "x.mean((0, 2))"),
    ('x.mean(dim=["T", 1])', "x.mean(dim=[2, 1])"),
    ('x.sum(("C", -1), keepdim=True)', "x.sum((1, -1), keepdim=True)"),
    ('x.softmax("T")', "x.softmax(2)"),
    ('x.max("C").values', "x.max(1).values"),
    ('x.kthvalue(2, "C")[0]', "x.kthvalue(2, 1)[0]"),
    ('x.transpose("C", "T")', "x.transpose(1, 2)"),
    ('x.transpose("T", 0)', "x.transpose(2, 0)"),
    ('x.permute("T", "N", "C")', "x.permute(2, 0, 1)"),
    ('x.permute(["T", "N", "C"])', "x.permute([2, 0, 1])"),
    ('x.permute("T", 0, "C")', "x.permute(2, 0, 1)"),
    ('x.flip("T", "C")', "x.flip(2, 1)"),
    ('x.roll((1, 2), ("T", "C"))', "x.roll((1, 2), (2, 1))"),
    ('x.split([1, 3], dim="T")[1]', "x.split([1, 3], dim=2)[1]"),
    ('x.unbind("N")[1]', "x.unbind(0)[1]"),
    ('x.select("C", 0)', "x.select(1, 0)"),
    ('x.narrow("C", 1, 2)', "x.narrow(1, 1, 2)"),
    ('x.size("C")', "x.size(1)"),
    ('x.stride("C")', "x.stride(1)"),
    ('x.flatten("C", "T")', "x.flatten(1, 2)"),
    ('x.unflatten("T", (2, -1))', "x.unflatten(2, (2, -1))"),
    ('x.diagonal(0, "C", "T")', "x.diagonal(0, 1, 2)"),
    # numpy's words, which TorchScript does not know.
    ('x.sum(axis="C", keepdims=True)', "x.sum(dim=1, keepdim=True)"),
    # What only named tensors have.
    ('x.var_mean("C")', "torch.var_mean(x, 1)"),
    ('x.std_mean(["C", "T"], keepdim=True)', "torch.std_mean(x, [1, 2], keepdim=True)"),
    ("x.has_names()", "True"),
    # Calls without names are nobody's business.
    ("x.relu().sum(1).mean()", "x.relu().sum(1).mean()"),
    ("x.sum(-1, keepdim=True)", "x.sum(-1, keepdim=True)"),
    # One behind the other, and inside of one another.
    ('x.softmax("T").sum("T").max("C")[0]', "x.softmax(2).sum(2).max(1)[0]"),
    ('x.sum("C").mul(x.mean("C")).amax("T")', "x.sum(1).mul(x.mean(1)).amax(1)"),
]


@pytest.mark.parametrize(("body", "plain"), CASES)
def test_names_become_numbers(body: str, plain: str, tmp_path: Path) -> None:
    assert becomes(X, body, tmp_path) == f"return {plain}"


BODIES = [
    # Dims that are held in variables, in lists and in tuples.
    ('where = ("C", "T")\nreturn x.sum(where)', "where = ('C', 'T')\nreturn x.sum((1, 2))"),
    ('return x.permute(*("T", "N", "C"))', "return x.permute(2, 0, 1)"),
    ('return x.sum(**{"keepdim": True}, dim=1)', "return x.sum(**{'keepdim': True}, dim=1)"),
    # A loop in which the dims stay.
    (
        'for _ in range(3):\n    x = x.softmax("C") + 1\nreturn x',
        "for _ in range(3):\n    x = x.softmax(1) + 1\nreturn x",
    ),
    (
        'total = x.sum("C")\nfor step in x.unbind("T"):\n    total = total + step.mean("C")[:, None]\nreturn total',
        "total = x.sum(1)\nfor step in x.unbind(2):\n    total = total + step.mean(1)[:, None]\nreturn total",
    ),
    # Branches in which they do.
    (
        'if bool(x.sum() > 0):\n    y = x.exp()\nelse:\n    y = x.tanh()\nreturn y.sum("T")',
        "if bool(x.sum() > 0):\n    y = x.exp()\nelse:\n    y = x.tanh()\nreturn y.sum(2)",
    ),
    # A number that is another one in each branch is no tensor that could have dims.
    (
        'start = 0\nif bool(x.sum() > 0):\n    start = x.size("C")\nreturn (x.sum("C") + start).softmax("T")',
        "start = 0\nif bool(x.sum() > 0):\n    start = x.size(1)\nreturn (x.sum(1) + start).softmax(1)",
    ),
    # In place.
    (
        'y = x.clone()\ny.transpose_("C", "T")\nreturn y.sum("C")',
        "y = x.clone()\ny.transpose_(1, 2)\nreturn y.sum(2)",
    ),
    ('y = x.clone()\ny.rename_(C="K")\nreturn y.sum("K")', "y = x.clone()\nreturn y.sum(1)"),
]


@pytest.mark.parametrize(("body", "plain"), BODIES)
def test_bodies(body: str, plain: str, tmp_path: Path) -> None:
    scripted = "**" not in body
    if scripted:
        assert becomes(X, body, tmp_path) == plain
    else:
        text = "\n".join(f"    {line}" for line in body.splitlines())
        assert erased(f'def f(x: Float[NamedTensor, "N C T"]):\n{text}\n', tmp_path) == plain


def test_behind_any_number_of_axes_they_count_from_the_right(tmp_path: Path) -> None:
    text = 'def f(x: Float[NamedTensor, "... C T"]):\n    return x.sum("C").softmax(dim=["T"][0])\n'
    assert erased(text, tmp_path) == "return x.sum(-2).softmax(dim=-1)"
    text = 'def f(x: Float[NamedTensor, "N ... T"]):\n    return x.sum("N"), x.sum(("N", "T"))\n'
    assert erased(text, tmp_path) == "return (x.sum(0), x.sum((0, -1)))"


KNOWN = 'annotate the parameter: `x: Float[NamedTensor, "N C"]`, with the dims that it has'

REFUSED = [
    ('x, y', 'return y * x.sum("C")', "x", "the dims of `x` are not known", KNOWN),
    ("x", 'return x.align_to("C", ...)', "x", "the dims of `x` are not known", KNOWN),
    ("x: NamedTensor", 'return x.sum("C")', "x", "the dims of `x` are not known", KNOWN),
    (
        'x: Float[NamedTensor, "N _"]', 'return x.sum("C")',
        "x", "of the dims of `x`, only these are known: `N _`", KNOWN,
    ),
    (
        'x: Float[NamedTensor, "_ 3"]', 'return x.has_names()',
        "x", "of the dims of `x`, only these are known: `_ _`", KNOWN,
    ),
    (
        'x: Float[NamedTensor, "... C"]', 'return x.align_to("C", ...)',
        "x", "of the dims of `x`, only these are known: `... C`", KNOWN,
    ),
    (
        'x: Float[NamedTensor, "N C"]', 'for _ in range(2):\n    x = x.align_to("C", "N")\nreturn x',
        "x", "`x` has other dims at another time, in a loop or behind a branch: `N C`, and `C N`",
        "put its dims in one order before: `align_to('N', 'C')`",
    ),
    (
        'x: Float[NamedTensor, "N C"]', 'for _ in range(2):\n    x = x.softmax("C").transpose(0, 1)\nreturn x',
        "x", "`x` has other dims at another time, in a loop or behind a branch: `N C`, and `C N`",
        "put its dims in one order before: `align_to('N', 'C')`",
    ),
    (
        'x: Float[NamedTensor, "N C T"]', 'for dim in ("C", "T"):\n    x = x.softmax(dim)\nreturn x',
        "x.softmax(dim)", "the dims that it names are other ones at another time, in a loop or behind a branch",
        "write the call once for each of them",
    ),
    (
        'x: Float[NamedTensor, "N C T"], words: list[str]', "return x.align_to(*words)",
        "*words", "it is not known what `*words` stands for", "write the arguments one by one",
    ),
    (
        'x: Float[NamedTensor, "N C T"], word: str', 'return x.rearrange(word)',
        "word", "the value of `word` is not known", "write the names of dims in the call itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "body", "where", "reason", "help"), REFUSED)
def test_what_is_not_known_is_said(
    given: str, body: str, where: str, reason: str, help: str, tmp_path: Path
) -> None:
    text = "\n".join([f"def f({given}):", *(f"    {line}" for line in body.splitlines())])
    with pytest.raises(Unsettled) as caught:
        erased(text, tmp_path)
    node = caught.value.node
    assert (ast.unparse(node), caught.value.reason, caught.value.help) == (where, reason, help)

"""What only a NamedTensor has becomes constants, sizes and the tensor itself."""

from pathlib import Path

import pytest
import torch

from namedtorch import named
from namedtorch.erase.site import Unsettled
from tests.erase.running import agrees
from tests.erase.sources import erased

X = named(torch.arange(24, dtype=torch.float32).reshape(2, 3, 4), "N C T")

READ = [
    ("x.tensor", "x"),
    ("x.tensor[:, 0]", "x[:, 0]"),
    ("(x + 1).tensor", "x + 1"),
    ("x.dims", "('N', 'C', 'T')"),
    ("x.names", "('N', 'C', 'T')"),
    ("x[:, None].dims", "('N', None, 'C', 'T')"),
    ("x.mean(1).dims", "('N', 'T')"),
    ("x.dims[1]", "'C'"),
    ("x.dims[-1]", "'T'"),
    ("x.dims[:2]", "('N', 'C')"),
    ("x.dims[i]", "('N', 'C', 'T')[i]"),
    ("len(x.dims)", "3"),
    ("len(x.dims) - 1", "3 - 1"),
    ("x.dims.index('T')", "2"),
    ("x.dims.count('K')", "0"),
    ("'C' in x.dims", "True"),
    ("'K' in x.dims", "False"),
    ("'K' not in x.dims", "True"),
    ("x.dims == ('N', 'C', 'T')", "True"),
    ("x.dims != y.dims", "True"),
    ("x.dims[0] == y.dims[0]", "True"),
    ("'C' in x.sizes", "True"),
    ("len(x.sizes)", "3"),
    ("x.sizes", "{'N': x.size(0), 'C': x.size(1), 'T': x.size(2)}"),
    ("y.sizes['N'] + x.sizes['T']", "y.size(0) + x.size(2)"),
    ("x.shape", "x.shape"),
    ("x.ndim", "x.ndim"),
    ("x.dtype == torch.float32", "x.dtype == torch.float32"),
]

ONLY_EAGER = ("x.dims[i]", "x.dims[:2]", "x[:, None].dims")
"""TorchScript indexes no tuple by a variable, and has no tuple of texts and None."""


@pytest.mark.parametrize(("read", "plain"), READ, ids=[read for read, _ in READ])
def test_an_attribute_is_what_it_tells(read: str, plain: str, tmp_path: Path) -> None:
    text = f"""
def f(x: Float[NamedTensor, "N C T"], y: Float[NamedTensor, "N"], i: int):
    return {read}
"""
    given = named(torch.ones(2), "N")
    assert agrees(text, tmp_path, X, given, 1, scripted=read not in ONLY_EAGER) == f"return {plain}"


def test_names_that_decide_leave_no_branch(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C T"]):
    assert "C" in x.dims, "no channels"
    assert x.dims[0] == "N"
    if "K" in x.dims:
        x = x["K", 0]
    elif len(x.dims) == 3:
        x = x["C", 0]
    return x
"""
    assert agrees(text, tmp_path, X) == "x = x[:, 0]\nreturn x"


def test_a_tensor_that_is_renamed_in_place_stays_what_it_is(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C T"], late: bool):
    x.names = ("N", "K", "T")
    if late:
        x.names = None
        x.names = ("N", "K", "T")
    return x["K", 0]
"""
    assert agrees(text, tmp_path, X, True) == "if late:\n    pass\nreturn x[:, 0]"


def test_what_runs_for_its_effect_still_runs(tmp_path: Path) -> None:
    text = """
def step(done: list[int], x):
    done.append(1)
    return x


def f(x: Float[NamedTensor, "N C T"]):
    done: list[int] = []
    return step(done, x).dims, len(step(done, x).dims), done
"""
    found = agrees(text, tmp_path, X, scripted=False)
    assert found.splitlines()[1:] == [
        "x_1 = step(done, x)",
        "x_2 = step(done, x)",
        "return (('N', 'C', 'T'), len(('N', 'C', 'T')), done)",
    ]


def test_attributes_of_others_stay(tmp_path: Path) -> None:
    text = """
class Box(nn.Module):
    def __init__(self):
        super().__init__()
        self.tensor = torch.ones(2)
        self.dims = 3
        self.sizes = {"N": 4}


def f(x: Float[NamedTensor, "N C T"]):
    box = Box()
    return box.tensor + box.dims, box.sizes["N"]
"""
    found = agrees(text, tmp_path, X, scripted=False)
    assert found.splitlines()[-1] == "return (box.tensor + box.dims, box.sizes['N'])"


def test_an_optional_tensor_is_read_where_it_is_there(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C T"], y: Float[NamedTensor, "N C"] | None = None):
    if y is not None:
        x = x + y.tensor[:, :, None] * y.sizes["C"] + y["C", 0][:, None, None]
    return x
"""
    assert agrees(text, tmp_path, X, named(torch.ones(2, 3), "N C")).splitlines()[1:] == [
        "    x = x + y[:, :, None] * y.size(1) + y[:, 0][:, None, None]",
        "return x",
    ]


UNSETTLED = [
    ("y.dims", "of the dims of `y`, only these are known: `N _`"),
    ("y.sizes", "of the dims of `y`, only these are known: `N _`"),
    ("z.dims", "of the dims of `z`, only these are known: `N ...`"),
    ("z.sizes['C']", "of the dims of `z`, only these are known: `N ...`"),
]


@pytest.mark.parametrize(("read", "reason"), UNSETTLED, ids=[read for read, _ in UNSETTLED])
def test_names_that_nothing_tells_are_refused(read: str, reason: str, tmp_path: Path) -> None:
    text = f"""
def f(x: Float[NamedTensor, "N C T"], y: Float[NamedTensor, "N _"], z: Float[NamedTensor, "N ..."]):
    return {read}
"""
    with pytest.raises(Unsettled) as caught:
        erased(text, tmp_path)
    assert caught.value.reason == reason
    assert "Float[NamedTensor" in caught.value.help


def test_the_tensor_of_another_can_not_be_exchanged(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C T"]):
    x.tensor = torch.ones(2, 3, 4)
    return x
"""
    with pytest.raises(Unsettled, match="is assigned, which changes the tensor under every name"):
        erased(text, tmp_path)


def test_known_names_are_read_behind_a_length_that_is_not(tmp_path: Path) -> None:
    text = """
def f(z: Float[NamedTensor, "N ... C"]):
    return z.sizes["N"], z.sizes["C"]
"""
    assert agrees(text, tmp_path, X.align_to("N", "T", "C")) == "return (z.size(0), z.size(-1))"

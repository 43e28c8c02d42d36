"""Subscripts by names become subscripts by position that take the same."""

from pathlib import Path

import pytest
import torch

from namedtorch import named
from namedtorch.erase.site import Unsettled
from tests.erase.running import agrees
from tests.erase.sources import erased

IMAGES = named(torch.arange(2 * 3 * 4 * 5, dtype=torch.float32).reshape(2, 3, 4, 5), "N C H W")

READ = [
    ('x["N", 0]', "x[0]"),
    ('x["C", 0]', "x[:, 0]"),
    ('x["H", 0]', "x[:, :, 0]"),
    ('x["W", 0]', "x[..., 0]"),
    ('x["W", -1]', "x[..., -1]"),
    ('x["H", 1, "W", 2:]', "x[..., 1, 2:]"),
    ('x["W", 1:3, "C", 0]', "x[:, 0, :, 1:3]"),
    ('x["C", ::2]', "x[:, ::2]"),
    ('x["C", i]', "x[:, i]"),
    ('x["C", i:i + 2, "N", i]', "x[i, i:i + 2]"),
    ('x["C", [2, 0]]', "x[:, [2, 0]]"),
    ('x["C", (2, 0)]', "x[:, [2, 0]]"),
    ('x["W", [2, 0]]', "x[:, :, :, [2, 0]]"),
    ('x["C", slice(1, 3)]', "x[:, 1:3]"),
    ('x["C", slice(2)]', "x[:, :2]"),
    ('x["C", slice(None, None, 2)]', "x[:, ::2]"),
    ('x[{"C": 0, "H": slice(1, 3)}]', "x[:, 0, 1:3]"),
    ('x[{"W": 0}]', "x[..., 0]"),
    ("x[{}]", "x[:]"),
    ('x["C", torch.tensor([1, 1])]', "x[:, torch.tensor([1, 1])]"),
    ('x["C", 0]["H", 1]', "x[:, 0][:, 1]"),
    ('(x + 1)["C", 0]', "(x + 1)[:, 0]"),
    ("x[:, 0]", "x[:, 0]"),
    ("x[..., None]", "x[..., None]"),
    ("x[x > 3]", "x[x > 3]"),
]


@pytest.mark.parametrize(("read", "plain"), READ, ids=[read for read, _ in READ])
def test_a_part_is_taken_by_position(read: str, plain: str, tmp_path: Path) -> None:
    text = f'def f(x: Float[NamedTensor, "N C H W"], i: int):\n    return {read}\n'
    assert agrees(text, tmp_path, IMAGES, 1) == f"return {plain}"


WRITTEN = [
    ('x["C", 0] = 1.0', "x[:, 0] = 1.0"),
    ('x["C", 0, "H", 0] = y', "x[:, 0, 0] = y"),
    ('x["C", 1] += x["C", 2]', "x[:, 1] += x[:, 2]"),
    ('x["W", 0] *= 2.0', "x[..., 0] *= 2.0"),
    ('x[{"N": 1}] = 0.0', "x[1] = 0.0"),
    ("x[x < 3] = 0.0", "x[x < 3] = 0.0"),
]


@pytest.mark.parametrize(("write", "plain"), WRITTEN, ids=[write for write, _ in WRITTEN])
def test_a_part_is_written_by_position(write: str, plain: str, tmp_path: Path) -> None:
    text = f"""
def f(x: Float[NamedTensor, "N C H W"], y: Float[NamedTensor, "W"]):
    {write}
    return x
"""
    weights = named(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]), "W")
    assert agrees(text, tmp_path, IMAGES, weights) == f"{plain}\nreturn x"


INDICES = [
    ('(x["V", tokens])', "x[:, tokens]"),
    ("(x[:, tokens])", "x[:, tokens]"),
    ('(x["V", tokens, "N", 0])', "x[0, tokens]"),
    ('(x["N", x["V", 0] > 0])', "x[x[:, 0] > 0]"),
]


@pytest.mark.parametrize(("read", "plain"), INDICES, ids=[read for read, _ in INDICES])
def test_tensors_of_places_and_masks_are_indices(read: str, plain: str, tmp_path: Path) -> None:
    text = f"""
def f(x: Float[NamedTensor, "N V"], tokens: Int[NamedTensor, "T"]):
    return {read}
"""
    scores = named(torch.randn(4, 10, generator=torch.Generator().manual_seed(0)), "N V")
    tokens = named(torch.tensor([3, 1, 3]), "T")
    assert agrees(text, tmp_path, scores, tokens) == f"return {plain}"


def test_an_index_may_be_a_variable(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C H W"]):
    first = {"C": 0, "W": 1}
    dim = "C"
    return x[first] + x[dim, 1]["W", 1]
"""
    found = agrees(text, tmp_path, IMAGES)
    assert found.splitlines()[-1] == "return x[:, first['C'], :, first['W']] + x[:, 1][..., 1]"


def test_what_has_side_effects_runs_once_and_in_its_order(tmp_path: Path) -> None:
    text = """
def step(done: list[int], one: int):
    done.append(one)
    return one


def f(x: Float[NamedTensor, "N C H W"]):
    done: list[int] = []
    return x["H", step(done, 3), "C", step(done, 1)], done
"""
    found = agrees(text, tmp_path, IMAGES, scripted=False)
    assert found.splitlines()[1:] == [
        "x_1 = step(done, 3)",
        "x_2 = step(done, 1)",
        "return (x[:, x_2, x_1], done)",
    ]


SIZES = [
    ('x.sizes["C"]', "x.size(1)"),
    ('x.sizes["W"] - x.sizes["N"]', "x.size(3) - x.size(0)"),
    ('(x + 1)["C", 0].sizes["H"]', "(x + 1)[:, 0].size(1)"),
]


@pytest.mark.parametrize(("read", "plain"), SIZES, ids=[read for read, _ in SIZES])
def test_a_size_by_name_is_one_by_position(read: str, plain: str, tmp_path: Path) -> None:
    text = f'def f(x: Float[NamedTensor, "N C H W"]):\n    return {read}\n'
    assert agrees(text, tmp_path, IMAGES) == f"return {plain}"


def test_dims_behind_a_part_of_unknown_length_count_from_the_right(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N ... C W"]):
    return x["C", 0, "N", 1], x.sizes["W"], x["W", 0]
"""
    assert agrees(text, tmp_path, IMAGES.rename(C="H", H="C")) == (
        "return (x[1, ..., 0, :], x.size(-1), x[..., 0])"
    )


def test_a_loop_keeps_the_places(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C H W"]):
    y = x["W", 0]
    for i in range(1, x.size(3)):
        y = y + x["W", i]
        y["C", 0] = 0.0
    return y
"""
    found = agrees(text, tmp_path, IMAGES)
    assert "y = y + x[..., i]" in found
    assert "y[:, 0] = 0.0" in found


UNSETTLED = [
    (
        """
def f(x: Float[NamedTensor, "N C T"], n: int):
    for i in range(n):
        y = x["C", i]
        x = x.transpose("C", "T")
    return y
""",
        "in a loop or behind a branch, `x` has the dims `N C T`, and then others, and all that is sure is `N _ _`",
    ),
    (
        """
def f(x: Float[NamedTensor, "N _"]):
    return x["C", 0]
""",
        "of the dims of `x`, only these are known: `N _`",
    ),
    (
        """
def f(x, n: int):
    return x["C", 0]
""",
        "the dims of `x` are not known",
    ),
    (
        """
def f(x: Float[NamedTensor, "N C T"]):
    y = x
    for dim in ("C", "T"):
        y = y + x[dim, :]
    return y
""",
        "which dim `dim` means is not one and the same each time, or is not known",
    ),
    (
        """
def f(x: Float[NamedTensor, "N C T"], name: str):
    return x[name, 0]
""",
        "which dim `name` means is not one and the same each time, or is not known",
    ),
    (
        """
def f(x: Float[NamedTensor, "N C T"], name: str):
    return x.sizes[name]
""",
        "which dim `name` means is not one and the same each time, or is not known",
    ),
]


@pytest.mark.parametrize(("text", "reason"), UNSETTLED, ids=range(len(UNSETTLED)))
def test_names_that_nothing_tells_are_refused(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Unsettled) as caught:
        erased(text, tmp_path)
    assert caught.value.reason == reason
    assert caught.value.help


def test_other_subscripts_stay(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C H W"], table: dict[str, int], items: list[int]):
    return x, table["C"] + items[0]
"""
    found = agrees(text, tmp_path, IMAGES, {"C": 3}, [4])
    assert found == "return (x, table['C'] + items[0])"

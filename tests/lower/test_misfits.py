"""Of torch's list of all the forms of a function, a refusal says the one thing that does not fit."""

from pathlib import Path

import pytest

from namedtorch import LowerError
from tests.lower.constructs.case import Code, model
from tests.lower.unverified import lower

FORM = "; TorchScript knows it as "
TYPE = "; write it with what TorchScript has for this type"
TEST = "; test it first, in a variable of its own: `k = self.k`, then `if k is not None:`"
CASES = [
    (
        "return x.sum(axis=0)",
        f"`sum` has no keyword `axis`{FORM}`sum(Tensor self, *, ScalarType? dtype=None)`",
    ),
    (
        'd = {"a": x}\nd.update(b=x)\nreturn x',
        f"`update` gets no `to_add`{FORM}`update(Dict(str, t)(a!) self,",
    ),
    ('d = {"a": x}\nreturn (d | d)["a"]', f"`|` is not for values of type Dict[str, Tensor]{TYPE}"),
    ('return x * ("a" * 3).count("a")', f"`*` is not for values of type str{TYPE}"),
    ('return x if "a" + x else x', f"`+` takes str for `b`, and gets Tensor{FORM}`add(str a, str b)`"),
    ("return x * sum([1, 2], 3)", f"`sum` takes 1 positional arguments, and gets 2{FORM}`sum(int[] self)`"),
    ("return F.pad(x, [1, 1], value=0)", f"`pad` takes Optional[float] for `value`, and gets int{FORM}`pad("),
    (
        "more: Optional[Tensor] = None\nif x.dim() == 2:\n    more = x\nreturn x * more",
        f"`*` takes Tensor for `other`, and gets Optional[Tensor]{TEST}",
    ),
    (
        "return x.view(x.dim() * 0.5)",
        f"`view` takes int, and gets float{FORM}`view(Tensor(a) self, SymInt[] size)`",
    ),
]


@pytest.mark.parametrize(("body", "says"), CASES, ids=[body for body, _ in CASES])
def test_calls_that_do_not_fit(body: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(LowerError) as caught:
        lower(model(Code(body), tmp_path / "model.py"))
    headline, place, *_ = str(caught.value).splitlines()
    assert headline.startswith(f"TorchScript refuses `Model.forward`: {says}")
    assert place.startswith(f"  {tmp_path / 'model.py'}:")


ENUM = """
class Mode(enum.Enum):
    SUM = 1
"""


def test_members_of_enums(tmp_path: Path) -> None:
    with pytest.raises(LowerError) as caught:
        lower(model(Code("return x if x.dim() == Mode.SUM else x + 1", top=ENUM), tmp_path / "model.py"))
    assert "and gets Enum<Mode>; take the value of the member: `Mode.SUM.value`" in str(caught.value)

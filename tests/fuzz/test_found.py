"""What the fuzzer found and how it is answered."""

from itertools import pairwise

import pytest

from namedtorch.archive.compare import compare
from namedtorch.archive.manifest import Manifest, Method
from namedtorch.diagnostics import AnnotationError
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape


@pytest.mark.parametrize(
    "text", ["where+N", "where*2", "(N where)", "(where)", "where=N", "where=_x", "min(where,N)"]
)
def test_no_dim_is_called_as_the_constraints_begin(text: str) -> None:
    """As the last word of a printed text it would begin them."""
    with pytest.raises(AnnotationError) as caught:
        parse_shape(text)
    (failure,) = caught.value.failures
    assert failure.message == "`where` begins the constraints, so no dim is called so"
    assert failure.help == "rename the dim"


@pytest.mark.parametrize(
    "text", ["where=3", "wherever", "N C=wherever", "self.where", "{where}", "(where=8 C)"]
)
def test_names_that_only_look_so_stay(text: str) -> None:
    assert str(parse_shape(text)) == text


def manifest(text: str) -> Manifest:
    signature = parse_signature(text)
    return Manifest(
        name="m.M",
        kind="module",
        mode="eval",
        guards="none",
        methods={"forward": Method(signature, build_plan(signature))},
        torch_version="2.13.0",
    )


def test_a_comparison_of_very_many_constraints_is_not_begun() -> None:
    dims = [f"d{place}" for place in range(400)]
    axes = " ".join(dims)
    ascending = ", ".join(f"{one} <= {other}" for one, other in pairwise(dims[:300]))
    old, new = manifest(f"x: {axes} -> 1 where {ascending}"), manifest(f"x: {axes} -> 1 where d0 <= d299")
    answer = compare(old, new)
    assert answer.verdict == "breaking"
    assert "can't be decided: they ask for too much" in str(answer)
    assert compare(old, old).verdict == "identical"

"""Models as programs of torch.export: the same numbers, or the reason and the line."""

import pytest

from namedtorch import LowerError, lower
from tests.models.corpus import MODELS, Model

BY_NAME = {one.name: one for one in MODELS}

# Those of which a run is short; names are in the bodies of most.
TAKEN = ["dcgan", "graph_convolution", "self_normalizing", "vae", "wavenet"]

# (model, what is said, where)
REFUSED = [
    ("mixture_of_experts", "it decides by numbers in a tensor", "if token.numel() > 0:"),
]


@pytest.mark.parametrize("model", [BY_NAME[one] for one in TAKEN], ids=lambda one: one.name)
def test_gives_the_same_numbers(model: Model) -> None:
    verification = lower(model.make(), to="export").report.verification
    assert verification is not None
    assert len(verification.to_dict()["comparisons"]) >= 2
    assert verification.to_dict()["is_same"]


@pytest.mark.parametrize(("name", "said", "line"), REFUSED)
def test_says_what_torch_can_not_export(name: str, said: str, line: str) -> None:
    with pytest.raises(LowerError) as caught:
        lower(BY_NAME[name].make(), to="export")
    assert said in str(caught.value)
    assert f"/tests/models/{name}.py:" in str(caught.value)
    assert f"\n    {line}" in str(caught.value)

"""`method="auto"`: what script refuses is traced, the smallest part that can be, and each choice says why."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import Float, Int, LowerError, checked, lower
from namedtorch.archive.container import read_manifest
from tests.lower.traced_models import Branching, Mixed, Scaler, Spectrum


class Tied(nn.Module):
    """A language model whose head has the weight of its embedding, with a part that script refuses between them."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.body = nn.ModuleList([Rescaled(4), Rescaled(4)])
        self.head = Head(self.embed.weight)

    def forward(self, tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N T 7"]:
        x = self.embed(tokens)
        for one in self.body:
            x = one(x)
        return self.head(x)


class Rescaled(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.branch = Branching()

    def forward(self, x: Tensor) -> Tensor:
        with contextlib.suppress(ValueError):
            x = x * float(np.sqrt(2.0))
        return self.branch(self.linear(x))


class Head(nn.Module):
    def __init__(self, weight: nn.Parameter) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, x: Tensor) -> Tensor:
        return self.refused(x) @ self.weight.t()

    def refused(self, x: Tensor) -> Tensor:
        try:
            return x.contiguous()
        except RuntimeError:
            return x


def test_weights_that_parts_share_are_shared_in_the_graph() -> None:
    model = Tied().eval()
    lowered = lower(model, method="auto")
    assert lowered.report.traced == ("body.0", "body.1", "head")
    tokens = torch.randint(0, 7, (2, 5))
    torch.testing.assert_close(lowered(tokens), model(tokens))
    state = lowered.module.state_dict()
    assert state.keys() == model.state_dict().keys()
    assert state["embed.weight"].data_ptr() == state["head.weight"].data_ptr()
    # The model is trained on, the graph is not.
    assert state["embed.weight"].data_ptr() != model.embed.weight.data_ptr()


def test_report_tells_each_choice_and_its_reason() -> None:
    lowered = lower(Tied(), method="auto", verify=False)
    assert [(one.path, one.kind, one.method) for one in lowered.report.choices] == [
        ("", "Tied", "script"),
        ("body.0", "Rescaled", "trace"),
        ("body.0.branch", "Branching", "script"),
        ("body.1", "Rescaled", "trace"),
        ("body.1.branch", "Branching", "script"),
        ("head", "Head", "trace"),
    ]
    head = lowered.report.choices[-1]
    assert [(one.what, one.text) for one in head.refused] == [("`try`", "try:")]
    place = head.refused[0].place
    assert place == f"{__file__}:{_line('            return x.contiguous()') - 1}"
    assert str(lowered.report).splitlines()[-3:] == [
        "`head` (Head) is traced: TorchScript can't take its code",
        f"  {place}: `try`",
        "not verified: verify=False leaves the comparison out",
    ]


def _line(text: str) -> int:
    return Path(__file__).read_text().splitlines().index(text) + 1


def test_script_keeps_control_flow_around_what_is_traced() -> None:
    model = Mixed().eval()
    lowered = lower(model, method="auto")
    assert lowered.report.traced == lowered.manifest.traced == ("middle.1",)
    assert lowered.manifest.method == "script"
    for x in (torch.ones(2, 4), -torch.ones(5, 4), torch.zeros(3, 4)):
        torch.testing.assert_close(lowered(x), model(x))


def test_what_script_takes_is_scripted_whole() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Branching()

        def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N C=4"]:
            return self.inner(x)

    lowered = lower(Plain(), method="auto", verify=False)
    assert (lowered.report.traced, lowered.manifest.traced, lowered.manifest.method) == ((), (), "script")
    assert str(lowered.report).splitlines()[0].endswith("Plain` is scripted")


class Counted(nn.Module):
    """A part that is called with a number, which no trace takes."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleDict({"power": Power(), "other": Branching()})
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner["other"](self.inner["power"](self.linear(x), 3))


class Power(nn.Module):
    def forward(self, x: Tensor, times: int) -> Tensor:
        with contextlib.suppress(ValueError):
            for _ in range(times):
                x = x * x.sigmoid()
        return x


class Holder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.counted = Counted()
        self.last = Branching()

    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N C=4"]:
        return self.last(self.counted(x))


def test_what_is_around_is_traced_where_it_can_not_call_a_trace() -> None:
    model = Holder().eval()
    lowered = lower(model, method="auto")
    assert [(one.path, one.method) for one in lowered.report.choices] == [
        ("", "script"),
        ("counted", "trace"),
        ("counted.inner.other", "script"),
    ]
    for x in (torch.ones(2, 4), -torch.ones(5, 4)):
        torch.testing.assert_close(lowered(x), model(x))


class Encoded(nn.Module):
    """A part of which a method is called, not the module."""

    def __init__(self) -> None:
        super().__init__()
        self.codec = Codec()

    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N C=4"]:
        return self.codec.encode(x)


class Codec(nn.Module):
    def encode(self, x: Tensor) -> Tensor:
        with contextlib.suppress(ValueError):
            x = x + 1
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.encode(x)


def test_part_that_is_never_called_itself_is_traced_with_what_calls_it() -> None:
    model = Encoded().eval()
    lowered = lower(model, method="auto")
    assert [(one.path, one.method) for one in lowered.report.choices] == [("", "trace")]
    x = torch.rand(2, 4)
    torch.testing.assert_close(lowered(x), model(x))


@checked
class Deep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.guarded = Inner()
        self.scaler = Scaler()

    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N C=4"]:
        return self.guarded(self.scaler(x))


@checked
class Inner(nn.Module):
    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N C=4"]:
        return x + 1


def test_guards_of_scripted_parts_stay() -> None:
    lowered = lower(Deep(), method="auto", guards="all")
    script: Any = lowered.module
    assert lowered.report.traced == ("scaler",)
    with pytest.raises(torch.jit.Error, match=r"namedtorch: in Inner.forward: `x` has size 5"):
        script.guarded(torch.rand(2, 5))
    with pytest.raises(torch.jit.Error, match=r"namedtorch: `x` has size 5 at axis 1, but `C` is 4"):
        script(torch.rand(2, 5))


def test_gradients_reach_traced_parts_in_training_mode() -> None:
    model = Mixed()
    lowered = lower(model, method="auto", train=True)
    assert lowered.report.choices[1].notes[0].startswith("it is traced in training mode")
    lowered(torch.ones(3, 4)).sum().backward()
    script: Any = lowered.module
    assert script.middle[1].weight.grad is not None
    assert model.middle[1].weight.grad is None


def test_file_tells_the_traced_parts(tmp_path: Path) -> None:
    lower(Spectrum(), method="auto", verify=False).save(tmp_path / "m.pt")
    assert read_manifest(tmp_path / "m.pt").traced == ("window",)


class Broken(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        with contextlib.suppress(ValueError):
            x = x + 1
        return x, str(x)  # pyright: ignore[reportReturnType]


def test_what_neither_takes_is_told_with_both_reasons() -> None:
    with pytest.raises(LowerError) as refused:
        lower(Broken(), method="auto")
    text = str(refused.value)
    assert text.startswith("Broken can't be traced: the result[1] is `str`;")
    assert "TorchScript refuses `Broken.forward`: `with contextlib.suppress`" in text
    assert f"{__file__}:{_line('        return x, str(x)  # pyright: ignore[reportReturnType]') - 2}" in text


def halved(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    with contextlib.suppress(ValueError):
        x = x / 2
    return x


def test_function_is_traced_where_script_refuses_it() -> None:
    lowered = lower(halved, method="auto")
    (choice,) = lowered.report.choices
    assert (choice.path, choice.kind, choice.method) == ("", "halved", "trace")
    assert "`with contextlib.suppress`" in [one.what for one in choice.refused]
    x = torch.rand(2, 3)
    torch.testing.assert_close(lowered(x), x / 2)
    with pytest.raises(torch.jit.Error, match="namedtorch: `x` has rank 1"):
        lowered.module(x[0])


def test_model_itself_stays_as_it_was() -> None:
    model = Tied()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    classes = [type(one) for one in model.modules()]
    lower(model, method="auto", verify=False)
    assert model.training
    assert [type(one) for one in model.modules()] == classes
    assert all(torch.equal(model.state_dict()[name], value) for name, value in before.items())

"""Traces: the original's numbers, the guard of the signature in the graph, in every reader of the file."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from namedtorch import Bool, DimError, Float, LowerError, checked, load, lower
from namedtorch.archive.container import read_manifest
from tests.lower.traced_models import Detector, Keywords, Normed, Outside, Pyramid, Spectrum, Whitening

MODELS: list[tuple[Callable[[], nn.Module], tuple[int, ...], tuple[int, ...], str]] = [
    (Spectrum, (3, 4, 8), (3, 8, 4), "`frames` has size 4 at axis 2, but `size` is 8"),
    (Keywords, (5, 4), (4, 5), "`x` has size 5 at axis 1, but `C` is 4"),
    (Pyramid, (2, 2, 7, 6), (2, 7, 6, 2), "`image` has size 7 at axis 1, but `C` is 2"),
    (Whitening, (6, 3), (3,), "`x` has rank 1, but `N dims=3` has rank 2"),
]
IDS = [make.__name__ for make, *_ in MODELS]


@pytest.mark.parametrize("method", ["trace", "auto"])
@pytest.mark.parametrize(("make", "sizes", "wrong", "says"), MODELS, ids=IDS)
def test_what_script_refuses_has_its_numbers_and_its_guard(
    make: Callable[[], nn.Module], sizes: tuple[int, ...], wrong: tuple[int, ...], says: str, method: Any
) -> None:
    model = make().eval()
    with pytest.raises(LowerError):
        lower(model)
    lowered = lower(model, method=method, verify=False)
    x = torch.rand(sizes)
    torch.testing.assert_close(lowered(x), model(x))
    assert lowered.module.state_dict().keys() == model.state_dict().keys()
    with pytest.raises(DimError, match="has"):
        lowered(torch.rand(wrong))
    with pytest.raises(torch.jit.Error) as refused:
        lowered.module(torch.rand(wrong))
    assert str(refused.value).strip().endswith(f"namedtorch: {says}")


READER = """
import sys
sys.modules["namedtorch"] = None
import torch
from torch.jit.mobile import _load_for_lite_interpreter
given = torch.load(sys.argv[1])
for name, (x, wrong, result) in given.items():
    frozen = torch.jit.freeze(torch.jit.load(f"{name}.pt").eval())
    full = [torch.jit.load(f"{name}.{suffix}") for suffix in ("pt", "ptl")]
    for model in (*full, frozen, _load_for_lite_interpreter(f"{name}.ptl")):
        torch.testing.assert_close(model(x), result)
        try:
            model(wrong)
        except Exception as error:
            print(name, "|", str(error).strip().splitlines()[-1])
"""


def test_files_hold_the_guard_for_readers_without_namedtorch(tmp_path: Path) -> None:
    given: dict[str, Any] = {}
    for make, sizes, wrong, _ in MODELS:
        model = make().eval()
        x = torch.rand(sizes)
        for method in ("trace", "auto"):
            name = f"{make.__name__}-{method}"
            lowered = lower(model, method=method, verify=False)
            lowered.save(tmp_path / f"{name}.pt")
            lowered.save(tmp_path / f"{name}.ptl")
            given[name] = (x, torch.rand(wrong), model(x).detach())
    torch.save(given, tmp_path / "given.pt")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READER, "given.pt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = [line.partition("namedtorch: ")[2] for line in done.stdout.splitlines()]
    assert said == [says for *_, says in MODELS for _ in range(8)]


def test_file_says_that_it_was_traced(tmp_path: Path) -> None:
    lower(Pyramid(), method="trace", verify=False).save(tmp_path / "m.pt")
    manifest = read_manifest(tmp_path / "m.pt")
    assert (manifest.method, manifest.traced, manifest.state.keys()) == (
        "trace",
        ("",),
        Pyramid().state_dict().keys(),
    )
    x = torch.rand(2, 2, 5, 5)
    model = load(tmp_path / "m.pt")
    assert model(x).shape == (2, 6)
    with pytest.raises(DimError, match="`C` is 2"):
        model(torch.rand(2, 3, 5, 5))


def test_frozen_trace_keeps_its_guard() -> None:
    model = Pyramid().eval()
    frozen = lower(model, method="trace", verify=False).freeze()
    x = torch.rand(2, 2, 5, 7)
    torch.testing.assert_close(frozen(x), model(x))
    with pytest.raises(torch.jit.Error, match=r"namedtorch: `image` has size 3 at axis 1, but `C` is 2"):
        frozen.module(torch.rand(2, 3, 5, 7))


def test_rank_and_dtype_are_checked_although_the_run_had_one_of_each() -> None:
    """Sizes of the run in the graph would let torch fold the checks away."""
    script = lower(Normed(), method="trace", verify=False).module
    for _ in range(3):
        assert script(torch.rand(4, 3)).shape == (4, 5)
    for wrong, says in [
        (torch.rand(3), "`x` has rank 1"),
        (torch.rand(4, 3).int(), "`x` has another dtype than Float"),
    ]:
        with pytest.raises(torch.jit.Error) as refused:
            script(wrong)
        assert says in str(refused.value)


def test_parameters_that_are_no_tensors_become_constants() -> None:
    model = Detector().eval()
    tokens, mask = torch.tensor([[1, 2, 3]]), torch.rand(1, 3)
    lowered = lower(model, method="trace", example=(tokens, mask, 1), verify=False)
    assert str(lowered.signature) == "tokens: N T, mask: N T -> dict[str, N _]"
    expected = model(tokens, mask, 1)
    for name, value in lowered(tokens, mask).items():
        torch.testing.assert_close(value, expected[name])
    assert lowered.report.choices[0].notes == (
        "`top` is fixed to 1, and no argument of the graph",
        "`normalize` is fixed to False, and no argument of the graph",
        "`mask` is always given, never None",
        "`count` is left out: its signature has no dims to draw inputs from",
    )
    with pytest.raises(TypeError, match="2 taken"):
        lowered(tokens, mask, 1)


def test_optional_tensor_that_the_example_leaves_out() -> None:
    model = Detector().eval()
    tokens = torch.tensor([[1, 2, 3], [4, 5, 6]])
    lowered = lower(model, method="trace", example=(tokens,), verify=False)
    assert str(lowered.signature) == "tokens: N T -> dict[str, N _]"
    torch.testing.assert_close(dict(lowered(tokens)), model(tokens))
    assert "`mask` is fixed to None, and no argument of the graph" in lowered.report.choices[0].notes


def test_exported_methods_are_traced_and_guarded_too() -> None:
    model = Detector().eval()
    lowered = lower(model, method="trace", verify=False)
    tokens = torch.tensor([[1, 2, 3]])
    torch.testing.assert_close(lowered.encode(tokens), model.encode(tokens))
    assert lowered.methods == ("forward", "encode")
    script: Any = lowered.module
    with pytest.raises(torch.jit.Error, match="`tokens` has rank 1, but `N T` has rank 2"):
        script.encode(tokens[0])


def test_training_mode_is_kept_and_state_is_what_was_given() -> None:
    model = Normed()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    lowered = lower(model, method="trace", train=True)
    assert lowered.module.training
    assert lowered.manifest.mode == "train"
    state: dict[str, Tensor] = lowered.module.state_dict()
    assert all(torch.equal(state[name], value) for name, value in before.items())
    x = torch.rand(6, 3)
    torch.testing.assert_close(lowered(x), model.train()(x))
    torch.testing.assert_close(lowered.module.state_dict()["norm.running_mean"], model.norm.running_mean)
    lowered(x).sum().backward()
    assert all(one.grad is not None for one in lowered.module.parameters())
    assert "training mode" in lowered.report.choices[0].notes[0]


def centred(
    x: Float[Tensor, "N C"], mean: Float[Tensor, "C"], *scales: Float[Tensor, "C"], by: float = 1.0
) -> tuple[Float[Tensor, "N C"], list[Float[Tensor, "C"]]]:
    try:
        x = x - mean
    finally:
        for scale in scales:
            x = x / scale
    return x * by, [mean, mean * 2]


def test_function_with_several_tensors_behind_a_star() -> None:
    x, mean, scale = torch.rand(2, 3), torch.rand(3), torch.rand(3) + 1
    lowered = lower(centred, method="trace", example=((x, mean, scale, scale), {"by": 2.0}), verify=False)
    assert str(lowered.signature) == "x: N C, mean: C, scales0: C, scales1: C -> N C, list[C]"
    result, means = lowered(x, mean, scale, scale)
    torch.testing.assert_close(result, centred(x, mean, scale, scale, by=2.0)[0])
    torch.testing.assert_close(means[1], mean * 2)
    with pytest.raises(torch.jit.Error, match=r"namedtorch: `mean` has size 2 at axis 0, but `C` is 3"):
        lowered.module(x, mean[:2], scale, scale)
    assert lower(centred, method="auto", example=(x, mean), verify=False).report.traced == ("",)


class Moments(NamedTuple):
    mean: Float[Tensor, "N"]
    spread: Float[Tensor, "N"]


class Normal(nn.Module):
    """Exported methods that call forward and use the names of its record; a part with one that is refused."""

    ready: Bool[Tensor, ""]

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("ready", torch.tensor(True))
        self.part = Part()

    def forward(self, x: Float[Tensor, "N C"]) -> Moments:
        return Moments(x.mean(1), self.part(x).std(1))

    @torch.jit.export
    def loss(self, x: Float[Tensor, "N C"], beta: float = 1.0) -> Float[Tensor, "N"]:
        moments = self.forward(x)
        return moments.mean + beta * moments.spread


class Part(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2

    @torch.jit.export
    @checked
    def never_traced(self, x: Float[Tensor, "N"]) -> list[object]:
        return [x, *self.__dict__]


def test_methods_that_call_each_other_call_the_users_own() -> None:
    model = Normal().eval()
    lowered = lower(model, method="trace")
    x = torch.rand(3, 5)
    torch.testing.assert_close(tuple(lowered(x)), tuple(model(x)))
    torch.testing.assert_close(lowered.loss(x), model.loss(x))
    assert lowered.report.choices[0].notes == ("loss: `beta` is fixed to 1.0, and no argument of the graph",)
    assert str(lowered.signature) == "x: N C -> N, N"


@checked
class Loud(nn.Module):
    def forward(self, image: Float[Tensor, "N C=3"]) -> Float[Tensor, "N"]:
        if image.sum() < 0:
            raise ValueError("negative sums are not supported")  # the line
        return image.sum(1)


class Odd(nn.Module):
    """Gives what no trace can give."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result

    def forward(self, x: Float[Tensor, "N C"]):
        return x, [x, self.result]


ODD = [
    (3, "the result[1][1] is `int`"),
    (None, "the result[1][1] is None"),
    ([], "the result[1][1] is an empty list"),
]


@pytest.mark.parametrize(("value", "says"), ODD, ids=["int", "None", "empty"])
def test_result_that_is_no_tensor_is_named(value: object, says: str) -> None:
    with pytest.raises(LowerError) as refused:
        lower(Odd(value), method="trace")
    assert str(refused.value) == (
        f"Odd can't be traced: {says}; a trace gives tensors, and lists, tuples and mappings of tensors: return those "
        "alone, or lower it by script"
    )


def test_failure_in_the_run_shows_the_users_line() -> None:
    with pytest.raises(LowerError) as refused:
        lower(Loud(), method="trace", example=(-torch.ones(2, 3),))
    text = str(refused.value)
    assert "negative sums are not supported" in text


def test_result_that_the_signature_does_not_promise() -> None:
    class Pair(nn.Module):
        def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
            return (x.sum(1), x)  # pyright: ignore[reportReturnType]

    with pytest.raises(LowerError, match="`-> N`, but it gives a tuple"):
        lower(Pair(), method="trace", verify=False, example=(torch.rand(2, 3),))


def test_hooks_of_the_outermost_module_run_once() -> None:
    model = Keywords().eval()
    model.register_forward_hook(lambda module, args, result: result + 1)
    model.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    x = torch.rand(3, 4)
    lowered = lower(model, method="trace", verify=False)
    torch.testing.assert_close(lowered(x), model(x))


def test_scripted_children_keep_their_control_flow_inside_of_a_trace() -> None:
    model = Outside().eval()
    lowered = lower(model, method="auto")
    assert [(one.path, one.method) for one in lowered.report.choices] == [
        ("", "trace"),
        ("parts.a", "script"),
        ("parts.b", "script"),
    ]
    for x in (torch.ones(3, 4), -torch.ones(3, 4), torch.randn(5, 4)):
        torch.testing.assert_close(lowered(x), model(x))


def test_unknown_method_is_refused() -> None:
    with pytest.raises(LowerError) as refused:
        lower(Normed(), method="export")  # pyright: ignore[reportArgumentType]
    assert str(refused.value) == 'method=\'export\' is none of "script", "trace", "auto"'

"""`named_module` and `named_function`: plain code under a signature of the language of shapes."""

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch.diagnostics import AnnotationError, DimError
from namedtorch.values import NamedTensor
from namedtorch.values.modules import named_module
from namedtorch.values.named_functions import named_function
from tests.values.drawing import given, is_close, shown, taken
from tests.values.pages import run as run_page

_LSTM = "T N in, layers N hidden -> T N hidden, layers N hidden, layers N hidden"

CASES: list[tuple[nn.Module, str, str]] = [
    (nn.Linear(5, 7), "features -> classes", "N=2 T=3 features=5 -> N T classes"),
    (nn.Linear(5, 7), "features -> classes", "features=5 -> classes"),
    (nn.Linear(5, 7), "features -> classes", "2 T=3 5 -> _ T classes"),
    (nn.Linear(5, 7), "*batch features -> *batch classes", "N=2 T=3 features=5 -> N T classes"),
    (nn.Linear(5, 7), "... features=5 -> ... classes=7", "N=2 5 -> N classes"),
    (nn.Linear(5, 7), "features -> classes where features >= 5", "N=2 5 -> N classes"),
    (nn.Linear(5, 7), "N in -> N _", "2 in=5 -> N _"),
    (nn.Linear(5, 7), "N (H W) -> N out", "N=2 5 -> N out"),
    (nn.LayerNorm(5), "D -> D", "N=2 D=5 -> N D"),
    (nn.Softmax(-1), "classes -> classes", "N=2 classes=5 -> N classes"),
    (nn.Embedding(9, 5), "... -> ... D", "N=2 T=3:i9 -> N T D"),
    (nn.Conv2d(4, 5, 3), "N C H W -> N K H W", "N=2 C=4 H=6 W=6 -> N K H W"),
    (nn.Conv2d(4, 5, 3, padding=1, stride=2), "N C H W -> N K H=H//2 W=W//2", "N=2 C=4 H=6 W=6 -> N K H W"),
    (nn.MaxPool2d(2), "N C H W -> N C h w", "N=2 C=4 H=6 W=6 -> N C h w"),
    (nn.Flatten(), "N C H W -> N (C H W)", "N=2 C=4 H=6 W=6 -> N (C H W)"),
    (nn.CrossMapLRN2d(2), "N C H W -> N C H W", "N=2 C=4 H=6 W=6 -> N C H W"),
    (nn.LSTM(4, 6), _LSTM, "T=5 N=2 in=4 -> T N hidden, layers N hidden, layers N hidden"),
    (nn.GRUCell(4, 6), "in -> hidden", "N=2 in=4 -> N hidden"),
    (nn.Bilinear(4, 5, 6), "N left, N right -> N out", "N=2 left=4, N=2 right=5 -> N out"),
    (nn.MultiheadAttention(8, 2), "T N D, S N D, S N D -> T N D, N T S",
     "T=5 N=2 D=8, S=3 N=2 D=8, S=3 N=2 D=8 -> T N D, N T S"),
    (nn.TransformerEncoderLayer(8, 2, 16).eval(), "T N D, src_mask: _ T -> T N D", "T=5 N=2 D=8, 5 T=5:b -> T N D"),
    (nn.MSELoss(), "N C, N C -> ", "N=2 C=3, N=2 C=3 -> ()"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "dims", "call"), CASES, ids=[f"{one[1]} on {one[2]}" for one in CASES])
def test_a_named_module_gives_its_own_numbers_under_the_names_of_its_signature(
    module: nn.Module, dims: str, call: str
) -> None:
    arguments = taken(call)
    torch.manual_seed(0)
    expected = module(*(tensor for tensor, _ in arguments))
    named = named_module(copy.deepcopy(module), dims)
    torch.manual_seed(0)
    result = named(*(NamedTensor(*one) for one in arguments))
    assert shown(result) == given(call)
    assert is_close(result, expected)


REFUSED_CALLS = [
    (nn.Linear(5, 7), "features -> classes", "N=2 channels=5",
     "axis 1 of `input` is `channels`, but the signature has `features` there"),
    (nn.Linear(5, 7), "features -> classes", "features=5 N=5",
     '`input.align_to("... features")` puts its dims in this order'),
    (nn.Linear(5, 7), "features -> classes", "()", "`input` has rank 0, but `... features` has rank at least 1"),
    (nn.Linear(5, 7), "features=5 -> classes", "N=2 features=6", "`input` has size 6 at axis 1, but `features` is 5"),
    (nn.Linear(5, 7), "features -> classes=8", "N=2 features=5", "`result` has size 7 at axis 1, but `classes` is 8"),
    (nn.Linear(5, 7), "features -> classes where features >= 6", "N=2 features=5", "features >= 6"),
    (nn.Conv2d(4, 5, 3), "N C H W -> N K H W", "N=2 C=4 W=6 H=6", "2 things do not fit in `Conv2d`"),
    (nn.Conv2d(4, 5, 3), "N C H W -> N K H W", "C=4 H=6 W=6", "`input` has rank 3, but `N C H W` has rank 4"),
    (nn.Conv2d(4, 5, 3), "N C H W -> N K H=H//2 W", "N=2 C=4 H=6 W=6", "`result` has size 4 at axis 2"),
    (nn.Bilinear(4, 5, 6), "N left, N right -> N out", "N=2 left=4, N=3 right=5", "but `N` is 2 (bound by `input1`"),
    (nn.Bilinear(4, 5, 6), "*batch left, *batch right -> *batch out", "N=2 left=4, M=2 right=5",
     "`*batch` is `M` in `input2`, and `N` elsewhere"),
    (nn.Embedding(9, 5), "T -> D", "N=2 T=3:i9", "`result` has rank 3, but `N D` has rank 2"),
    (nn.LSTM(4, 6), "T N in -> T N hidden", "T=5 N=2 in=4", "it gives 3 tensors, and the signature has one tensor"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "dims", "call", "said"), REFUSED_CALLS)
def test_a_named_module_refuses_what_its_signature_does_not_say(
    module: nn.Module, dims: str, call: str, said: str
) -> None:
    named = named_module(copy.deepcopy(module), dims)
    with pytest.raises(DimError) as caught:
        named(*(NamedTensor(*one) for one in taken(call)))
    assert said in str(caught.value)


def test_a_plain_tensor_is_refused_with_what_to_write() -> None:
    layer = named_module(nn.Linear(5, 7), "features -> classes")
    with pytest.raises(DimError, match=r'write `named\(input, "\.\.\. features"\)` where its dims are known'):
        layer(torch.randn(2, 5))
    network = named_module(nn.LSTM(4, 6), _LSTM)
    x = NamedTensor(torch.randn(5, 2, 4), ("T", "N", "in"))
    with pytest.raises(DimError, match=r"`hx\[0\]` is a plain tensor"):
        network(x, (torch.zeros(1, 2, 6), torch.zeros(1, 2, 6)))


REFUSED_TEXTS = [
    (nn.Linear(5, 7), "features", AnnotationError, "there is no arrow"),
    (nn.Linear(5, 7), "features -> classes classes=", AnnotationError, "input: features -> classes classes="),
    (
        nn.Linear(5, 7),
        "N D, N D -> N",
        AnnotationError,
        "there are 2 shapes before the arrow, and it takes 1",
    ),
    (nn.Linear(5, 7), "x: N D -> N K", AnnotationError, "it has no parameter `x`"),
    (nn.Conv2d(4, 5, 3), "C -> K", DimError, 'write all axes, as in "N C H W -> N K H W"'),
    (nn.Conv1d(4, 5, 3), "C -> K", DimError, 'write all axes, as in "N C T -> N K T"'),
    (nn.BatchNorm2d(4), "C -> C", DimError, "BatchNorm2d tells its axes by their places"),
    (nn.MaxPool3d(2), "W -> w", DimError, 'write all axes, as in "N W D H W -> N w D H W"'),
]


@pytest.mark.parametrize(("module", "dims", "error", "said"), REFUSED_TEXTS)
def test_a_signature_that_the_module_can_not_have_is_refused(
    module: nn.Module, dims: str, error: type[Exception], said: str
) -> None:
    kind = type(module)
    with pytest.raises(error) as caught:
        named_module(module, dims)
    assert said in str(caught.value)
    assert type(module) is kind


def test_only_modules_are_taken() -> None:
    with pytest.raises(TypeError, match=r"takes an nn\.Module, and this is function"):
        named_module(lambda x: x, "N -> N")  # pyright: ignore[reportArgumentType]
    scripted = torch.jit.script(nn.Linear(2, 2))
    with pytest.raises(TypeError, match="RecursiveScriptModule"):
        named_module(scripted, "C -> K")


# The module stays what it was


@pytest.fixture
def layer() -> nn.Linear:
    torch.manual_seed(0)
    return named_module(nn.Linear(5, 7), "features -> classes")


X = NamedTensor(torch.randn(2, 5), ("N", "features"))


def test_the_module_is_returned_itself_and_stays_of_its_class() -> None:
    module = nn.Linear(5, 7)
    weight = module.weight
    named = named_module(module, "features -> classes")
    assert named is module
    assert isinstance(named, nn.Linear)
    assert type(named).__name__ == "Linear"
    assert named.weight is weight
    assert named.out_features == 7
    assert [name for name, _ in named.named_parameters()] == ["weight", "bias"]
    assert list(named.state_dict()) == ["weight", "bias"]
    assert repr(named) == "Linear(in_features=5, out_features=7, bias=True, dims='features -> classes')"


def test_state_goes_to_and_from_plain_modules(layer: nn.Linear) -> None:
    plain = nn.Linear(5, 7)
    plain.load_state_dict(layer.state_dict())
    assert torch.equal(plain(X.tensor), layer(X).tensor)
    layer.load_state_dict(nn.Linear(5, 7).state_dict())
    assert not torch.equal(plain(X.tensor), layer(X).tensor)


def saved_and_loaded(module: nn.Module) -> nn.Module:
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=False)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)), saved_and_loaded]
)
def test_copies_and_pickles_are_named_too(layer: nn.Linear, copied: Callable[[nn.Linear], nn.Linear]) -> None:
    other = copied(layer)
    assert other is not layer
    assert isinstance(other, nn.Linear)
    assert other(X).dims == ("N", "classes")
    assert torch.equal(other(X).tensor, layer(X).tensor)
    assert repr(other) == repr(layer)


def test_a_signature_is_replaced_by_another(layer: nn.Linear) -> None:
    named_module(layer, "features -> scores")
    assert layer(X).dims == ("N", "scores")
    assert type(layer).__mro__[1] is nn.Linear


def test_mode_dtype_and_device_move_as_ever() -> None:
    model = named_module(nn.Sequential(nn.Dropout(0.5), nn.Linear(5, 7)), "features -> classes")
    assert not model.eval().training
    assert not model[0].training
    assert model.double()(NamedTensor(X.tensor.double(), X.dims)).dtype == torch.float64


def test_hooks_see_named_tensors(layer: nn.Linear) -> None:
    seen: list[str] = []
    layer.register_forward_pre_hook(lambda module, taken: seen.append(shown(taken[0])))
    layer.register_forward_hook(lambda module, taken, result: seen.append(shown(result)))
    layer(X)
    assert seen == ["N features", "N classes"]


def test_a_lazy_module_keeps_its_signature_when_it_becomes_another() -> None:
    module = named_module(nn.LazyLinear(7), "features -> classes")
    assert module(X).dims == ("N", "classes")
    assert type(module).__mro__[1] is nn.Linear
    assert module(X).dims == ("N", "classes")


def test_a_parametrized_module_keeps_its_signature(layer: nn.Linear) -> None:
    nn.utils.parametrizations.weight_norm(layer)
    assert layer(X).dims == ("N", "classes")


def test_a_module_of_the_users_own_is_named() -> None:
    class Scale(nn.Module):
        def __init__(self, by: float) -> None:
            super().__init__()
            self.by = by

        def forward(self, x: Tensor, *others: Tensor, bias: Tensor | None = None) -> dict[str, Any]:
            return {"all": [x * self.by, *others], "bias": bias}

    module = named_module(Scale(2.0), "N D, N K, bias: D -> N D, N K, D")
    x, y = NamedTensor(torch.ones(2, 3), ("N", "D")), NamedTensor(torch.ones(2, 4), (None, "K"))
    result = module(x, y, bias=NamedTensor(torch.ones(3), ("D",)))
    assert [one.dims for one in result["all"]] == [("N", "D"), ("N", "K")]
    assert result["bias"].dims == ("D",)
    assert module.by == 2.0


def test_a_model_of_named_modules_is_trained() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        named_module(nn.Linear(4, 8), "features -> hidden"),
        nn.Tanh(),
        named_module(nn.Linear(8, 1), "hidden -> _"),
    )
    x = NamedTensor(torch.randn(32, 4), ("N", "features"))
    y = x.sum("features")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    losses: list[float] = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = (model(x).squeeze(-1) - y).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4


# Graphs


def test_a_named_module_is_compiled_in_one_graph(layer: nn.Linear) -> None:
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    assert compiled(X).dims == ("N", "classes")
    assert torch.equal(compiled(X).tensor, layer(X).tensor)


def test_a_named_module_is_exported(layer: nn.Linear) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(NamedTensor(x, ("N", "features"))).tensor

    program = torch.export.export(Model(), (X.tensor,), dynamic_shapes={"x": {0: torch.export.Dim("N")}})
    more = torch.randn(9, 5)
    assert torch.allclose(program.module()(more), layer(NamedTensor(more, X.dims)).tensor)


# Functions


def test_a_named_function_gives_its_own_numbers_under_names() -> None:
    def attend(queries: Tensor, keys: Tensor, scale: float = 1.0) -> Tensor:
        return (queries @ keys.mT * scale).softmax(-1)

    named = named_function(attend, "N T D, N S D -> N T S")
    q, k = torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    result = named(NamedTensor(q, ("N", "T", "D")), keys=NamedTensor(k, ("N", "S", "D")), scale=0.5)
    assert result.dims == ("N", "T", "S")
    assert torch.equal(result.tensor, attend(q, k, 0.5))
    with pytest.raises(DimError, match="axis 1 of `keys` is `T`, but the signature has `S` there"):
        named(NamedTensor(q, ("N", "T", "D")), NamedTensor(k, ("N", "T", "D")))


def test_a_named_function_may_not_tell_its_parameters() -> None:
    named = named_function(torch.special.expit, "N C -> N C")
    assert named(NamedTensor(torch.ones(2, 3), ("N", "C"))).dims == ("N", "C")


def test_the_page_runs() -> None:
    torch.manual_seed(0)
    run_page("named-modules.md")

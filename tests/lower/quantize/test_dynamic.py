"""Dynamic quantization of models that nobody wrote for it."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.ao.nn.quantized import dynamic as torchs
from torch.ao.quantization import QConfig, QConfigMapping
from torch.ao.quantization import observer as observers
from torch.ao.quantization import qconfig as defaults

import namedtorch
from namedtorch import Float, NamedTensor
from namedtorch.archive.quantization import LayerScheme
from namedtorch.diagnostics import DimError, LowerError
from namedtorch.lower.quantize.converted import Converted
from namedtorch.lower.quantize.dynamic import dynamic
from namedtorch.lower.quantize.settings import settings_of
from namedtorch.lower.quantize.subject import Subject, subject_of
from tests.lower.quantize import dynamic_models as models
from tests.lower.unverified import lower


class Names(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Float[NamedTensor, "N T C=8"]) -> Float[NamedTensor, "N out=8"]:
        return self.fc(x).mean("T")


NORM = "torch has no dynamic operator for LayerNorm"
TABLE = "quint8 vocabulary"
GATES = "qint8 gates"
OUT = "qint8 out"


def attention(path: str) -> dict[str, str]:
    return {f"{path}.{name}_proj": OUT for name in ("q", "k", "v", "out")}


def block(path: str) -> dict[str, str]:
    return {**attention(f"{path}.self_attn"), f"{path}.linear1": OUT, f"{path}.linear2": OUT}


def fails(what: str, line: str) -> str:
    return f"with it quantized, the model fails: {what} (dynamic_models.py:{line})"


# The model, what its layers become (dtype and dim of the scales), and what stays float with which reason.
CASES: list[tuple[type[nn.Module], dict[str, str], dict[str, str]]] = [
    (models.Tied, {"embed": TABLE, "lstm": GATES, "out": OUT}, {}),
    (models.ReadWeight, {"fc": OUT}, {"embed": "its weight is read by other code (dynamic_models.py:LINE)"}),
    (
        models.ReadInLoop,
        {"head": OUT},
        dict.fromkeys(("layers.0", "layers.1"), "its weight is read by other code (dynamic_models.py:LINE)"),
    ),
    (
        models.ReadElsewhere,
        {"second": OUT},
        {
            "first": fails(
                "TypeError: unsupported operand type(s) for @: 'Tensor' and 'method'",
                "LINE",
            )
        },
    ),
    (models.FirstParameter, {"embed": TABLE, "gru": GATES}, {"fc": fails("StopIteration", "LINE")}),
    (models.Shared, dict.fromkeys(("a", "b", "blocks.0.0", "blocks.1.0"), OUT), {}),
    (
        models.Bare,
        {"fc": OUT},
        {
            "": "bare parameters (`shift`): torch quantizes the weights of layers",
            "scales": "bare parameters (`0`, `1`): torch quantizes the weights of layers",
        },
    ),
    (models.Packed, {"rnn": GATES, "fc": OUT}, {}),
    (
        models.Recurrent,
        {"gru": GATES, "fc": OUT},
        {
            "projected": "torch's quantized one has no projections (proj_size=4)",
            "rnn": "torch has no dynamic operator for RNN",
        },
    ),
    (models.Cells, {"lstm": GATES, "gru": GATES, "rnn": "qint8 hidden"}, {}),
    (
        models.Bags,
        {"mean.sums": TABLE, "sum": TABLE, "fc": OUT},
        {
            "max": "torch's quantized one sums the rows of a bag, it has no mode='max'",
            "padded": "torch's quantized one sums the rows of a bag, it has no mode='mean'",
        },
    ),
    (
        models.Characters,
        {"embed": TABLE, "start": TABLE, "vector": OUT, "fc": OUT},
        {"capped": "torch's quantized one does not renormalize rows (max_norm=1.0)"},
    ),
    (
        models.Subclasses,
        {"a": OUT},
        {"b": "torch quantizes Linear, and Doubled is another class with code of its own"},
    ),
    (models.Attending, {**attention("own"), **attention("other")}, {}),
    (
        models.Functional,
        {"fc": OUT},
        dict.fromkeys(
            ("attention", "attention.out_proj"),
            "torch quantizes it in another form, and with that the model fails: AttributeError: 'SplitAttention' "
            "object has no attribute 'in_proj_weight' (dynamic_models.py:LINE)",
        ),
    ),
    (
        models.Encoder,
        {"embed": TABLE, **block("encoder.layers.0"), **block("encoder.layers.1"), "head": OUT},
        {f"encoder.layers.{layer}.norm{norm}": NORM for layer in (0, 1) for norm in (1, 2)},
    ),
    (models.OwnLayer, block("layer"), {"layer.norm1": NORM, "layer.norm2": NORM}),
    (
        models.PassedOver,
        {"head": OUT},
        dict.fromkeys(
            (
                *("layer.self_attn", "layer.self_attn.out_proj"),
                *(f"layer.{part}" for part in ("linear1", "linear2", "norm1", "norm2")),
            ),
            "torch quantizes it in another form, and with that the model fails: it gives other numbers",
        ),
    ),
    (
        models.Decoder,
        {**block("decoder.layers.0"), **attention("decoder.layers.0.multihead_attn")},
        {f"decoder.layers.0.norm{norm}": NORM for norm in (1, 2, 3)},
    ),
    (Names, {"fc": OUT}, {}),
    (
        models.Exported,
        {"head": OUT},
        {"body": "its weight is read by other code (dynamic_models.py:LINE)"},
    ),
    (models.Normed, {"fc": OUT}, {"conv": "torch has no dynamic operator for Conv1d"}),
    (models.PaddingRead, {"embed": TABLE, "fc": OUT}, {}),
]

SCRIPTED = (models.Shared, models.Cells, models.Bags, models.Characters, models.Attending, models.Encoder)


@cache
def subject(owner: type[nn.Module]) -> Subject:
    torch.manual_seed(0)
    return subject_of(owner().eval(), None, None)


def made(owner: type[nn.Module], **asked: Any) -> tuple[Subject, Converted]:
    one = subject(owner)
    return one, dynamic(one, settings_of("dynamic", **asked))


def shown(layers: Any) -> dict[str, str]:
    return {path: f"{one.weight} {one.dim}" for path, one in layers.items()}


def first(value: Any) -> Tensor:
    return value[0] if isinstance(value, tuple) else value


def noise(given: Tensor, expected: Tensor) -> float:
    return float((given - expected).norm() / expected.norm())


def placed(stayed: Any) -> dict[str, str]:
    """Reasons without the numbers of lines, which change with the file that they are of."""
    found = {}
    for path, reason in stayed.items():
        head, mark, tail = reason.partition("dynamic_models.py:")
        assert not mark or tail[:-1].isdigit(), reason
        found[path] = f"{head}{mark}LINE)" if mark else reason
    return found


@pytest.mark.parametrize(("owner", "layers", "stayed"), CASES, ids=[case[0].__name__ for case in CASES])
def test_layers_are_quantized_and_what_stays_is_told(
    owner: type[nn.Module], layers: dict[str, str], stayed: dict[str, str]
) -> None:
    subject, done = made(owner)
    assert shown(done.layers) == layers
    assert placed(done.stayed) == stayed
    given = subject.held(subject.copy())
    for args, kwargs in subject.inputs():
        with torch.no_grad():
            expected = first(given(*args, **kwargs))
            quantized = first(subject.held(done.body)(*args, **kwargs))
            reference = first(subject.held(done.reference)(*args, **kwargs))
        assert 0 < noise(quantized, expected) < 0.1
        assert torch.allclose(reference, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("owner", SCRIPTED)
def test_a_graph_and_its_file_give_what_the_quantized_model_gives(
    owner: type[nn.Module], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    quantized = namedtorch.quantize(owner().eval(), "dynamic")
    args, kwargs = quantized.subject.inputs()[-1]
    with torch.no_grad():
        expected = first(quantized(*args, **kwargs))
        lowered = lower(quantized)
        assert torch.equal(first(lowered(*args, **kwargs)), expected)
        lowered.save(tmp_path / "model.ptl")
        loaded = namedtorch.load(tmp_path / "model.ptl")
        assert torch.equal(first(loaded(*args, **kwargs)), expected)


def test_the_guard_of_the_float_model_holds() -> None:
    subject, done = made(models.Recurrent)
    with pytest.raises(DimError, match=r"`x` has 7 at axis 2, which is 8|axis 2"):
        subject.held(done.body)(torch.randn(3, 2, 7))


def test_a_padded_encoder_gives_what_torch_gives_when_it_infers() -> None:
    """Nested tensors leave padded steps out of the mean, on the left side as in the middle."""
    subject, done = made(models.Encoder)
    for tokens in ([[5, 6, 7, 0, 0], [1, 2, 3, 4, 5]], [[5, 0, 7, 0, 0], [1, 2, 3, 4, 5]]):
        inputs = torch.tensor(tokens)
        with torch.no_grad():
            expected = subject.held(subject.copy())(inputs)
            assert torch.allclose(done.reference(inputs), expected, atol=1e-5, rtol=1e-4)
            assert noise(done.body(inputs), expected) < 0.1


def test_shared_layers_stay_one_object() -> None:
    body = made(models.Shared)[1].body
    assert body.a is body.b is body.blocks[0][0] is body.blocks[1][0]
    assert type(body.a) is torchs.Linear


def test_the_model_itself_is_untouched() -> None:
    torch.manual_seed(0)
    model = models.Encoder().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    dynamic(subject_of(model, None, None), settings_of("dynamic"))
    assert model.training
    assert type(model.encoder) is nn.TransformerEncoder
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_model_that_is_one_layer() -> None:
    subject = subject_of(nn.Linear(8, 4), "input: N 8 -> N 4", None)
    done = dynamic(subject, settings_of("dynamic"))
    assert done.layers == {"": LayerScheme("Linear", "qint8", "", "per_channel", 0, "out")}
    assert subject.held(done.body)(torch.randn(2, 8)).shape == (2, 4)


def test_a_transformer_that_was_given_a_signature() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    model = nn.TransformerEncoder(layer, 1).eval()
    done = dynamic(subject_of(model, "src: N T 8 -> N T 8", None), settings_of("dynamic"))
    assert shown(done.layers) == block("layers.0")


SETTINGS: list[tuple[dict[str, Any], dict[str, LayerScheme]]] = [
    ({"per_channel": False}, {"lstm": LayerScheme("LSTM", "qint8"), "out": LayerScheme("Linear", "qint8")}),
    ({"dtype": "float16", "skip": "out"}, {"lstm": LayerScheme("LSTM", "float16")}),
    (
        {"engine": "qnnpack"},
        {
            "lstm": LayerScheme("LSTM", "qint8", "", "per_channel", 0, "gates"),
            "out": LayerScheme("Linear", "qint8", "", "per_channel", 0, "out"),
        },
    ),
    ({"qconfig": defaults.default_dynamic_qconfig}, {"lstm": LayerScheme("LSTM", "qint8")}),
    (
        {
            "qconfig": QConfigMapping()
            .set_global(defaults.per_channel_dynamic_qconfig)
            .set_object_type(nn.LSTM, defaults.float16_dynamic_qconfig)
            .set_module_name("out", defaults.default_dynamic_qconfig)
        },
        {"lstm": LayerScheme("LSTM", "float16"), "out": LayerScheme("Linear", "qint8")},
    ),
]


@pytest.mark.parametrize(("asked", "layers"), SETTINGS)
def test_settings(asked: dict[str, Any], layers: dict[str, LayerScheme]) -> None:
    before = torch.backends.quantized.engine
    subject, done = made(models.Tied, **asked)
    assert {path: done.layers.get(path) for path in layers} == layers
    assert torch.backends.quantized.engine == before
    args, kwargs = subject.inputs()[0]
    with torch.no_grad():
        expected = subject.held(subject.copy())(*args, **kwargs)
        held = subject.held(done.body, asked.get("engine"))
        assert noise(held(*args, **kwargs), expected) < 0.1


def test_float16_leaves_tables_float_and_what_is_tied_to_them() -> None:
    assert made(models.Tied, dtype="float16")[1].stayed == {
        "embed": "torch has no float16 tables of vectors: dtype=torch.qint8 quantizes it",
        "out": "its weight is shared with `embed`, which stays float",
    }


STAYS: list[tuple[type[nn.Module], dict[str, Any], dict[str, str]]] = [
    (models.Tied, {"skip": "lstm"}, {"lstm": "it is skipped, by `lstm`"}),
    (
        models.Attending,
        {"skip": ["own", "other.out_proj"]},
        {
            "own": "it is skipped, by `own`",
            "own.out_proj": "it is skipped, by `own`",
            "other.out_proj": "it is skipped, by `other.out_proj`",
        },
    ),
    (models.Tied, {"skip": nn.RNNBase}, {"lstm": "it is skipped, by `RNNBase`"}),
    (
        models.Tied,
        {
            "qconfig": QConfigMapping()
            .set_global(defaults.default_dynamic_qconfig)
            .set_object_type(nn.LSTM, None)
        },
        {"lstm": "its qconfig is None"},
    ),
    (
        models.Recurrent,
        {"qconfig": QConfigMapping().set_module_name_regex("g.*", defaults.default_dynamic_qconfig)},
        {"fc": "its qconfig is None"},
    ),
    (
        models.Tied,
        {
            "qconfig": QConfigMapping()
            .set_global(defaults.default_dynamic_qconfig)
            .set_object_type(
                nn.LSTM, QConfig(nn.Identity, observers.MinMaxObserver.with_args(dtype=torch.quint8))
            )
        },
        {
            "lstm": "torch can't quantize it: RuntimeError: Unsupported dtype for dynamic RNN quantization: "
            "torch.quint8"
        },
    ),
]


@pytest.mark.parametrize(("owner", "asked", "stayed"), STAYS)
def test_what_the_user_leaves_float(
    owner: type[nn.Module], asked: dict[str, Any], stayed: dict[str, str]
) -> None:
    done = made(owner, **asked)[1]
    assert stayed.items() <= done.stayed.items()
    assert not stayed.keys() & done.layers.keys()


def test_a_qconfig_on_a_module_comes_first() -> None:
    model = models.Tied().eval()
    model.lstm.qconfig = None
    done = dynamic(subject_of(model, None, None), settings_of("dynamic"))
    assert done.stayed == {"lstm": "its qconfig is None"}


TAKES = (
    "dynamic quantization takes Embedding, EmbeddingBag, GRU, GRUCell, LSTM, LSTMCell, Linear, MultiheadAttention, "
    "RNNCell, with float32 weights"
)

REFUSED: list[tuple[type[nn.Module], dict[str, Any], str]] = [
    (
        models.Convolutions,
        {},
        (
            "nothing in Convolutions can be quantized dynamically: its layers with weights are Conv2d, BatchNorm2d, "
            f'and {TAKES}; for convolutions there is method="static"'
        ),
    ),
    (
        models.Double,
        {},
        (
            f"nothing in Double can be quantized; {TAKES}\n"
            "  `fc` (Linear): its weights are float64, and torch quantizes float32"
        ),
    ),
    (
        models.Exported,
        {"skip": ["head"]},
        (
            f"nothing in Exported can be quantized; {TAKES}\n"
            "  `body` (Linear): its weight is read by other code (dynamic_models.py:LINE)\n"
            "  `head` (Linear): it is skipped, by `head`"
        ),
    ),
    (
        models.Exported,
        {"skip": ["body"], "dtype": "float16", "engine": "qnnpack"},
        (
            f"nothing in Exported can be quantized; {TAKES}\n"
            "  `body` (Linear): it is skipped, by `body`\n"
            "  `head` (Linear): torch can't quantize it: RuntimeError: quantized::linear_prepack_fp16 is currently not "
            "supported by QNNPACK"
        ),
    ),
    (
        models.Lazy,
        {},
        "`fc` has no weights yet, for LazyLinear makes them at the first call: call the model once, then quantize it",
    ),
]


@pytest.mark.parametrize(("owner", "asked", "message"), REFUSED)
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_refusals(owner: type[nn.Module], asked: dict[str, Any], message: str) -> None:
    with pytest.raises(LowerError) as caught:
        made(owner, **asked)
    lines = str(caught.value).split("\n")
    assert "\n".join(placed(dict(enumerate(lines))).values()) == message

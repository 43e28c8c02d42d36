"""Any manifest reads back as it was written, and equal ones are equal bytes."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from namedtorch.archive.digest import GROUPS
from namedtorch.archive.manifest import KnownSize, Manifest, Method, State
from namedtorch.archive.quantization import LayerScheme, Quantization

GOLDEN = Path(__file__).parent / "golden"
METHODS: list[Method] = [
    Manifest.from_json(path.read_bytes()).methods["forward"] for path in sorted(GOLDEN.glob("*.json"))
]

texts = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
words = st.text("abcdefgh_.", min_size=1, max_size=12)
identifiers = st.text("abcd_", min_size=1, max_size=6).filter(str.isidentifier)
sizes = st.integers(0, 2**63 - 1)
counts = st.integers(1, 2**31 - 1)

states = st.builds(
    State,
    kind=st.sampled_from(["parameter", "buffer", "packed"]),
    dtype=words,
    sizes=st.lists(sizes, max_size=5).map(tuple),
    dims=st.none() | st.just("") | texts,
    memory_format=st.sampled_from([None, "channels_last", "channels_last_3d"]),
)
layers = st.builds(
    LayerScheme,
    kind=texts,
    weight=st.sampled_from(["", "qint8", "quint8", "quint4x2", "float16"]),
    activation=st.sampled_from(["", "quint8"]),
    scheme=st.sampled_from(["per_tensor", "per_channel"]),
    axis=st.none() | st.integers(0, 63),
    dim=st.none() | texts,
    fused=st.lists(texts, max_size=3).map(tuple),
)
paths = st.just("") | texts
quantizations = st.builds(
    Quantization,
    method=st.sampled_from(["dynamic", "static", "qat"]),
    engine=words,
    float_digest=st.binary(min_size=32, max_size=32).map(bytes.hex),
    layers=st.dictionaries(paths, layers, max_size=4),
    stayed=st.dictionaries(paths, texts, max_size=3),
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)
methods = st.dictionaries(identifiers, st.sampled_from(METHODS), max_size=2)
manifests = st.builds(
    Manifest,
    name=texts,
    kind=st.sampled_from(["module", "function"]),
    mode=st.sampled_from(["eval", "train"]),
    guards=st.sampled_from(["boundary", "all", "none"]),
    methods=st.builds(lambda main, others: {**others, "forward": main}, st.sampled_from(METHODS), methods),
    torch_version=words,
    namedtorch_version=words,
    method=st.sampled_from(["script", "trace", "annotate"]),
    traced=st.lists(st.just("") | words, max_size=3).map(tuple),
    stages=st.lists(words, max_size=3).map(tuple),
    state=st.dictionaries(texts, states, max_size=5),
    sizes=st.dictionaries(texts, st.builds(KnownSize, size=sizes, by=texts), max_size=3),
    operators=st.dictionaries(texts, texts, max_size=3),
    metadata=st.dictionaries(words, values, max_size=4),
    quantization=st.none() | quantizations,
    digests=st.just({})
    | st.fixed_dictionaries(dict.fromkeys(GROUPS, st.binary(min_size=32, max_size=32).map(bytes.hex))),
    rules_version=counts,
)


@given(manifests)
@settings(max_examples=150, deadline=None)
def test_every_field_reads_back(manifest: Manifest) -> None:
    data = manifest.to_json()
    read = Manifest.from_json(data)
    assert read == manifest
    assert read.to_json() == data
    # -0.0 equals 0.0, and True equals 1.
    assert json.dumps(read.metadata, sort_keys=True) == json.dumps(manifest.metadata, sort_keys=True)


@given(manifests)
@settings(max_examples=50, deadline=None)
def test_the_order_of_entries_does_not_show(manifest: Manifest) -> None:
    def turned(entries: dict[str, object]) -> dict[str, object]:
        return dict(reversed(entries.items()))

    other = Manifest(
        **{
            name: turned(value) if isinstance(value, dict) else value
            for name, value in ((one, getattr(manifest, one)) for one in Manifest.__slots__)
        }
    )
    assert other.to_json() == manifest.to_json()

"""Writes the golden manifests of the current schema version that are missing, and the list of all sums:
`python tests/archive/golden/write.py`.

Once a version is released, its files stay as they are: they are what the archives of that version hold. To write one
of an unreleased version anew, delete it first.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from namedtorch.archive.digest import GROUPS, WHOLE
from namedtorch.archive.drawing import Drawing, Edge, Node, Part
from namedtorch.archive.fields import schema_text
from namedtorch.archive.interface import (
    Constant,
    Fixed,
    Input,
    Interface,
    Length,
    Mapping,
    Output,
    Record,
    Sequence,
)
from namedtorch.archive.manifest import KnownSize, Manifest, Method, State
from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.archive.targets import SUFFIXES
from namedtorch.archive.version import SCHEMA_VERSION
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import (
    TENSOR,
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Kind, Parameter, Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape

HERE = Path(__file__).parent
SUMS = HERE / "sums.txt"


def tensor(shape: str, family: str = "Float") -> TensorHint:
    return TensorHint(TENSOR, FAMILIES[family], parse_shape(shape))


def detector() -> Signature:
    """Every kind of hint and of default."""
    image: Hint = UnionHint((tensor("C=3 ?H ?W"), tensor("C=3 ?H ?W", "UInt8")))
    parts = TupleHint((tensor("4 N"), DictHint(tensor("N", "Bool"))))
    return Signature(
        (
            Parameter("images", ListHint(image)),
            Parameter("mask", OptionalHint(tensor("N", "Bool")), default=None),
            Parameter("threshold", PlainHint("float"), Kind.KEYWORD, default=0.5),
        ),
        RecordHint("Found", (("boxes", tensor("N 4")), ("parts", parts))),
    )


SIGNATURES = {
    "classifier": parse_signature("image: N C=3 H W -> N classes=10 where H >= 32, W >= 32"),
    "sizes": parse_signature(
        "x: *batch C (h=2 d), y: #C 2*C min(C,d)//2 C%3**2 -> *batch (C+1)//2 d where C%8 == 0"
    ),
    "groups": parse_signature("x: *a C *b, mean: C, z: *#rest _ -> *a C *b"),
    "formats": parse_signature("x: N C H W @ channels_last, y: N C H W @ N H W C -> N C H W @ channels_last"),
    "containers": detector(),
}


def golden(signature: Signature) -> Manifest:
    return Manifest(
        name="models.Golden",
        kind="module",
        mode="eval",
        guards="boundary",
        methods={"forward": Method(signature, build_plan(signature))},
        torch_version="2.13.0",
        namedtorch_version="0.1.0",
    )


def everything() -> Manifest:
    """A value in every field."""
    encode = parse_signature("image: N C=3 H W -> N hidden=8")
    manifest = golden(SIGNATURES["classifier"])
    return replace(
        manifest,
        guards="all",
        method="trace",
        traced=("", "blocks.1"),
        stages=("freeze", "channels_last"),
        methods={**manifest.methods, "encode": Method(encode, build_plan(encode))},
        state={
            "conv1.weight": State(
                "parameter", "float32", (64, 3, 7, 7), "out=64 in=3 kh=7 kw=7", memory_format="channels_last"
            ),
            "bn1.num_batches_tracked": State("buffer", "int64", (), ""),
            "head.weight": State("parameter", "bfloat16", (10, 64)),
            "empty": State("buffer", "bool", (0, 4), "N 4"),
            "head.fc.weight": State("packed", "qint8", (10, 64), "out=10 in=64"),
            "head.fc.bias": State("packed", "float32", (10,), "out=10"),
            "volume": State("buffer", "float64", (1, 2, 3, 4, 5), memory_format="channels_last_3d"),
        },
        sizes={
            "C": KnownSize(3, "conv1.in_channels"),
            "classes": KnownSize(10, "self.classes"),
            "H": KnownSize(0, "annotation"),
        },
        operators={
            "mylib::relu2": "libmylib.so",
            "mylib::gelu2.out": "python module mylib.ops",
            "x::y": "unknown",
        },
        metadata={
            "labels": ["cat", "dog", "\u732b"],
            "means": [0.485, 0.456, 1e-300, -0.0, 5e-324],
            "nested": {"a b": [None, True, False, {}, [], 2**64 - 1, -(2**63)]},
            "": "an empty key",
        },
        quantization=Quantization(
            "static",
            "qnnpack",
            hashlib.sha256(b"float").hexdigest(),
            {
                "head.fc": LayerScheme(
                    "Linear", "qint8", "quint8", "per_channel", 0, "out", ("BatchNorm1d", "ReLU")
                ),
                "embed": LayerScheme("EmbeddingBag", "quint8", "", "per_channel", 0),
                "lstm": LayerScheme("LSTM", "float16"),
                "": LayerScheme("Golden", activation="quint8"),
            },
            {"norm": "LayerNorm has no quantized operator", "last": "skipped"},
        ),
        drawing=Drawing(
            (Part("Golden", ""), Part("Block", "blocks.0", 0)),
            (
                Node("input", "image"),
                Node("module", "Conv2d", 1, "blocks.0.conv", "3, 64, kernel_size=(7, 7)"),
                Node("state", "shift", path="shift"),
                Node("op", "add"),
                Node("output", "scores"),
            ),
            (
                Edge(0, 1, "N C=3 H W", "float32"),
                Edge(1, 3, "N out=64 (H+1)//2 (W+1)//2", "float32"),
                Edge(2, 3, "", "float32"),
                Edge(3, 4, "N out=64 (H+1)//2 (W+1)//2", "float32"),
            ),
        ),
        digests={group: hashlib.sha256(group.encode()).hexdigest() for group in GROUPS},
    )


def exported() -> Manifest:
    """A graph of tensors, with every kind of part in its interface."""
    return replace(
        golden(detector()),
        guards="none",
        method="export",
        format="executorch",
        interface=Interface(
            (Input("images_0", ("images", 0)), Input("images_1", ("images", 1)), Input("mask", ("mask",))),
            ("boxes", "parts_0", "parts_1_good"),
            Record(
                "Found",
                (
                    ("boxes", Output(0)),
                    ("parts", Sequence("tuple", (Output(1), Mapping((("good", Output(2)),))))),
                    ("rest", Sequence("list", (Constant(None), Constant(0.5), Constant("a"), Output(0)))),
                ),
            ),
            (Fixed(("threshold",), 0.25), Fixed(("images", 0), None)),
            (Length(("images",), 2),),
        ),
        digests={WHOLE: hashlib.sha256(b"file").hexdigest()},
    )


def sums() -> str:
    """The sum and the name of each golden file, one a line."""
    kept = [path for path in sorted(HERE.iterdir()) if path.suffix in (".json", ".txt", *SUFFIXES.values())]
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in kept if path != SUMS
    ]
    return "".join(lines)


def write(path: Path, data: bytes) -> None:
    if not path.exists():
        path.write_bytes(data)


def main() -> None:
    write(HERE / f"schema-{SCHEMA_VERSION}.txt", schema_text(SCHEMA_VERSION).encode())
    manifests = {name: golden(signature) for name, signature in SIGNATURES.items()}
    for name, manifest in {**manifests, "everything": everything(), "exported": exported()}.items():
        stem = HERE / f"{SCHEMA_VERSION}-{name}"
        write(stem.with_suffix(".json"), manifest.to_json())
        write(stem.with_suffix(".txt"), f"{manifest.signature}\n".encode())
    SUMS.write_text(sums())


if __name__ == "__main__":
    main()

"""Writes the golden files of the current schema version: `python tests/archive/golden/write.py`.

Once a version is released, its files stay as they are: they are what the archives of that version hold.
"""

from pathlib import Path

from namedtorch.archive.fields import schema_text
from namedtorch.archive.manifest import Manifest, Method
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


def main() -> None:
    (HERE / f"schema-{SCHEMA_VERSION}.txt").write_text(schema_text())
    for name, signature in SIGNATURES.items():
        stem = HERE / f"{SCHEMA_VERSION}-{name}"
        stem.with_suffix(".json").write_bytes(golden(signature).to_json())
        stem.with_suffix(".txt").write_text(f"{signature}\n")


if __name__ == "__main__":
    main()

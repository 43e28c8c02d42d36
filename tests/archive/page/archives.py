"""Archives of which only the manifest is there, for pages."""

from pathlib import Path

from namedtorch.archive.container import Archive
from namedtorch.archive.drawing import Drawing, Edge, Node, Part
from namedtorch.archive.manifest import KnownSize, Manifest, Method, State
from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature

HOSTILE = "</script><img src=x onerror=\"document.title='owned'\">"
"""A name that would run, were it markup."""


def drawn_manifest(name: str = "") -> Manifest:
    """A manifest with something in each of its fields; a name stands wherever a file may have one."""

    def method(text: str) -> Method:
        signature = parse_signature(text)
        return Method(signature, build_plan(signature))

    return Manifest(
        name=name or "models.Net",
        kind="module",
        mode="eval",
        guards="boundary",
        methods={
            "forward": method("image: N C=3 H W -> N classes=10 where H >= 3"),
            "score": method("image: N C=3 H W -> N"),
        },
        torch_version="2.13.0",
        namedtorch_version="0.1.0",
        state={
            (f"conv.{name}" if name else "conv.weight"): State(
                "parameter", "float32", (8, 3, 3, 3), "out=8 in=3 kh=3 kw=3"
            ),
            "running": State("buffer", "int64", ()),
        },
        sizes={name or "classes": KnownSize(10, "annotation")},
        operators={"torchvision::nms": name or "torchvision"},
        metadata={name or "labels": ["cat", "dog"]},
        quantization=Quantization(
            "static",
            "x86",
            "f" * 64,
            {"head": LayerScheme("Linear", "qint8", "quint8", "per_channel", 0, "out", ("ReLU",))},
            {"norm": name or "torch has no quantized form of it", "conv": "its input is an image"},
        ),
        drawing=Drawing(
            (Part("Net", ""), Part(name or "Block", "block", 0)),
            (
                Node("input", "image"),
                Node("module", name or "Conv2d", 1, "conv", name or "3, 8"),
                Node("module", "Linear", 0, "head"),
                Node("output", "result"),
            ),
            (
                Edge(0, 1, "N C=3 H W", "float32"),
                Edge(1, 2, name or "N 8 H-2 W-2", "float32"),
                Edge(2, 3, "N classes=10", "float32"),
            ),
        ),
        digests=dict.fromkeys(("code", "constants", "other", "weights"), "d" * 64),
    )


def archive_of(manifest: Manifest) -> Archive:
    """An archive as it would be read."""
    return Archive(Path("net.pt"), 1234, False, manifest)

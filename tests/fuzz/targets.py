"""What is fuzzed: for each target what holds for every input, how inputs are changed, and where they begin."""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import compared, documents, exported, files, flat_files, guards, served, texts
from tests.fuzz.bounds import SECONDS
from tests.fuzz.flat_mutators import mutated_onnx, mutated_program
from tests.fuzz.json_mutators import Mutate, mutated_json, mutated_text
from tests.fuzz.manifest_mutators import mutated_manifest
from tests.fuzz.zip_mutators import mutated_zip

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "archive" / "golden"


@dataclass(frozen=True)
class Target:
    """`check` says whether an input is taken; of what is wrong with one it raises anything but what is documented."""

    name: str
    check: Callable[[bytes], bool]
    mutate: Callable[[bytes, int, random.Random, Mutate], bytes]
    first: Callable[[], Iterable[bytes]] = tuple
    seconds: float = SECONDS

    @property
    def seeds(self) -> Path:
        """The folder of the inputs that are kept."""
        return HERE / "seeds" / self.name


def _text(data: bytes, most: int, draw: random.Random, mutate: Mutate) -> bytes:
    if draw.random() < 0.4:
        return mutate(data, most)
    text = mutated_text(data.decode("utf-8", "replace"), draw, mutate)
    return text.encode("utf-8", "replace")[:most]


def _golden(*patterns: str) -> Callable[[], Iterable[bytes]]:
    return lambda: [path.read_bytes() for pattern in patterns for path in sorted(GOLDEN.glob(pattern))]


def _parts(name: str) -> Callable[[], Iterable[bytes]]:
    """A part of each method of each golden manifest, as JSON."""

    def parts() -> Iterator[bytes]:
        for path in sorted(GOLDEN.glob("*.json")):
            for method in json.loads(path.read_bytes())["methods"].values():
                yield json.dumps(method[name]).encode()

    return parts


TARGETS = {
    one.name: one
    for one in (
        Target("shape", texts.shape_text, _text),
        Target("signature", texts.signature_text, _text, _golden("4-*.txt")),
        Target("manifest", documents.manifest, mutated_manifest, _golden("*.json")),
        Target("signature-json", documents.signature, mutated_json, _parts("signature")),
        Target("plan-json", documents.plan, mutated_json, _parts("plan")),
        Target("guard", guards.guard, mutated_json, _parts("signature")),
        Target("zip", files.archive, mutated_zip, _golden("*-classifier.pt*", "*-blend.pt", "*-frozen.pt")),
        Target(
            "compared", compared.compared, mutated_manifest, _golden("*-classifier.json", "5-*.json"), 8.0
        ),
        Target("exported", exported.exported, mutated_zip),
        Target("onnx", flat_files.onnx_file, mutated_onnx),
        Target("page", served.page, mutated_manifest, _golden("*-everything.json", "5-*.json")),
        Target("serving", served.serving, mutated_manifest, _golden("*-classifier.json", "5-*.json")),
        Target("program", flat_files.flat_file, mutated_program),
    )
}

DICTIONARY = HERE / "words.txt"
"""Words that inputs are made of, as libFuzzer reads them."""

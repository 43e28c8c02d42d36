"""From the author to those who deploy: one model in several formats, the new one held to the old one, loaded pinned.

The author lowers to what the runtimes need; continuous integration compares the candidate with what is deployed; the
service loads what it was built for and nothing else.
"""

import hashlib
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import ArchiveError, DimError, Float, NamedTensor, checked, named


@checked
class Tagger(nn.Module):
    """Scores of tags for each step of a series."""

    def __init__(self, features: int, tags: int):
        super().__init__()
        self.features, self.tags = features, tags
        self.mix = nn.Conv1d(features, 32, kernel_size=3, padding=1)
        self.head = nn.Linear(32, tags)

    def forward(
        self, series: Float[Tensor, "N T self.features where N <= 16, 2 <= T, T <= 256"]
    ) -> Float[Tensor, "N T self.tags"]:
        mixed = self.mix(series.transpose(1, 2)).relu()
        return self.head(mixed.transpose(1, 2))


class Wider(Tagger):
    """The next version: more tags, so whoever counts on the old number of them breaks."""


def formats() -> dict[str, namedtorch.Target]:
    """Suffixes of files, by what they are for, as far as their packages are installed."""
    found: dict[str, namedtorch.Target] = {".pt": "torchscript", ".ptl": "lite", ".pt2": "export"}
    if find_spec("onnxruntime") and find_spec("onnxscript"):
        found[".onnx"] = "onnx"
    if find_spec("executorch"):
        found[".pte"] = "executorch"
    return found


def refused(call: object, *args: object, **kwargs: object) -> str:
    """The first line of the error of a call that has to fail."""
    assert callable(call)
    try:
        call(*args, **kwargs)
    except (ArchiveError, DimError) as error:
        return str(error).partition("\n")[0]
    raise AssertionError("this should have been refused")


def main() -> None:
    torch.manual_seed(0)
    model = Tagger(features=4, tags=5).eval()
    series = torch.rand(3, 20, 4)
    wanted = model(series)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        print("the author lowers")
        for suffix, target in formats().items():
            path = folder / f"tagger{suffix}"
            namedtorch.lower(model, to=target).save(path)
            loaded = namedtorch.load(path)
            torch.testing.assert_close(loaded(series), wanted, rtol=1e-4, atol=1e-5)
            # By name, as an array, with its names: the same call on every runtime.
            torch.testing.assert_close(loaded(series=series.numpy()), loaded(series))
            tags = loaded(named(series, "N T features"))
            assert isinstance(tags, NamedTensor)
            print(f"  {path.name}: {loaded.signature}, {tags.dims}")
            print("    ", refused(loaded, series.transpose(1, 2)))
            print("    ", refused(loaded, np.zeros((17, 20, 4), np.float32)))

        print("continuous integration compares")
        deployed = folder / "tagger.pt"
        candidate = folder / "candidate.pt"
        namedtorch.lower(Wider(features=4, tags=7)).save(candidate)
        verdict = namedtorch.compare(deployed, candidate)
        print("  ", str(verdict).partition("\n")[0])
        assert verdict.verdict == "breaking"
        assert namedtorch.compare(deployed, deployed).verdict == "identical"

        print("the service loads what it was built for")
        pin = hashlib.sha256(deployed.read_bytes()).hexdigest()
        service = namedtorch.load(
            deployed, expect="series: N T 4 -> N T 5 where N <= 16, 2 <= T, T <= 256", sha256=pin
        )
        assert torch.equal(service(series), namedtorch.load(deployed)(series))
        print("  ", refused(namedtorch.load, candidate, sha256=pin).replace(name, "..."))

        print("a tensor in another layout is aligned only where that is asked for")
        turned = named(series.transpose(1, 2), "N features T")
        print("  ", refused(service, turned))
        aligning = namedtorch.load(deployed, align=True)
        torch.testing.assert_close(aligning(turned).tensor, wanted)


if __name__ == "__main__":
    main()

"""A transformer encoder in a quarter of its size: its linear layers and its embedding in int8.

`python examples/encoder_int8.py` takes about 20 seconds, and needs no network. `nn.TransformerEncoder` learns, on the
text of `text_lstm.py`, which package of Python's standard library a piece of source is from. Dynamic quantization needs
no data: weights become int8 once, activations while the model runs. What that costs is measured: accuracy, the packages
one by one, and how far the scores move. The exit status is 1 when anything that it shows does not hold.
"""

import argparse
import math
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from digits import one_thread
from text_lstm import PACKAGES, VOCABULARY, Pieces, load_pieces
from torch import Tensor, nn
from tqdm import tqdm

from namedtorch import Bool, DimError, Float, Int64, checked, load, lower, quantize

LARGEST_LOSS, LARGEST_SHARE = 0.01, 0.3


@checked
class SourceEncoder(nn.Module):
    """Scores every package for pieces of source of different lengths, padded to the longest."""

    def __init__(self, width: int = 128, heads: int = 4, layers: int = 2, longest: int = 64) -> None:
        super().__init__()
        self.width = width
        self.classes = len(PACKAGES)
        self.embed = nn.Embedding(VOCABULARY, width)
        self.places = nn.Parameter(torch.randn(longest, width) / math.sqrt(width))
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, dropout=0.1, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.classify = nn.Linear(width, self.classes)

    def forward(
        self, words: Int64[Tensor, "N T where T <= 64"], padding: Bool[Tensor, "N T"]
    ) -> Float[Tensor, "N self.classes"]:
        """`padding` is true where a piece has ended."""
        x = self.embed(words) + self.places[: words.size(1)]
        x = self.norm(self.encoder(x, src_key_padding_mask=padding))
        return self.classify(x.masked_fill(padding[:, :, None], -math.inf).amax(1))


def trained(pieces: Pieces, steps: int = 150, batch_size: int = 48, seed: int = 0) -> SourceEncoder:
    """An encoder in eval mode, trained on pieces that are cut off at random places."""
    torch.manual_seed(seed)
    model = SourceEncoder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=steps)
    weights = len(pieces.packages) / pieces.packages.bincount(minlength=len(PACKAGES)).clamp(min=1)
    for _ in (bar := tqdm(range(steps), desc="training", unit="step", ncols=88)):
        rows = torch.randint(len(pieces.packages), (batch_size,))
        lengths = torch.randint(pieces.words.size(1) // 2, pieces.words.size(1) + 1, (batch_size, 1))
        padding = torch.arange(pieces.words.size(1)) >= lengths
        scores = model(pieces.words[rows].masked_fill(padding, 0), padding)
        loss = F.cross_entropy(scores, pieces.packages[rows], weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    return model.eval()


@torch.no_grad()
def recalls(score: Callable[[Tensor, Tensor], Tensor], pieces: Pieces) -> dict[str, float]:
    """For each package the share of its pieces that are recognised."""
    padding = torch.zeros_like(pieces.words, dtype=torch.bool)
    right = (score(pieces.words, padding).argmax(1) == pieces.packages).float()
    return {name: float(right[pieces.packages == i].mean()) for i, name in enumerate(PACKAGES)}


def mean(values: dict[str, float]) -> float:
    return sum(values.values()) / len(values)


def shown(folder: Path, steps: int) -> bool:
    """Shows all of it; tells whether it held."""
    train, test = load_pieces()
    model = trained(train, steps)
    words, padding = test.words[:64], torch.zeros(64, test.words.size(1), dtype=torch.bool)
    # Quantizing needs no data; the report measures times and noise with it.
    quantized = quantize(
        model,
        "dynamic",
        [(words, padding)],
        metrics={
            "balanced accuracy": lambda model: mean(recalls(model, test)),
            "worst package": lambda model: min(recalls(model, test).values()),
        },
    )
    report = quantized.report
    print(f"\n{report}")

    path = folder / "encoder.pt"
    lower(quantized).save(path)
    loaded = load(path)
    print(f"\n{path.name}: {loaded.signature}")
    with torch.no_grad():
        moved = (model(words, padding).softmax(1) - loaded(words, padding).softmax(1)).abs()
    print(f"  probabilities move by {moved.mean():.2%} on average, by {moved.max():.1%} at most")

    print(f"\nA mask that is one word short:\n{refusal(lambda: loaded(words, padding[:, 1:]))}")
    lost = mean(recalls(model, test)) - mean(recalls(loaded, test))
    share = report.after.files[".pt"] / report.before.files[".pt"]
    return lost <= LARGEST_LOSS and share <= LARGEST_SHARE


def refusal(use: Callable[[], object]) -> str:
    """What is said of an argument that does not fit."""
    try:
        use()
    except DimError as error:
        return str(error)
    raise AssertionError("what does not fit was accepted")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train a transformer encoder, and quantize it.")
    parser.add_argument("--steps", type=int, default=150, help="steps of training")
    options = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", r"`torch\.jit\.\w+` is deprecated", DeprecationWarning)
    with tempfile.TemporaryDirectory() as folder, one_thread():
        return 0 if shown(Path(folder), options.steps) else 1


if __name__ == "__main__":
    sys.exit(main())

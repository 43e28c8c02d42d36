"""Which package of Python's standard library is this code from? An LSTM answers, in a quarter of its size.

`python examples/text_lstm.py` takes about 20 seconds, and needs no network: the text is the source of the standard
library that runs it. An LSTM learns which of eight packages a piece of a function comes from; then its embedding, its
LSTM and its classifier are quantized to int8, without data and without another training, and both are measured on
functions that it never saw. The exit status is 1 when anything that it shows does not hold.
"""

import argparse
import ast
import random
import re
import sys
import sysconfig
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from digits import one_thread
from torch import Tensor, nn
from tqdm import tqdm

from namedtorch import DimError, Float, Int64, checked, load, lower, quantize

PACKAGES = ("asyncio", "email", "http", "importlib", "logging", "multiprocessing", "unittest", "xml")
WORD = re.compile(r"[a-z]+|\d+|[^\w\s]")
LENGTH = 32  # words in a piece
VOCABULARY = 4000
UNKNOWN = 0  # the number of a word that the vocabulary lacks
LEAST_ACCURACY, LARGEST_LOSS, LARGEST_SHARE = 0.75, 0.01, 0.3


@checked
@dataclass(frozen=True)
class Pieces:
    """Pieces of source as numbers of words, and the place in `PACKAGES` of what they come from."""

    words: Int64[Tensor, "N T"]
    packages: Int64[Tensor, "N"]


@checked
class SourceClassifier(nn.Module):
    """Scores every package, for any number of pieces of any length."""

    def __init__(self, words: int = VOCABULARY, features: int = 128, hidden: int = 160) -> None:
        super().__init__()
        self.classes = len(PACKAGES)
        self.embed = nn.Embedding(words, features)
        self.lstm = nn.LSTM(features, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.3)
        self.classify = nn.Linear(hidden, self.classes)

    def forward(self, words: Int64[Tensor, "N T"]) -> Float[Tensor, "N self.classes"]:
        states, _ = self.lstm(self.dropout(self.embed(words)))
        return self.classify(self.dropout(states.amax(1)))


def functions(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The functions of a module, and the methods of its classes."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body)


def texts(package: str) -> Iterator[list[str]]:
    """The words of each function of a package of the standard library."""
    for path in sorted(Path(sysconfig.get_path("stdlib"), package).rglob("*.py")):
        # Some installations leave out the tests of the library itself.
        if {"test", "tests"}.isdisjoint(path.parts):
            source = path.read_text("utf-8-sig")
            lines = source.splitlines()
            for node in functions(ast.parse(source).body):
                yield WORD.findall("\n".join(lines[node.lineno - 1 : node.end_lineno]).lower())


def load_pieces(seed: int = 0) -> tuple[Pieces, Pieces]:
    """Pieces to learn from, and pieces of other functions, a quarter, to measure with."""
    shuffled = random.Random(seed)
    known: list[tuple[list[str], int]] = []
    held_out: list[tuple[list[str], int]] = []
    for label, package in enumerate(PACKAGES):
        for words in texts(package):
            cut = [(words[i : i + LENGTH], label) for i in range(0, len(words) - LENGTH + 1, LENGTH)]
            if shuffled.random() < 0.25:
                held_out += cut
            else:
                known += cut
    counted = Counter(word for words, _ in known for word in words)
    numbers = {word: i for i, (word, _) in enumerate(counted.most_common(VOCABULARY - 1), start=1)}

    def numbered(pieces: list[tuple[list[str], int]]) -> Pieces:
        words = [[numbers.get(word, UNKNOWN) for word in words] for words, _ in pieces]
        return Pieces(torch.tensor(words), torch.tensor([label for _, label in pieces]))

    return numbered(known), numbered(held_out)


def trained(pieces: Pieces, epochs: int = 3, batch_size: int = 64, seed: int = 0) -> SourceClassifier:
    """A classifier in eval mode, trained from a fixed seed."""
    torch.manual_seed(seed)
    model = SourceClassifier()
    count = len(pieces.packages)
    steps = epochs * -(-count // batch_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)
    # Some packages are larger than others, and count the same.
    weights = count / pieces.packages.bincount(minlength=len(PACKAGES)).clamp(min=1)
    with tqdm(total=steps, desc="training", unit="step", ncols=88) as bar:
        for _ in range(epochs):
            for rows in torch.randperm(count).split(batch_size):
                scores = model(pieces.words[rows])
                loss = F.cross_entropy(scores, pieces.packages[rows], weights)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
                bar.update()
    return model.eval()


@torch.no_grad()
def recalls(classify: Callable[[Tensor], Tensor], pieces: Pieces) -> dict[str, float]:
    """For each package the share of its pieces that are recognised."""
    right = (classify(pieces.words).argmax(1) == pieces.packages).float()
    return {name: float(right[pieces.packages == i].mean()) for i, name in enumerate(PACKAGES)}


@torch.no_grad()
def accuracy(classify: Callable[[Tensor], Tensor], pieces: Pieces) -> float:
    """The share of all pieces that are recognised."""
    return float((classify(pieces.words).argmax(1) == pieces.packages).float().mean())


def shown(folder: Path, epochs: int) -> bool:
    """Shows all of it; tells whether it held."""
    train, test = load_pieces()
    print(
        f"{len(train.packages)} pieces of {LENGTH} words to learn from, {len(test.packages)} of other functions",
        flush=True,
    )
    model = trained(train, epochs)

    metrics = {
        "accuracy": lambda model: accuracy(model, test),
        # What is right on the whole may be wrong in one place.
        "worst package": lambda model: min(recalls(model, test).values()),
    }
    # Quantizing needs no data; the report measures times and noise with it.
    quantized = quantize(model, "dynamic", [test.words[:64]], metrics=metrics)
    report = quantized.report
    print(f"\n{report}")

    path = folder / "source.ptl"
    lower(quantized, to="lite").save(path)
    phone = load(path)
    print(f"\n{path.name}: {phone.signature}")
    before, after = recalls(model, test), recalls(phone, test)
    print(f"  {'right of':16} {'float':>7} {'the file':>9}")
    for name in PACKAGES:
        print(f"  {name:16} {before[name]:7.1%} {after[name]:9.1%}")

    print(f"\nOne piece, not a batch of one:\n{refusal(lambda: phone(test.words[0]))}")
    kept = accuracy(model, test) - accuracy(phone, test) <= LARGEST_LOSS
    share = report.after.files[".pt"] / report.before.files[".pt"]
    return kept and share <= LARGEST_SHARE and accuracy(phone, test) >= LEAST_ACCURACY


def refusal(use: Callable[[], object]) -> str:
    """What is said of an argument that does not fit."""
    try:
        use()
    except DimError as error:
        return str(error)
    raise AssertionError("what does not fit was accepted")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train an LSTM on Python's own source, and quantize it.")
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args(arguments)
    for deprecated in (r"`torch\.jit\.\w+` is deprecated", "Lite Interpreter is deprecated"):
        warnings.filterwarnings("ignore", deprecated, DeprecationWarning)
    with tempfile.TemporaryDirectory() as folder, one_thread():
        return 0 if shown(Path(folder), options.epochs) else 1


if __name__ == "__main__":
    sys.exit(main())

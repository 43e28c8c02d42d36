"""A small convolutional network for scikit-learn's bundled handwritten digits, with its dims in annotations."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits as load_bundled_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from tqdm import tqdm

from namedtorch import Float, Int64, checked

GREY_LEVELS = 16.0


@checked
@dataclass(frozen=True)
class Digits:
    """Grey images of handwritten digits in [0, 1] and what they show, split for training and for the test."""

    train_images: Float[Tensor, "train C=1 H=8 W=8"]
    train_labels: Int64[Tensor, "train"]
    test_images: Float[Tensor, "test C=1 H=8 W=8"]
    test_labels: Int64[Tensor, "test"]


@checked
class Block(nn.Module):
    """Two convolutions that keep the image size, then a pooling that halves it."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.inputs = inputs
        self.outputs = outputs
        self.first = nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, kernel_size=3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Float[Tensor, "N self.inputs H W"]) -> Float[Tensor, "N self.outputs H//2 W//2"]:
        x = F.relu(self.first_norm(self.first(x)))
        x = F.relu(self.second_norm(self.second(x)))
        return F.max_pool2d(x, 2)


@checked
class DigitClassifier(nn.Module):
    """Scores every class for 8x8 grey images: 38,722 parameters with 10 classes."""

    def __init__(self, classes: int = 10):
        super().__init__()
        self.classes = classes
        self.stem = Block(1, 24)
        self.body = Block(24, 48)
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(48 * 2 * 2, classes)

    def forward(self, image: Float[Tensor, "N C=1 H=8 W=8"]) -> Float[Tensor, "N self.classes"]:
        x = self.body(self.stem(image))
        return self.head(self.dropout(x.flatten(1)))


def load_digits(test_share: float = 0.25, seed: int = 0) -> Digits:
    """The 1,797 digits that come with scikit-learn (no download), a fixed share of every class held out."""
    pixels, shown = load_bundled_digits(return_X_y=True)
    images = torch.as_tensor(pixels, dtype=torch.float32).div(GREY_LEVELS).view(-1, 1, 8, 8)
    labels = torch.as_tensor(shown, dtype=torch.int64)
    train, test = train_test_split(
        torch.arange(len(labels)).numpy(), test_size=test_share, stratify=labels.numpy(), random_state=seed
    )
    return Digits(images[train], labels[train], images[test], labels[test])


def train(model: nn.Module, digits: Digits, epochs: int = 8, batch_size: int = 64, seed: int = 0) -> None:
    """Trains `model` in place under a progress bar, and leaves it in eval mode."""
    shuffle = torch.Generator().manual_seed(seed)
    count = len(digits.train_labels)
    steps = epochs * -(-count // batch_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)
    model.train()
    with tqdm(total=steps, desc="training", unit="step", ncols=88) as bar:
        for epoch in range(1, epochs + 1):
            for rows in torch.randperm(count, generator=shuffle).split(batch_size):
                loss = F.cross_entropy(model(digits.train_images[rows]), digits.train_labels[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                bar.set_postfix(epoch=epoch, loss=f"{loss.item():.3f}", refresh=False)
                bar.update()
    model.eval()


@torch.no_grad()
@checked
def accuracy(
    classify: Callable[[Tensor], Tensor],
    images: Float[Tensor, "N C=1 H=8 W=8"],
    labels: Int64[Tensor, "N"],
) -> float:
    """The share of `images` for which `classify` scores the right label highest."""
    return (classify(images).argmax(1) == labels).float().mean().item()


def trained_classifier(digits: Digits, epochs: int = 8, seed: int = 0) -> DigitClassifier:
    """A `DigitClassifier` from a fixed seed, trained and in eval mode; the caller's random state is kept."""
    with torch.random.fork_rng(devices=[]), one_thread():
        torch.manual_seed(seed)
        model = DigitClassifier()
        train(model, digits, epochs, seed=seed)
    return model


@contextmanager
def one_thread() -> Iterator[None]:
    """Computes in one thread: layers this small gain little from two, and lose much where a core is busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)

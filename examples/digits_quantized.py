"""Handwritten digits in int8: what each way of quantizing a small MobileNet costs, and the one that goes to the phone.

`python examples/digits_quantized.py` takes half a minute, and needs no network: scikit-learn brings 1,797 digits. A
network of inverted residuals is trained and quantized: dynamic (weights only, no data), static with one scale per
tensor or per channel (calibrated on a few batches), and with quantization in view (QAT: trained a little more). Each is
measured on digits that were held out, all together and the worst digit alone. The exit status is 1 when anything that
it shows does not hold.
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from digits import Digits, load_digits, one_thread
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

from namedtorch import DimError, Float, QuantizedModel, checked, load, lower, quantize

EPOCHS, TUNING, BATCH = 8, 3, 64
CALIBRATION = 8  # batches
LARGEST_LOSS = 0.01


@checked
class Block(nn.Module):
    """An inverted residual: 1x1 convolution to more channels, 3x3 for each channel alone, 1x1 to fewer."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, expand: int = 4) -> None:
        super().__init__()
        self.inputs = inputs
        self.outputs = outputs
        self.stride = stride
        hidden = inputs * expand
        self.body = nn.Sequential(
            nn.Conv2d(inputs, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(),
            nn.Conv2d(hidden, hidden, 3, stride, padding=1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.Hardswish(),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(
        self, x: Float[Tensor, "N self.inputs H W"]
    ) -> Float[Tensor, "N self.outputs (H-1)//self.stride+1 (W-1)//self.stride+1"]:
        y = self.body(x)
        return x + y if self.stride == 1 and self.inputs == self.outputs else y


@checked
class DigitsNet(nn.Module):
    """Scores ten digits for 8x8 grey images."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.classes = classes
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU6())
        self.blocks = nn.Sequential(
            Block(16, 16), Block(16, 24, stride=2), Block(24, 24), Block(24, 40, stride=2), Block(40, 40)
        )
        self.last = nn.Sequential(nn.Conv2d(40, 96, 1, bias=False), nn.BatchNorm2d(96), nn.Hardswish())
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(96, classes)

    def forward(self, image: Float[Tensor, "N C=1 H=8 W=8"]) -> Float[Tensor, "N self.classes"]:
        x = self.last(self.blocks(self.stem(image)))
        return self.head(self.dropout(x.mean((2, 3))))


@cache
def digits() -> Digits:
    """The images, read once."""
    return load_digits()


def loader(seed: int = 0) -> DataLoader[tuple[Tensor, ...]]:
    """Batches of images and labels to learn from, in another order in each epoch."""
    order = torch.Generator().manual_seed(seed)
    known = TensorDataset(digits().train_images, digits().train_labels)
    return DataLoader(known, BATCH, shuffle=True, generator=order)


def fit(model: nn.Module, epochs: int, rate: float, seed: int, what: str) -> None:
    """Trains `model` in place, under a progress bar."""
    known = loader(seed)
    steps = epochs * len(known)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps)
    with tqdm(total=steps, desc=what, unit="step", ncols=88) as bar:
        for _ in range(epochs):
            for images, labels in known:
                loss = F.cross_entropy(model(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                bar.update()


def train(seed: int = 0) -> DigitsNet:
    """A network in eval mode, trained from a fixed seed."""
    torch.manual_seed(seed)
    model = DigitsNet().train()
    fit(model, EPOCHS, 1e-2, seed, "training")
    return model.eval()


@torch.no_grad()
def recalls(classify: Callable[[Tensor], Tensor]) -> Float[Tensor, "classes=10"]:
    """For each digit the share of its held-out images that are recognised."""
    right = classify(digits().test_images).argmax(1) == digits().test_labels
    shown = F.one_hot(digits().test_labels, 10).bool()
    return (shown & right[:, None]).sum(0) / shown.sum(0)


@torch.no_grad()
def accuracy(classify: Callable[[Tensor], Tensor]) -> float:
    """The share of the held-out images that are recognised."""
    return float((classify(digits().test_images).argmax(1) == digits().test_labels).float().mean())


def worst_digit(classify: Callable[[Tensor], Tensor]) -> float:
    """The share of the digit that is recognised worst: what accuracy alone would hide."""
    return float(recalls(classify).min())


def variants(model: nn.Module, seed: int = 0) -> dict[str, QuantizedModel]:
    """The network in int8, in all ways that there are."""
    metrics = {"accuracy": accuracy, "worst digit": worst_digit}

    def tune(prepared: nn.Module) -> None:
        fit(prepared, TUNING, 1e-3, seed, "training, quantization in view")

    def static(per_channel: bool) -> QuantizedModel:
        known = loader(seed)
        return quantize(
            model,
            "static",
            known,
            per_channel=per_channel,
            batches=CALIBRATION,
            metrics=metrics,
            progress=False,
        )

    return {
        "dynamic": quantize(model, "dynamic", metrics=metrics),
        "static, per tensor": static(per_channel=False),
        "static, per channel": static(per_channel=True),
        "QAT, per channel": quantize(model, "qat", loader(seed), train=tune, metrics=metrics),
    }


def refusal(use: Callable[[], object]) -> str:
    """What is said of a batch in another layout."""
    try:
        use()
    except DimError as error:
        return str(error)
    raise AssertionError("an image of another layout was accepted")


def shown(folder: Path) -> bool:
    """Shows all of it; tells whether it held."""
    model = train()
    made = variants(model)

    print(f"\n{'held-out digits that are right':32} {'all':>7} {'worst digit':>12}")
    for name, one in {"float": model, **made}.items():
        print(f"  {name:30} {accuracy(one):7.1%} {worst_digit(one):12.1%}")

    nhwc = [images.permute(0, 2, 3, 1) for images, _ in loader()]
    print(
        f"\nA loader of N H W C, before it spoils the calibration:\n{refusal(lambda: quantize(model, 'static', nhwc))}"
    )

    best = made["QAT, per channel"]
    report = best.report
    report.save(folder / "report.html")
    print(f"\n{report}")

    path = folder / "digits.ptl"
    lower(best, to="lite").save(path)
    phone = load(path)
    print(f"\n{path.name}: {path.stat().st_size / 1e3:.0f} kB, {phone.signature}")
    same = accuracy(phone) == accuracy(best)
    print(f"  as many right in the lite interpreter: {same}")
    print(refusal(lambda: phone(nhwc[0])))
    lost = accuracy(model) - accuracy(best)
    return same and lost <= LARGEST_LOSS


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Train, quantize in every way, compare, and save for a phone."
    )
    parser.add_argument(
        "--out", type=Path, help="folder for the report and the model (default: a temporary one)"
    )
    options = parser.parse_args(arguments)
    for deprecated in (r"`torch\.jit\.\w+` is deprecated", "Lite Interpreter is deprecated"):
        warnings.filterwarnings("ignore", deprecated, DeprecationWarning)
    with tempfile.TemporaryDirectory() as temporary, one_thread():
        folder = options.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return 0 if shown(folder) else 1


if __name__ == "__main__":
    sys.exit(main())

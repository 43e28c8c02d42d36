"""The whole way on real input: train, check, lower, save, inspect, load, classify; and what is refused on that way.

Run `python examples/quickstart.py`: half a minute on two cores, no network. The exit status is 1 when anything that
it shows does not hold.
"""

import argparse
import contextlib
import io
import platform
import statistics
import sys
import tempfile
import textwrap
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from digits import Digits, accuracy, load_digits, trained_classifier
from mobilenet_v2 import parameter_count, random_mobilenet_v2
from torch import Tensor, nn
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import DimError, checking, load, lower
from namedtorch.cli import main as namedtorch

MINIMAL_ACCURACY = 0.95
LARGEST_DIFFERENCE = 1e-5
MOBILENET_V2_PARAMETERS = 3_504_872
LONGEST_TIMING = 10.0  # seconds
LABEL = 22

Model = Callable[[Tensor], Tensor]


class Unmet(Exception):
    """Something that this example promises did not happen."""


def expect(holds: bool, otherwise: str) -> None:
    """Raises `Unmet` with the sentence `otherwise` unless `holds`."""
    if not holds:
        raise Unmet(otherwise)


def heading(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def row(label: str, text: str) -> None:
    """Prints `text` beside `label`; further lines stand under the first."""
    print(textwrap.indent(text, " " * (LABEL + 2)).replace(" " * LABEL, label.ljust(LABEL), 1), flush=True)


def refusal(model: Model, images: Tensor, who: str) -> str | DimError:
    """What `model` says when it refuses `images`: its `DimError`, or the guard's line out of a longer error."""
    try:
        with torch.no_grad():
            model(images)
    except DimError as error:
        return error
    except Exception as error:  # torch.jit.Error and RuntimeError have no other ancestor in common
        _, guard, message = str(error).rpartition("namedtorch:")
        expect(bool(guard), f"{who} refused {tuple(images.shape)}, but not by its guard: {error}")
        return guard + message.splitlines()[0]
    raise Unmet(f"{who} accepted a batch of shape {tuple(images.shape)}")


def show_refusals(models: Mapping[str, Model], mistakes: Mapping[str, Tensor]) -> None:
    """Hands every planted mistake to every model; a `DimError` like the one before is not printed again."""
    for mistake, images in mistakes.items():
        print(f"  {mistake}, {tuple(images.shape)}:")
        failures: object = None
        for who, model in models.items():
            refused = refusal(model, images, who)
            if isinstance(refused, DimError):
                same = refused.failures == failures
                failures = refused.failures
                refused = "the same DimError" if same else f"DimError: {refused}"
            row(f"    {who}", refused)


def save(model: nn.Module, name: str, folder: Path) -> dict[str, Model]:
    """Lowers `model` into `name`.pt and `name`.ptl, and opens them in every way that a deployment might."""
    lowered = lower(model)
    print(f"  {lowered.signature}")
    script, lite = folder / f"{name}.pt", folder / f"{name}.ptl"
    for path in (script, lite):
        lowered.save(path)
        row(f"  {path.name}", f"{path.stat().st_size / 1e6:.2f} MB, the guard in its graph")
    return {
        "namedtorch.load": load(script),
        "torch.jit.load": torch.jit.load(str(script)),
        "lite interpreter": _load_for_lite_interpreter(str(lite)),
    }


def show_digits(folder: Path, epochs: int) -> Digits:
    """Trains, lowers, saves and loads a classifier of handwritten digits, and gives back the digits."""
    heading("Digits: train")
    digits = load_digits()
    images, labels = digits.test_images, digits.test_labels
    print(f"  {len(digits.train_labels)} images of 8x8 to learn from, {len(labels)} held out", flush=True)
    model = trained_classifier(digits, epochs)
    in_python = accuracy(model, images, labels)
    print(f"  {parameter_count(model):,} parameters, {in_python:.1%} of the held-out digits right")
    expect(in_python >= MINIMAL_ACCURACY, f"only {in_python:.1%} right, expected {MINIMAL_ACCURACY:.0%}")

    heading("Digits: lower and save")
    loaded = save(model, "digits", folder)

    heading("Digits: held-out digits right")
    row("  Python, @checked", f"{in_python:.2%}")
    for who, from_file in loaded.items():
        right = accuracy(from_file, images, labels)
        row(f"  {who}", f"{right:.2%}")
        expect(right == in_python, f"{who} has {right:.2%} right, the model in Python {in_python:.2%}")

    heading("Digits: mistakes refused")
    mistakes = {
        "N H W C": images.permute(0, 2, 3, 1).contiguous(),
        "another size": F.interpolate(images, size=(28, 28)),
    }
    show_refusals({"Python, @checked": model, **loaded}, mistakes)

    heading("Digits: what the file says of itself, without torch")
    command("inspect", str(folder / "digits.pt"))
    show_annotate(folder, model, images)
    return digits


def command(*words: str) -> None:
    """Runs `namedtorch` as the command line does, and shows both what was typed and what it printed."""
    print(
        f"  $ namedtorch {' '.join(f'{word!r}' if ' ' in word else Path(word).name for word in words)}",
        flush=True,
    )
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        status = namedtorch(words)
    print(textwrap.indent(shown.getvalue().rstrip(), "  "), flush=True)
    expect(status == 0, f"namedtorch {words[0]} ended with {status}")


def show_annotate(folder: Path, model: nn.Module, images: Tensor) -> None:
    """Gives a traced file of the time before namedtorch, which takes whatever comes, a signature and a guard."""
    heading("A file that exists already: annotate")
    old, new = folder / "old.pt", folder / "annotated.pt"
    with checking("off"), torch.no_grad():
        torch.jit.save(torch.jit.trace(model.eval(), images[:2]), str(old))
    command("annotate", str(old), "image: N C=1 H=8 W=8 -> N classes=10", "-o", str(new))
    annotated, plain = load(new), torch.jit.load(str(new))
    with torch.no_grad():
        expect(torch.equal(annotated(images), model(images)), "the annotated file gives other scores")
    nhwc = {"N H W C": images.permute(0, 2, 3, 1).contiguous()}
    show_refusals({"namedtorch.load": annotated, "torch.jit.load": plain}, nhwc)


def medians(models: Mapping[str, Model], image: Tensor, rounds: int) -> dict[str, float]:
    """Seconds of a call with `image`; the models take turns, so that a busy machine slows all of them alike.

    On a slow machine there are fewer rounds, but at least one.
    """
    seconds: dict[str, list[float]] = {who: [] for who in models}
    end = time.perf_counter() + LONGEST_TIMING
    with torch.no_grad():
        for done in range(rounds):
            if done and time.perf_counter() > end:
                break
            for who, model in models.items():
                start = time.perf_counter()
                model(image)
                seconds[who].append(time.perf_counter() - start)
    return {who: statistics.median(times) for who, times in seconds.items()}


def show_mobilenet(folder: Path, digits: Digits, rounds: int) -> None:
    """Lowers a MobileNetV2 with random weights, and compares it with the model in Python: outputs and times."""
    heading("MobileNetV2: lower and save")
    model = random_mobilenet_v2()
    parameters = parameter_count(model)
    print(f"  {parameters:,} parameters")
    expect(parameters == MOBILENET_V2_PARAMETERS, f"MobileNetV2 has {MOBILENET_V2_PARAMETERS:,} parameters")
    loaded = save(model, "mobilenet_v2", folder)

    heading("MobileNetV2: largest difference from Python, 4 digits enlarged to 224x224")
    images = F.interpolate(digits.test_images[:4], size=(224, 224), mode="bilinear").repeat(1, 3, 1, 1)
    with torch.no_grad():
        scores = model(images)
        expect(bool(scores.isfinite().all()), "scores of MobileNetV2 are not finite")
        expect(bool((scores.std(0) > 0).all()), "MobileNetV2 scores all images the same")
        for who, from_file in loaded.items():
            difference = (from_file(images) - scores).abs().max().item()
            row(f"  {who}", f"{difference:.1e}")
            expect(difference <= LARGEST_DIFFERENCE, f"{who} differs from Python by {difference:.1e}")

    heading("MobileNetV2: time for one image, median of calls that take turns")

    def unchecked(image: Tensor) -> Tensor:
        with checking("off"):
            return model(image)

    models = {"Python, checks on": model, "Python, checks off": unchecked, **loaded}
    medians(models, images[:1], rounds=3)  # TorchScript optimises a graph in its first calls
    for who, seconds in medians(models, images[:1], rounds).items():
        row(f"  {who}", f"{seconds * 1e3:.2f} ms")

    heading("MobileNetV2: mistakes refused")
    mistakes = {"N H W C": images.permute(0, 2, 3, 1).contiguous(), "too small": images[..., :16, :16]}
    show_refusals({"Python, @checked": model, **loaded}, mistakes)


def ignore_deprecations() -> None:
    """torch 2.13 deprecates all of TorchScript; this example calls its loaders on purpose."""
    for name in ("load", "save", "trace", "trace_method"):
        warnings.filterwarnings("ignore", rf"`torch\.jit\.{name}` is deprecated", DeprecationWarning)


def run(folder: Path, quick: bool) -> None:
    start = time.perf_counter()
    print(f"torch {torch.__version__}, Python {platform.python_version()}, {torch.get_num_threads()} threads")
    digits = show_digits(folder, epochs=4 if quick else 8)
    show_mobilenet(folder, digits, rounds=3 if quick else 30)
    print(f"\nAll of it held, in {time.perf_counter() - start:.0f} s.")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train, lower, save, load, classify, refuse.")
    parser.add_argument("--out", type=Path, help="folder for the models (default: a temporary one)")
    parser.add_argument("--quick", action="store_true", help="fewer epochs and timed calls")
    options: Any = parser.parse_args(arguments)
    ignore_deprecations()
    try:
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
            run(options.out, options.quick)
        else:
            with tempfile.TemporaryDirectory() as folder:
                run(Path(folder), options.quick)
    except Unmet as unmet:
        print(f"\nquickstart failed: {unmet}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What is measured besides calls that pass: refusal, decoration, the first call, import, and the guard in a graph."""

import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from interleave import Call, Series
from subject import NAMEDTORCH, Subject
from torch import Tensor, nn

from namedtorch import DimError, Float, checked, lower

EXAMPLES = Path(__file__).parents[2] / "examples"
IMAGE_SIDE = 224

_FRESH = itertools.count()


def refused(subject: Subject) -> DimError:
    """The error of a call of the checked function that does not fit."""
    try:
        subject.functions[NAMEDTORCH](*subject.unfit)
    except DimError as error:
        return error
    raise AssertionError(f"{subject.name} took what does not fit")


def shown_refusal(subject: Subject) -> str:
    """The text of the error of a call that does not fit."""
    return str(refused(subject))


def decorated() -> Callable[..., Tensor]:
    """A function that has just been decorated, with texts that nothing has parsed before."""
    one = next(_FRESH)

    @checked
    def attend(
        q: Float[Tensor, f"B{one} H{one} T{one} D{one}"],
        k: Float[Tensor, f"B{one} H{one} S{one} D{one}"],
        v: Float[Tensor, f"B{one} H{one} S{one} D{one}"],
    ) -> Float[Tensor, f"B{one} H{one} T{one} D{one}"]:
        return q

    return attend


def first_call(arguments: tuple[Tensor, ...]) -> Call:
    """The first call of a decorated function, which writes and compiles its guard."""
    return Call(decorated(), arguments)


FIRST_DECORATION = """
import time, torch
from torch import Tensor
from namedtorch import Float, checked
start = time.perf_counter()
@checked
def blend(
    a: Float[Tensor, "N C H W"], b: Float[Tensor, "N C H W"], mask: Float[Tensor, "N C H W"]
) -> Float[Tensor, "N C H W"]:
    return a
print(time.perf_counter() - start)
"""
"""A program that prints the seconds of the first decoration of a process, in which the parser is built."""

IMPORT = "import namedtorch, sys; assert 'torch' not in sys.modules"
"""A program that imports namedtorch, and fails if that loads torch."""


def programs(*texts: str, rounds: int = 7) -> list[Series]:
    """Seconds of whole interpreters that run these programs, in turns."""
    seconds: list[list[float]] = [[] for _ in texts]
    for turn in range(rounds + 1):
        for text, found in zip(texts, seconds, strict=True):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", text], check=True)
            if turn:  # the first one warms the file system's cache
                found.append(time.perf_counter() - start)
    return [Series(tuple(found)) for found in seconds]


def first_decoration(rounds: int = 3) -> float:
    """Seconds of the first decoration of a process: the median of a few processes."""
    command = [sys.executable, "-c", FIRST_DECORATION]
    printed = [
        subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(rounds)
    ]
    return statistics.median(map(float, printed))


class Bodiless(nn.Module):
    """What MobileNetV2 takes and gives, and nothing in between: its guard alone is left to measure."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.classes = classes
        self.scores = torch.zeros(1, classes)

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"]
    ) -> Float[Tensor, "N self.classes"]:
        return self.scores


def one_image() -> Tensor:
    """The batch of one that the graphs run on."""
    return torch.rand(1, 3, IMAGE_SIDE, IMAGE_SIDE)


def mobilenet() -> nn.Module:
    """The MobileNetV2 of the examples, in eval mode."""
    if str(EXAMPLES) not in sys.path:
        sys.path.append(str(EXAMPLES))
    from mobilenet_v2 import random_mobilenet_v2

    return random_mobilenet_v2()


def graphs(module: nn.Module) -> tuple[Any, Any]:
    """A module in TorchScript, with its guard and without; one that is there for a batch of one is not verified."""
    return lower(module, verify=False).module, lower(module, guards="none", verify=False).module

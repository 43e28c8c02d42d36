"""The machine that something was measured on, in the words that a reader compares by."""

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

ELSEWHERE = "on another machine times and ratios differ, and so may the numbers of an integer kernel"
"""What every measurement has to say."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A processor with its cores and the widest instructions that torch uses, the system, torch, and its settings.

    `engine` is that of the quantized operators, `threads` those that torch had.
    """

    processor: str
    cores: int
    capability: str
    system: str
    torch_version: str
    engine: str
    threads: int

    def to_dict(self) -> dict[str, Any]:
        """The machine as JSON-able data."""
        return asdict(self)

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        cores = f"{self.cores} core{'s' * (self.cores != 1)}"
        return (
            f"{self.processor}, {cores}, {self.capability}, {self.system}; torch {self.torch_version}, engine "
            f"{self.engine}, {threads}"
        )


def machine(engine: str, threads: int) -> Machine:
    """The machine that this runs on."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        capability=torch.backends.cpu.get_cpu_capability(),
        system=f"{platform.system()} {platform.machine()}".strip(),
        torch_version=torch.__version__,
        engine=engine,
        threads=threads,
    )


def _processor() -> str:
    """The processor's name; what Linux says is the only one of use, elsewhere Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model") and value.strip():
            return " ".join(value.split())
    return platform.processor() or platform.machine() or "unknown processor"

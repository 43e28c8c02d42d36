"""For each construct that TorchScript refuses, a model with it, and the same model with the way around.

`# here` marks the line at fault. Each model is a `Model(nn.Module)` with a linear layer, whose forward gets `x`.
"""

import importlib.util
import itertools
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

HEAD = """\
import collections, contextlib, copy, dataclasses, enum, functools, gc, itertools, json, logging, math, os, random, time
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, Optional, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from namedtorch import Float
"""


@dataclass(frozen=True)
class Code:
    """Pieces of a model: what stands above the class, in it, in its `__init__`, and in its forward."""

    body: str = "return helper(x)"
    top: str = ""
    init: str = ""
    members: str = ""
    base: str = "nn.Module"

    def module(self) -> str:
        """The source of a file with the model in it."""
        lines = [HEAD, textwrap.dedent(self.top), f"class Model({self.base}):", _indented(self.members, 4)]
        lines += ["    def __init__(self) -> None:", "        super().__init__()"]
        lines += ["        self.linear = nn.Linear(3, 3)", _indented(self.init, 8)]
        lines += ['    def forward(self, x: Float[Tensor, "N C"]):', _indented(self.body, 8)]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Case:
    """A construct, a model with it, one without.

    `same` says that both give one result in eager mode, `mended` that lowering puts something in the place of the
    construct that TorchScript takes.
    """

    construct: str
    refused: Code
    remedied: Code
    same: bool = True
    mended: bool = False


_count = itertools.count()


def model(code: Code, path: Path) -> Any:
    """The model of a code that is written to a file; each time with the same weights, in eval mode."""
    path.write_text(code.module())
    name = f"constructs_{next(_count)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    torch.manual_seed(0)
    return module.Model().eval()


def marked(code: Code) -> list[int]:
    """The lines that say `# here`."""
    return [number for number, line in enumerate(code.module().splitlines(), 1) if line.endswith("# here")]


def _indented(text: str, width: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * width)

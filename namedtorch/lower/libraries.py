"""Files that are nobody's model: of torch, NumPy, einops, Python and namedtorch."""

import importlib.util
import os
import sysconfig
from pathlib import Path

import numpy
import torch

# It need not be there.
_EINOPS = importlib.util.find_spec("einops")
_FOLDERS = (
    Path(torch.__file__).parent,
    Path(numpy.__file__).parent,
    Path(__file__).parents[1],
    *(Path(one) for one in (_EINOPS.submodule_search_locations or () if _EINOPS is not None else ())),
)
_PACKAGES = tuple(f"{folder}{os.sep}" for folder in _FOLDERS)
_PYTHON = f"{sysconfig.get_path('stdlib')}{os.sep}"
_INSTALLED = (f"site-packages{os.sep}", f"dist-packages{os.sep}")


def library_of(file: str) -> str | None:
    """The library that a file comes with, where nobody would mend a model; None for any other file."""
    for package in _PACKAGES:
        if file.startswith(package):
            return Path(package).name
    if file.startswith("<frozen ") or (
        file.startswith(_PYTHON) and not file.removeprefix(_PYTHON).startswith(_INSTALLED)
    ):
        return "Python"
    return None

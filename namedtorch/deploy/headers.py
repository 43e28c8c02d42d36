"""Where the C++ headers of this namedtorch lie."""

from pathlib import Path


def include_path() -> Path:
    """The folder to give to a C++ compiler, for `#include <namedtorch/archive.hpp>`."""
    return Path(__file__).parent / "include"

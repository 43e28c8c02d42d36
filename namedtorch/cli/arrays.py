"""Arrays in files: what `@x.npy` reads, and what `-o` writes."""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from namedtorch.archive.atomic import atomic
from namedtorch.cli.outcome import Refused, WrongUse


def read_array(path: str) -> "np.ndarray[Any, Any]":
    """The array in a .npy file; raises Refused for anything else, pickled objects among it."""
    try:
        found: Any = np.load(path, allow_pickle=False)
    except OSError as error:
        raise Refused(f"can't read {path}: {error.strerror or 'it is no .npy file'}") from error
    # numpy parses the header as Python literals and allocates what it says: a broken file fails in many ways.
    except Exception as error:
        raise Refused(f"can't read {path}: it is no .npy file of numbers ({error})") from error
    if not isinstance(found, np.ndarray):
        found.close()
        raise Refused(f"can't read {path}: it holds several arrays; save one with numpy.save")
    return cast("np.ndarray[Any, Any]", found)


def check_output(path: str) -> None:
    """Raises WrongUse for a name that no result can be written to, before the model runs."""
    if Path(path).suffix not in (".npy", ".npz"):
        raise WrongUse(f"-o {path}: the result is written as .npy (one array) or .npz (several)")
    if not Path(path).parent.is_dir():
        raise WrongUse(f"there is no folder {str(Path(path).parent)!r} to write {Path(path).name} to")


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Everything in a result that is no container, with the keys, fields and places that lead to it."""
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[Any, Any]", value).items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, tuple | list):
        items = cast("list[Any]", value)
        for key, item in zip(getattr(items, "_fields", range(len(items))), items, strict=True):
            yield from leaves(item, (*path, str(key)))
    else:
        yield path, value


def name_of(path: tuple[str, ...]) -> str:
    """How a part of a result is called: `boxes`, `0`, `scores.1`; `result` for all of it."""
    return ".".join(path) or "result"


def write_arrays(path: str, arrays: Mapping[str, "np.ndarray[Any, Any]"]) -> None:
    """Writes one array as .npy, any number as .npz by name; the file is there whole or not at all."""
    single = Path(path).suffix == ".npy"
    if single and len(arrays) != 1:
        raise Refused(
            f"the result is {len(arrays)} arrays ({', '.join(arrays)}); "
            f"write them with -o {Path(path).stem}.npz"
        )
    with atomic(path) as temporary, temporary.open("wb") as file:
        if single:
            np.save(file, next(iter(arrays.values())), allow_pickle=False)
            return
        # numpy.savez takes the arrays as keywords, and so can't write one that is named `file`.
        with zipfile.ZipFile(file, "w") as container:
            for name, array in arrays.items():
                with container.open(f"{name}.npy", "w", force_zip64=True) as record:
                    np.lib.format.write_array(record, array, allow_pickle=False)

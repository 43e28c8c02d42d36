"""Arrays in files: what `@x.npy` reads, and what `-o` writes."""

import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from namedtorch.archive.atomic import atomic
from namedtorch.archive.sentence import one_line
from namedtorch.cli.outcome import Refused

_NPY = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"


def read_array(path: str) -> "np.ndarray[Any, Any]":
    """The array in FILE.npy, or of FILE.npz:NAME; raises Refused for anything else, pickled objects among it."""
    file, name = _split(path)
    try:
        with open(file, "rb") as opened:
            # What comes through a pipe is read whole first: a .npz lists its arrays at its end.
            stream = opened if opened.seekable() else io.BytesIO(opened.read())
            start = stream.read(len(_NPY))
            stream.seek(0)
            if start[: len(_ZIP)] == _ZIP:
                return _member(stream, file, name)
            if name:
                raise Refused(f"can't read {path}: {file} is no .npz file, so there is no `{name}` in it")
            if start != _NPY:
                raise Refused(f"can't read {file}: it is no .npy file, which numpy.save writes")
            return np.load(stream, allow_pickle=False)
    except Refused:
        raise
    except OSError as error:
        raise Refused(f"can't read {file}: {error.strerror or 'it is cut off or broken'}") from error
    # numpy parses the header as Python literals and allocates what it says: a broken file fails in many ways.
    except Exception as error:
        said = str(error)
        if "Object arrays" in said or "pickle" in said:
            problem = (
                "it holds Python objects, not numbers; save an array of numbers, array.astype('float32')"
            )
        else:
            problem = f"it is cut off or broken ({one_line(said, 120)})"
        raise Refused(f"can't read {path}: {problem}") from error


def _split(path: str) -> tuple[str, str]:
    """The file and the name in it: `scores.npz:boxes`, where no file is called so."""
    file, _, name = path.rpartition(".npz:")
    return (f"{file}.npz", name) if file and not os.path.exists(path) else (path, "")


def _member(stream: BinaryIO, file: str, name: str) -> "np.ndarray[Any, Any]":
    """The array of a name in a .npz; of the only one where no name is given."""
    with np.load(stream, allow_pickle=False) as arrays:
        names: list[str] = list(arrays.files)
        shown = one_line(", ".join(names), 200)
        if name not in names and (name or len(names) != 1):
            problem = f"there is no `{name}` in it, only" if name else "it holds several arrays,"
            example = f"; name one, @{file}:{names[0]}" if names else ""
            raise Refused(f"can't read {file}: {problem} {shown or 'nothing'}{example}")
        return arrays[name or names[0]]


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

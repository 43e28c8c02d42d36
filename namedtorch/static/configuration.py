"""What `[tool.namedtorch]` in a pyproject.toml says of a check."""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from namedtorch.diagnostics.codes import CODES
from namedtorch.static.folders import Folders

PYPROJECT = "pyproject.toml"
TABLE = "namedtorch"

FailOn = Literal["error", "warning"]
"""The least severity that makes a check fail."""


class ConfigurationError(ValueError):
    """A configuration that says nothing clear; the text names the file, the key, and what is known."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """How the files of one project are checked.

    `root` is the absolute path of the project's folder, to which all other paths are relative. An empty `select` means
    all codes; an empty `src` the places where Python projects keep their packages.
    """

    root: str
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    comments: bool = False
    stubs: tuple[str, ...] = ()
    src: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    fail_on: FailOn = "error"


def configuration_at(path: str, folders: Folders) -> Configuration:
    """The configuration of the project that a path is in.

    Its root is the nearest folder upwards with a pyproject.toml; where there is none, the folder of the path, or the
    one that its top-most package stands in. Raises ConfigurationError.
    """
    absolute = os.path.abspath(path)
    folder = absolute if os.path.isdir(absolute) else os.path.dirname(absolute)
    above = folder
    while PYPROJECT not in folders.names(above):
        parent = os.path.dirname(above)
        if parent == above:
            return Configuration(folders.package_parent(folder))
        above = parent
    return read_configuration(os.path.join(above, PYPROJECT))


def read_configuration(path: str) -> Configuration:
    """The configuration in a pyproject.toml; raises ConfigurationError for what can't be read or understood."""
    try:
        with open(path, "rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(f"can't read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is no TOML: {error}") from error
    root = os.path.dirname(os.path.abspath(path))
    tools: object = document.get("tool", {})
    table: object = cast("dict[str, object]", tools).get(TABLE, {}) if isinstance(tools, dict) else {}
    try:
        if not isinstance(table, dict):
            raise ConfigurationError(f"it is to be a table, not {_kind(table)}")
        return _configuration(root, cast("dict[str, object]", table))
    except ConfigurationError as error:
        raise ConfigurationError(f"[tool.{TABLE}] in {path}: {error}") from None


def require_codes(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes, if all of them exist; raises ConfigurationError that names near ones."""
    found = tuple(codes)
    for code in found:
        if code not in CODES:
            raise ConfigurationError(f"there is no code `{code}`{near_code(code)}")
    return found


def near_code(code: str) -> str:
    """What may have been meant by a code that does not exist, as the end of a sentence."""
    near = difflib.get_close_matches(code, CODES, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""


def _configuration(root: str, table: Mapping[str, object]) -> Configuration:
    for key in table:
        if key not in _READERS:
            near = difflib.get_close_matches(key, _READERS, n=1, cutoff=0.6)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            raise ConfigurationError(f"there is no key `{key}`{meant} (known: {', '.join(_READERS)})")
    values: dict[str, Any] = {}
    for key, value in table.items():
        try:
            values[key.replace("-", "_")] = _READERS[key](value)
        except ConfigurationError as error:
            raise ConfigurationError(f"`{key}`: {error}") from None
    for key in ("src", "stubs"):
        for folder in values.get(key, ()):
            if not os.path.isdir(os.path.join(root, folder)):
                raise ConfigurationError(f"`{key}`: there is no folder `{folder}`")
    return Configuration(root, **values)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"it is true or false, not {_kind(value)}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    texts = tuple(item for item in items if isinstance(item, str))
    if len(texts) != len(items):
        wrong = next(item for item in items if not isinstance(item, str))
        inside = f"a list with {_kind(wrong)}" if isinstance(value, list) else _kind(value)
        raise ConfigurationError(f"it is a list of strings, not {inside}")
    return texts


def _codes(value: object) -> tuple[str, ...]:
    return require_codes(_texts(value))


def _codes_by_pattern(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"it is a table of patterns with lists of codes, not {_kind(value)}")
    found: list[tuple[str, tuple[str, ...]]] = []
    for pattern, codes in cast("dict[str, object]", value).items():
        try:
            found.append((pattern, _codes(codes)))
        except ConfigurationError as error:
            raise ConfigurationError(f"`{pattern}`: {error}") from None
    return tuple(found)


def _fail_on(value: object) -> FailOn:
    if value == "error":
        return "error"
    if value == "warning":
        return "warning"
    raise ConfigurationError(f'it is "error" or "warning", not {value!r}')


_READERS: Mapping[str, Callable[[object], object]] = {
    "select": _codes,
    "ignore": _codes,
    "per-file-ignores": _codes_by_pattern,
    "comments": _truth,
    "stubs": _texts,
    "src": _texts,
    "exclude": _texts,
    "force-exclude": _truth,
    "fail-on": _fail_on,
}
"""Every key of the table, and what reads its value."""


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case int() | float():
            return str(value)
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return type(value).__name__

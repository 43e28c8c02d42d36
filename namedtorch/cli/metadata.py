"""What `--metadata` puts beside a model: labels, means, anything that is JSON."""

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from namedtorch.archive.document import parse_document
from namedtorch.archive.metadata import plain_metadata
from namedtorch.archive.sentence import reason
from namedtorch.cli.literals import named
from namedtorch.cli.outcome import Refused, WrongUse


def metadata(words: Sequence[str]) -> dict[str, object]:
    """The object of these words: files of objects (FILE.json) and single values (NAME=VALUE), together.

    A value is JSON, or a Python literal, else text; NAME=@FILE.json takes it from a file. Raises WrongUse for a word
    that is neither, and for a name that comes twice; Refused for a file that can't be read or holds no JSON, and for
    what an archive does not take.
    """
    found: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for word in words:
        for name, value in _entries(word).items():
            if name in found:
                raise WrongUse(f"--metadata {word}: `{name}` is in {origin[name]} already")
            found[name], origin[name] = value, word
    try:
        return plain_metadata(found)
    except ValueError as error:
        raise Refused(f"--metadata: {error}") from error


def _entries(word: str) -> dict[str, Any]:
    name, text = named(word)
    if name is not None:
        return {name: _document(text[1:]) if text.startswith("@") else _value(text)}
    path = word.removeprefix("@")
    if not path.endswith(".json") and not Path(path).is_file():
        raise WrongUse(f"--metadata {word}: write it --metadata FILE.json or --metadata NAME=VALUE")
    found = _document(path)
    if not isinstance(found, dict):
        raise Refused(
            f'{path}: the metadata is an object, {{"labels": [...]}}; '
            f"what the file holds becomes one value of it with --metadata NAME=@{path}"
        )
    return cast("dict[str, Any]", found)


def _document(path: str) -> object:
    try:
        return parse_document(Path(path).read_bytes())
    except OSError as error:
        raise Refused(f"can't read {path}: {reason(error)}") from error
    except ValueError as error:
        raise Refused(f"{path}: {error}") from error


def _value(text: str) -> object:
    try:
        return parse_document(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text

"""An exported program (.pt2) looked through before torch opens it: nothing in it is more than a graph and its weights.

torch.export.load is made for files that one wrote oneself. What it reads may run as Python: pickled tensors and
objects, shared libraries, texts of sizes that sympy evaluates, names that stand in generated source, and any function
that a node names. A file of namedtorch needs none of that, so whatever could is refused.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from io import FileIO
from typing import Any, Final, cast

import torch
from torch._ops import HigherOrderOperator, OpOverload

from namedtorch.archive.container import Container, records
from namedtorch.archive.content import read_content
from namedtorch.archive.directory import STORED
from namedtorch.archive.manifest import AGAIN
from namedtorch.archive.sentence import one_line
from namedtorch.deploy.runtimes.symbolic_text import is_arithmetic
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.operators import TORCH_NAMESPACES

_PROGRAM: Final = "models/model.json"
_SAMPLE: Final = "data/sample_inputs/model.pt"
_WEIGHTS: Final = "data/weights/model_weights_config.json"
_CONSTANTS: Final = "data/constants/model_constants_config.json"
_RECORD: Final = re.compile(
    r"archive_format|archive_version|byteorder|version|\.data/\w+|extra/.+"
    rf"|{re.escape(_PROGRAM)}|{re.escape(_SAMPLE)}|{re.escape(_WEIGHTS)}|{re.escape(_CONSTANTS)}"
    r"|data/weights/weight_\d+|data/constants/tensor_\d+"
)

_IDENTIFIER: Final = re.compile(r"(?:[^\W\d]\w*)?")
_WORDS: Final = re.compile(r"[\w.:+*/@#<> -]*")
_OPERATOR: Final = re.compile(r"torch\.ops\.(\w+)\.(\w+)(?:\.(\w+))?")
_NUMBERS: Final = re.compile(
    r"_operator\.(?:eq|ne|le|ge|lt|gt|neg|pos|mul|add|sub|floordiv|mod|pow|truediv|and_|or_|lshift|rshift)"
    r"|math\.trunc|torch\.sym_(?:not|int|float|ite|max|min|sqrt)|torch\._sym_sqrt"
)

_CONTROL_FLOW: Final = frozenset(
    {
        "associative_scan",
        "cond",
        "flex_attention",
        "invoke_subgraph",
        "map_impl",
        "out_dtype",
        "scan",
        "while_loop",
        "wrap_with_autocast",
        "wrap_with_set_grad_enabled",
    }
)
_FILES: Final = frozenset({"aten.from_file", "aten.save"})
"""Operators that read or write files."""

_COMPUTING: Final = frozenset({"aten", "prims", "quantized", "_quantized", "mkldnn", "sparse"})
"""Of torch's own namespaces, those whose operators compute; in other namespaces is what this process registered."""

_SPEAKING: Final = frozenset({"as_string", "as_strings"})
"""Texts that a graph gives to its operators; torch quotes them."""

_NOTED: Final = frozenset({"nodes", "graph_module"})
"""What has notes for a debugger, `metadata`, by the key that it stands under; a tensor may be called so too."""


def look_through(file: FileIO, size: int, where: str) -> None:
    """Raises ArchiveError, one line that starts with `where`, for a .pt2 that holds more than a graph and its weights.

    Reads the records that torch would interpret, and no weights, of an open file of `size` bytes.
    """
    with records(file, size, where) as container:
        try:
            _check_records(container)
            for name in (_WEIGHTS, _CONSTANTS):
                for payload in _payloads(_document(container, name), name):
                    _check_payload(payload)
            _check(_document(container, _PROGRAM), "")
            _check_sample(container)
        except _RefusedError as error:
            raise ArchiveError(f"{where}: {error}, which namedtorch does not open; {AGAIN}") from error
        except RecursionError as error:
            raise ArchiveError(f"{where}: its program nests too deeply; {AGAIN}") from error


class _RefusedError(ValueError):
    """What is wrong with a program."""


def _check_records(container: Container) -> None:
    start = len(container.folder) + 1
    for record in container.records:
        name = record.name[start:]
        if not _RECORD.fullmatch(name):
            raise _RefusedError(f"holds the record {_shown(name)}")
        if record.method != STORED:
            raise _RefusedError(f"holds the packed record {_shown(name)}")


def _document(container: Container, name: str) -> Any:
    record = container.find(name)
    if record is None:
        raise _RefusedError(f"lacks the record {_shown(name)}")
    try:
        return json.loads(read_content(container.file, record))
    except ValueError as error:
        raise _RefusedError(f"holds no JSON in {_shown(name)}") from error


def _payloads(document: Any, name: str) -> Iterator[Mapping[str, Any]]:
    config = cast("Any", document).get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise _RefusedError(f"has a bad {_shown(name)}")
    for key, payload in cast("dict[str, Any]", config).items():
        _check_name(key)
        if not isinstance(payload, dict):
            raise _RefusedError(f"has a bad {_shown(name)}")
        yield cast("dict[str, Any]", payload)


def _check_payload(payload: Mapping[str, Any]) -> None:
    if payload.get("use_pickle") is not False:
        raise _RefusedError(f"holds {_shown(payload.get('path_name'))} as a pickle")
    if not re.fullmatch(r"weight_\d+|tensor_\d+", str(payload.get("path_name"))):
        raise _RefusedError(f"holds {_shown(payload.get('path_name'))}, which is no tensor")
    _check(payload.get("tensor_meta"), "tensor_meta")


def _check_sample(container: Container) -> None:
    """The inputs that the graph was exported with: torch reads them, and falls back to a pickle of anything."""
    record = container.find(_SAMPLE)
    if record is None:
        raise _RefusedError(f"lacks the record {_shown(_SAMPLE)}")
    data = read_content(container.file, record)
    if not data:
        return
    try:
        sample: Any = torch.load(io.BytesIO(data), weights_only=True)
    # What a stranger's pickle makes of the reader is no reason for a traceback.
    except Exception as error:
        raise _RefusedError("has sample inputs that are more than tensors") from error
    if not isinstance(sample, tuple | dict):
        raise _RefusedError("has sample inputs that are none")


def _check(value: Any, key: str) -> None:
    """Every text of a program, by the key that it stands under."""
    match value:
        case dict():
            for name, one in cast("dict[str, Any]", value).items():
                if name == "metadata" and key in _NOTED and _are_notes(one):
                    # torch puts nothing of it into source.
                    continue
                if name == "expr_str" and not isinstance(one, str):
                    raise _RefusedError(f"has a size that is no arithmetic, {_shown(one)}")
                if name in ("as_custom_obj", "custom_obj") or (name == "custom_obj_values" and one):
                    raise _RefusedError("holds an object that is no tensor")
                _check_name(name)
                _check(one, name)
        case list():
            for one in cast("list[Any]", value):
                _check(one, key)
        case str():
            _check_text(value, key)
        case _:
            pass


def _are_notes(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, str) for one in cast("dict[str, Any]", value).values()
    )


def _check_text(text: str, key: str) -> None:
    match key:
        case "target" | "as_operator":
            _check_target(text)
        case "expr_str":
            if not is_arithmetic(text):
                raise _RefusedError(f"has a size that is no arithmetic, {_shown(text)}")
        case "name" | "as_name" | "forward_arg_names":
            if not _IDENTIFIER.fullmatch(text):
                raise _RefusedError(f"has a node of the name {_shown(text)}")
        case "in_spec" | "out_spec":
            _check_structure(text)
        case "guards_code":
            # torch would run it; namedtorch's guard stands in its place.
            pass
        case _ if key in _SPEAKING:
            pass
        case _:
            _check_name(text)


def _check_name(text: str) -> None:
    if not _WORDS.fullmatch(text):
        raise _RefusedError(f"has the name {_shown(text)}")


def _check_target(text: str) -> None:
    if _NUMBERS.fullmatch(text):
        return
    found = _OPERATOR.fullmatch(text)
    if found is None:
        raise _RefusedError(f"calls {_shown(text)}, which is no operator")
    space, name, overload = found.groups()
    if f"{space}.{name}" in _FILES:
        raise _RefusedError(f"calls {_shown(text)}, which reads or writes files")
    if space == "higher_order":
        known = name in _CONTROL_FLOW and overload is None
    else:
        known = overload is not None and (space in _COMPUTING or space not in TORCH_NAMESPACES)
    if not known:
        raise _RefusedError(f"calls {_shown(text)}, which is none of the operators that compute")
    operator: Any = torch.ops
    for part in filter(None, found.groups()):
        # An operator that this process lacks is said by name when torch opens the file.
        operator = getattr(operator, part, None)
    if operator is not None and not isinstance(operator, OpOverload | HigherOrderOperator):
        raise _RefusedError(f"calls {_shown(text)}, which is no operator")


def _check_structure(text: str) -> None:
    """How arguments nest: torch imports what other kinds of containers name."""
    try:
        waiting: list[Any] = [json.loads(text)[1]]
        while waiting:
            spec = waiting.pop()
            if spec["type"] not in (None, "builtins.tuple", "builtins.list", "builtins.dict"):
                raise _RefusedError(f"takes or gives {_shown(spec['type'])}")
            context = json.loads(spec["context"] or "null")
            if context is not None and not all(isinstance(one, str | int) for one in context):
                raise _RefusedError("takes or gives a dict of a strange kind")
            waiting += spec["children_spec"]
    except (KeyError, IndexError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise _RefusedError("has arguments whose structure can't be read") from error


def _shown(value: object) -> str:
    return one_line(repr(value), 80)

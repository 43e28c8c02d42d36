"""The fields of a manifest: what each may hold, in the words of the checked-in schema texts.

A field has one meaning for ever. Whoever adds, removes or changes one raises `SCHEMA_VERSION`, adds a table beside
those of the older versions, which stay as they are, and checks in the text that `schema_text` then gives (a test
holds them together).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from namedtorch.archive.digest import GROUPS, WHOLE
from namedtorch.archive.sentence import one_line

_LONGEST_NAME = 1000
_LONGEST_VERSION = 100
_MOST_METHODS = 1000
_MOST_ENTRIES = 100_000
_MOST_STAGES = 100
_MOST_AXES = 64
_MOST_NODES = 5000
_MOST_EDGES = 20_000
_LONGEST_LABEL = 300
_LARGEST = 2**63 - 1
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object: its name, what it holds as text, and whether a value is that.

    A field that is not `required` may be absent, which says that its value is not known, or what its text says.
    """

    name: str
    holds: str
    accepts: Callable[[object], bool]
    required: bool = True


Fields = tuple[Field, ...]

Rule = tuple[str, Callable[[object], bool]]
"""What a field holds as text, and as a condition."""


def _one_of(*words: str) -> Rule:
    return "one of " + ", ".join(f'"{word}"' for word in words), lambda value: value in words


def _text(longest: int, least: int = 1) -> Rule:
    return f"text, {least} to {longest} printable characters", lambda value: _is_text(value, longest, least)


def _entries(of: str, most: int = _MOST_ENTRIES, least: int = 1) -> Rule:
    def accepts(value: object) -> bool:
        if not isinstance(value, dict):
            return False
        names = cast("dict[str, object]", value)
        return len(names) <= most and all(_is_text(name, _LONGEST_NAME, least) for name in names)

    return f"object, at most {most} {of}", accepts


def _changed(fields: Fields, *others: Field) -> Fields:
    """The fields with these others, each in the place of the one of its name if there is one, by their names."""
    named = {one.name: one for one in (*fields, *others)}
    return tuple(named[name] for name in sorted(named))


def _is_text(value: object, longest: int, least: int = 1) -> bool:
    return isinstance(value, str) and least <= len(value) <= longest and value.isprintable()


def _is_integer(value: object, least: int, largest: int) -> bool:
    # A bool is an int in Python, and true is no number in JSON.
    return type(value) is int and least <= value <= largest


def _is_count(value: object) -> bool:
    return _is_integer(value, 1, 2**31 - 1)


def _is_size(value: object) -> bool:
    return _is_integer(value, 0, _LARGEST)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_methods(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    names = cast("dict[str, object]", value)
    return (
        "forward" in names
        and len(names) <= _MOST_METHODS
        and all(name.isidentifier() and len(name) <= _LONGEST_NAME for name in names)
    )


def _is_sizes(value: object) -> bool:
    if not isinstance(value, list):
        return False
    sizes = cast("list[object]", value)
    return len(sizes) <= _MOST_AXES and all(map(_is_size, sizes))


def _is_stages(value: object) -> bool:
    if not isinstance(value, list):
        return False
    stages = cast("list[object]", value)
    return len(stages) <= _MOST_STAGES and all(_is_text(one, _LONGEST_VERSION) for one in stages)


def _is_paths(value: object) -> bool:
    if not isinstance(value, list):
        return False
    paths = cast("list[object]", value)
    return len(paths) <= _MOST_ENTRIES and all(_is_text(one, _LONGEST_NAME, least=0) for one in paths)


def _is_operators(value: object) -> bool:
    _, accepts = _entries("operators")
    return accepts(value) and all(
        _is_text(one, _LONGEST_NAME) for one in cast("dict[str, object]", value).values()
    )


def _is_reasons(value: object) -> bool:
    _, accepts = _entries("paths", least=0)
    return accepts(value) and all(
        _is_text(one, _LONGEST_NAME) for one in cast("dict[str, object]", value).values()
    )


def _is_axis(value: object) -> bool:
    return _is_integer(value, 0, _MOST_AXES - 1)


def _objects(of: str, most: int, least: int = 0) -> Rule:
    def accepts(value: object) -> bool:
        return isinstance(value, list) and least <= len(cast("list[object]", value)) <= most

    return f"list, {least} to {most} objects: {of}", accepts


def _is_place(value: object) -> bool:
    return _is_integer(value, 0, _MOST_NODES - 1)


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def _is_digests(value: object) -> bool:
    return value == {} or _is_digests_of(GROUPS, value)


def _is_digests_of_any(value: object) -> bool:
    return _is_digests(value) or _is_digests_of((WHOLE,), value)


def _is_digests_of(groups: tuple[str, ...], value: object) -> bool:
    if not isinstance(value, dict):
        return False
    digests = cast("dict[str, object]", value)
    return digests.keys() == set(groups) and all(map(_is_sha256, digests.values()))


_METHODS = Field(
    "methods", f'object, at most {_MOST_METHODS} names of methods, among them "forward"', _is_methods
)

_METHOD: Fields = (
    Field("plan", "object, a guard plan as `Plan.to_json` writes it", _is_object),
    Field("signature", "object, a signature as `Signature.to_json` writes it", _is_object),
)

_VERSION_1: Mapping[str, Fields] = {
    "": (
        Field("guards", *_one_of("boundary", "none")),
        Field("kind", *_one_of("module", "function")),
        Field("method", *_one_of("script")),
        _METHODS,
        Field("mode", *_one_of("eval", "train")),
        Field("name", *_text(_LONGEST_NAME)),
        Field("namedtorch_version", *_text(_LONGEST_VERSION)),
        Field("rules_version", "integer, 1 or more", _is_count),
        Field("schema_version", "integer 1", _is_count),
        Field("torch_version", *_text(_LONGEST_VERSION)),
    ),
    "methods.*": _METHOD,
}

_VERSION_2: Mapping[str, Fields] = {
    "": (
        Field(
            "digest",
            "text, 64 hexadecimal digits: sha256 of the document without this field, as JSON in ASCII with sorted "
            'keys and the separators "," and ":"',
            _is_sha256,
        ),
        Field(
            "digests",
            "object, empty or a sha256 (64 hexadecimal digits) for each of "
            + ", ".join(f'"{group}"' for group in GROUPS),
            _is_digests,
        ),
        Field("guards", *_one_of("boundary", "all", "none")),
        Field("kind", *_one_of("module", "function")),
        Field("metadata", "object, any JSON of the user's, at most 1048576 bytes and 32 levels", _is_object),
        Field("method", *_one_of("script", "annotate")),
        _METHODS,
        Field("mode", *_one_of("eval", "train")),
        Field("name", *_text(_LONGEST_NAME)),
        Field("namedtorch_version", *_text(_LONGEST_VERSION)),
        Field(
            "operators",
            f"object, at most {_MOST_ENTRIES} names of operators, each with text, 1 to {_LONGEST_NAME} printable "
            "characters: what provides it",
            _is_operators,
        ),
        Field("rules_version", "integer, 1 or more", _is_count),
        Field("schema_version", "integer 2", _is_count),
        Field("sizes", *_entries("names of dims")),
        Field(
            "stages",
            f"list, at most {_MOST_STAGES} texts, each 1 to {_LONGEST_VERSION} printable characters: what was done "
            "to the graph, in order",
            _is_stages,
        ),
        Field("state", *_entries("paths of parameters and buffers")),
        Field("torch_version", *_text(_LONGEST_VERSION)),
    ),
    "methods.*": _METHOD,
    "sizes.*": (
        Field("by", *_text(_LONGEST_NAME)),
        Field("size", "integer, 0 or more", _is_size),
    ),
    "state.*": (
        Field("dims", *_text(_LONGEST_NAME, least=0), required=False),
        Field("dtype", *_text(_LONGEST_VERSION)),
        Field("kind", *_one_of("parameter", "buffer")),
        Field("memory_format", *_one_of("channels_last", "channels_last_3d"), required=False),
        Field("sizes", f"list, at most {_MOST_AXES} integers, 0 or more", _is_sizes),
    ),
}

_VERSION_3: Mapping[str, Fields] = {
    **_VERSION_2,
    "": _changed(
        _VERSION_2[""],
        Field("method", *_one_of("script", "trace", "annotate")),
        Field("schema_version", "integer 3", _is_count),
        Field(
            "traced",
            f"list, at most {_MOST_ENTRIES} texts, each 0 to {_LONGEST_NAME} printable characters: the paths of the "
            'modules that were traced, "" for the outermost; absent for none',
            _is_paths,
            required=False,
        ),
    ),
}

_VERSION_4: Mapping[str, Fields] = {
    **_VERSION_3,
    "": _changed(
        _VERSION_3[""],
        Field(
            "quantization",
            "object: how the model was quantized; absent for a float model",
            _is_object,
            required=False,
        ),
        Field("schema_version", "integer 4", _is_count),
        Field("state", *_entries("paths of parameters, of buffers and of what quantized layers have packed")),
    ),
    "quantization": (
        Field("engine", *_text(_LONGEST_VERSION)),
        Field(
            "float_digest",
            "text, 64 hexadecimal digits: the digest of the state of the float model that it was made of",
            _is_sha256,
        ),
        Field("layers", *_entries('paths of quantized layers, "" for the model itself', least=0)),
        Field("method", *_one_of("dynamic", "static", "qat")),
        Field(
            "stayed",
            f'object, at most {_MOST_ENTRIES} paths of layers that stayed float, "" for the model itself, each with '
            f"text, 1 to {_LONGEST_NAME} printable characters: why",
            _is_reasons,
        ),
    ),
    "quantization.layers.*": (
        Field("activation", *_text(_LONGEST_VERSION), required=False),
        Field(
            "axis",
            f"integer, 0 to {_MOST_AXES - 1}: the axis of the weights that has a scale for each place",
            _is_axis,
            required=False,
        ),
        Field("dim", *_text(_LONGEST_NAME), required=False),
        Field(
            "fused",
            f"list, at most {_MOST_STAGES} texts, each 1 to {_LONGEST_VERSION} printable characters: the kinds of "
            "layers that it took in, in order",
            _is_stages,
            required=False,
        ),
        Field("kind", *_text(_LONGEST_NAME)),
        Field("scheme", *_one_of("per_tensor", "per_channel")),
        Field("weight", *_text(_LONGEST_VERSION), required=False),
    ),
    "state.*": _changed(_VERSION_3["state.*"], Field("kind", *_one_of("parameter", "buffer", "packed"))),
}

_VERSION_5: Mapping[str, Fields] = {
    **_VERSION_4,
    "": _changed(
        _VERSION_4[""],
        Field(
            "digests",
            "object, empty or a sha256 (64 hexadecimal digits) for each of "
            + ", ".join(f'"{group}"' for group in GROUPS)
            + f', or "{WHOLE}" alone',
            _is_digests_of_any,
        ),
        Field(
            "drawing",
            "object: the model as a graph, as one run of it went; absent where it was not run",
            _is_object,
            required=False,
        ),
        Field("format", *_one_of("torchscript", "export", "onnx", "executorch")),
        Field(
            "interface",
            "object, an interface as `Interface.to_json` writes it; absent for TorchScript",
            _is_object,
            required=False,
        ),
        Field("method", *_one_of("script", "trace", "annotate", "export")),
        Field("schema_version", "integer 5", _is_count),
    ),
    "drawing": (
        Field("edges", *_objects("tensors that go from a node to a later one", _MOST_EDGES)),
        Field("nodes", *_objects("what was computed, in order", _MOST_NODES)),
        Field("parts", *_objects("calls of modules, the model itself first", _MOST_NODES, least=1)),
    ),
    "drawing.edges.*": (
        Field("dims", *_text(_LONGEST_LABEL, least=0)),
        Field("dtype", *_text(_LONGEST_VERSION)),
        Field("source", "integer, the place of a node before the target", _is_place),
        Field("target", "integer, the place of a node", _is_place),
    ),
    "drawing.nodes.*": (
        Field("detail", *_text(_LONGEST_LABEL), required=False),
        Field("kind", *_one_of("input", "output", "state", "op", "module")),
        Field("label", *_text(_LONGEST_LABEL)),
        Field("part", "integer, the place of a part", _is_place),
        Field("path", *_text(_LONGEST_NAME), required=False),
    ),
    "drawing.parts.*": (
        Field("kind", *_text(_LONGEST_NAME)),
        Field(
            "parent",
            "integer, the place of the part before it that called it; absent for the first",
            _is_place,
            required=False,
        ),
        Field("path", *_text(_LONGEST_NAME, least=0)),
    ),
}

VERSIONS: Mapping[int, Mapping[str, Fields]] = {
    1: _VERSION_1,
    2: _VERSION_2,
    3: _VERSION_3,
    4: _VERSION_4,
    5: _VERSION_5,
}
"""For each schema version the fields of each of its objects: "" is the manifest, "state.*" an entry of `state`."""


def check_fields(value: object, fields: Fields, path: str = "") -> Mapping[str, object]:
    """The object at `path` ("" or "methods.forward."), if it holds these fields and no others.

    Raises ValueError with the end of a sentence that starts with what holds the object ("has no field
    'mode'").
    """
    if not isinstance(value, dict):
        raise ValueError(f"has no object at {path[:-1]!r}" if path else "is no JSON object")
    found = cast("dict[str, object]", value)
    known = 0
    for field in fields:
        if field.name not in found:
            if field.required:
                _refuse_unknown(found, fields, path)
                raise ValueError(f"has no field {path + field.name!r}")
            continue
        known += 1
        if not field.accepts(found[field.name]):
            _refuse_unknown(found, fields, path)
            raise ValueError(f"has a bad {path + field.name!r} (it must be {field.holds})")
    if known != len(found):
        _refuse_unknown(found, fields, path)
    return found


def _refuse_unknown(found: Mapping[str, object], fields: Fields, path: str) -> None:
    for name in found:
        if all(name != field.name for field in fields):
            raise ValueError(f"has a field that its schema doesn't know, {one_line(repr(path + name), 80)}")


def schema_text(version: int) -> str:
    """The fields of a version as text, one a line: what the checked-in file holds."""
    lines = [f"namedtorch.json, schema_version {version}", ""]
    for path, fields in VERSIONS[version].items():
        start = f"{path}." if path else ""
        lines += [f"{start}{one.name}: {one.holds}{'' if one.required else ', or absent'}" for one in fields]
    return "\n".join(lines) + "\n"

"""The fields of a manifest: what each may hold, in the words of the checked-in schema texts.

A field has one meaning for ever. Whoever adds, removes or changes one raises `SCHEMA_VERSION`, adds a table beside
those of the older versions, which stay as they are, and checks in the text that `schema_text` then gives (a test
holds them together).
"""

from collections.abc import Mapping
from typing import cast

from namedtorch.archive.digest import GROUPS, WHOLE
from namedtorch.archive.field_rules import (
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_VERSION,
    MOST_AXES,
    MOST_EDGES,
    MOST_ENTRIES,
    MOST_METHODS,
    MOST_NODES,
    MOST_STAGES,
    Field,
    Fields,
    changed,
    entries,
    is_axis,
    is_count,
    is_digests,
    is_digests_of_any,
    is_methods,
    is_object,
    is_operators,
    is_paths,
    is_place,
    is_reasons,
    is_sha256,
    is_size,
    is_sizes,
    is_stages,
    objects_rule,
    one_of,
    text_rule,
)
from namedtorch.archive.sentence import one_line

_METHODS = Field(
    "methods", f'object, at most {MOST_METHODS} names of methods, among them "forward"', is_methods
)

_METHOD: Fields = (
    Field("plan", "object, a guard plan as `Plan.to_json` writes it", is_object),
    Field("signature", "object, a signature as `Signature.to_json` writes it", is_object),
)

_VERSION_1: Mapping[str, Fields] = {
    "": (
        Field("guards", *one_of("boundary", "none")),
        Field("kind", *one_of("module", "function")),
        Field("method", *one_of("script")),
        _METHODS,
        Field("mode", *one_of("eval", "train")),
        Field("name", *text_rule(LONGEST_NAME)),
        Field("namedtorch_version", *text_rule(LONGEST_VERSION)),
        Field("rules_version", "integer, 1 or more", is_count),
        Field("schema_version", "integer 1", is_count),
        Field("torch_version", *text_rule(LONGEST_VERSION)),
    ),
    "methods.*": _METHOD,
}

_VERSION_2: Mapping[str, Fields] = {
    "": (
        Field(
            "digest",
            "text, 64 hexadecimal digits: sha256 of the document without this field, as JSON in ASCII with sorted "
            'keys and the separators "," and ":"',
            is_sha256,
        ),
        Field(
            "digests",
            "object, empty or a sha256 (64 hexadecimal digits) for each of "
            + ", ".join(f'"{group}"' for group in GROUPS),
            is_digests,
        ),
        Field("guards", *one_of("boundary", "all", "none")),
        Field("kind", *one_of("module", "function")),
        Field("metadata", "object, any JSON of the user's, at most 1048576 bytes and 32 levels", is_object),
        Field("method", *one_of("script", "annotate")),
        _METHODS,
        Field("mode", *one_of("eval", "train")),
        Field("name", *text_rule(LONGEST_NAME)),
        Field("namedtorch_version", *text_rule(LONGEST_VERSION)),
        Field(
            "operators",
            f"object, at most {MOST_ENTRIES} names of operators, each with text, 1 to {LONGEST_NAME} printable "
            "characters: what provides it",
            is_operators,
        ),
        Field("rules_version", "integer, 1 or more", is_count),
        Field("schema_version", "integer 2", is_count),
        Field("sizes", *entries("names of dims")),
        Field(
            "stages",
            f"list, at most {MOST_STAGES} texts, each 1 to {LONGEST_VERSION} printable characters: what was done "
            "to the graph, in order",
            is_stages,
        ),
        Field("state", *entries("paths of parameters and buffers")),
        Field("torch_version", *text_rule(LONGEST_VERSION)),
    ),
    "methods.*": _METHOD,
    "sizes.*": (
        Field("by", *text_rule(LONGEST_NAME)),
        Field("size", "integer, 0 or more", is_size),
    ),
    "state.*": (
        Field("dims", *text_rule(LONGEST_NAME, least=0), required=False),
        Field("dtype", *text_rule(LONGEST_VERSION)),
        Field("kind", *one_of("parameter", "buffer")),
        Field("memory_format", *one_of("channels_last", "channels_last_3d"), required=False),
        Field("sizes", f"list, at most {MOST_AXES} integers, 0 or more", is_sizes),
    ),
}

_VERSION_3: Mapping[str, Fields] = {
    **_VERSION_2,
    "": changed(
        _VERSION_2[""],
        Field("method", *one_of("script", "trace", "annotate")),
        Field("schema_version", "integer 3", is_count),
        Field(
            "traced",
            f"list, at most {MOST_ENTRIES} texts, each 0 to {LONGEST_NAME} printable characters: the paths of the "
            'modules that were traced, "" for the outermost; absent for none',
            is_paths,
            required=False,
        ),
    ),
}

_VERSION_4: Mapping[str, Fields] = {
    **_VERSION_3,
    "": changed(
        _VERSION_3[""],
        Field(
            "quantization",
            "object: how the model was quantized; absent for a float model",
            is_object,
            required=False,
        ),
        Field("schema_version", "integer 4", is_count),
        Field("state", *entries("paths of parameters, of buffers and of what quantized layers have packed")),
    ),
    "quantization": (
        Field("engine", *text_rule(LONGEST_VERSION)),
        Field(
            "float_digest",
            "text, 64 hexadecimal digits: the digest of the state of the float model that it was made of",
            is_sha256,
        ),
        Field("layers", *entries('paths of quantized layers, "" for the model itself', least=0)),
        Field("method", *one_of("dynamic", "static", "qat")),
        Field(
            "stayed",
            f'object, at most {MOST_ENTRIES} paths of layers that stayed float, "" for the model itself, each with '
            f"text, 1 to {LONGEST_NAME} printable characters: why",
            is_reasons,
        ),
    ),
    "quantization.layers.*": (
        Field("activation", *text_rule(LONGEST_VERSION), required=False),
        Field(
            "axis",
            f"integer, 0 to {MOST_AXES - 1}: the axis of the weights that has a scale for each place",
            is_axis,
            required=False,
        ),
        Field("dim", *text_rule(LONGEST_NAME), required=False),
        Field(
            "fused",
            f"list, at most {MOST_STAGES} texts, each 1 to {LONGEST_VERSION} printable characters: the kinds of "
            "layers that it took in, in order",
            is_stages,
            required=False,
        ),
        Field("kind", *text_rule(LONGEST_NAME)),
        Field("scheme", *one_of("per_tensor", "per_channel")),
        Field("weight", *text_rule(LONGEST_VERSION), required=False),
    ),
    "state.*": changed(_VERSION_3["state.*"], Field("kind", *one_of("parameter", "buffer", "packed"))),
}

_VERSION_5: Mapping[str, Fields] = {
    **_VERSION_4,
    "": changed(
        _VERSION_4[""],
        Field(
            "digests",
            "object, empty or a sha256 (64 hexadecimal digits) for each of "
            + ", ".join(f'"{group}"' for group in GROUPS)
            + f', or "{WHOLE}" alone',
            is_digests_of_any,
        ),
        Field(
            "drawing",
            "object: the model as a graph, as one run of it went; absent where it was not run",
            is_object,
            required=False,
        ),
        Field("format", *one_of("torchscript", "export", "onnx", "executorch")),
        Field(
            "interface",
            "object, an interface as `Interface.to_json` writes it; absent for TorchScript",
            is_object,
            required=False,
        ),
        Field("method", *one_of("script", "trace", "annotate", "export")),
        Field("schema_version", "integer 5", is_count),
    ),
    "drawing": (
        Field("edges", *objects_rule("tensors that go from a node to a later one", MOST_EDGES)),
        Field("nodes", *objects_rule("what was computed, in order", MOST_NODES)),
        Field("parts", *objects_rule("calls of modules, the model itself first", MOST_NODES, least=1)),
    ),
    "drawing.edges.*": (
        Field("dims", *text_rule(LONGEST_LABEL, least=0)),
        Field("dtype", *text_rule(LONGEST_VERSION)),
        Field("source", "integer, the place of a node before the target", is_place),
        Field("target", "integer, the place of a node", is_place),
    ),
    "drawing.nodes.*": (
        Field("detail", *text_rule(LONGEST_LABEL), required=False),
        Field("kind", *one_of("input", "output", "state", "op", "module")),
        Field("label", *text_rule(LONGEST_LABEL)),
        Field("part", "integer, the place of a part", is_place),
        Field("path", *text_rule(LONGEST_NAME), required=False),
    ),
    "drawing.parts.*": (
        Field("kind", *text_rule(LONGEST_NAME)),
        Field(
            "parent",
            "integer, the place of the part before it that called it; absent for the first",
            is_place,
            required=False,
        ),
        Field("path", *text_rule(LONGEST_NAME, least=0)),
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

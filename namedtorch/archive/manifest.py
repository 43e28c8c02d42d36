"""What an archive says of the model in it."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

from namedtorch.archive.document import parse_document
from namedtorch.archive.drawing import Drawing
from namedtorch.archive.fields import VERSIONS, Fields, check_fields
from namedtorch.archive.interface import Interface
from namedtorch.archive.metadata import plain_metadata
from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.archive.sentence import one_line
from namedtorch.archive.version import NAMEDTORCH_VERSION, RULES_VERSION, SCHEMA_VERSION
from namedtorch.diagnostics import ArchiveError
from namedtorch.signature.plan import Plan
from namedtorch.signature.signature import Signature

MANIFEST_NAME = "namedtorch.json"
"""The name of the extra file that holds the manifest."""

AGAIN = "get the file again, or lower the model again"
"""What to do about a manifest that is broken."""
Format = Literal["torchscript", "export", "onnx", "executorch"]
"""What holds the graph: a TorchScript file (.pt, .ptl), torch.export's (.pt2), ONNX (.onnx), ExecuTorch's (.pte)."""

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Method:
    """A method that can be called: its signature, and the plan of the guard that holds it."""

    signature: Signature
    plan: Plan


@dataclass(frozen=True, slots=True)
class State:
    """A parameter or buffer: its dtype, its sizes, and where known its dims ("out=64 in=3 kh=7 kw=7").

    What a quantized layer has packed (weights, a bias) is neither: torch holds it in a form of its own, its sizes are
    those of the float layer. `memory_format` is None for one that is stored as its axes stand.
    """

    kind: Literal["parameter", "buffer", "packed"]
    dtype: str
    sizes: tuple[int, ...]
    dims: str | None = None
    memory_format: Literal["channels_last", "channels_last_3d"] | None = None


@dataclass(frozen=True, slots=True)
class KnownSize:
    """The size of a dim, and by what it is known: "annotation", "self.classes", "conv1.in_channels"."""

    size: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was lowered, how, by which versions, and the signature and guard plan of each of its methods.

    `name` is the qualified name of the module's class or of the function; `guards` says where the graph holds
    guards: at the outermost module, at every module, or nowhere; `method` says how the outermost graph came
    about (of a file that was annotated, only its guard is known), `traced` which modules were traced, by their paths,
    `stages` what was done to the graph afterwards. `methods` always has "forward", which is a function itself.
    `state` names parameters and buffers by their paths, `operators` what provides each custom operator; `metadata` is
    the user's (ValueError, which names the place, for what is no JSON). `quantization` says how it was quantized, None
    for a float model. `format` is what holds the graph, `interface` how a graph is called that knows tensors alone, and
    is forward alone: all but TorchScript (ValueError for one of the two without the other, and for more methods).
    `drawing` is the model as a graph, None where it was not run. `digests` are those of the file's records, or empty.
    `schema_version` is that of the file that was read; what is written is of the newest.
    """

    name: str
    kind: Literal["module", "function"]
    mode: Literal["eval", "train"]
    guards: Literal["boundary", "all", "none"]
    methods: Mapping[str, Method]
    torch_version: str
    namedtorch_version: str = NAMEDTORCH_VERSION
    method: Literal["script", "trace", "annotate", "export"] = "script"
    traced: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    state: Mapping[str, State] = field(default_factory=dict[str, State])
    sizes: Mapping[str, KnownSize] = field(default_factory=dict[str, KnownSize])
    operators: Mapping[str, str] = field(default_factory=dict[str, str])
    metadata: Mapping[str, object] = field(default_factory=dict[str, object])
    quantization: Quantization | None = None
    format: Format = "torchscript"
    interface: Interface | None = None
    drawing: Drawing | None = None
    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    schema_version: int = SCHEMA_VERSION
    rules_version: int = RULES_VERSION

    def __post_init__(self) -> None:
        # A copy: what the user does to the dict afterwards is no part of what was checked.
        object.__setattr__(self, "metadata", plain_metadata(self.metadata))
        if (self.interface is None) != (self.format == "torchscript"):
            has = "an" if self.interface is not None else "no"
            raise ValueError(f"is of the format {self.format!r} and has {has} 'interface'")
        if self.interface is not None and len(self.methods) > 1:
            others = sorted(self.methods.keys() - {"forward"})
            raise ValueError(
                f"is of the format {self.format!r}, which has forward alone, and names {others[0]!r}"
            )

    @property
    def signature(self) -> Signature:
        """The signature of `forward`."""
        return self.methods["forward"].signature

    @property
    def plan(self) -> Plan:
        """The guard plan of `forward`."""
        return self.methods["forward"].plan

    def to_dict(self) -> dict[str, Any]:
        """The manifest as JSON-able data, by the names of the newest schema; its own digest included."""
        document: dict[str, Any] = {
            "digests": dict(self.digests),
            "format": self.format,
            "guards": self.guards,
            "kind": self.kind,
            "metadata": self.metadata,
            "method": self.method,
            "methods": {
                name: {"plan": method.plan.to_json(), "signature": method.signature.to_json()}
                for name, method in self.methods.items()
            },
            "mode": self.mode,
            "name": self.name,
            "namedtorch_version": self.namedtorch_version,
            "operators": dict(self.operators),
            "rules_version": self.rules_version,
            "schema_version": SCHEMA_VERSION,
            "sizes": {name: {"by": one.by, "size": one.size} for name, one in self.sizes.items()},
            "stages": list(self.stages),
            "state": {path: _state_data(one) for path, one in self.state.items()},
            "torch_version": self.torch_version,
            **({} if self.interface is None else {"interface": self.interface.to_json()}),
            **({} if self.drawing is None else {"drawing": self.drawing.to_dict()}),
            **({"traced": list(self.traced)} if self.traced else {}),
            **({} if self.quantization is None else {"quantization": self.quantization.to_dict()}),
        }
        return {"digest": _digest(document), **document}

    def to_json(self) -> bytes:
        """The manifest as bytes, the same for equal manifests, by the newest schema.

        Raises ArchiveError for a manifest that `from_json` would refuse: what is written can be read.
        """
        text = json.dumps(self.to_dict(), sort_keys=True, indent=1, allow_nan=False)
        data = text.encode("ascii") + b"\n"
        Manifest.from_json(data, "the new archive")
        return data

    @classmethod
    def from_json(cls, data: bytes, where: str = MANIFEST_NAME) -> "Manifest":
        """Reads what this or an older namedtorch wrote, out of a file that nobody vouches for; `where` names the file.

        A field that an older schema lacks takes its default. Raises ArchiveError, one line, for anything else; data of
        a newer schema is told from broken data.
        """
        if not data:
            raise ArchiveError(f"{where}: {MANIFEST_NAME} is empty; {AGAIN}")
        try:
            document = parse_document(data)
            version = _version(document, where)
            if version > 1:
                _check_digest(cast("dict[str, object]", document))
            return cls(**_contents(document, VERSIONS[version]))
        except ArchiveError:
            raise
        except ValueError as error:
            raise ArchiveError(f"{where}: {MANIFEST_NAME} {one_line(str(error))}; {AGAIN}") from error


def _contents(document: object, schema: Mapping[str, Fields]) -> dict[str, Any]:
    """The arguments of a manifest, out of a document of this schema."""
    found: dict[str, Any] = dict(check_fields(document, schema[""]))
    found.pop("digest", None)
    found["methods"] = {
        name: _method(check_fields(value, schema["methods.*"], path), path)
        for name, value, path in _entries(found, "methods")
    }
    for name in ("stages", "traced"):
        if name in found:
            found[name] = tuple(found[name])
    if "sizes" in found:
        found["sizes"] = {
            name: _known_size(check_fields(value, schema["sizes.*"], path))
            for name, value, path in _entries(found, "sizes")
        }
    if "state" in found:
        read = _alike(lambda value, path: _state(check_fields(value, schema["state.*"], path)))
        found["state"] = {name: read(value, path) for name, value, path in _entries(found, "state")}
    if "quantization" in found:
        found["quantization"] = _quantization(found["quantization"], schema)
    if "interface" in found:
        found["interface"] = _part(Interface.from_json, found["interface"], "interface")
    if "drawing" in found:
        found["drawing"] = Drawing.of(found["drawing"], schema)
    if "metadata" in found:
        found["metadata"] = _part(plain_metadata, found["metadata"], "metadata")
    return found


def _entries(found: Mapping[str, Any], name: str, around: str = "") -> Iterator[tuple[str, object, str]]:
    """The names of an object's entries, their values, and their paths in a message."""
    for key, value in cast("dict[str, object]", found[name]).items():
        yield key, value, f"{around}{name}.{key}."


def _method(fields: Mapping[str, object], path: str) -> Method:
    return Method(
        signature=_part(Signature.from_json, fields["signature"], path + "signature"),
        plan=_part(Plan.from_json, fields["plan"], path + "plan"),
    )


def _known_size(fields: Mapping[str, Any]) -> KnownSize:
    return KnownSize(size=fields["size"], by=fields["by"])


def _quantization(value: object, schema: Mapping[str, Fields]) -> Quantization:
    fields: dict[str, Any] = dict(check_fields(value, schema["quantization"], "quantization."))
    read = _alike(lambda one, path: LayerScheme.of(check_fields(one, schema["quantization.layers.*"], path)))
    entries = list(_entries(fields, "layers", "quantization."))
    fields["layers"] = {name: read(one, path) for name, one, path in entries}
    return Quantization(**fields)


def _alike(read: Callable[[object, str], _Part]) -> Callable[[object, str], _Part]:
    """A reader of entries that reads those that are like another one, as most of a large model are, once."""
    known: dict[str, _Part] = {}

    def once(value: object, path: str) -> _Part:
        text = repr(value)
        if text not in known:
            known[text] = read(value, path)
        return known[text]

    return once


def _state(fields: Mapping[str, Any]) -> State:
    return State(
        kind=fields["kind"],
        dtype=fields["dtype"],
        sizes=tuple(fields["sizes"]),
        dims=fields.get("dims"),
        memory_format=fields.get("memory_format"),
    )


def _state_data(state: State) -> dict[str, object]:
    data: dict[str, object] = {"dtype": state.dtype, "kind": state.kind, "sizes": list(state.sizes)}
    optional = {"dims": state.dims, "memory_format": state.memory_format}
    return data | {name: value for name, value in optional.items() if value is not None}


def _digest(document: Mapping[str, object]) -> str:
    """The digest of a document: of its one form without spaces, in the order of its keys."""
    rest = {name: value for name, value in document.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _check_digest(document: Mapping[str, object]) -> None:
    given = document.get("digest")
    if isinstance(given, str) and given != _digest(document):
        raise ValueError("was changed after it was written (it does not match its own digest)")


def _part(read: Callable[[Any], _Part], data: object, path: str) -> _Part:
    try:
        return read(data)
    # The data is hostile and the readers walk trees of it: what they did not foresee is no reason for a
    # traceback.
    except Exception as error:
        raise ValueError(
            f"has a bad {path!r} ({one_line(str(error) or type(error).__name__, 200)})"
        ) from error


def _version(document: object, where: str) -> int:
    """The schema of a document; raises ArchiveError for a newer one, whose other fields have no meaning here."""
    if not isinstance(document, dict):
        raise ValueError("is no JSON object")
    fields = cast("dict[str, object]", document)
    if "schema_version" not in fields:
        raise ValueError("has no field 'schema_version'")
    version = fields["schema_version"]
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"has a bad 'schema_version' (it must be integer, 1 to {SCHEMA_VERSION})")
    if version > SCHEMA_VERSION:
        writer = one_line(str(fields.get("namedtorch_version", "a newer version")), 40)
        raise ArchiveError(
            f"{where}: written by namedtorch {writer} with schema {one_line(str(version), 20)}, "
            f"and namedtorch {NAMEDTORCH_VERSION} reads schemas up to {SCHEMA_VERSION}; "
            f'upgrade: pip install --upgrade "namedtorch"'
        )
    return version

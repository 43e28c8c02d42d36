"""What an archive says of the model in it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from namedtorch.archive.document import parse_document
from namedtorch.archive.fields import MANIFEST_FIELDS, METHOD_FIELDS, check_fields
from namedtorch.archive.sentence import one_line
from namedtorch.archive.version import NAMEDTORCH_VERSION, RULES_VERSION, SCHEMA_VERSION
from namedtorch.diagnostics import ArchiveError
from namedtorch.signature.plan import Plan
from namedtorch.signature.signature import Signature

MANIFEST_NAME = "namedtorch.json"
"""The name of the extra file that holds the manifest."""

AGAIN = "get the file again, or lower the model again"
"""What to do about a manifest that is broken."""
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Method:
    """A method that can be called: its signature, and the plan of the guard that holds it."""

    signature: Signature
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was lowered, how, by which versions, and the signature and guard plan of each of its methods.

    `name` is the qualified name of the module's class or of the function; `guards` says where the graph holds
    guards: at the outermost module, or nowhere; `method` says how the graph came to be. `methods` always has
    "forward", which for a function is the function.
    """

    name: str
    kind: Literal["module", "function"]
    mode: Literal["eval", "train"]
    guards: Literal["boundary", "none"]
    methods: Mapping[str, Method]
    torch_version: str
    namedtorch_version: str = NAMEDTORCH_VERSION
    method: Literal["script"] = "script"
    schema_version: int = SCHEMA_VERSION
    rules_version: int = RULES_VERSION

    @property
    def signature(self) -> Signature:
        """The signature of `forward`."""
        return self.methods["forward"].signature

    @property
    def plan(self) -> Plan:
        """The guard plan of `forward`."""
        return self.methods["forward"].plan

    def to_dict(self) -> dict[str, Any]:
        """The manifest as JSON-able data, by the names of the schema."""
        return {
            "guards": self.guards,
            "kind": self.kind,
            "method": self.method,
            "methods": {
                name: {"plan": method.plan.to_json(), "signature": method.signature.to_json()}
                for name, method in self.methods.items()
            },
            "mode": self.mode,
            "name": self.name,
            "namedtorch_version": self.namedtorch_version,
            "rules_version": self.rules_version,
            "schema_version": self.schema_version,
            "torch_version": self.torch_version,
        }

    def to_json(self) -> bytes:
        """The manifest as bytes, the same for equal manifests.

        Raises ArchiveError for a manifest that `from_json` would refuse: what is written can be read.
        """
        text = json.dumps(self.to_dict(), sort_keys=True, indent=1, allow_nan=False)
        data = text.encode("ascii") + b"\n"
        Manifest.from_json(data, "the new archive")
        return data

    @classmethod
    def from_json(cls, data: bytes, where: str = MANIFEST_NAME) -> "Manifest":
        """Reads what `to_json` wrote, out of a file that nobody vouches for; `where` names the file.

        Raises ArchiveError, one line, for anything else; data of a newer schema is told from broken data.
        """
        if not data:
            raise ArchiveError(f"{where}: {MANIFEST_NAME} is empty; {AGAIN}")
        try:
            document = parse_document(data)
            _check_version(document, where)
            fields = check_fields(document, MANIFEST_FIELDS)
            methods = cast("dict[str, object]", fields["methods"])
            return cls(
                name=cast("str", fields["name"]),
                kind=cast('Literal["module", "function"]', fields["kind"]),
                mode=cast('Literal["eval", "train"]', fields["mode"]),
                guards=cast('Literal["boundary", "none"]', fields["guards"]),
                methods={name: _method(name, value) for name, value in methods.items()},
                torch_version=cast("str", fields["torch_version"]),
                namedtorch_version=cast("str", fields["namedtorch_version"]),
                method=cast('Literal["script"]', fields["method"]),
                schema_version=cast("int", fields["schema_version"]),
                rules_version=cast("int", fields["rules_version"]),
            )
        except ArchiveError:
            raise
        except ValueError as error:
            raise ArchiveError(f"{where}: {MANIFEST_NAME} {one_line(str(error))}; {AGAIN}") from error


def _method(name: str, value: object) -> Method:
    path = f"methods.{name}."
    fields = check_fields(value, METHOD_FIELDS, path)
    return Method(
        signature=_part(Signature.from_json, fields["signature"], path + "signature"),
        plan=_part(Plan.from_json, fields["plan"], path + "plan"),
    )


def _part(read: Callable[[Any], _Part], data: object, path: str) -> _Part:
    try:
        return read(data)
    # The data is hostile and the readers walk trees of it: what they did not foresee is no reason for a
    # traceback.
    except Exception as error:
        raise ValueError(
            f"has a bad {path!r} ({one_line(str(error) or type(error).__name__, 200)})"
        ) from error


def _check_version(document: object, where: str) -> None:
    """Raises ArchiveError for a newer schema, whose other fields have no meaning here."""
    if not isinstance(document, dict):
        return
    fields = cast("dict[str, object]", document)
    version = fields.get("schema_version")
    if isinstance(version, int) and not isinstance(version, bool) and version > SCHEMA_VERSION:
        writer = one_line(str(fields.get("namedtorch_version", "a newer version")), 40)
        raise ArchiveError(
            f"{where}: written by namedtorch {writer} with schema {version}, "
            f"and namedtorch {NAMEDTORCH_VERSION} reads schemas up to {SCHEMA_VERSION}; "
            f'upgrade: pip install --upgrade "namedtorch"'
        )

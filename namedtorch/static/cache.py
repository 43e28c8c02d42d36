"""Findings of earlier checks, kept as long as nothing that they follow from has changed."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.imported import imported_names
from namedtorch.static.project import Project
from namedtorch.static.record import Record
from namedtorch.static.rules import rules_key
from namedtorch.static.source_module import is_package_file

_FOLDER = "namedtorch"
_MOST_FILES = 4
"""So many files are kept of one project: each version of the rules, and each folder to start in, has its own."""


@dataclass(frozen=True, eq=False, slots=True)
class Cache:
    """The records of one project's files, by path.

    The record of a file holds while that file and all it depends on have the same content, and all that they import is
    found in the same files: also a new file that is found first, or that was not there, ends it.
    """

    path: str
    """Of the file that keeps the records; "" for a cache that keeps nothing."""
    project: Project
    _entries: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    _imports: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    """For each file the digest of a content, and the names that it imports."""
    _stamps: dict[str, str] = field(default_factory=dict[str, str])
    _stored: set[str] = field(default_factory=set[str])

    @staticmethod
    def of(project: Project, folder: str) -> "Cache":
        """The cache of a project in a folder of caches ("": none); empty where there is none that can be read."""
        if not folder:
            return Cache("", project)
        configuration = project.configuration
        key = (
            rules_key(),
            project.start,
            str(configuration.comments),
            *(f"src {one}" for one in configuration.src),
            *(f"stubs {one}" for one in configuration.stubs),
            *_stub_stamps([os.path.join(configuration.root, one) for one in configuration.stubs]),
        )
        name = (
            f"{_digest(configuration.root.encode('utf-8', 'surrogateescape'))[:16]}-{_digest(_joined(key))}"
        )
        cache = Cache(os.path.join(folder, f"{name}.json"), project)
        entries, imports = _read(cache.path)
        cache._entries.update(entries)
        cache._imports.update(imports)
        return cache

    def find(self, path: str) -> Record | UnknownType:
        """The record of a file, if it holds."""
        if not self.path:
            return Unknown
        stamp = self._stamp(
            path
        )  # Also where nothing is known yet: what is stored later belongs to this content.
        entry = self._entries.get(path)
        if entry is None or not stamp:
            return Unknown
        own, dependencies, data = entry
        if own != stamp or any(self._stamp(one) != then for one, then in dependencies.items()):
            return Unknown
        return Record.from_json(data)

    def store(self, path: str, record: Record) -> None:
        """Keeps the record of a file, unless it is that of a failure."""
        if self.path and not record.failure:
            dependencies = {one: self._stamp(one) for one in record.dependencies}
            self._entries[path] = [self._stamp(path), dependencies, record.to_json()]
            self._stored.add(path)

    def save(self) -> None:
        """Writes what was stored since; a cache that can't be written is none."""
        if self.path and self._stored:
            self._drop_what_is_gone()
            with suppress(OSError, ValueError):
                _write(self.path, {"entries": self._entries, "imports": self._imports})
                _prune(self.path)

    def _stamp(self, path: str) -> str:
        """A digest of a file's content and of where its imports are found; "" where it can't be read."""
        found = self._stamps.get(path)
        if found is None:
            found = self._stamps[path] = self._new_stamp(path)
        return found

    def _new_stamp(self, path: str) -> str:
        try:
            with open(os.path.join(self.project.start, path), "rb") as file:
                data = file.read()
        except (OSError, ValueError):
            return ""
        name = self.project.name_at(path)
        content = _digest(_joined((name, "")) + data)
        then, names = self._imports.get(path, ("", ()))
        if then != content:
            names = imported_names(data.decode("utf-8", "replace"), name, is_package_file(path))
            self._imports[path] = [content, names]
        found = (self.project.finder.find(one) for one in names)
        return _digest(_joined((content, *("" if one is Unknown else one for one in found))))

    def _drop_what_is_gone(self) -> None:
        """Forgets the files that are no more."""
        for path in {*self._entries, *self._imports}:
            if not self._stamps.get(path) and not os.path.exists(os.path.join(self.project.start, path)):
                self._entries.pop(path, None)
                self._imports.pop(path, None)


def default_folder(environment: Mapping[str, str]) -> str:
    """The folder of caches of this user; "" where there is none."""
    own = environment.get("NAMEDTORCH_CACHE_DIR")
    if own:
        return os.path.abspath(own)
    folder = environment.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(folder, _FOLDER) if os.path.isabs(folder) else ""


def _read(path: str) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """The entries and imports that a file keeps; none where it can't be read, or is not as it was written."""
    try:
        with open(path, "rb") as file:
            digest, _, data = file.read().partition(b"\n")
    except OSError:
        return {}, {}
    if digest.decode("ascii", "replace") != _digest(data):
        return {}, {}
    document = json.loads(data)
    return document["entries"], document["imports"]


def _write(path: str, document: Mapping[str, Any]) -> None:
    """Replaces a file by the document, at once."""
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    temporary = f"{path}.{os.getpid()}.new"
    try:
        data = json.dumps(document, separators=(",", ":")).encode()
        with open(temporary, "wb") as file:
            file.write(_digest(data).encode() + b"\n" + data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.remove(temporary)
        raise


def _prune(path: str) -> None:
    """Removes all but the newest files of the same project."""
    folder, name = os.path.split(path)
    project = name.partition("-")[0] + "-"
    files = [entry for entry in os.scandir(folder) if entry.name.startswith(project)]
    newest_first = sorted(files, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
    for entry in newest_first[_MOST_FILES:]:
        with suppress(OSError):
            os.remove(entry.path)


def _stub_stamps(folders: Sequence[str]) -> list[str]:
    """The content of all stubs: they are few, and any file may depend on any of them."""
    found: list[str] = []
    for folder in folders:
        for parent, _, files in os.walk(folder):
            for name in files:
                if name.endswith(".pyi"):
                    path = os.path.join(parent, name)
                    with suppress(OSError), open(path, "rb") as file:
                        found.append(f"{path} {_digest(file.read())}")
    return sorted(found)


def _joined(texts: Sequence[str]) -> bytes:
    return "\0".join(texts).encode("utf-8", "surrogateescape")


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()

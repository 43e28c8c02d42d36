"""From the dotted name of a module to its file."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.folders import Folders

_SOURCES = (".py", ".pyi")
_STUBS = (".pyi",)
_INSTALLED = ("site-packages", "dist-packages")


@dataclass(frozen=True, eq=False, slots=True)
class Finder:
    """Finds modules under the folders that packages stand in.

    `roots` were configured: the first that has a module wins. `guessed` were not: a module that two of them have is
    nobody's, since what Python would import depends on how it is started; and none of them has what Python itself
    brings. `checked` are the top names of the checked files: of a folder of installed packages nothing else is found.
    """

    folders: Folders
    stubs: Sequence[str]
    roots: Sequence[str]
    guessed: Sequence[str]
    checked: frozenset[str]
    _found: dict[str, str | UnknownType] = field(default_factory=dict[str, str | UnknownType])

    def find(self, name: str) -> str | UnknownType:
        """The absolute path of a module's file: a stub if there is one, else its source in the project."""
        if name not in self._found:
            stub = self.find_stub(name)
            self._found[name] = self._find_source(name) if stub is Unknown else stub
        return self._found[name]

    def find_stub(self, name: str) -> str | UnknownType:
        """The absolute path of the stub of a module, of the project or not."""
        parts = _parts(name)
        for root in self.stubs if parts else ():
            path = self._file(root, parts, _STUBS)
            if path is not Unknown:
                return path
        return Unknown

    def _find_source(self, name: str) -> str | UnknownType:
        parts = _parts(name)
        if not parts:
            return Unknown
        for root in self.roots:
            path = self._file(root, parts, _SOURCES)
            if path is not Unknown:
                return path
        if parts[0] in sys.stdlib_module_names:
            return Unknown
        candidates: set[str] = set()
        for root in self.guessed:
            if os.path.basename(root) in _INSTALLED and parts[0] not in self.checked:
                continue
            path = self._file(root, parts, _SOURCES)
            if path is not Unknown:
                candidates.add(path)
        return candidates.pop() if len(candidates) == 1 else Unknown

    def _file(self, root: str, parts: Sequence[str], suffixes: Sequence[str]) -> str | UnknownType:
        names, folder = self.folders.names, root
        for part in parts[:-1]:
            if part not in names(folder):
                return Unknown
            folder = os.path.join(folder, part)
        here = names(folder)
        inside = os.path.join(folder, parts[-1])
        within = names(inside) if parts[-1] in here else frozenset[str]()
        for suffix in suffixes:
            if f"__init__{suffix}" in within:
                return os.path.join(inside, f"__init__{suffix}")
            if parts[-1] + suffix in here:
                return inside + suffix
        return Unknown


def _parts(name: str) -> Sequence[str]:
    """The parts of a dotted name; none where it is no name, such as `..x`."""
    parts = name.split(".")
    return parts if all(parts) else ()

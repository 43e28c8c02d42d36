"""The files of a project, and its modules by name."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.configuration import Configuration, configuration_at
from namedtorch.static.finder import Finder
from namedtorch.static.folders import PACKAGE_FILE, Folders
from namedtorch.static.glob_pattern import matches_any
from namedtorch.static.source_module import BrokenModule, SourceModule

_PACKAGE_STEM = "__init__"


@dataclass(frozen=True, eq=False)
class Project:
    """The modules that a check may look at: the checked files, and what they import from under the source roots.

    Every file is read and parsed once, when it is first asked for; nothing is ever imported, and installed packages
    are not looked at. Paths are reported as seen from the folder that the check was started in.
    """

    configuration: Configuration
    finder: Finder
    checked: tuple[str, ...]
    named: frozenset[str]
    """Those of the checked files whose own path was given."""
    start: str
    _modules: dict[str, SourceModule | BrokenModule] = field(
        default_factory=dict[str, SourceModule | BrokenModule]
    )

    @staticmethod
    def of(paths: Sequence[str], configuration: Configuration | UnknownType = Unknown) -> "Project":
        """The project that the first path is in, for a check of these files and folders.

        Raises ConfigurationError where its pyproject.toml says nothing clear.
        """
        folders, start = Folders(), os.getcwd()
        if configuration is Unknown:
            configuration = configuration_at(paths[0] if paths else start, folders)
        files = _files(paths or [configuration.root], configuration, folders)
        parents = sorted({folders.package_parent(os.path.dirname(file)) for file in files})
        root = configuration.root
        usual = (root, os.path.join(root, "src"))
        finder = Finder(
            folders,
            stubs=tuple(os.path.normpath(os.path.join(root, one)) for one in configuration.stubs),
            roots=tuple(os.path.normpath(os.path.join(root, one)) for one in configuration.src),
            guessed=() if configuration.src else tuple(dict.fromkeys((*usual, *parents))),
            checked=frozenset(_module_name(file, folders, usual).partition(".")[0] for file in files),
        )
        named = frozenset(os.path.abspath(path) for path in paths if not os.path.isdir(path))
        checked = tuple(reported(file, start) for file in files)
        return Project(
            configuration, finder, checked, frozenset(reported(one, start) for one in named), start
        )

    @staticmethod
    def of_nothing() -> "Project":
        """A project without any file, for code whose names are known otherwise."""
        finder = Finder(Folders(), (), (), (), frozenset())
        return Project(Configuration(os.sep), finder, (), frozenset(), os.sep)

    def module(self, name: str) -> SourceModule | UnknownType:
        """The module of a dotted name, from a stub or the project; Unknown where there is none that can be parsed."""
        return self._parsed(self.finder.find(name))

    def stub(self, name: str) -> SourceModule | UnknownType:
        """The stub of a module that need not be in the project."""
        return self._parsed(self.finder.find_stub(name))

    def module_at(self, path: str) -> SourceModule | BrokenModule:
        """The module in a file, by the file's path."""
        absolute = os.path.normpath(os.path.join(self.start, path))
        found = self._modules.get(absolute)
        if found is None:
            found = SourceModule.read(reported(absolute, self.start), self.name_at(absolute))
            self._modules[absolute] = found
        return found

    def files(self, paths: Sequence[str]) -> list[str]:
        """The Python files that the paths stand for, sorted: each file that is named, and `*.py` under folders.

        Excluded files and folders of installed or generated files are left out; a file that is named is not, unless
        `force-exclude` says so. Links to folders are not followed.
        """
        found = _files(paths, self.configuration, self.finder.folders)
        return [reported(file, self.start) for file in found]

    def name_at(self, path: str) -> str:
        """The dotted name of the module in a file: from its top-most package, else from the root that it is under."""
        absolute = os.path.normpath(os.path.join(self.start, path))
        root = self.configuration.root
        roots = self.finder.roots or (root, os.path.join(root, "src"))
        return _module_name(absolute, self.finder.folders, (*self.finder.stubs, *roots))

    def parsed(self) -> int:
        """How many characters of text were parsed."""
        modules = self._modules.values()
        return sum(len(module.text) for module in modules if isinstance(module, SourceModule))

    def unparsed(self) -> "Project":
        """The same project before anything was parsed."""
        return replace(self, _modules={})

    def from_root(self, path: str) -> str:
        """The path of a file relative to the project's root, with `/` between its parts."""
        return reported(os.path.normpath(os.path.join(self.start, path)), self.configuration.root)

    def _parsed(self, path: str | UnknownType) -> SourceModule | UnknownType:
        module = Unknown if path is Unknown else self.module_at(path)
        return Unknown if isinstance(module, BrokenModule) else module


def reported(path: str, start: str) -> str:
    """An absolute path as it is written in findings: relative to `start` where it is below that, with `/`."""
    inside = path.removeprefix(start.rstrip(os.sep) + os.sep)
    return inside.replace(os.sep, "/")


def _files(paths: Sequence[str], configuration: Configuration, folders: Folders) -> list[str]:
    """The absolute paths of the files that `paths` stand for."""
    root = configuration.root
    found: set[str] = set()
    for path in paths:
        absolute = os.path.abspath(path)
        if os.path.isdir(absolute):
            found.update(_walk(absolute, configuration, folders))
        elif not configuration.force_exclude or not _is_excluded(absolute, root, configuration.exclude):
            found.add(absolute)
    return sorted(found)


def _walk(folder: str, configuration: Configuration, folders: Folders) -> list[str]:
    if configuration.force_exclude and _is_excluded(folder, configuration.root, configuration.exclude):
        return []
    found: list[str] = []
    waiting = [folder]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                is_wanted = not folders.is_passed_by(entry.path)
            else:
                is_wanted = entry.name.endswith(".py") and entry.is_file()
            if is_wanted and not _is_excluded(entry.path, configuration.root, configuration.exclude):
                (waiting if entry.is_dir(follow_symlinks=False) else found).append(entry.path)
    return found


def _is_excluded(path: str, root: str, patterns: Sequence[str]) -> bool:
    return bool(patterns) and matches_any(patterns, reported(path, root))


def _module_name(path: str, folders: Folders, roots: Sequence[str]) -> str:
    folder, file = os.path.split(path)
    stem = os.path.splitext(file)[0]
    if PACKAGE_FILE in folders.names(folder):
        start = folders.package_parent(folder)
    else:
        # Without `__init__.py`, a folder is a package of the root that it is under: the innermost one.
        around = [root for root in roots if folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)]
        start = max(around, key=len, default=folder)
    parts = [part for part in folder[len(start) :].split(os.sep) if part]
    named = [*parts, stem] if stem != _PACKAGE_STEM or not parts else parts
    # No import can say what stands left of a part that is no name.
    first = max((index + 1 for index, part in enumerate(named[:-1]) if not part.isidentifier()), default=0)
    return ".".join(named[first:])

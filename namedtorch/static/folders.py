"""Folders of a project: what is in them, and which of them a check passes by."""

import os
from dataclasses import dataclass, field

PACKAGE_FILE = "__init__.py"

_PASSED_BY = frozenset(
    {"venv", "__pycache__", "node_modules", "build", "dist", "site-packages", "dist-packages"}
)
"""Folders of generated or installed files; so is every one whose name begins with a dot."""

_ENVIRONMENT = "pyvenv.cfg"
"""The mark of a virtual environment, whatever its name is."""


@dataclass(frozen=True, eq=False, slots=True)
class Folders:
    """The names in folders, each folder listed once."""

    _listed: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    def names(self, folder: str) -> frozenset[str]:
        """The names of what is in a folder; none where it can't be listed."""
        found = self._listed.get(folder)
        if found is None:
            try:
                found = frozenset(os.listdir(folder))
            except (OSError, ValueError):
                found = frozenset[str]()
            self._listed[folder] = found
        return found

    def package_parent(self, folder: str) -> str:
        """The folder that the top-most package around `folder` stands in; `folder` itself where it is no package."""
        while PACKAGE_FILE in self.names(folder):
            parent = os.path.dirname(folder)
            if parent == folder:
                break
            folder = parent
        return folder

    def is_passed_by(self, folder: str) -> bool:
        """Whether a walk leaves a folder out: hidden, installed, generated, or a virtual environment."""
        name = os.path.basename(folder)
        return name.startswith(".") or name in _PASSED_BY or _ENVIRONMENT in self.names(folder)

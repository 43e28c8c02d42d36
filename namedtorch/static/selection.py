"""Which findings are wanted: by their code and by the file they are in."""

from dataclasses import dataclass

from namedtorch.static.configuration import Configuration
from namedtorch.static.glob_pattern import matches


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes that are reported: all or those of `select`, without those of `ignore`, and fewer in some files."""

    select: frozenset[str]
    ignore: frozenset[str]
    by_pattern: tuple[tuple[str, tuple[str, ...]], ...]

    @staticmethod
    def of(configuration: Configuration) -> "Selection":
        """The selection that a configuration asks for."""
        return Selection(
            frozenset(configuration.select), frozenset(configuration.ignore), configuration.per_file_ignores
        )

    def at(self, path: str) -> "Selection":
        """The selection in a file, whose path is relative to the project's root."""
        here = [code for pattern, codes in self.by_pattern if matches(pattern, path) for code in codes]
        return Selection(self.select, self.ignore | frozenset(here), ())

    def takes(self, code: str) -> bool:
        """Whether findings of a code are reported; patterns do not count before `at`."""
        return code not in self.ignore and (not self.select or code in self.select)

    @property
    def takes_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.select and not self.ignore

"""Files in memory, and places found in them by their text."""

from collections.abc import Mapping

from namedtorch.diagnostics.source import Place


class Files:
    """The texts of files by their paths; a path without one can't be read."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def read(self, path: str) -> str:
        if path not in self._texts:
            raise FileNotFoundError(path)
        return self._texts[path]

    def place(self, path: str, needle: str, occurrence: int = 1) -> Place:
        """Where the needle stands in a file, the first time or a later one."""
        text, start = self._texts[path], -1
        for _ in range(occurrence):
            start = text.index(needle, start + 1)
        line, column = position(text, start)
        return Place(path, line, column, *position(text, start + len(needle)))


def position(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset in a text whose lines end with a line feed."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

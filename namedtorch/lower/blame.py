"""Which modules of a model the refusals of TorchScript are about."""

import inspect
from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType

from torch import nn

from namedtorch.diagnostics import Finding
from namedtorch.lower.functions import innermost
from namedtorch.lower.libraries import library_of
from namedtorch.lower.torchscript import is_script

Blamed = dict[str, tuple[Finding, ...]]
"""What is refused in each module, by its path; "" is the outermost, which has what belongs to no other."""


def blamed(root: nn.Module, findings: Sequence[Finding]) -> Blamed:
    """The smallest modules whose own code is refused; of a function that they call, the modules that call it."""
    lines = _Lines(root)
    found: dict[str, dict[Finding, None]] = {}
    for one in findings:
        for path in lines.paths(one):
            found.setdefault(path, {})[one] = None
    return {path: tuple(several) for path, several in found.items()} or {"": ()}


def outermost(paths: Sequence[str]) -> list[str]:
    """The paths that lie in no other of them."""
    return [one for one in paths if not any(is_inside(one, other) for other in paths)]


def is_inside(path: str, other: str) -> bool:
    """Whether a module lies in another one."""
    return path != other and (not other or path.startswith(f"{other}."))


class _Lines:
    """The lines of the methods in a tree."""

    def __init__(self, root: nn.Module) -> None:
        self._modules = {path: one for path, one in root.named_modules() if not is_script(one)}
        self._spans: dict[type, list[tuple[str, int, int]]] = {}

    def paths(self, finding: Finding) -> list[str]:
        """The modules that a refusal is about; the outermost where there is no other."""
        named = finding.what.removeprefix("`").partition("`: ")
        if finding.what.startswith("`") and named[1] and named[0] in self._modules:
            return [named[0]]
        for file, line in ((finding.file, finding.line), *map(_place, finding.callers)):
            found = [path for path, one in self._modules.items() if self._has(type(one), file, line)]
            if found:
                return found
        return [""]

    def _has(self, owner: type, file: str, line: int) -> bool:
        if owner not in self._spans:
            self._spans[owner] = list(_spans(owner))
        return any(file == name and first <= line <= last for name, first, last in self._spans[owner])


def _spans(owner: type) -> Iterator[tuple[str, int, int]]:
    """File, first and last line of each method that a class has of its user."""
    for name in dir(owner):
        value = inspect.getattr_static(owner, name, None)
        held = value.__func__ if isinstance(value, staticmethod | classmethod) else value
        for one in (held.fget, held.fset) if isinstance(held, property) else (held,):
            function = innermost(one) if isinstance(one, FunctionType) else None
            if isinstance(function, FunctionType) and library_of(function.__code__.co_filename) is None:
                file = inspect.getsourcefile(function) or function.__code__.co_filename
                yield file, function.__code__.co_firstlineno, _last(function.__code__)


def _last(code: CodeType) -> int:
    own = max((line for _, _, line in code.co_lines() if line is not None), default=code.co_firstlineno)
    return max([own, *(_last(one) for one in code.co_consts if isinstance(one, CodeType))])


def _place(text: str) -> tuple[str, int]:
    file, _, line = text.rpartition(":")
    return file, int(line) if line.isdigit() else 0

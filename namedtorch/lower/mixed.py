"""Modules to TorchScript by their source where it can be, and by a run of them where it can't, part by part."""

import copy
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from namedtorch.diagnostics import Finding, LowerError
from namedtorch.lower.blame import Blamed, blamed, is_inside, outermost
from namedtorch.lower.boundary import Boundary
from namedtorch.lower.compiled import Compiled
from namedtorch.lower.functions import is_torchs
from namedtorch.lower.lowering_report import AROUND, REFUSED, Choice
from namedtorch.lower.observed import Observed, observed
from namedtorch.lower.scripted import Guards, scripted_module, scripted_part
from namedtorch.lower.torchscript import Script, is_script
from namedtorch.lower.trace_call import trace_call
from namedtorch.lower.traced import TRAINING, Source, Wanted, traced_model
from namedtorch.lower.tracing import traced_module

_CONTAINERS = (nn.ModuleList, nn.ModuleDict, nn.Sequential)
"""Modules whose parts are lowered each on its own."""


@dataclass(frozen=True, slots=True)
class Mix:
    """A model to lower part by part.

    `base` is a copy of the module, of which further ones are made that share its tensors; `inputs`, those of each
    method at the boundary, are asked for only if something has to be traced.
    """

    base: nn.Module
    boundary: Boundary
    inputs: Callable[[], Mapping[str, Source]]
    guards: Guards
    name: str
    train: bool

    def lowered(self) -> Compiled:
        """Lowers the model: what TorchScript refuses in it is traced, the rest scripted around it.

        The smallest modules whose own code is refused are traced, with the inputs that they get in a run of the
        example; where one of them can't be, or what is around it can't call its trace, the module around it is traced
        instead. Raises LowerError where tracing the whole fails too.
        """
        parts: dict[str, _Part] = {}
        refused: dict[str, dict[Finding, None]] = {}
        while True:
            target = self._copy()
            _put(target, {path: one.script for path, one in parts.items()})
            try:
                compiled = scripted_module(target, self.boundary, self.guards, self.name)
            except LowerError as error:
                found = blamed(self.base, error.findings)
                for path, several in found.items():
                    refused.setdefault(path, {}).update(dict.fromkeys(several))
                said = {path: tuple(several) for path, several in refused.items()}
                new = None if "" in found or found.keys() & parts.keys() else self._traced(list(found), said)
                if new is None:
                    return self._whole(said, error)
                parts = {
                    path: one
                    for path, one in parts.items()
                    if path not in new and not any(is_inside(path, other) for other in new)
                } | new
            else:
                inner = itertools.chain.from_iterable(one.choices for one in parts.values())
                return replace(compiled, choices=(*compiled.choices, *inner))

    def _copy(self) -> nn.Module:
        """A copy of the model that shares its tensors."""
        memo: dict[int, Any] = {}
        for one in itertools.chain(self.base.parameters(), self.base.buffers()):
            memo[id(one)] = one
        return copy.deepcopy(self.base, memo)

    def _traced(self, paths: list[str], refused: Blamed) -> "dict[str, _Part] | None":
        """The modules at these paths as traces, or modules around them; None if it is the outermost in the end."""
        args, kwargs = self.inputs()["forward"].at()
        wanted = {one for path in paths for one in self._around(path)}
        seen = observed(self._copy(), wanted, args, kwargs)
        made: dict[str, _Part] = {}
        for path in outermost(paths):
            for one in self._around(path):
                if one in made or any(is_inside(one, other) for other in made):
                    break
                part = self._part(one, seen[one], refused) if one in seen else None
                if part is not None:
                    made[one] = part
                    break
            else:
                return None
        return {path: one for path, one in made.items() if not any(is_inside(path, other) for other in made)}

    def _around(self, path: str) -> Iterator[str]:
        """A path and those around it, without the outermost and containers that are never called."""
        while path:
            if not isinstance(self.base.get_submodule(path), nn.ModuleList | nn.ModuleDict):
                yield path
            path = path.rpartition(".")[0]

    def _part(self, path: str, seen: Observed, refused: Blamed) -> "_Part | None":
        """A module as a trace, its children scripted where they can be; None where it can't be traced."""
        for with_children in (True, False):
            module = self._copy().get_submodule(path)
            kind = type(module).__qualname__
            children = self._script_children(module, path, refused) if with_children else ()
            try:
                call = trace_call(inspect.signature(module.forward), *seen.at())
                traced = traced_module(module, {"forward": call}, kind) if call.taken else None
            except (LowerError, TypeError):
                if children:
                    continue
                return None
            if traced is None:
                return None
            notes = (*call.notes(), TRAINING) if self.train else tuple(call.notes())
            reason = REFUSED if path in refused else AROUND
            choice = Choice(path, kind, "trace", reason, _inside(path, refused), traced.warnings, notes)
            return _Part(traced.script, (choice, *children))
        return None

    def _whole(self, refused: Blamed, error: LowerError) -> Compiled:
        """The outermost module as a trace, its children scripted where they can be."""
        wanted = Wanted(
            self.boundary.methods,
            self.inputs(),
            self.guards,
            self.name,
            self.train,
            reason=REFUSED if error.findings else str(error).partition("\n")[0],
        )
        for with_children in (True, False):
            target = self._copy()
            children = self._script_children(target, "", refused) if with_children else ()
            try:
                made = traced_model(target, wanted)
            except LowerError as failure:
                if children:
                    continue
                raise LowerError(f"{failure}\nit was traced since script refuses it: {error}") from None
            (choice,) = made.choices
            own = replace(choice, refused=_inside("", refused))
            return replace(made, choices=(own, *children))
        raise AssertionError("a trace either succeeds or fails")

    def _script_children(self, module: nn.Module, path: str, refused: Blamed) -> tuple[Choice, ...]:
        """Scripts what it can of the modules in one that is traced, in their places."""
        made: list[Choice] = []
        for name, child in list(module.named_children()):
            own = f"{path}.{name}" if path else name
            holds_refused = any(one == own or is_inside(one, own) for one in refused)
            if is_script(child) or all(is_torchs(type(one)) for one in child.modules()):
                continue
            script = None
            if not holds_refused and not isinstance(child, _CONTAINERS):
                script = self._script(own)
            if script is None:
                made += self._script_children(child, own, refused)
            else:
                _replace(module, child, script)
                made.append(Choice(own, type(child).__qualname__, "script"))
        return tuple(made)

    def _script(self, path: str) -> Script | None:
        try:
            return scripted_part(self._copy().get_submodule(path), self.guards)
        # torch raises RuntimeError, ValueError, NotImplementedError, its own, and more.
        except Exception:
            return None


@dataclass(frozen=True, slots=True)
class _Part:
    script: Script
    choices: tuple[Choice, ...]


def _inside(path: str, refused: Blamed) -> tuple[Finding, ...]:
    """What is refused in a module and in all that it holds."""
    several = (several for one, several in refused.items() if one == path or is_inside(one, path))
    return tuple(dict.fromkeys(itertools.chain.from_iterable(several)))


def _put(root: nn.Module, scripts: Mapping[str, Script]) -> None:
    for path, script in scripts.items():
        _replace(root, root.get_submodule(path), script)


def _replace(root: nn.Module, old: nn.Module, new: Any) -> None:
    """Puts a module into all places of another one."""
    for one in list(root.modules()):
        if is_script(one):
            continue
        for name, child in one._modules.items():
            if child is old:
                one._modules[name] = new

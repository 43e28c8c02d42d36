"""What is said of a refused model: what was found in it and what torch complained of, each cause once."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from namedtorch.diagnostics.errors import Finding
from namedtorch.lower.body import Body
from namedtorch.lower.complaint import Complaint, Place, enclosing, source_line
from namedtorch.lower.construct_libraries import LIBRARY_FUNCTION
from namedtorch.lower.construct_python import MUTUAL_RECURSION
from namedtorch.lower.constructs import Found, module_constructs, told_by
from namedtorch.lower.hearing import Hearing
from namedtorch.lower.libraries import library_of
from namedtorch.lower.makers import made_at
from namedtorch.lower.misfit import misfit_of
from namedtorch.lower.reach import Reach

_MOST_CALLERS = 3
_HOOK = re.compile(r"[Hh]ook '(?P<name>\w+)' on module")


class Report:
    """What is known of one refused model, `name`; `outermost` stands for a line that nobody knows."""

    def __init__(
        self,
        name: str,
        outermost: Place,
        reach: Reach,
        hearing: Hearing,
        constructs: Mapping[Body, list[Found]],
    ) -> None:
        self._name = name
        self._outermost = outermost
        self._reach = reach
        self._hearing = hearing
        # Of a body that torch took, nothing is refused. Of a ring of bodies, torch names any.
        self._constructs = {
            body: found
            for body, found in constructs.items()
            if body in hearing.refused or not hearing.complete or _is_ring(found)
        }

    def findings(self) -> list[Finding]:
        """What is to be said, in the order of the files and lines."""
        modules = list(self._in_modules())
        found = [*self._in_bodies(), *modules, *self._complained(modules)]
        once = {(one.file, one.line, one.what): one for one in found}
        return sorted(once.values(), key=lambda one: (one.file, one.line))

    def _in_bodies(self) -> Iterator[Finding]:
        for body, found in self._constructs.items():
            for one in found:
                place = Place(body.definition.file, one.first)
                yield self._finding(place, *one.construct.described(one.subject), self._reach.calls(body))

    def _in_modules(self) -> Iterator[Finding]:
        for path, module in self._reach.modules.items():
            for one, subject, function in module_constructs(module):
                what, remedy = one.described(subject)
                place = made_at(self._reach.modules, path, function) or self._outermost
                what = f"`{path}`: {what}" if path else what
                yield replace(self._finding(place, what, remedy, []), function=self._name)

    def _complained(self, modules: Sequence[Finding]) -> Iterator[Finding]:
        """What torch complained of, but for what was found in bodies, and of modules."""
        lines = {Place(one.file, one.line) for one in modules}
        told: set[tuple[str, str]] = set()
        for complaint in self._hearing.complaints:
            place = complaint.place or self._unnamed_place(complaint)
            if place in lines or self._is_explained(complaint, place, bool(modules)):
                continue
            if place is not None:
                lines.add(place)
            body = self._reach.containing(place.file, place.line) if place is not None else None
            led = self._reach.calls(body) if body is not None else []
            callers = led or [(one.file, one.line) for one in complaint.callers]
            finding = self._finding(place or self._outermost, *self._described(complaint, place), callers)
            # One parameter without a type shows at each line that uses it.
            if (finding.function, finding.what) not in told:
                told.add((finding.function, finding.what))
                yield finding

    def _unnamed_place(self, complaint: Complaint) -> Place | None:
        """Where a hook is written, or a function of a library is called, that torch only names."""
        called = complaint.through.rpartition(".")[2]
        for body in self._reach.bodies if called else ():
            for one in body.names():
                if isinstance(one.node, ast.Attribute) and one.node.attr == called:
                    return Place(body.definition.file, one.node.lineno)
        named = _HOOK.search(complaint.words)
        if named is None:
            return None
        for module in self._reach.modules.values():
            for hook in (*module._forward_hooks.values(), *module._forward_pre_hooks.values()):
                if getattr(hook, "__name__", "") == named["name"]:
                    return made_at(self._reach.modules, "", hook)
        return None

    def _is_explained(self, complaint: Complaint, place: Place | None, modules: bool) -> bool:
        """Whether a complaint is about what was found."""
        if place is None:
            # What was found on the way says it better, unless it came again without that.
            return modules or (complaint not in self._hearing.repeated and any(self._constructs.values()))
        body = self._reach.containing(place.file, place.line)
        if body is None:
            return False
        unset = complaint.headline.removeprefix("undefined value ")
        if any(one.arg == unset for one in body.node.args.posonlyargs):
            return True
        told = told_by(complaint.words)
        if told is not None and told[0] is MUTUAL_RECURSION:
            return any(_is_ring(found) for found in self._constructs.values())
        return any(
            one.first <= place.line <= one.last
            or (one.construct.spreads and told and told[0] is one.construct)
            for one in self._constructs.get(body, ())
        )

    def _described(self, complaint: Complaint, place: Place | None) -> tuple[str, str]:
        """What torch complains of in plain words, and what to do; its own words where no row knows them."""
        if complaint.through:
            library = library_of(complaint.places[0].file) or ""
            return LIBRARY_FUNCTION.described(f"`{complaint.through}` of {library}")
        told = told_by(complaint.words)
        if told is None:
            return misfit_of(complaint.words) or (complaint.headline, "")
        construct, subject = told
        if construct.name == "not-annotated" and not subject[""] and place is not None:
            subject = {"": self._not_annotated(place)}
        return construct.described(subject)

    def _not_annotated(self, place: Place) -> str:
        """The parameter without an annotation that a line uses."""
        body = self._reach.containing(place.file, place.line)
        if body is None:
            return "a parameter"
        used = [
            one.node
            for one in body.names()
            if isinstance(one.node, ast.Name) and one.node.lineno == place.line
        ]
        # Of `x.view(k)`, it is rather `k`.
        used.sort(key=lambda node: isinstance(body.parent(node), ast.Attribute))
        for node in used:
            argument = body.parameters.get(node.id)
            if argument is not None and argument.annotation is None and node.id != body.receiver:
                return node.id
        return "a parameter"

    def _finding(self, place: Place, what: str, remedy: str, callers: Iterable[tuple[str, int]]) -> Finding:
        led = dict.fromkeys(
            f"{file}:{line}" for file, line in callers if (file, line) != (place.file, place.line)
        )
        function = enclosing(place) or self._name
        return Finding(
            place.file, place.line, what, remedy, source_line(place), function, tuple(led)[:_MOST_CALLERS]
        )


def _is_ring(found: Iterable[Found]) -> bool:
    return any(one.construct is MUTUAL_RECURSION for one in found)

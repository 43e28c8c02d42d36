"""The guard plan: the ordered checks that hold the tensors of a call to its signature.

Every guard is written from a plan: the one in Python, the one in a graph, and the explaining matcher walks it as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from namedtorch.diagnostics import AnnotationError, Failure
from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.attributes import is_attribute, steps_of
from namedtorch.dims.schedule import Scheduled, schedule, unbound
from namedtorch.dims.steps import Where
from namedtorch.signature.hint_json import mapping, sequence
from namedtorch.signature.hints import DictHint, Hint, ListHint
from namedtorch.signature.recheck import with_rechecks
from namedtorch.signature.signature import Kind, Parameter, Signature
from namedtorch.signature.sites import RESULT, Root, Site, site_from_json, site_to_json, sites_of
from namedtorch.signature.step_json import step_from_json, step_to_json


@dataclass(frozen=True, slots=True)
class Plan:
    """The sites of a signature, and its checks before and after the call; checks name their site by its index.

    Sites from `first_result` on are those of the result.
    """

    sites: tuple[Site, ...]
    first_result: int
    before: tuple[Scheduled, ...]
    after: tuple[Scheduled, ...]

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attribute paths that the checks read."""
        found: set[str] = set()
        for site in self.sites:
            found |= site.hint.shape.attributes
        for one in (*self.before, *self.after):
            if isinstance(one.step, Where):
                found |= {symbol for symbol in one.step.constraint.symbols if is_attribute(symbol)}
        return tuple(sorted(found))

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON-able data, for readers that do not parse the language."""
        return {
            "first_result": self.first_result,
            "sites": [site_to_json(site) for site in self.sites],
            "before": [step_to_json(one) for one in self.before],
            "after": [step_to_json(one) for one in self.after],
        }

    @classmethod
    def from_json(cls, data: Any) -> "Plan":
        """Reads what `to_json` gave; raises `ValueError` for anything else."""
        content = mapping(data, "plan", {"first_result", "sites", "before", "after"})
        sites = tuple(site_from_json(one) for one in sequence(content["sites"], "sites"))
        first = content["first_result"]
        if not isinstance(first, int) or isinstance(first, bool) or not 0 <= first <= len(sites):
            raise ValueError(f"the first site of the result is {first!r} of {len(sites)}")
        before = tuple(step_from_json(one, first) for one in sequence(content["before"], "before"))
        after = tuple(step_from_json(one, len(sites)) for one in sequence(content["after"], "after"))
        return cls(sites, first, before, after)


def build_plan(signature: Signature) -> Plan:
    """Orders the checks of a signature; raises `AnnotationError` for a dim that nothing could ever bind."""
    parameters = [site for one in signature.parameters for site in sites_of(spread(one), (Root(one.name),))]
    results = list(sites_of(signature.result, (Root(RESULT),)))
    sites = (*parameters, *results)
    _refuse_each_outside(sites)
    _refuse_foreign_roots(signature)
    wheres = [Scheduled(None, Where(one)) for one in signature.where]
    later = {symbol for site in results for symbol in site.hint.shape.symbols}
    first = schedule(
        ((index, site.hint.shape) for index, site in enumerate(parameters)), waiting=wheres, later=later
    )
    second = schedule(
        ((len(parameters) + index, site.hint.shape) for index, site in enumerate(results)),
        bound=first.bound,
        waiting=first.waiting,
    )
    if second.waiting:
        failures = [_unbound(one, sites, second.bound) for one in second.waiting]
        error = AnnotationError("; ".join(f"{one.message}: {one.help}" for one in failures))
        error.failures = tuple(failures)
        raise error
    before, after = with_rechecks(sites, first.steps, second.steps)
    return Plan(sites, len(parameters), before, after)


def spread(parameter: Parameter) -> Hint:
    """The hint of what a parameter holds: `*args: X` is a tuple of X, `**kwargs: X` a mapping to X."""
    if parameter.kind is Kind.VAR_POSITIONAL:
        return ListHint(parameter.hint, "tuple")
    return DictHint(parameter.hint) if parameter.kind is Kind.VAR_KEYWORD else parameter.hint


def _refuse_each_outside(sites: Iterable[Site]) -> None:
    for site in sites:
        if site.hint.shape.each and not site.in_container:
            name = min(site.hint.shape.each)
            raise _refusal("each-outside-container", dim=name, argument=f"`{site.root}`")


def _refuse_foreign_roots(signature: Signature) -> None:
    names = {one.name for one in signature.parameters}
    for path in sorted(signature.attributes):
        if steps_of(path)[0] not in names:
            raise _refusal(
                "attribute-missing",
                dim=path,
                argument="the signature",
                actual=f"leads nowhere: no parameter is called `{steps_of(path)[0]}`",
            )


def _refusal(code: str, **fields: object) -> AnnotationError:
    error = AnnotationError(sentence(code, **fields))
    error.failures = (Failure(code, str(error), dim=str(fields["dim"])),)
    return error


def _unbound(one: Scheduled, sites: tuple[Site, ...], bound: Iterable[str]) -> Failure:
    names = [name.replace("?", "") for name in unbound(one, bound)]
    where = "the signature" if one.tensor is None else f"the annotation of `{sites[one.tensor].root}`"
    text = ", ".join(names)
    shape = None if one.tensor is None else str(sites[one.tensor].hint.shape)
    message = sentence("dim-unbound", dim=text, argument=where) + (f' ("{shape}")' if shape else "")
    return Failure(
        "dim-unbound", message, None, text, help=f"give `{names[0]}` an axis of its own, or a size"
    )

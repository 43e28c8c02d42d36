"""Which parameter of one signature takes the values of which parameter of another, for every way to call."""

from namedtorch.signature.signature import Kind, Parameter, Signature

_BY_PLACE = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)
_BY_NAME = (Kind.POSITIONAL, Kind.KEYWORD)
_OPEN = (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)


def pairs(
    old: Signature, new: Signature, caller: str, model: str
) -> tuple[list[tuple[Parameter, Parameter]], list[str]]:
    """The parameters of `old` with those of `new` that take their values, and what is wrong with the others.

    A parameter that may be passed by name keeps its name, one that may be passed by position keeps its place; one
    that can be left out may be new, and one that is passed must stay. `caller` and `model` are what the sentences call
    the two.
    """
    found: list[tuple[Parameter, Parameter]] = []
    wrong: list[str] = []
    places = [one for one in new.parameters if one.kind in _BY_PLACE]
    names = {one.name: one for one in new.parameters if one.kind in _BY_NAME}
    taken: set[str] = set()
    place = 0
    for one in old.parameters:
        at = places[place] if one.kind in _BY_PLACE and place < len(places) else None
        place += one.kind in _BY_PLACE
        if one.kind in _OPEN:
            same = next((other for other in new.parameters if other.kind is one.kind), None)
            stars = "*" if one.kind is Kind.VAR_POSITIONAL else "**"
            problem = (
                "" if same else f"{caller} passes any number of `{stars}{one.name}`, and {model} takes none"
            )
        else:
            same = names.get(one.name) if one.kind in _BY_NAME else at
            if one.kind is Kind.POSITIONAL and same is None and at is not None and at.name not in _names(old):
                same = at
            problem = _problem(one, same, at, place, caller, model)
        if problem:
            wrong.append(problem)
        if same is not None and same.name not in taken:
            taken.add(same.name)
            found.append((one, same))
        if same is not None and same.required and not one.required and one.kind not in _OPEN:
            wrong.append(f"{model} needs `{same.name}`, and {caller} may leave it out")
    wrong += [
        f"{model} needs `{one.name}`, and {caller} does not pass it"
        for one in new.parameters
        if one.required and one.name not in taken
    ]
    return found, wrong


def _problem(
    one: Parameter, same: Parameter | None, at: Parameter | None, place: int, caller: str, model: str
) -> str:
    """What is wrong with the parameter that is to take the values of another."""
    if same is None:
        return f"{caller} passes `{one.name}`, which {model} does not take"
    if one.kind is not Kind.POSITIONAL:
        return ""
    if same.name != one.name:
        return f"{caller} may pass `{one.name}` by name, and {model} calls it `{same.name}`"
    if same is not at:
        where = f"place {place} is `{at.name}`" if at is not None else "it takes it by name only"
        return f"{caller} may pass `{one.name}` by position, and in {model} {where}"
    return ""


def _names(signature: Signature) -> set[str]:
    return {one.name for one in signature.parameters}

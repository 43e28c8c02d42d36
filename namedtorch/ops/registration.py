"""`register`: a row of the table for a function or a module of the user's own."""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace as replaced
from typing import Any, Final, TypeAlias, cast

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops import registry
from namedtorch.ops.call import Call
from namedtorch.ops.contradictions import (
    require_known,
    require_name,
    require_parameters,
    require_sizes,
    symbols_of,
)
from namedtorch.ops.judge import Misfit
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import Mismatch, OpRule, Result, read_parameters
from namedtorch.ops.table import MODULES, OPERATORS
from namedtorch.ops.table import spelled as as_spelled
from namedtorch.ops.taken import names_of, parameters_of, takes_any, written
from namedtorch.ops.tensor_shape import NoSuchAxis, Undetermined
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape

CODE: Final = "argument-differs"
"""What a registered signature blames."""

Rule: TypeAlias = str | Sequence[str] | Callable[[Call], Result]

_NAME: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_MODULE: Final = "torch.nn.modules.module.Module"
_EXPECTED: Final = (Misfit, Mismatch, Undetermined, NoSuchAxis, ZeroDivisionError, OverflowError)


def register(
    target: object,
    signature: Rule,
    *,
    spelled: Iterable[str] = (),
    parameters: str | None = None,
    constructor: str | None = None,
    sizes: Mapping[str, str] | None = None,
    state: Mapping[str, str] | None = None,
    replace: bool = False,
) -> None:
    """Tells what a function or an nn.Module does to dims: by a signature, or by a rule, a function of the `Call`.

    `target` is the function or the class itself, or its qualified name; `spelled` are further names that it is called
    by. Of several signatures, which differ in the ranks that they take, a call is of the one that fits. `parameters`
    are those of the function, or of the forward, with defaults: `x, factor=2`; they need not be given where the target
    can be looked at. Of a class, `constructor` are the parameters of its constructor, `sizes` maps dims to the
    attributes that tell their sizes, and `state` gives the shapes of its parameters and buffers; a dim that is called
    like a constructor's parameter is that attribute.

    Raises AnnotationError for a text that is no signature, TypeError for a target that is neither, and ValueError for
    what contradicts the target or itself, and for a name that has a row already, unless `replace` is true.
    """
    names, known = _named(target, tuple(spelled))
    is_class = isinstance(known, type) or not (constructor is None and sizes is None and state is None)
    if isinstance(known, type) and not _is_module(known):
        raise TypeError(f"{names[0]} is a class, but no nn.Module")
    if is_class and known is not Unknown and not isinstance(known, type):
        raise ValueError(f"`constructor`, `sizes` and `state` are for classes, and {names[0]} is a function")
    _require_free(names, replace)
    if is_class:
        row = _module(names[0], known, signature, parameters, constructor, sizes or {}, state or {})
        for name in names:
            registry.add(name, replaced(row, name=name))
    else:
        operator = _operator(names, known, signature, parameters)
        for name in names:
            registry.add(name, operator)


# What is registered


def _named(target: object, others: tuple[str, ...]) -> tuple[tuple[str, ...], object]:
    """The names of a target, and the target itself, `Unknown` where it is not loaded."""
    if isinstance(target, str):
        known = _loaded(target)
        own = (target, *_home(known)) if isinstance(known, type) else (target,)
    elif callable(target):
        known = target
        own = _home(target)
        if not own and not others:
            raise ValueError(f"{target!r} has no name by which programs call it; give one by `spelled`")
    else:
        raise TypeError(f"a function, a class or a qualified name is registered, not {type(target).__name__}")
    names = tuple(dict.fromkeys(as_spelled(name) for name in (*own, *others)))
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no qualified name such as `package.module.function`")
    return names, known


def _home(target: object) -> tuple[str, ...]:
    name = f"{getattr(target, '__module__', None) or ''}.{getattr(target, '__qualname__', '')}"
    return (name,) if _NAME.fullmatch(name) else ()


def _loaded(name: str) -> object:
    """What a qualified name is, without importing anything."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        found: object = sys.modules.get(".".join(parts[:end]))
        if found is None:
            continue
        for part in parts[end:]:
            found = getattr(found, part, Unknown)
        if found is Unknown and end == len(parts) - 1:
            raise ValueError(f"`{'.'.join(parts[:end])}` has no `{parts[-1]}`")
        if found is Unknown:
            # What lies between may be a module that is not loaded.
            return Unknown
        if not callable(found):
            raise TypeError(f"{name} can't be called")
        return found
    return Unknown


def _is_module(kind: type) -> bool:
    return any(f"{one.__module__}.{one.__qualname__}" == _MODULE for one in kind.__mro__)


def _require_free(names: Iterable[str], replace: bool) -> None:
    for name in names:
        if not replace and (name in OPERATORS or name in MODULES or registry.holds(name)):
            raise ValueError(f"{name} has a row already; `replace=True` puts this one in its place")


# Rows


def _operator(names: tuple[str, ...], known: object, rule: Rule, given: str | None) -> OpRule:
    taken = _taken(known, given, names[0])
    if callable(rule):
        if taken is Unknown:
            raise ValueError(f'{names[0]} is not loaded: say its parameters, as in parameters="x, factor=2"')
        return OpRule(names[0], taken, _guarded(rule, names[0]), names[1:], code=CODE)
    signatures = _signatures(rule)
    for one in signatures:
        require_known(one, names[0], ())
        if taken is not Unknown:
            require_parameters(one, taken, names[0])
    if taken is Unknown:
        # Of what is not loaded, only the parameters are known that the text has.
        taken = ", ".join([*(one.name for one in signatures[0].parameters), "*_others", "**_named"])
    return OpRule(names[0], taken, tuple(str(one) for one in signatures), names[1:], code=CODE)


def _module(
    name: str,
    known: object,
    rule: Rule,
    parameters: str | None,
    constructor: str | None,
    sizes: Mapping[str, str],
    state: Mapping[str, str],
) -> ModuleRule:
    made = _taken(known, constructor, name)
    if made is Unknown:
        raise ValueError(f'{name} is not loaded: say what it is made with, as in constructor="dim, heads=8"')
    taken = _taken(getattr(known, "forward", Unknown), parameters, name, bound=isinstance(known, type))
    signatures = [] if callable(rule) else _signatures(rule)
    mentioned = symbols_of(parse_shape(text) for text in state.values())
    mentioned |= symbols_of(hint.shape for one in signatures for hint in one.tensors)
    attributes = {one.name for one in read_parameters(made) if not one.keywords}
    known_sizes = {**{dim: dim for dim in sorted(mentioned & attributes)}, **sizes}
    # A class without parameters has a row as well.
    row = ModuleRule(
        name, known_sizes, dict(state), checks=tuple(known_sizes), constructor=made or "**_named", code=CODE
    )
    if callable(rule):
        if taken is Unknown:
            raise ValueError(f'{name} is not loaded: say what its forward takes: parameters="x, mask=None"')
        return replaced(row, operate=_guarded(rule, name), takes=taken)
    require_sizes(sizes, mentioned, name)
    for one in signatures:
        require_known(one, name, tuple(known_sizes))
        if taken is not Unknown:
            require_parameters(one, taken, name)
    return replaced(row, forward=tuple(str(one) for one in signatures))


def _taken(known: object, given: str | None, name: str, bound: bool = False) -> str | UnknownType:
    """The parameters of a target as a row writes them; `bound` tells that it is a method."""
    found = parameters_of(cast("Callable[..., Any]", known), receiver=bound) if callable(known) else Unknown
    if given is None:
        return Unknown if found is Unknown else written(found)
    try:
        own = read_parameters(given)
    except (SyntaxError, ValueError, AssertionError) as error:
        raise ValueError(f"{given!r} are no parameters such as `x, factor=2`") from error
    if found is not Unknown and not takes_any(found):
        for one in own:
            if not (one.several or one.keywords):
                require_name(one.name, names_of(found), name)
    return given


def _signatures(rule: str | Sequence[str]) -> list[Signature]:
    texts = [rule] if isinstance(rule, str) else list(rule)
    if not texts:
        raise ValueError("there is no signature")
    found = [parse_signature(text) for text in texts]
    names = [one.name for one in found[0].parameters]
    for one in found[1:]:
        if [other.name for other in one.parameters] != names:
            raise ValueError(f'the signatures "{found[0]}" and "{one}" name other parameters')
    return found


def _guarded(rule: Callable[[Call], Result], name: str) -> Callable[[Call], Result]:
    """A rule whose mistakes say whose they are."""
    try:
        inspect.signature(rule).bind(None)
    except TypeError as error:
        raise ValueError(f"the rule of {name} is to take one argument, the `Call`") from error
    except ValueError:
        pass

    def run(call: Call) -> Result:
        try:
            return rule(call)
        except _EXPECTED:
            raise
        except Exception as error:
            raise RuntimeError(f"the rule that is registered for {name} failed: {error!r}") from error

    return run

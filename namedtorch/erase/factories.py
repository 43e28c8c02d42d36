"""Factories, `namedtorch.zeros(N=2, C=3)`, as those of torch: `torch.zeros(2, 3)`."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from namedtorch.erase.arguments import Arguments, given_by_name, value_of, written
from namedtorch.erase.asked_sizes import OPTION_NAMES, AskedSizes, asked_sizes
from namedtorch.erase.naming import shapes_of, with_sizes
from namedtorch.erase.site import Site
from namedtorch.ops.table import operator_for
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.domain import External, ListValue

HOME: Final = "namedtorch."
"""What the names of functions of this library begin with."""

_GRADIENT: Final = "requires_grad"


def write_factory(site: Site[ast.Call]) -> ast.expr | None:
    """A new tensor, as torch makes it; a tensor that is given names is the tensor itself."""
    function = site.value(site.node.func)
    if not isinstance(function, External) or not function.name.startswith(HOME):
        return None
    name = function.name.removeprefix(HOME)
    making, writer = _MAKINGS.get(name), _WRITERS.get(name)
    if making is None and writer is None:
        return None
    arguments = Arguments.of(site)
    if not arguments.fit(operator_for(function.name)):
        return None
    if writer is not None:
        return writer(site, name)
    return None if making is None else _Factory(site, name, arguments).made(making)


def torch_function(name: str) -> ast.expr:
    """A function of torch, as code calls it."""
    found: ast.expr = ast.Name("torch", ast.Load())
    for part in name.removeprefix("torch.").split("."):
        found = ast.Attribute(found, part, ast.Load())
    return found


@dataclass(frozen=True, slots=True)
class _Plain:
    """What torch is given: expressions in front of the sizes, the sizes, and expressions behind them.

    `listed` says that the sizes are one argument.
    """

    sizes: AskedSizes
    before: tuple[ast.expr, ...] = ()
    behind: tuple[ast.expr, ...] = ()
    listed: bool = False


_Making = Callable[["_Factory"], _Plain]


@dataclass(frozen=True, slots=True)
class _Factory:
    """A call of a factory."""

    site: Site[ast.Call]
    name: str
    arguments: Arguments

    def made(self, making: _Making) -> ast.expr:
        """The call of torch's factory of this name."""
        plain = making(self)
        options = {name: one for name, one in self.arguments.by_name.items() if name in OPTION_NAMES}
        gradient = options.pop(_GRADIENT, None)
        kept = [] if gradient is None or isinstance(gradient, ast.Constant) else [gradient]
        used = [*plain.before, *plain.sizes.evaluated, *plain.behind, *options.values(), *kept]
        made = written(self.site, self.arguments.all, used)
        for one in plain.sizes.repeated:
            made[one] = self.site.name(made[one], one)
        sizes = [plain.sizes.together(made)] if plain.listed else plain.sizes.one_by_one(made)
        given = [*(made[one] for one in plain.before), *sizes, *(made[one] for one in plain.behind)]
        keywords = [ast.keyword(name, made[one]) for name, one in options.items()]
        result = ast.Call(torch_function(self.name), given, keywords)
        return result if gradient is None else _with_gradient(result, made.get(gradient, gradient))

    def sizes(self, given: Sequence[ast.expr], *others: str) -> AskedSizes:
        """The sizes among those arguments by place, and by keyword but for `others`."""
        return asked_sizes(self.site, given, self.arguments, others)

    def named(self, name: str) -> tuple[ast.expr, ...]:
        """The argument by keyword, where it is given and not None."""
        found = self.arguments.by_name.get(name)
        return () if found is None or self.site.value(found) is None else (found,)


def _with_gradient(made: ast.expr, wanted: ast.expr) -> ast.expr:
    """A tensor that records gradients where that is wanted: the factories of TorchScript have no keyword for it."""
    if isinstance(wanted, ast.Constant) and not wanted.value:
        return made
    given = [] if isinstance(wanted, ast.Constant) else [wanted]
    return ast.Call(ast.Attribute(made, "requires_grad_", ast.Load()), given, [])


# What each factory takes


def _sized(factory: _Factory) -> _Plain:
    """Sizes alone."""
    return _Plain(factory.sizes(factory.arguments.by_place))


def _filled(factory: _Factory) -> _Plain:
    """Sizes, and the number that it fills with behind them."""
    given = list(factory.arguments.by_place)
    value = factory.named("fill_value") or tuple(given[-1:])
    if not factory.named("fill_value"):
        del given[-1:]
    return _Plain(factory.sizes(given, "fill_value"), behind=value, listed=True)


def _bounded(factory: _Factory) -> _Plain:
    """Bounds, and sizes behind them in one argument."""
    given = list(factory.arguments.by_place)
    size = [given.pop()] if given and _is_listed(factory.site, given[-1]) else []
    bounds = (*factory.named("low"), *given, *factory.named("high"))
    return _Plain(factory.sizes(size, "low", "high"), before=bounds, listed=True)


def _spanned(factory: _Factory) -> _Plain:
    """A start, an end and a step, or how many numbers there are."""
    given = factory.arguments.by_place
    if given and not isinstance(value_of(factory.site, given[0]), str):
        return _Plain(AskedSizes(()), before=given)
    return _Plain(factory.sizes(given))


def _spread(factory: _Factory) -> _Plain:
    """A start and an end, and how many numbers there are."""
    ends = ("start", "end", "steps")
    given = [*factory.arguments.by_place]
    given += [factory.arguments.by_name[one] for one in ends if one in factory.arguments.by_name]
    return _Plain(factory.sizes(given[2:], *ends), before=tuple(given[:2]))


def _is_listed(site: Site[ast.Call], node: ast.expr) -> bool:
    return isinstance(value_of(site, node), str | tuple | ListValue)


_MAKINGS: Final[Mapping[str, _Making]] = {
    **dict.fromkeys(("zeros", "ones", "empty", "rand", "randn", "eye"), _sized),
    "full": _filled,
    "randint": _bounded,
    "arange": _spanned,
    "linspace": _spread,
}
"""What the factories take beside the keywords of torch."""


# Tensors that there are, or of numbers


def _named(site: Site[ast.Call], name: str) -> ast.expr:
    """The tensor itself."""
    given = given_by_name(site, ("value", "names"))
    value = given["value"]
    return with_sizes(site, site.write(value), value, given["names"], shapes_of(site, value))


def _of_data(site: Site[ast.Call], name: str) -> ast.expr:
    """A tensor of numbers, or of a tensor, which `tensor` copies and `as_tensor` shares."""
    given = given_by_name(site, ("data", "names"))
    data, names = given.pop("data"), given.pop("names", None)
    held = site.value(data)
    copied = name == "tensor" and isinstance(held, Array)
    value = site.write(data)
    options = {option: site.write(one) for option, one in given.items()}
    if copied:
        made = _copy(value, options)
    else:
        keywords = [ast.keyword(option, one) for option, one in options.items()]
        made = ast.Call(torch_function(name), [value], keywords)
    if names is None or site.value(names) is None:
        return made
    return with_sizes(site, made, site.node, names, shapes_of(site, data))


def _copy(value: ast.expr, options: dict[str, ast.expr]) -> ast.expr:
    """A copy without a history: torch warns where a tensor is made of a tensor."""
    gradient, pinned = options.pop(_GRADIENT, None), options.pop("pin_memory", None)
    made = _method(_method(value, "detach"), "clone")
    if options:
        made = _method(made, "to", **options)
    if isinstance(pinned, ast.Constant) and pinned.value:
        made = _method(made, "pin_memory")
    return made if gradient is None else _with_gradient(made, gradient)


def _method(owner: ast.expr, name: str, **keywords: ast.expr) -> ast.expr:
    listed = [ast.keyword(keyword, one) for keyword, one in keywords.items()]
    return ast.Call(ast.Attribute(owner, name, ast.Load()), [], listed)


_WRITERS: Final[Mapping[str, Callable[[Site[ast.Call], str], ast.expr]]] = {
    "named": _named, "tensor": _of_data, "as_tensor": _of_data,
}  # fmt: skip

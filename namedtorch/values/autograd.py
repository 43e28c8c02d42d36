"""The transforms of torch.func on functions of named tensors: `grad`, `vjp`, `jvp`, `jacrev`, `jacfwd`, `vmap`.

torch.func would hand named tensors on under dims that they no longer have; these take them apart before, and name what
comes out.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from namedtorch.values.gradients import as_gradient
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_text
from namedtorch.values.refusal import dims_error
from namedtorch.values.trees import Crossing, Tree

Argnums = int | tuple[int, ...]


def grad(function: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives the gradient of `function`, which gives one number, by some of its arguments.

    A gradient has the dims of its argument; of an argument that is a list or a dict, it is a list or a dict. With
    `has_aux`, `function` gives a pair, whose second part comes out as it is. Keywords are constants. Raises `DimError`
    for a function that gives more than one number.
    """

    def gradient(*arguments: Any, **keywords: Any) -> Any:
        given = Tree.of(arguments)
        inner = Crossing(partial(function, **keywords), given, aux=has_aux, check=_require_number)
        result = torch.func.grad(inner, argnums, has_aux)(*given.plain)
        if not has_aux:
            return _chosen(arguments, argnums).holding(result).named
        result, aside = result
        return _chosen(arguments, argnums).holding(result).named, inner.aside(aside)

    return gradient


def _chosen(arguments: Sequence[Any], argnums: Argnums) -> Tree:
    if isinstance(argnums, int):
        return Tree.of(arguments[argnums])
    return Tree.of(tuple(arguments[place] for place in argnums))


def _require_number(result: Any) -> None:
    if isinstance(result, NamedTensor) and result.dims:
        raise dims_error(
            "size-unfit",
            f"`grad` is of one number, and the function gives `{dims_text(result.dims)}`",
            "reduce it: with `.mean()` or `.sum()`; `jacrev` gives all derivatives",
        )


def vjp(function: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """What a function gives, and the function that takes a gradient by that back to gradients by the arguments.

    The second one checks its argument by the dims of the result, and gives a tuple, one gradient for each of `primals`,
    under their dims. With `has_aux`, a third part is what else `function` gave.
    """
    given = Tree.of(primals)
    inner = Crossing(function, given, aux=has_aux)
    result, back, *aside = torch.func.vjp(inner, *given.plain, has_aux=has_aux)

    def backward(cotangents: Any, **keywords: Any) -> Any:
        plain = _like(inner.results, cotangents, "the gradient")
        return given.holding(back(plain, **keywords)).named

    return inner.results.holding(result).named, backward, *(inner.aside(one) for one in aside)


def jvp(
    function: Callable[..., Any],
    primals: tuple[Any, ...],
    tangents: tuple[Any, ...],
    *,
    strict: bool = False,
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """What a function gives, and its derivative along `tangents`, both under the dims of the result.

    Tangents have the dims of their primals. With `has_aux`, a third part is what else `function` gave. Raises
    `DimError` for tangents of other dims.
    """
    given = Tree.of(tuple(primals))
    inner = Crossing(function, given, aux=has_aux)
    plain = _like(given, tuple(tangents), "the tangent")
    result, derivative, *aside = torch.func.jvp(inner, given.plain, plain, strict=strict, has_aux=has_aux)
    named = inner.results.holding
    return named(result).named, named(derivative).named, *(inner.aside(one) for one in aside)


def _like(primals: Tree, value: Any, said: str) -> Any:
    """The plain tensors of a value that lies along another. Raises `DimError` for other dims."""
    found = Tree.of(value)
    leaves = list(found.leaves)
    if len(leaves) == len(primals.leaves):
        for place, (own, dims) in enumerate(zip(found.dims, primals.dims, strict=True)):
            if own is not None and dims is not None:
                counted = said if len(leaves) == 1 else f"{said} {place}"
                leaves[place] = as_gradient(NamedTensor(leaves[place], own), dims, counted)
    return found.plain


def jacrev(
    function: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    names: Mapping[str, str] | None = None,
) -> Callable[..., Any]:
    """A function that gives the Jacobian of `function`, computed in reverse mode, a row at a time.

    Its dims are those of the result, then those of the argument: of `N C -> N K`, `N K N C`. Names that stand on both
    sides stand there twice; `names` says what the dims of the argument are called in the Jacobian: with `{"N": "M"}`,
    `N K M C`. Several results or arguments give the Jacobians of each result by each argument, nested as in torch.func.
    """

    def jacobian(*arguments: Any, **keywords: Any) -> Any:
        given = Tree.of(arguments)
        inner = Crossing(partial(function, **keywords), given, aux=has_aux)
        found = torch.func.jacrev(inner, argnums, has_aux=has_aux, chunk_size=chunk_size)(*given.plain)
        result, aside = found if has_aux else (found, None)
        jacobian = _jacobian(result, inner.results, _chosen(arguments, argnums), names or {})
        return (jacobian, inner.aside(aside)) if aside is not None else jacobian

    return jacobian


def jacfwd(
    function: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    randomness: str = "error",
    names: Mapping[str, str] | None = None,
) -> Callable[..., Any]:
    """The same as `jacrev`, computed in forward mode, a column at a time."""

    def jacobian(*arguments: Any, **keywords: Any) -> Any:
        given = Tree.of(arguments)
        inner = Crossing(partial(function, **keywords), given, aux=has_aux)
        found = torch.func.jacfwd(inner, argnums, has_aux, randomness=randomness)(*given.plain)
        result, aside = found if has_aux else (found, None)
        jacobian = _jacobian(result, inner.results, _chosen(arguments, argnums), names or {})
        return (jacobian, inner.aside(aside)) if aside is not None else jacobian

    return jacobian


def _jacobian(result: Any, results: Tree, arguments: Tree, names: Mapping[str, str]) -> Any:
    """The Jacobians, of each result by each argument, under their dims."""
    found = Tree.of(result)
    pairs = [(out, place) for out in range(len(results.leaves)) for place in range(len(arguments.leaves))]
    dims: list[Dims | None] = []
    for (out, place), leaf in zip(pairs, found.leaves, strict=True):
        rows, columns = results.dims[out], arguments.dims[place]
        if rows is None and columns is None:
            dims.append(None)
            continue
        argument: Tensor = arguments.leaves[place]
        columns = (None,) * argument.dim() if columns is None else columns
        rows = (None,) * (leaf.dim() - len(columns)) if rows is None else rows
        dims.append((*rows, *(None if name is None else names.get(name, name) for name in columns)))
    return found.changed(found.leaves, dims).named


def vmap(
    function: Callable[..., Any],
    over: str | Sequence[str],
    *,
    out_dims: int = 0,
    randomness: str = "error",
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """A function that calls `function` for every place along a dim, all at once.

    `function` sees its arguments without the dim; those that lack it are the same at every place. Every result gets
    the dim back, in front unless `out_dims` says another place. Of several dims, the first is the outermost. Raises
    `DimError` where no argument has the dim, where it is of two sizes, and where a result has one of that name already.
    """
    if not isinstance(over, str):
        inner: Callable[..., Any] = function
        for name in reversed(over):
            inner = vmap(inner, name, out_dims=out_dims, randomness=randomness, chunk_size=chunk_size)
        return inner
    dim = over

    def mapped(*arguments: Any, **keywords: Any) -> Any:
        given = Tree.of((arguments, keywords))
        places = _places(given, dim)
        held: list[Tree] = []

        def plain(*tensors: Tensor) -> tuple[Any, ...]:
            leaves, dims = list(given.leaves), list(given.dims)
            for place, tensor in zip(places, tensors, strict=True):
                leaves[place] = tensor
                own = dims[place]
                assert own is not None
                dims[place] = tuple(name for name in own if name != dim)
            named_arguments, named_keywords = given.changed(leaves, dims).named
            held[:] = [Tree.of(function(*named_arguments, **named_keywords))]
            return held[0].leaves

        run = torch.func.vmap(
            plain,
            in_dims=tuple(places.values()),
            out_dims=out_dims,
            randomness=randomness,
            chunk_size=chunk_size,
        )
        leaves = run(*(given.leaves[place] for place in places))
        return (
            held[0]
            .changed(
                leaves,
                [_with(dim, own, leaf, out_dims) for own, leaf in zip(held[0].dims, leaves, strict=True)],
            )
            .named
        )

    return mapped


def _places(given: Tree, dim: str) -> dict[int, int]:
    """The tensors that have a dim, and where. Raises `DimError` where none has it, or two sizes of it."""
    found: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for place, (leaf, dims) in enumerate(zip(given.leaves, given.dims, strict=True)):
        if dims is None or dim not in dims:
            continue
        if dims.count(dim) > 1:
            raise dims_error(
                "dim-missing",
                f"`vmap` goes over `{dim}`, and {dims.count(dim)} axes of `{dims_text(dims)}` are `{dim}`",
                "`rename` them",
            )  # fmt: skip
        found[place] = dims.index(dim)
        sizes.setdefault(leaf.shape[found[place]], place)
    if not found:
        listed = ", ".join(f"`{dims_text(dims)}`" for dims in given.dims if dims is not None)
        raise dims_error(
            "dim-missing", f"`vmap` goes over `{dim}`, and no argument has it",
            f"the arguments have the dims {listed}" if listed else f'name them: `named(x, "{dim} ...")`',
        )  # fmt: skip
    if len(sizes) > 1:
        listed = " and ".join(
            f"{size} in `{dims_text(given.dims[place] or ())}`" for size, place in sizes.items()
        )
        raise dims_error("dims-differ", f"`vmap` goes over `{dim}`, which is {listed}")
    return found


def _with(dim: str, own: Dims | None, leaf: Tensor, place: int) -> Dims:
    """The dims of a result with the one that it was mapped over. Raises `DimError` where it has that one already."""
    dims: list[str | None] = [None] * (leaf.dim() - 1) if own is None else list(own)
    if dim in dims:
        raise dims_error(
            "names-repeated", f"`vmap` puts `{dim}` back, and the function gives `{dims_text(dims)}`",
            f"it met a tensor with `{dim}` inside: hand that over as an argument, or `rename` its dim",
        )  # fmt: skip
    dims.insert(place if place >= 0 else len(dims) + 1 + place, dim)
    return tuple(dims)

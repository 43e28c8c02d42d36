"""Factories: new tensors whose dims have names, `zeros(N=2, C=3)`, `zeros("N=2 C=3")`, `zeros(2, 3, names=("N", "C"))`.

Each is the one of torch, which makes the plain tensor and takes its keywords. A size by keyword names its dim; a dim
that is called like a keyword of torch is named by text.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, cast

import torch
from torch import Generator, Tensor
from torch.compiler import is_dynamo_compiling

from namedtorch.values.capture import captured
from namedtorch.values.destination import into, refuse_other_names
from namedtorch.values.dispatch import call
from namedtorch.values.factory_sizes import Names, asked, refuse_sizes, unnamed_or
from namedtorch.values.named_tensor import Dims, NamedTensor, plain
from namedtorch.values.naming import named
from namedtorch.values.refusal import dims_error
from namedtorch.values.spellings import name_of, operation_of

Device = torch.device | str | int | None
Out = NamedTensor | Tensor | None


class Sized(Protocol):
    """A factory of tensors of given sizes."""

    def __call__(
        self,
        *size: int | Sequence[int] | str,
        names: Names = None,
        out: Out = None,
        dtype: torch.dtype | None = None,
        layout: torch.layout | None = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
        memory_format: torch.memory_format | None = None,
        generator: Generator | None = None,
        **sizes: int,
    ) -> NamedTensor:
        """A new tensor: sizes by keyword, by text, or in their order, then with `names` or without."""
        ...


def _sized(function: Callable[..., Tensor], what: str) -> Sized:
    own = function.__name__

    def factory(
        *size: Any,
        names: Names = None,
        out: Out = None,
        dtype: torch.dtype | None = None,
        layout: torch.layout | None = None,
        device: Device = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
        memory_format: torch.memory_format | None = None,
        generator: Generator | None = None,
        **sizes: Any,
    ) -> NamedTensor:
        options = _options(
            own, out=out, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad,
            pin_memory=pin_memory, memory_format=memory_format, generator=generator,
        )  # fmt: skip
        axes, dims = asked(own, _size(own, size, sizes), names, sizes)
        return _made(function, (axes,), dims, options)

    factory.__name__ = factory.__qualname__ = own
    factory.__doc__ = f"""A new tensor {what}: `{own}(N=2, C=3)`, `{own}("N=2 C=3")`, `{own}(2, 3, names=("N", "C"))`.

    A text whose dims have no sizes takes them by keyword, `{own}("N (H W)", N=2, H=3, W=4)`; it also names dims that
    are called like a keyword of torch. Sizes alone make axes without names. Raises `DimError` for sizes that are not
    told, or told twice, and for names that are none.
    """
    return cast("Sized", factory)


zeros = _sized(torch.zeros, "of zeros")
ones = _sized(torch.ones, "of ones")
empty = _sized(torch.empty, "whose elements are not set")
rand = _sized(torch.rand, "of random numbers between 0 and 1")
randn = _sized(torch.randn, "of normal random numbers")


def full(
    *size_and_value: Any,
    fill_value: Any = None,
    names: Names = None,
    out: Out = None,
    dtype: torch.dtype | None = None,
    layout: torch.layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    **sizes: Any,
) -> NamedTensor:
    """A new tensor of one number: `full(0.5, N=2, C=3)`, `full("N=2 C=3", 0.5)`, `full((2, 3), 0.5, names=("N", "C"))`.

    Sizes as for `zeros`. Raises `DimError` as `zeros`, `TypeError` where there is no number.
    """
    options = _options(
        "full",
        out=out,
        dtype=dtype,
        layout=layout,
        device=device,
        requires_grad=requires_grad,
        pin_memory=pin_memory,
    )
    given = list(size_and_value)
    if fill_value is None:
        if not given or isinstance(given[-1], str):
            raise TypeError(f"`full` takes the number that it fills with: `{_EXAMPLES['full']}`")
        fill_value = given.pop()
    axes, dims = asked("full", _size("full", given, sizes), names, sizes)
    return _made(torch.full, (axes, plain(fill_value)), dims, options)


def randint(
    *bounds_and_size: Any,
    low: int | None = None,
    high: int | None = None,
    names: Names = None,
    out: Out = None,
    dtype: torch.dtype | None = None,
    layout: torch.layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    generator: Generator | None = None,
    **sizes: Any,
) -> NamedTensor:
    """A new tensor of random integers from `low`, or 0, below `high`: `randint(10, N=3)`, `randint(5, 10, "N=3")`.

    Sizes as for `zeros`, by place in a tuple behind the bounds. Raises `DimError` as `zeros`.
    """
    options = _options(
        "randint", out=out, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad,
        pin_memory=pin_memory, generator=generator,
    )  # fmt: skip
    given = list(bounds_and_size)
    size = [given.pop()] if given and isinstance(given[-1], str | list | tuple) else []
    bounds = [one for one in (low, *given, high) if one is not None]
    axes, dims = asked("randint", _size("randint", size, sizes), names, sizes)
    return _made(torch.randint, (*bounds, axes), dims, options)


def eye(
    *n_and_m: int | str,
    names: Names = None,
    out: Out = None,
    dtype: torch.dtype | None = None,
    layout: torch.layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    **sizes: Any,
) -> NamedTensor:
    """A new matrix with ones on its diagonal: `eye(N=3, M=3)`, `eye("N=3 M=4")`, `eye(3, names=("N", "M"))`.

    Raises `DimError` as `zeros`.
    """
    options = _options(
        "eye",
        out=out,
        dtype=dtype,
        layout=layout,
        device=device,
        requires_grad=requires_grad,
        pin_memory=pin_memory,
    )
    given = _size(
        "eye", n_and_m * 2 if len(n_and_m) == 1 and not isinstance(n_and_m[0], str) else n_and_m, sizes
    )
    axes, dims = asked("eye", given, names, sizes)
    _check_count("eye", dims, 2)
    return _made(torch.eye, axes, dims, options)


def arange(
    *span: Any,
    names: Names = None,
    out: Out = None,
    dtype: torch.dtype | None = None,
    layout: torch.layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    **sizes: Any,
) -> NamedTensor:
    """The numbers from a start, or 0, to an end: `arange(T=5)`, `arange("T=5")`, `arange(2, 12, 2, names="T")`.

    Raises `DimError` as `zeros`, and where there is more than one dim.
    """
    options = _options(
        "arange", out=out, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad,
        pin_memory=pin_memory,
    )  # fmt: skip
    if span and not isinstance(span[0], str):
        texts = [one for one in span if isinstance(one, str)]
        if texts:
            numbers = ", ".join(str(one) for one in span if not isinstance(one, str))
            raise dims_error(
                "bad-sizes",
                f"`arange` is given its span, and {texts[0]!r} among the numbers",
                f'write `arange({numbers}, names="{texts[0]}")`',
            )
        if sizes:
            name, size = next(iter(sizes.items()))
            raise dims_error(
                "bad-sizes",
                f"`arange` is given its span, and the size `{name}`={size}",
                f'write `names="{name}"`',
            )
        return _made(torch.arange, plain(span), unnamed_or(names, 1), options)
    axes, dims = asked("arange", _size("arange", span, sizes), names, sizes)
    _check_count("arange", dims, 1)
    return _made(torch.arange, axes, dims, options)


def linspace(
    start: Any,
    end: Any,
    steps: int | str | None = None,
    *,
    names: Names = None,
    out: Out = None,
    dtype: torch.dtype | None = None,
    layout: torch.layout | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    **sizes: Any,
) -> NamedTensor:
    """Numbers at equal distances, both ends among them: `linspace(0, 1, T=5)`, `linspace(0, 1, 5, names="T")`.

    Raises `DimError` as `zeros`, and where there is more than one dim.
    """
    options = _options(
        "linspace", out=out, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad,
        pin_memory=pin_memory,
    )  # fmt: skip
    size = steps if isinstance(steps, str) else None if steps is None else [steps]
    if size is None and not sizes:
        raise dims_error(
            "bad-sizes", "`linspace` is not told how many numbers to give", f"write `{_EXAMPLES['linspace']}`"
        )
    axes, dims = asked("linspace", size, names, sizes)
    _check_count("linspace", dims, 1)
    return _made(torch.linspace, (plain(start), plain(end), *axes), dims, options)


# Like another tensor, or of data


def zeros_like(input: NamedTensor | Tensor, **options: Any) -> NamedTensor:
    """Zeros of the dims and sizes of another tensor; keywords are those of `torch.zeros_like`."""
    return _like(torch.zeros_like, (input,), options)


def ones_like(input: NamedTensor | Tensor, **options: Any) -> NamedTensor:
    """Ones of the dims and sizes of another tensor; keywords are those of `torch.ones_like`."""
    return _like(torch.ones_like, (input,), options)


def empty_like(input: NamedTensor | Tensor, **options: Any) -> NamedTensor:
    """A tensor of the dims and sizes of another, not set; keywords are those of `torch.empty_like`."""
    return _like(torch.empty_like, (input,), options)


def full_like(input: NamedTensor | Tensor, fill_value: Any, **options: Any) -> NamedTensor:
    """A tensor of one number of the dims and sizes of another; keywords are those of `torch.full_like`."""
    return _like(torch.full_like, (input, plain(fill_value)), options)


def rand_like(input: NamedTensor | Tensor, **options: Any) -> NamedTensor:
    """Random numbers between 0 and 1 of the dims and sizes of a tensor; keywords are those of `torch.rand_like`."""
    return _like(torch.rand_like, (input,), options)


def randn_like(input: NamedTensor | Tensor, **options: Any) -> NamedTensor:
    """Normal random numbers of the dims and sizes of a tensor; keywords are those of `torch.randn_like`."""
    return _like(torch.randn_like, (input,), options)


def tensor(
    data: Any,
    names: Names = None,
    *,
    dtype: torch.dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> NamedTensor:
    """A new tensor of numbers in lists: `tensor([[1, 2], [3, 4]], "N C")`, or of a tensor or an array, which it copies.

    `names` is a shape of the language, which the sizes have to fit, or a list of names. A NamedTensor keeps those that
    it has. Raises `DimError` for names and sizes that do not fit.
    """
    if isinstance(data, NamedTensor | Tensor):
        copied = plain(data).detach().clone().to(device=device, dtype=dtype)
        made = copied.pin_memory() if pin_memory else copied
        made.requires_grad_(requires_grad)
    else:
        made = torch.tensor(
            plain(data), dtype=dtype, device=device, requires_grad=requires_grad, pin_memory=pin_memory
        )
    return _named(made, data, names)


def as_tensor(
    data: Any, names: Names = None, *, dtype: torch.dtype | None = None, device: Device = None
) -> NamedTensor:
    """A tensor of numbers in lists, or of a tensor or an array, which it shares where that can be; else as `tensor`."""
    return _named(torch.as_tensor(plain(data), dtype=dtype, device=device), data, names)


def _like(
    function: Callable[..., Tensor], arguments: tuple[Any, ...], options: dict[str, Any]
) -> NamedTensor:
    if is_dynamo_compiling():
        return cast("NamedTensor", captured(name_of(function), function, arguments, options))
    return cast("NamedTensor", call(operation_of(function), arguments, options))


def _named(made: Tensor, data: Any, names: Names) -> NamedTensor:
    if isinstance(data, NamedTensor):
        held = NamedTensor(made, data.dims)
        return held if names is None else named(held, names)
    if isinstance(names, str):
        return named(made, names)
    return NamedTensor(made, unnamed_or(names, made.dim()))


# What all of them share


def _options(function: str, **options: Any) -> dict[str, Any]:
    """The keywords of torch that are given. Raises `DimError` for a number that is meant as the size of a dim."""
    found = {name: value for name, value in options.items() if value is not None and value is not False}
    refuse_sizes(function, found)
    return found


def _size(function: str, given: Sequence[Any], sizes: dict[str, Any]) -> Any:
    """The sizes in their order, or the text, out of what is given by place, or by torch's keyword `size`."""
    if isinstance(sizes.get("size"), list | tuple):
        given = [*given, sizes.pop("size")]
    if not given:
        if not sizes:
            example = _EXAMPLES.get(function, f"{function}(N=2, C=3)")
            raise dims_error("bad-sizes", f"`{function}` is given no sizes", f"write `{example}`")
        return None
    if len(given) == 1 and isinstance(given[0], str | list | tuple):
        return cast("Any", given[0])
    if any(isinstance(one, str | list | tuple) for one in given):
        raise dims_error(
            "bad-sizes", f"`{function}` is given {len(given)} arguments by place, of which one holds all sizes",
            f'write `{function}("N=2 C=3")` or `{function}(2, 3, names=("N", "C"))`',
        )  # fmt: skip
    return given


_EXAMPLES: Final = {
    "full": "full(0.5, N=2, C=3)",
    "randint": "randint(10, N=2, C=3)",
    "eye": "eye(N=3, M=3)",
    "arange": "arange(T=5)",
    "linspace": "linspace(0, 1, T=5)",
}


def _check_count(function: str, dims: Dims, count: int) -> None:
    if len(dims) != count:
        has = "one dim" if count == 1 else "two dims"
        raise dims_error(
            "rank-unfit",
            f"`{function}` has {has}, and is asked for {len(dims)}",
            f"write `{_EXAMPLES[function]}`",
        )


def _made(
    function: Callable[..., Tensor], arguments: Sequence[Any], dims: Dims, options: dict[str, Any]
) -> NamedTensor:
    """What torch makes, under names, which are those of a named `out`. Raises `DimError` where it has others."""
    out = options.get("out")
    if not isinstance(out, NamedTensor):
        return NamedTensor(function(*arguments, **options), dims)
    refuse_other_names(operation_of(function), out, dims)
    made = function(*arguments, **{**options, "out": out.tensor})
    return cast("NamedTensor", into(out, NamedTensor(made, dims)))

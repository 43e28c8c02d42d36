"""Generators: the arguments are held at the start, every value as it is yielded, and nothing else changes."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from namedtorch import DimError, Float, checked, checking

z = torch.zeros


@checked
def rows(x: Float[Tensor, "N C"], wrong_at: int = -1) -> Iterator[Float[Tensor, "C"]]:
    for place, row in enumerate(x):
        yield x if place == wrong_at else row


def test_every_value_is_checked() -> None:
    assert [len(row) for row in rows(z(3, 2))] == [2, 2, 2]
    found = rows(z(3, 2), 2)
    next(found)
    next(found)
    with pytest.raises(DimError, match="`result` has rank 2, but `C` has rank 1"):
        next(found)


def test_arguments_are_refused() -> None:
    with pytest.raises(DimError, match="`x` has rank 1, but `N C` has rank 2"):
        next(rows(z(3)))


def test_a_wrong_call_stays_a_type_error() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        next(rows())


def test_values_bind_for_the_values_after() -> None:
    @checked
    def sizes(*lengths: int) -> Iterator[Float[Tensor, "K"]]:
        for length in lengths:
            yield z(length)

    # Each yielded value is held to the arguments; what the result binds anew is its own.
    found = sizes(2, 2)
    assert len(list(found)) == 2


def test_send_throw_return() -> None:
    log: list[Any] = []

    @checked
    def talk(x: Float[Tensor, "N"]) -> Generator[Float[Tensor, "N"], Any, str]:
        got = yield x
        log.append(got)
        try:
            yield x
        except KeyError as error:
            log.append(error.args)
            yield x
        return "done"

    it = talk(z(2))
    next(it)
    it.send("hello")
    it.throw(KeyError("oops"))
    with pytest.raises(StopIteration) as stop:
        next(it)
    assert stop.value.value == "done"
    assert log == ["hello", ("oops",)]

    def outer():
        return (yield from talk(z(2)))

    result = outer()
    next(result)
    result.send("again")
    with pytest.raises(StopIteration) as stop:
        next(result)
    assert stop.value.value == "done"


def test_close_runs_the_cleanup_once() -> None:
    log: list[str] = []

    @checked
    def with_cleanup(x: Float[Tensor, "N"]) -> Iterator[Float[Tensor, "N"]]:
        try:
            yield x
            yield x
        finally:
            log.append("closed")

    it = with_cleanup(z(2))
    next(it)
    it.close()
    assert log == ["closed"]
    with pytest.raises(StopIteration):
        next(it)


def test_a_refused_value_closes_the_generator() -> None:
    log: list[str] = []

    @checked
    def wrong(x: Float[Tensor, "N"]) -> Iterator[Float[Tensor, "N"]]:
        try:
            yield x[:1]
        finally:
            log.append("closed")

    it = wrong(z(2))
    with pytest.raises(DimError):
        next(it)
    assert log == ["closed"]


def test_a_refused_value_can_not_be_swallowed() -> None:
    """A generator that catches everything must not turn a refusal into a success."""

    @checked
    def stubborn(x: Float[Tensor, "N"]) -> Iterator[Float[Tensor, "N"]]:
        for size in (1, 2):
            try:
                yield x[:size]
            except TypeError:
                continue

    with pytest.raises(DimError):
        list(stubborn(z(2)))


def test_exceptions_of_the_body_pass_unchanged() -> None:
    @checked
    def fails(x: Float[Tensor, "N"]) -> Iterator[Float[Tensor, "N"]]:
        yield x
        raise KeyError("mine")

    it = fails(z(2))
    next(it)
    with pytest.raises(KeyError, match="mine"):
        next(it)


def test_kinds_are_kept() -> None:
    @checked
    async def values(x: Float[Tensor, "N"]) -> AsyncIterator[Float[Tensor, "N"]]:
        yield x

    @checked
    async def one(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x

    assert inspect.isgeneratorfunction(rows)
    assert inspect.isasyncgenfunction(values)
    assert inspect.iscoroutinefunction(one)
    asyncio.run(one(z(2)))
    assert inspect.iscoroutinefunction(one)


def test_coroutines() -> None:
    @checked
    async def one(x: Float[Tensor, "N"], extra: int = 0) -> Float[Tensor, "N+1"]:
        await asyncio.sleep(0)
        return z(len(x) + 1 + extra)

    assert asyncio.run(one(z(3))).shape == (4,)
    with pytest.raises(DimError, match=r"`result` has size 5 at axis 0, but `N\+1` is 4"):
        asyncio.run(one(z(3), extra=1))
    with pytest.raises(DimError, match="`x` has rank 2"):
        asyncio.run(one(z(3, 3)))


def test_coroutines_interleave() -> None:
    @checked
    async def wait(x: Float[Tensor, "N"], turns: int) -> Float[Tensor, "N"]:
        for _ in range(turns):
            await asyncio.sleep(0)
        return x

    async def main() -> list[int]:
        found = await asyncio.gather(*(wait(z(size), 7 - size % 5) for size in range(1, 20)))
        return [len(one) for one in found]

    assert asyncio.run(main()) == list(range(1, 20))


def test_async_generators() -> None:
    log: list[str] = []

    @checked
    async def values(x: Float[Tensor, "N C"], wrong: bool = False) -> AsyncIterator[Float[Tensor, "C"]]:
        try:
            for row in x:
                got = yield row
                if got:
                    log.append(got)
            if wrong:
                yield x
        finally:
            log.append("closed")

    async def main() -> None:
        assert [len(one) async for one in values(z(2, 3))] == [3, 3]
        with pytest.raises(DimError, match="`result` has rank 2"):
            [one async for one in values(z(2, 3), wrong=True)]
        with pytest.raises(DimError, match="`x` has rank 1"):
            await anext(values(z(2)))
        it = values(z(3, 3))
        await anext(it)
        await it.asend("hello")
        await it.aclose()

    asyncio.run(main())
    assert log == ["closed", "closed", "hello", "closed"]


def test_throw_into_an_async_generator() -> None:
    log: list[str] = []

    @checked
    async def values(x: Float[Tensor, "N"]) -> AsyncIterator[Float[Tensor, "N"]]:
        try:
            yield x
        except KeyError:
            log.append("caught")
            yield x

    async def main() -> None:
        it = values(z(2))
        await anext(it)
        await it.athrow(KeyError("x"))
        with pytest.raises(StopAsyncIteration):
            await anext(it)

    asyncio.run(main())
    assert log == ["caught"]


def test_off() -> None:
    with checking("off"):
        assert len(list(rows(z(3, 2), 1))) == 3
        found = list(rows(z(3)))
    assert len(found) == 3


def test_methods_that_yield() -> None:
    @checked
    class Rows:
        width = 2

        def each(self, x: Float[Tensor, "N self.width"]) -> Iterator[Float[Tensor, "self.width"]]:
            yield from x

    assert len(list(Rows().each(z(3, 2)))) == 3
    with pytest.raises(DimError, match=r"but `self\.width` is 2"):
        list(Rows().each(z(3, 3)))


UNTYPED = [
    (lambda: Iterator, True),
    (lambda: Iterator[Any], True),
    (lambda: Iterator[int], False),
]


@pytest.mark.parametrize(("hint", "accepts"), UNTYPED)
def test_other_yield_annotations(hint: Any, accepts: bool) -> None:
    def values(x):
        yield "text"

    values.__annotations__ = {"x": Float[Tensor, "N"], "return": hint()}
    found = checked(values)
    if accepts:
        assert list(found(z(2))) == ["text"]
    else:
        with pytest.raises(DimError, match="`result` is the str 'text', but the annotation asks for int"):
            list(found(z(2)))

"""One call knows nothing of another: threads, recursion, calls within calls, errors between them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from namedtorch import DimError, Float, checked, checking

z = torch.zeros


def test_threads_do_not_mix() -> None:
    @checked
    def f(
        x: Float[Tensor, "N C"], y: list[Float[Tensor, "C ?K"]], z: Float[Tensor, "*b N"] | None = None
    ) -> Float[Tensor, "N"]:
        return x.sum(1)

    start = threading.Barrier(8)

    def work(size: int) -> int:
        start.wait(10)
        refused = 0
        for turn in range(200):
            rows = size + turn % 3
            good = [z(size, turn % 5 + 1), z(size, 2)]
            assert f(z(rows, size), good, z(turn % 2 + 1, rows)).shape == (rows,)
            try:
                f(z(rows, size), [z(size + 1, 1)])
            except DimError as error:
                refused += error.failures[0].message == (
                    f"`y[0]` has size {size + 1} at axis 0, but `C` is {size} (bound by `x` at axis 1)"
                )
        return refused

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(1, 9))) == [200] * 8


def test_the_first_call_races() -> None:
    def race() -> list[int]:
        @checked
        def f(x: Float[Tensor, "N"], k: int = 2) -> Float[Tensor, "N"]:
            return x * k

        start = threading.Barrier(8)

        def work(size: int) -> int:
            start.wait(10)
            return len(f(z(size)))

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(work, range(8)))

    for _ in range(20):
        assert race() == list(range(8))


def test_recursion() -> None:
    @checked
    def total(x: Float[Tensor, "N"]) -> Float[Tensor, ""]:
        return x.sum() if len(x) == 1 else x[0] + total(x[1:])

    assert total(torch.ones(20)) == 20

    @checked
    def shrinks(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x if len(x) == 1 else shrinks(x[1:])

    with pytest.raises(DimError, match="`result` has size 1 at axis 0, but `N` is 2"):
        shrinks(z(4))


def test_a_call_within_the_call_of_another_size() -> None:
    @checked
    def f(x: Float[Tensor, "N"], inner: Tensor | None = None) -> Float[Tensor, "N"]:
        if inner is not None:
            try:
                f(inner)
            except DimError:
                f(z(7))
        return x

    assert f(z(3), z(5)).shape == (3,)
    assert f(z(3), z(5, 5)).shape == (3,)


def test_nothing_is_left_by_a_refused_call() -> None:
    @checked
    def f(x: Float[Tensor, "N C"], y: Float[Tensor, "C"]) -> Float[Tensor, "N"]:
        return x.sum(1)

    for size in range(1, 6):
        with pytest.raises(DimError):
            f(z(size, size), z(size + 1))
        f(z(size, size + 1), z(size + 1))


def test_nothing_is_kept_alive() -> None:
    import gc
    import weakref

    @checked
    def f(x: Float[Tensor, "N"], y: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x + y

    x, y = z(3), z(4)
    watch = weakref.ref(x)
    f(x, x)
    try:
        f(x, y)
    except DimError as error:
        kept = error.with_traceback(None)
    del x, y
    gc.collect()
    assert watch() is None
    assert kept.failures


def test_checking_is_left_to_the_thread_that_set_it() -> None:
    @checked
    def f(x: Float[Tensor, "N"]) -> None: ...

    def on() -> bool:
        try:
            f(z(1, 1))
        except DimError:
            return True
        return False

    with ThreadPoolExecutor(2) as pool, checking("off"):
        assert not on()
        assert pool.submit(on).result()

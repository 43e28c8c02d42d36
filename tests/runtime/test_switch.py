"""Checks off and on: for a process, for a thread, for one function."""

import os
import subprocess
import sys
import textwrap
import threading

import pytest
import torch
from torch import Tensor

from namedtorch import DimError, Float, checked, checking
from namedtorch.runtime import switch

z = torch.zeros


@checked
def f(x: Float[Tensor, "N"], k: int = 1) -> Float[Tensor, "N"]:
    return x.sum()


def is_on() -> bool:
    try:
        f(z(2))
    except DimError:
        return True
    return False


PROGRAM = """
import threading
import torch
from torch import Tensor
import namedtorch
from namedtorch import Float, checked

@checked
def f(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    return x

def verdict():
    try:
        f(torch.zeros(1, 1))
    except TypeError:
        return "on"
    return "off"

first = verdict()
with namedtorch.checking("on"):
    second = verdict()
found = []
thread = threading.Thread(target=lambda: found.append(verdict()))
thread.start()
thread.join()
print(first, second, verdict(), *found)
"""


@pytest.mark.parametrize(
    ("value", "printed"),
    [("off", "off on off off"), (None, "on on on on")],
)
def test_environment(value: str | None, printed: str) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "NAMEDTORCH_CHECKS"}
    if value is not None:
        environment["NAMEDTORCH_CHECKS"] = value
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == printed


@pytest.mark.parametrize(
    ("value", "on"),
    [
        ("off", False),
        ("OFF", False),
        (" off ", False),
        ("0", False),
        ("false", False),
        ("on", True),
        ("", True),
        ("1", True),
    ],
)
def test_spellings(value: str, on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(switch.VARIABLE, value)
    assert switch._from_environment() is on


def test_nested() -> None:
    assert is_on()
    with checking("off"):
        assert not is_on()
        with checking("on"):
            assert is_on()
            with checking("off"):
                assert not is_on()
            assert is_on()
        assert not is_on()
    assert is_on()


def test_an_exception_restores() -> None:
    with pytest.raises(KeyError), checking("off"):
        raise KeyError
    assert is_on()


def test_a_bad_mode() -> None:
    for mode in ("no", "", None, False, "OFF"):
        with pytest.raises(ValueError, match='checking takes "on" or "off", not'), checking(mode):
            pass
    assert is_on()


def test_as_a_decorator() -> None:
    @checking("off")
    def quiet() -> bool:
        return is_on()

    assert not quiet()
    assert not quiet()
    assert is_on()


def test_per_thread() -> None:
    inside = threading.Event()
    done = threading.Event()
    seen: list[bool] = []

    def other() -> None:
        inside.wait(5)
        seen.append(is_on())
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with checking("off"):
        inside.set()
        done.wait(5)
        assert not is_on()
    thread.join()
    assert seen == [True]


def test_the_first_call_may_be_off() -> None:
    @checked
    def g(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x

    with checking("off"):
        g(z(1, 1))
        g("anything")
    with pytest.raises(DimError):
        g(z(1, 1))


def test_off_keeps_defaults_and_type_errors() -> None:
    with checking("off"):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
            f()
        assert f(z(2), k="a").shape == ()

"""What ExecuTorch logs is kept from stderr, and nothing else is."""

import os
import sys

import pytest

from namedtorch.lower.targets.executorch_quiet import logged


def test_lines_of_its_sources_are_kept_and_others_pass(capfd: pytest.CaptureFixture[str]) -> None:
    with logged() as log:
        os.write(2, b"[program.cpp:184] Verification failed\n[cpuinfo_utils.cpp:71] Reading file /sys/x\n")
        print("[method.cpp:12] to Python's own", file=sys.stderr)
        print("a warning of the user's", file=sys.stderr)
    assert log.text == "Verification failed; to Python's own"
    assert len(log.lines) == 3
    assert capfd.readouterr().err == "a warning of the user's\n"


def test_what_is_raised_inside_passes(capfd: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        with logged():
            os.write(2, b"mine\n")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    print("after", file=sys.stderr)
    os.write(2, b"as before\n")
    assert sorted(capfd.readouterr().err.splitlines()) == ["after", "as before", "mine"]

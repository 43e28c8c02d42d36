"""How much time and memory one input may take."""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

LONGEST = 64 * 1024
"""The most bytes of an input that is held to these bounds."""

SECONDS = 1.0
"""The most seconds of the processor that one input may take."""

MEMORY = 200 * 2**20
"""The most bytes that one input may add to what the process has ever held."""


class OutOfBounds(AssertionError):
    """An input that takes too long, or too much memory."""


def held(check: Callable[[bytes], bool], data: bytes, seconds: float = SECONDS) -> bool:
    """What a check says of an input; raises OutOfBounds where it takes too much, and all that the check raises."""
    before, started = peak(), time.process_time()
    answer = check(data)
    took, added = time.process_time() - started, peak() - before
    if took > seconds:
        raise OutOfBounds(f"took {took:.2f} s of {seconds} s for {len(data)} bytes")
    if added > MEMORY:
        raise OutOfBounds(f"took {added >> 20} MiB of {MEMORY >> 20} MiB for {len(data)} bytes")
    return answer


def peak() -> int:
    """The most bytes that this process has held so far."""
    try:
        # What the system counts for a process begins with what the one was that started it; this does not.
        status = Path("/proc/self/status").read_text()
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

"""Files checked by several processes."""

import gc
import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from namedtorch.static.checked import CheckModule
from namedtorch.static.examination import COLLECTED, examined, relieved
from namedtorch.static.project import Project
from namedtorch.static.record import Record

_CHUNK = 6
"""So many files go to a process at a time: neighbours import the same modules, which are then parsed once."""

_DIED = Record(failure="the process that checked it died, perhaps for want of memory")


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process, and the files that it was given and has not answered for."""

    process: BaseProcess
    connection: Connection
    left: deque[str]


def examine(
    paths: Sequence[str], project: Project, check_module: CheckModule, jobs: int
) -> Iterator[tuple[str, Record]]:
    """Checks files with up to `jobs` processes, and yields each with its record, in any order.

    What is found does not depend on the number of processes. A process that dies takes one file with it, the one that
    it was at. No process outlives the iteration, however that ends.
    """
    chunks = deque(paths[at : at + _CHUNK] for at in range(0, len(paths), _CHUNK))
    workers: list[_Worker] = []
    try:
        while chunks or workers:
            with _without_interrupts():
                while chunks and len(workers) < jobs:
                    workers.append(_started(project, check_module, workers))
                    _give(workers[-1], chunks.popleft())
            ready = set(wait([worker.connection for worker in workers]))
            for worker in [worker for worker in workers if worker.connection in ready]:
                try:
                    record: Record = worker.connection.recv()
                except (EOFError, OSError):
                    record = _DIED
                yield worker.left.popleft(), record
                if record is _DIED and worker.left:
                    chunks.appendleft(tuple(worker.left))
                if record is not _DIED and (worker.left or chunks):
                    _give(worker, () if worker.left else chunks.popleft())
                else:
                    workers.remove(worker)
                    _end(worker)
    finally:
        for worker in workers:
            worker.process.kill()
            _end(worker)


def _started(project: Project, check_module: CheckModule, others: Sequence[_Worker]) -> _Worker:
    # A copy of this process knows what it has loaded; but a copied process must have no other threads.
    is_copied = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork") if is_copied else multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    # While a process has a copy of another's connection, that other does not hear that this one has ended.
    copied = [here, *(other.connection for other in others)] if is_copied else []
    process = context.Process(target=_work, args=(there, copied, project, check_module), daemon=True)
    process.start()
    there.close()
    return _Worker(process, here, deque())


def _give(worker: _Worker, chunk: Sequence[str]) -> None:
    if chunk:
        worker.left.extend(chunk)
        # To one that died meanwhile nothing can be sent; it is missed where its answer is awaited.
        with suppress(OSError):
            worker.connection.send(chunk)


def _end(worker: _Worker) -> None:
    """Waits for a process, which ends when it has nothing more to expect."""
    worker.connection.close()
    worker.process.join()
    worker.process.close()


def _work(
    connection: Connection, copied: Sequence[Connection], project: Project, check_module: CheckModule
) -> None:
    """Checks the files that come, until no more can come; answers each with its record."""
    # An interrupt reaches every process of a terminal; this one has nothing to say about it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    gc.set_threshold(COLLECTED)
    for one in copied:
        one.close()
    with suppress(EOFError, OSError):
        while True:
            for path in connection.recv():
                connection.send(examined(path, project, check_module))
                project = relieved(project)


@contextmanager
def _without_interrupts() -> Generator[None]:
    """Holds an interrupt back until the block ends: processes start in it, and half of one can't be ended."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

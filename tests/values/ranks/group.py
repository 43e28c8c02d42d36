"""Process groups of real ranks, for tests: every rank runs the same checks, and writes what came of each."""

import multiprocessing
import os
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing

LONGEST = 50.0
"""Seconds after which ranks that hang are ended."""

# Ranks are processes of their own, forked off one that has imported what all of them need and computed nothing.
_START = "forkserver"
multiprocessing.set_forkserver_preload(["torch.distributed", "namedtorch.values.named_tensor"])

Checks = Mapping[str, Callable[[], None]]


def outcomes(checks: Checks, ranks: int, folder: Path) -> dict[str, list[str]]:
    """Runs checks on so many ranks, and gives for each what every rank says: "" where it holds, else the traceback.

    After one that fails, the others are not run.
    """
    context = torch.multiprocessing.start_processes(
        _run, (dict(checks), ranks, str(folder)), nprocs=ranks, join=False, start_method=_START
    )
    assert context is not None
    end = time.monotonic() + LONGEST
    while time.monotonic() < end and not context.join(timeout=1):
        pass
    for process in context.processes:
        if process.is_alive():
            process.kill()
            process.join()
    return {name: [_said(folder, name, rank) for rank in range(ranks)] for name in checks}


def _said(folder: Path, name: str, rank: int) -> str:
    file = folder / f"{name}-{rank}"
    return file.read_text(encoding="utf-8") if file.exists() else "did not end"


def _run(rank: int, checks: Checks, ranks: int, folder: str) -> None:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(1)
    store = dist.FileStore(f"{folder}/store", ranks)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=ranks, timeout=timedelta(seconds=20))
    failed = ""
    for name, check in checks.items():
        try:
            if not failed:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    check()
            said = f"not run: `{failed}` failed before it" if failed else ""
        except Exception:
            failed, said = name, traceback.format_exc()
        Path(folder, f"{name}-{rank}").write_text(said, encoding="utf-8")
    if not failed:
        dist.barrier()
        dist.destroy_process_group()

"""Talks to the example server: starts it, asks it, and says what Python says of the same call."""

import http.client
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import namedtorch
from tests.cpp.conftest import Programs

Plain = float | str | bool | list[Any] | None
Input = tuple[str, "np.ndarray[Any, Any] | Plain"]


@contextmanager
def serving(programs: Programs, path: Path) -> Iterator[int]:
    """The server of a file, and its port."""
    with subprocess.Popen([programs.server, path, "0"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()
            yield int(server.stdout.readline().rpartition(":")[2])
        finally:
            server.kill()


def ask(port: int, method: str, body: bytes = b"", path: str = "/") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def call(port: int, *inputs: Input, path: str = "/") -> tuple[int, Any]:
    """The results of a call by their names, or what was said of it."""
    head: list[Mapping[str, Any]] = []
    data = b""
    for name, value in inputs:
        if isinstance(value, np.ndarray):
            head.append({"name": name, "dtype": str(value.dtype), "sizes": list(value.shape)})
            data += value.tobytes()
        else:
            head.append({"name": name, "value": value})
    status, body = ask(port, "POST", json.dumps(head).encode() + b"\n" + data, path)
    if status != 200:
        return status, json.loads(body)
    line, _, rest = body.partition(b"\n")
    results: dict[str, Any] = {}
    for one in json.loads(line):
        if "value" in one:
            results[one["name"]] = one["value"]
            continue
        array = np.frombuffer(rest, one["dtype"], int(np.prod(one["sizes"]))).reshape(one["sizes"])
        results[one["name"]] = array
        rest = rest[array.nbytes :]
    assert not rest
    return status, results


def numbers(*sizes: int) -> "np.ndarray[Any, Any]":
    return np.random.default_rng(0).random(sizes, np.float32)


def refusal(loaded: Any, inputs: tuple[Input, ...]) -> dict[str, Any]:
    """What Python says of the same call of a model, or of a method."""
    values: dict[str, Any] = {}
    for name, value in inputs:
        tensor = torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value
        if name in values:
            before = values[name]
            values[name] = [*(before if isinstance(before, list) else [before]), tensor]
        else:
            values[name] = tensor
    with pytest.raises(namedtorch.DimError) as caught:
        loaded(**values)
    return json.loads(json.dumps(caught.value.to_dict()))


def said_of(programs: Programs, path: Path, *more: str) -> str:
    """What the server says of a file that it can't serve, one line."""
    done = subprocess.run(
        [programs.server, path, "0", *more], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    return line

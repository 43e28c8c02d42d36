"""The corpus in a process that has torch and not namedtorch: equal results, wrong inputs refused with the text."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.lower.corpus import CASES, Case
from tests.lower.unverified import lower

READER = """
import json, sys, warnings
warnings.simplefilter("ignore")
sys.modules["namedtorch"] = None
import torch
from torch.jit.mobile import _load_for_lite_interpreter

def plain(value):
    if isinstance(value, tuple):
        return tuple(plain(one) for one in value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else value

def told(call):
    try:
        call()
    except Exception as error:
        return str(error).strip().splitlines()[-1]
    return "nothing was raised"

found = {}
for name in sorted(sys.argv[2:]):
    case = torch.load(f"{sys.argv[1]}/{name}.inputs")
    loaded = {"pt": torch.jit.load(f"{sys.argv[1]}/{name}.pt")}
    if case["lite"]:
        loaded["lite"] = _load_for_lite_interpreter(f"{sys.argv[1]}/{name}.ptl")
        loaded["ptl"] = torch.jit.load(f"{sys.argv[1]}/{name}.ptl")
    loaded["frozen"] = torch.jit.freeze(loaded["pt"], preserved_attrs=case["kept"])
    for kind, model in loaded.items():
        if kind == "lite":
            values = [*case["args"], *case["kwargs"].values()]
            wrong_values = [*case["wrong"], *case["kwargs"].values()]
            call = lambda *given: model.run_method(case["method"], *given)
            right = lambda: call(*values)
            wrong = lambda: call(*wrong_values)
        else:
            method = getattr(model, case["method"])
            right = lambda: method(*case["args"], **case["kwargs"])
            wrong = lambda: method(*case["wrong"], **case["kwargs"])
        for _ in range(2):
            torch.testing.assert_close(plain(right()), plain(case["result"]))
        found[f"{name} {kind}"] = told(wrong)
print(json.dumps(found))
"""


def plain(value: Any) -> Any:
    """Records as tuples: who reads a file has no classes of who wrote it."""
    if isinstance(value, tuple):
        return tuple(plain(one) for one in value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else value


GUARDS = ("boundary", "all")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each file of the corpus says of its wrong input, by case, guards and kind of file."""
    folder = tmp_path_factory.mktemp("corpus")
    names: list[str] = []
    for number, case in enumerate(CASES):
        torch.manual_seed(number)
        model = case.make().eval()
        with torch.no_grad():
            result = getattr(model, case.method)(*case.args, **case.kwargs)
        for guards in GUARDS:
            lowered = lower(model, guards=guards)
            name = f"{number}-{case.name}-{guards}"
            names.append(name)
            lowered.save(folder / f"{name}.pt")
            if case.lite:
                lowered.save(folder / f"{name}.ptl")
            kept = [one for one in lowered.manifest.methods if one != "forward"]
            content = {"result": plain(result), "kept": kept, "method": case.method, "lite": case.lite}
            content |= {"args": case.args, "kwargs": case.kwargs, "wrong": case.wrong}
            torch.save(content, folder / f"{name}.inputs")
    done = subprocess.run(
        [sys.executable, "-c", READER, str(folder), *names],
        capture_output=True,
        text=True,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("guards", GUARDS)
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_files_refuse_by_name(told: dict[str, str], number: int, guards: str) -> None:
    case: Case = CASES[number]
    for kind in ("pt", "frozen", *(("lite", "ptl") if case.lite else ())):
        text = told[f"{number}-{case.name}-{guards} {kind}"]
        assert "namedtorch: " in text
        assert case.says in text, kind


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len({case.make for case in CASES}) >= 20
    assert Path(__file__).with_name("corpus.py").read_text().count("(nn.Module):") >= 20

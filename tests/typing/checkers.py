"""mypy and pyright in strict mode on files of users, held against the expectations that are written in them."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
STUB: Final = ROOT / "namedtorch" / "values" / "named_tensor.pyi"

# Parts of torch, and of what it imports, that no type of a tensor or a module comes from: a third of what mypy would
# read, and more than half of its time.
_BESIDE: Final = (
    *(
        f"torch.{part}.*"
        for part in (
            "_dynamo", "_export", "_functorch", "_higher_order_ops", "_inductor", "_native", "_numpy", "_refs", "ao",
            "distributed", "export", "fx", "onnx", "package", "profiler", "quantization", "testing",
        )
    ),
    "sympy.*",
    "matplotlib.*",
)  # fmt: skip

EXPECTATION: Final = re.compile(
    r"  # (?:revealed: (?P<revealed>.+)|error: \[(?P<pyright>[\w ]+)\](?: \[(?P<mypy>[\w-]+)\])?)$"
)
_REVEALED: Final = re.compile(r'(?:Type of ".*"|Revealed type) is "(?P<type>.*)"$', re.DOTALL)
_MODULES: Final = re.compile(r"\b(?:\w+\.)+(?=\w)")

Finding = tuple[int, str]
"""A line, and what is said of it: `revealed: T` or `error: rule`."""


def expected(source: str, checker: str = "pyright") -> set[Finding]:
    """What a file says that a checker finds in it."""
    found: set[Finding] = set()
    for number, line in enumerate(source.splitlines(), 1):
        if match := EXPECTATION.search(line):
            rules = [] if match["revealed"] else match[checker].split()
            found.update((number, f"error: {rule}") for rule in rules)
            if match["revealed"]:
                found.add((number, f"revealed: {match['revealed']}"))
    return found


def pyright(folder: Path, sources: Mapping[str, str]) -> dict[str, set[Finding]]:
    """What pyright says of sources by the names of their files, which are written into the folder."""
    files = _written(folder, sources)
    settings = {
        "include": files,
        "typeCheckingMode": "strict",
        "extraPaths": [str(ROOT)],  # an editable install is an import hook, which no type checker runs
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    finished = _run(folder, "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder))
    report = json.loads(finished)
    assert report["summary"]["filesAnalyzed"] == len(files)
    found: dict[str, set[Finding]] = {name: set() for name in files}
    for one in report["generalDiagnostics"]:
        rule = one.get("rule", one["message"])
        line = one["range"]["start"]["line"] + 1
        found[Path(one["file"]).name].add((line, _said(one["message"], one["severity"], rule)))
    return found


def mypy(folder: Path, sources: Mapping[str, str]) -> dict[str, set[Finding]]:
    """What mypy says of sources, as above, and of the stub of NamedTensor, which is taken in silence otherwise."""
    files = _written(folder, sources)
    settings = [
        "[mypy]", "strict = True", f"mypy_path = {ROOT}", "follow_imports = silent", f"cache_dir = {folder / 'cache'}",
        f"[mypy-{','.join(_BESIDE)}]", "follow_imports = skip",
    ]  # fmt: skip
    (folder / "mypy.ini").write_text("\n".join(settings))
    finished = _run(
        folder, "mypy", "--output=json", f"--python-executable={sys.executable}", *files, str(STUB)
    )
    found: dict[str, set[Finding]] = {name: set() for name in [*files, STUB.name]}
    for line in finished.splitlines():
        one = json.loads(line)
        found[Path(one["file"]).name].add((one["line"], _said(one["message"], one["severity"], one["code"])))
    return found


def _written(folder: Path, sources: Mapping[str, str]) -> list[str]:
    for name, source in sources.items():
        (folder / name).write_text(source, encoding="utf-8")
    return sorted(sources)


def _run(folder: Path, *command: str) -> str:
    """The output of a checker that finds nothing, or something; anything else is a failure of its own."""
    finished = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=folder)
    assert finished.returncode in (0, 1), finished.stderr or finished.stdout
    return finished.stdout


def _said(message: str, severity: str, rule: Any) -> str:
    """A finding in the words of expectations: types without the modules that they are from."""
    if severity in ("information", "note") and (match := _REVEALED.match(message)):
        return f"revealed: {_MODULES.sub('', match['type'])}"
    return f"{severity}: {rule}"

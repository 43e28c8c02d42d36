"""What a strict type checker sees of a user's annotations: held against the expectations written in the file."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USER_MODEL = Path(__file__).with_name("user_model.py")

EXPECTATION = re.compile(r"  # (?:revealed: (?P<revealed>.+)|error: \[(?P<error>\w+)\])$")
REVEALED = re.compile(r'Type of ".*" is "(?P<type>.*)"$', re.DOTALL)

Finding = tuple[int, str]


def expected(source: str) -> set[Finding]:
    """The line numbers and what is expected there: `revealed: T` or `error: rule`."""
    found: set[Finding] = set()
    for number, line in enumerate(source.splitlines(), 1):
        if match := EXPECTATION.search(line):
            said = f"error: {match['error']}" if match["error"] else f"revealed: {match['revealed']}"
            found.add((number, said))
    return found


def reported(folder: Path, source: str) -> set[Finding]:
    """What pyright says of the source in strict mode, line by line, in the form of the expectations."""
    file = folder / "user.py"
    file.write_text(source)
    settings = {
        "include": [file.name],
        "typeCheckingMode": "strict",
        "extraPaths": [str(ROOT)],  # an editable install is an import hook, which no type checker runs
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [
        sys.executable,
        "-m",
        "pyright",
        "--outputjson",
        "--pythonpath",
        sys.executable,
        "-p",
        str(folder),
    ]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode in (0, 1), finished.stderr or finished.stdout
    report = json.loads(finished.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    return {finding_of(diagnostic) for diagnostic in report["generalDiagnostics"]}


def finding_of(diagnostic: dict) -> Finding:
    line = diagnostic["range"]["start"]["line"] + 1
    if match := REVEALED.match(diagnostic["message"]):
        return line, f"revealed: {match['type']}"
    return line, f"{diagnostic['severity']}: {diagnostic.get('rule', diagnostic['message'])}"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> set[Finding]:
    """All that pyright says of the user's file."""
    return reported(tmp_path_factory.mktemp("user"), USER_MODEL.read_text())


def test_a_type_checker_sees_what_the_file_says(seen: set[Finding]) -> None:
    assert sorted(seen) == sorted(expected(USER_MODEL.read_text()))


def test_every_kind_of_expectation_is_used() -> None:
    kinds = {said.split(":")[0] for _, said in expected(USER_MODEL.read_text())}
    assert kinds == {"revealed", "error"}


def test_a_wrong_expectation_fails(seen: set[Finding]) -> None:
    source = USER_MODEL.read_text()
    wrong = source.replace("# revealed: Tensor\n", "# revealed: Any\n", 1)
    missing = source.replace("  # error: [reportArgumentType]", "", 1)
    assert wrong != source
    assert missing != source
    assert len(expected(wrong) - seen) == 1
    assert len(seen - expected(missing)) == 1

"""What `[tool.namedtorch]` says, and what is said of it where it is wrong."""

from pathlib import Path

import pytest

from namedtorch.static.configuration import (
    Configuration,
    ConfigurationError,
    configuration_at,
    read_configuration,
    require_codes,
)
from namedtorch.static.folders import Folders

FULL = """\
[project]
name = "x"

[tool.namedtorch]
select = ["dims-differ", "rank-differs"]
ignore = ["size-differs"]
comments = true
stubs = ["typings"]
src = ["lib", "."]
exclude = ["old", "gen/*.py"]
force-exclude = true
fail-on = "warning"

[tool.namedtorch.per-file-ignores]
"tests/*" = ["dims-differ"]
"a.py" = []
"""


def read(root: Path, text: str) -> Configuration:
    (root / "pyproject.toml").write_text(text)
    return read_configuration(str(root / "pyproject.toml"))


def test_every_key(tmp_path: Path) -> None:
    for folder in ("typings", "lib"):
        (tmp_path / folder).mkdir()
    assert read(tmp_path, FULL) == Configuration(
        root=str(tmp_path),
        select=("dims-differ", "rank-differs"),
        ignore=("size-differs",),
        per_file_ignores=(("tests/*", ("dims-differ",)), ("a.py", ())),
        comments=True,
        stubs=("typings",),
        src=("lib", "."),
        exclude=("old", "gen/*.py"),
        force_exclude=True,
        fail_on="warning",
    )


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1", "tool = 1", "[tool.namedtorch]"])
def test_nothing_said_is_the_default(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Configuration(str(tmp_path))


KEYS = "select, ignore, per-file-ignores, comments, stubs, src, exclude, force-exclude, fail-on"
WRONG = [
    ("selct = []", f"there is no key `selct`; did you mean `select`? (known: {KEYS})"),
    ("fail_on = 'error'", f"there is no key `fail_on`; did you mean `fail-on`? (known: {KEYS})"),
    ("zzz = 1", f"there is no key `zzz` (known: {KEYS})"),
    ("select = 'dims-differ'", '`select`: it is a list of strings, not "dims-differ"'),
    ("select = ['dims-differ', 1]", "`select`: it is a list of strings, not a list with 1"),
    ("ignore = {}", "`ignore`: it is a list of strings, not a table"),
    ("exclude = [[]]", "`exclude`: it is a list of strings, not a list with a list"),
    ("exclude = true", "`exclude`: it is a list of strings, not true"),
    ("exclude = 2020-01-01", "`exclude`: it is a list of strings, not date"),
    (
        "select = ['dim-differ']",
        "`select`: there is no code `dim-differ`; did you mean `dims-differ`",
    ),
    ("ignore = ['zzzz']", "`ignore`: there is no code `zzzz`"),
    ("comments = 1", "`comments`: it is true or false, not 1"),
    ("force-exclude = 'yes'", '`force-exclude`: it is true or false, not "yes"'),
    ("fail-on = 'note'", '`fail-on`: it is "error" or "warning", not \'note\''),
    (
        "per-file-ignores = ['a']",
        "`per-file-ignores`: it is a table of patterns with lists of codes, not a list",
    ),
    ("per-file-ignores = {'a*' = ['x']}", "`per-file-ignores`: `a*`: there is no code `x`"),
    ("src = ['nowhere']", "`src`: there is no folder `nowhere`"),
    ("stubs = ['nowhere']", "`stubs`: there is no folder `nowhere`"),
]


@pytest.mark.parametrize(("line", "text"), WRONG, ids=[line for line, _ in WRONG])
def test_what_is_wrong_is_named_with_what_is_known(tmp_path: Path, line: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, f"[tool.namedtorch]\n{line}")
    assert str(caught.value).startswith(f"[tool.namedtorch] in {tmp_path}/pyproject.toml: {text}")


def test_files_that_are_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\[tool.namedtorch\] in .*: it is to be a table, not 1"):
        read(tmp_path, "[tool]\nnamedtorch = 1")
    with pytest.raises(ConfigurationError, match=r"pyproject.toml is no TOML: Expected"):
        read(tmp_path, "[tool")
    (tmp_path / "pyproject.toml").write_bytes(b"x = '\xff'")
    with pytest.raises(ConfigurationError, match="is no TOML"):
        read_configuration(str(tmp_path / "pyproject.toml"))
    with pytest.raises(ConfigurationError, match=r"can't read .*no.toml: No such file"):
        read_configuration(str(tmp_path / "no.toml"))


def test_the_nearest_pyproject_upwards_counts(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    read(tmp_path / "a" / "b", "[tool.namedtorch]\ncomments = true")
    read(tmp_path, "")
    for folder in ("a/b/c", "a/b"):
        assert configuration_at(str(tmp_path / folder), Folders()).comments
    assert configuration_at(str(tmp_path / "a"), Folders()) == Configuration(str(tmp_path))


def test_codes_have_to_exist() -> None:
    assert require_codes(iter(["dims-differ", "rank-differs"])) == ("dims-differ", "rank-differs")
    with pytest.raises(
        ConfigurationError, match="there is no code `dims_differ`; did you mean `dims-differ`"
    ):
        require_codes(["rank-differs", "dims_differ"])

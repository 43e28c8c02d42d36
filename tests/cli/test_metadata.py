"""`--metadata`: files of objects and single values."""

from pathlib import Path

import pytest

from namedtorch.cli.metadata import metadata
from namedtorch.cli.outcome import Refused, WrongUse

FILES = {
    "labels.json": '{"labels": ["cat", "dog"], "means": {"r": 0.5}}',
    "list.json": "[1, 2]",
    "broken.json": '{"labels": [',
    "twice.json": '{"a": 1, "a": 2}',
    "named": '{"plain": true}',
    "latin.json": '{"a": "\xe9"}',
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of files, as the current one."""
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    monkeypatch.chdir(tmp_path)


READ = [
    ([], {}),
    (["labels.json"], {"labels": ["cat", "dog"], "means": {"r": 0.5}}),
    (["@labels.json"], {"labels": ["cat", "dog"], "means": {"r": 0.5}}),
    (["named"], {"plain": True}),
    (["labels=@list.json"], {"labels": [1, 2]}),
    (
        ["a=1", "b=0.5", "c=true", "d=True", "e=null", "f=None"],
        {"a": 1, "b": 0.5, "c": True, "d": True, "e": None, "f": None},
    ),
    (["a=[1, 2]", "b={'k': 1}", 'c={"k": 1}'], {"a": [1, 2], "b": {"k": 1}, "c": {"k": 1}}),
    (["author=me", "note=a=b, c", "empty="], {"author": "me", "note": "a=b, c", "empty": ""}),
    (["version='1.0'", 'other="1.0"'], {"version": "1.0", "other": "1.0"}),
    (["named", "a=1"], {"plain": True, "a": 1}),
]


@pytest.mark.parametrize(("words", "found"), READ, ids=[" ".join(words) for words, _ in READ])
def test_objects_and_values_become_one_object(words: list[str], found: dict[str, object]) -> None:
    assert metadata(words) == found


WRONG = [
    (["labels"], WrongUse, "--metadata labels: write it --metadata FILE.json or --metadata NAME=VALUE"),
    (["a=1", "a=2"], WrongUse, "--metadata a=2: `a` is in a=1 already"),
    (["labels.json", "labels=[]"], WrongUse, "--metadata labels=[]: `labels` is in labels.json already"),
    (["no.json"], Refused, "can't read no.json: no such file or directory"),
    (["a=@no.json"], Refused, "can't read no.json: no such file or directory"),
    (["broken.json"], Refused, "broken.json: is no JSON (Expecting value at character 12)"),
    (
        ["means=[0.5, 1e999]"],
        Refused,
        "--metadata: metadata.means[1] is infinite, which JSON has no form for; leave it out, or write it as text",
    ),
    (
        ["means={1, 2}"],
        Refused,
        "--metadata: metadata.means is a set, which JSON has no form for; give text, numbers, lists and dicts",
    ),
    (["twice.json"], Refused, "twice.json: has the key 'a' twice in one object"),
    (["latin.json"], Refused, "latin.json: is not UTF-8 text (at byte 7)"),
    (
        ["list.json"],
        Refused,
        (
            'list.json: the metadata is an object, {"labels": [...]}; what the file holds becomes one value of it with '
            "--metadata NAME=@list.json"
        ),
    ),
]


@pytest.mark.parametrize(("words", "kind", "text"), WRONG, ids=[" ".join(words) for words, *_ in WRONG])
def test_what_is_wrong_is_said(words: list[str], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as caught:
        metadata(words)
    assert str(caught.value) == text

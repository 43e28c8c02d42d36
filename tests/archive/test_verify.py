"""Sealed files that were changed: what the digests find, and how it is said."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from namedtorch.archive.container import opened, read_manifest
from namedtorch.archive.digest import group_of
from namedtorch.archive.seal import verify
from namedtorch.diagnostics import ArchiveError
from tests.archive.subject import frozen, save, scripted

AGAIN = "; get the file again, or lower the model again"


@pytest.fixture(params=["m.pt", "m.ptl", "frozen.pt"])
def sealed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    save(frozen() if path.stem == "frozen" else scripted()[0], scripted()[1], path)
    return path


GROUPS = [
    ("data/0", "weights"),
    ("constants/0", "constants"),
    ("constants/0.storage", "constants"),
    ("constants.pkl", "constants"),
    ("data.pkl", "code"),
    ("bytecode.pkl", "code"),
    ("code/__torch__.py", "code"),
    ("code/__torch__/models.py", "code"),
    ("version", "code"),
    ("byteorder", "code"),
    ("code/__torch__.py.debug_pkl", "other"),
    ("mobile_debug_handles.pkl", "other"),
    (".data/serialization_id", "other"),
    (".data/version", "other"),
    ("extra/notes.txt", "other"),
    ("anything", "other"),
    ("DATA/0", "other"),
]


@pytest.mark.parametrize(("name", "group"), GROUPS)
def test_groups(name: str, group: str) -> None:
    assert group_of(name) == group


Contents = dict[str, bytes]


def rewritten(path: Path, change: Callable[[Contents], None], method: int = zipfile.ZIP_STORED) -> None:
    """Writes a file anew, whole and well-formed, with these records changed."""
    with zipfile.ZipFile(path) as container:
        contents = {name: container.read(name) for name in container.namelist()}
    change(contents)
    with zipfile.ZipFile(path, "w", method) as container:
        for name, data in contents.items():
            container.writestr(name, data)


def swap(contents: Contents) -> None:
    contents["m/data/0"], contents["m/data/1"] = contents["m/data/1"], contents["m/data/0"]


def renamed(old: str, new: str) -> Callable[[Contents], None]:
    return lambda contents: contents.update({new: contents.pop(old)})


def replaced(name: str, data: bytes) -> Callable[[Contents], None]:
    return lambda contents: contents.update({name: data})


def moved_boundary(contents: Contents) -> None:
    """The same bytes in the same order, cut elsewhere."""
    joined = contents["m/data/0"] + contents["m/data/1"]
    contents["m/data/0"], contents["m/data/1"] = joined[:8], joined[8:]


CHANGES: list[tuple[str, Callable[[Contents], None], str]] = [
    ("weights replaced", replaced("m/data/0", bytes(16)), "its weights"),
    ("weights swapped", swap, "its weights"),
    ("weights cut elsewhere", moved_boundary, "its weights"),
    ("weights added", replaced("m/data/99", b"x"), "its weights"),
    ("empty weights added", replaced("m/data/99", b""), "its weights"),
    ("weights removed", lambda contents: contents.pop("m/data/0"), "its weights"),
    ("weights renamed", renamed("m/data/0", "m/data/99"), "its weights"),
    ("weights in another case", renamed("m/data/0", "m/Data/0"), "its weights and its other records"),
    ("weights that become constants", renamed("m/data/0", "m/constants/0"), "its weights and its constants"),
    ("code replaced", replaced("m/code/__torch__.py", b"class M(Module): pass\n"), "its code"),
    ("code added", replaced("m/code/__torch__/evil.py", b""), "its code"),
    ("an object added", replaced("m/data.pkl", b"\x80\x02}."), "its code"),
    ("bytecode added", replaced("m/bytecode.pkl", b"\x80\x02)."), "its code"),
    ("the byte order", replaced("m/byteorder", b"big"), "its code"),
    ("constants replaced", replaced("m/constants.pkl", b"\x80\x02]."), "its constants"),
    ("an extra file added", replaced("m/extra/labels.txt", b"cat"), "its other records"),
    ("another id", replaced("m/.data/serialization_id", b"0" * 40), "its other records"),
]


@pytest.mark.parametrize(("name", "change", "said"), CHANGES, ids=[name for name, _, _ in CHANGES])
def test_a_change_of_a_well_formed_file_is_found(
    tmp_path: Path, name: str, change: Callable[[Contents], None], said: str
) -> None:
    path = tmp_path / "m.pt"
    manifest = save(*scripted(), path)
    rewritten(path, change)
    assert read_manifest(path) == manifest
    with pytest.raises(ArchiveError) as caught:
        verify(path, manifest, "m.pt")
    assert str(caught.value) == (
        f"m.pt: {said} changed since the file was saved (records were added, removed, renamed or replaced){AGAIN}"
    )


def test_digests_of_another_kind_of_file_are_no_digests_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    manifest = replace(save(*scripted(), path), digests={"file": "0" * 64})
    with pytest.raises(
        ArchiveError, match=r"^m\.pt: its weights and its code and its constants and its other records "
    ):
        verify(path, manifest, "m.pt")


def test_a_record_in_another_folder_is_found(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    manifest = save(*scripted(), path)
    rewritten(path, replaced("other/x", b""))
    for check in (lambda: read_manifest(path), lambda: verify(path, manifest, str(path))):
        with pytest.raises(ArchiveError) as caught:
            check()
        assert str(caught.value) == f"{path}: has a record 'other/x' outside of its folder 'm'{AGAIN}"


def test_another_order_or_packing_is_no_change(sealed: Path) -> None:
    manifest = read_manifest(sealed)

    def turned(contents: Contents) -> None:
        for name in sorted(contents):
            contents[name] = contents.pop(name)

    rewritten(sealed, turned, zipfile.ZIP_DEFLATED)
    assert read_manifest(sealed) == manifest
    verify(sealed, manifest, "m")


def test_a_damaged_record_is_named(sealed: Path) -> None:
    manifest = read_manifest(sealed)
    data = sealed.read_bytes()
    with opened(sealed) as container:
        records = [one for one in container.records if one.packed and "namedtorch.json" not in one.name]
    for record in records:
        flipped = bytearray(data)
        flipped[record.start + record.packed // 2] ^= 1
        sealed.write_bytes(flipped)
        with pytest.raises(ArchiveError) as caught:
            verify(sealed, manifest, "m")
        # What is deflated may not unpack any more, which the reader says before a digest is compared.
        name = record.name.partition("/")[2]
        assert f"record {name!r} is damaged" in str(
            caught.value
        ) or f"record {record.name!r} is damaged" in str(caught.value)


def test_files_of_schema_1_have_nothing_to_hold_them_against() -> None:
    path = Path(__file__).parent / "golden" / "1-classifier.pt"
    verify(path, read_manifest(path), str(path))

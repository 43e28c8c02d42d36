"""Files: archives, other people's files, broken and hostile ones."""

import json
import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from namedtorch.archive.container import MANIFEST_NAME, read_archive, read_manifest
from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import ArchiveError

Pack = Callable[[str, list[tuple[str, bytes]]], Path]

AGAIN = "; get the file again, or lower the model again"


def test_reads_the_manifest(archive: Path, manifest: Manifest) -> None:
    assert read_manifest(archive) == manifest
    assert read_manifest(str(archive)) == manifest
    found = read_archive(archive)
    assert (found.path, found.size, found.lite) == (archive, archive.stat().st_size, False)


def test_file_may_be_renamed(archive: Path, manifest: Manifest) -> None:
    assert read_manifest(archive.rename(archive.with_name("other.name.bin"))) == manifest


def test_knows_a_file_for_the_lite_interpreter(pack: Pack, manifest: Manifest) -> None:
    path = pack("m.ptl", [("m/extra/namedtorch.json", manifest.to_json()), ("m/bytecode.pkl", b"")])
    assert read_archive(path).lite


NO_MANIFEST = (
    "is a TorchScript file without a manifest, not a namedtorch archive (plain torch drops the manifest when it loads "
    "and saves, and keeps the guard); take the file that was loaded, lower the model again, or give this one a "
    'signature: namedtorch annotate {path} "image: N C=3 H W -> N 10" -o NEW'
)
ONLY_WEIGHTS = (
    "holds weights or a pickled model (torch.save), not a namedtorch archive; "
    "build the model, load the weights into it, and write it with namedtorch.lower(model).save(...)"
)

FOREIGN = [
    (
        [("m/data.pkl", b""), ("m/constants.pkl", b"")],
        NO_MANIFEST,
    ),
    (
        [("m/data.pkl", b""), ("m/version", b"3")],
        ONLY_WEIGHTS,
    ),
    (
        [("m/archive_format", b"pt2"), ("m/models/model.json", b"{}")],
        (
            "is a torch.export archive without a manifest, not a namedtorch archive; lower the model that it was made "
            'of: namedtorch.lower(model, to="export").save(...)'
        ),
    ),
    (
        [("hello.txt", b"hello")],
        "is a zip file, but not a namedtorch archive; write one with namedtorch.lower(model).save(...)",
    ),
    ([], "is a zip file, but not a namedtorch archive; write one with namedtorch.lower(model).save(...)"),
    ([("m/extra/namedtorch.json", b"")], "namedtorch.json is empty" + AGAIN),
    (
        [("m/data.pkl", b""), ("other/extra/namedtorch.json", b"{}"), ("m/constants.pkl", b"")],
        NO_MANIFEST,
    ),
    (
        [("m/extra/namedtorch.json", b"{}"), ("other/data.pkl", b"")],
        "has a record 'other/data.pkl' outside of its folder 'm'" + AGAIN,
    ),
    (
        [("m/extra/namedtorch.json", b"{}"), ("m/extra/NamedTorch.json", b"{}")],
        "has records 'm/extra/namedtorch.json' and 'm/extra/NamedTorch.json', which torch can't tell apart "
        "(it ignores the case of letters)" + AGAIN,
    ),
    (
        [("m/extra/namedtorch.json", b"{}"), ("m/extra/../../x", b"")],
        "has a record named 'm/extra/../../x', outside of the archive" + AGAIN,
    ),
    ([("/etc/x", b"")], "has a record named '/etc/x', outside of the archive" + AGAIN),
]


@pytest.mark.parametrize(("records", "text"), FOREIGN)
def test_says_what_a_foreign_file_is(pack: Pack, records: list[tuple[str, bytes]], text: str) -> None:
    path = pack("m.pt", records)
    with pytest.raises(ArchiveError) as caught:
        read_manifest(path)
    assert str(caught.value) == f"{path}: {text.format(path=path) if text is NO_MANIFEST else text}"


def test_command_in_a_message_can_be_pasted(pack: Pack) -> None:
    path = pack("my model.pt", [("m/constants.pkl", b"")])
    with pytest.raises(ArchiveError, match=re.escape(f"namedtorch annotate '{path}' \"image")):
        read_manifest(path)


def test_two_records_of_one_name_are_refused(pack: Pack, manifest: Manifest) -> None:
    data = manifest.to_json()
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = pack("m.pt", [("m/extra/namedtorch.json", data), ("m/extra/namedtorch.json", data)])
    with pytest.raises(ArchiveError, match="two records named 'm/extra/namedtorch"):
        read_manifest(path)


NO_FILES = [
    ("missing.pt", "can't be read (no such file or directory); check the path"),
    ("folder.pt", "is a folder; give the path of an archive (.pt, .ptl, .pt2, .onnx, .pte)"),
    (
        "text.pt",
        "is no file that namedtorch knows (TorchScript, torch.export, ONNX, ExecuTorch)" + AGAIN,
    ),
    ("empty.pt", "is empty" + AGAIN),
    ("text.pt/x.pt", "can't be read (not a directory); check the path"),
]


@pytest.mark.parametrize(("name", "text"), NO_FILES)
def test_what_is_no_file_to_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "folder.pt").mkdir()
    (tmp_path / "text.pt").write_text("not a zip, but text that mentions PK\x03\x04")
    (tmp_path / "empty.pt").touch()
    with pytest.raises(ArchiveError) as caught:
        read_manifest(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: {text}"


def test_path_that_no_file_can_have() -> None:
    with pytest.raises(
        ArchiveError, match=r"^a\\x00b\.pt: can't be read \(embedded null byte\); check the path$"
    ):
        read_manifest("a\0b.pt")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of POSIX")
def test_file_without_permission(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        # Nothing is forbidden to root: the system's answer is played.
        def forbidden(*_: object, **__: object) -> object:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("builtins.open", forbidden)
    else:
        archive.chmod(0)
    with pytest.raises(ArchiveError) as caught:
        read_manifest(archive)
    assert str(caught.value) == f"{archive}: can't be read (permission denied); check the path"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    with pytest.raises(ArchiveError, match="is no plain file"):
        read_manifest(tmp_path / "pipe.pt")


def test_compression_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("m/extra/namedtorch.json", bytes(17 * 2**20))
    assert path.stat().st_size < 2**17
    with pytest.raises(
        ArchiveError, match=r"namedtorch\.json is too large \(17825792 bytes, at most 16777216\)"
    ):
        read_manifest(path)


def test_bomb_that_declares_a_small_size(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("m/extra/namedtorch.json", bytes(32 * 2**20))
    # The size stands in the local header (22) and in the directory (24).
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 32 * 2**20), struct.pack("<I", 2)))
    with pytest.raises(
        ArchiveError, match=r"is cut off or broken \(record 'm/extra/namedtorch\.json' is damaged\)"
    ):
        read_manifest(path)


def test_manifest_may_be_packed(tmp_path: Path, manifest: Manifest) -> None:
    path = tmp_path / "m.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("m/extra/namedtorch.json", manifest.to_json())
    assert read_manifest(path) == manifest


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_torch_does_not_read(tmp_path: Path, manifest: Manifest, method: int) -> None:
    path = tmp_path / "m.pt"
    with zipfile.ZipFile(path, "w", method) as container:
        container.writestr("m/extra/namedtorch.json", manifest.to_json())
    with pytest.raises(ArchiveError, match="packed in a way torch doesn't read"):
        read_manifest(path)


def test_every_truncation_is_refused_in_one_line(archive: Path) -> None:
    data = archive.read_bytes()
    for length in range(1, len(data), max(1, len(data) // 150)):
        archive.write_bytes(data[:length])
        with pytest.raises(ArchiveError) as caught:
            read_manifest(archive)
        assert str(caught.value).startswith(f"{archive}: is ")
        assert "\n" not in str(caught.value)


def test_flipped_bits_in_headers_and_manifest_are_refused_or_harmless(
    archive: Path, manifest: Manifest
) -> None:
    data = archive.read_bytes()
    weights = range(data.index(bytes(4000)), data.index(bytes(4000)) + 4000)
    refused = 0
    places = [at for at in range(len(data)) if at not in weights]
    for number, at in enumerate(places[:: max(1, len(places) // 600)]):
        flipped = bytearray(data)
        flipped[at] ^= 1 << (number % 8)
        archive.write_bytes(flipped)
        # A date, a flag, another record's name: the manifest is the same, or the file is refused.
        found = outcome(archive)
        assert found == manifest or (isinstance(found, str) and "\n" not in found)
        refused += isinstance(found, str)
    assert refused > 100


def outcome(path: Path) -> Manifest | str:
    """The manifest of a file, or what is said of it."""
    try:
        return read_manifest(path)
    except ArchiveError as error:
        return str(error)


def test_message_of_a_hostile_file_is_one_printable_line(pack: Pack, manifest: Manifest) -> None:
    data = json.loads(manifest.to_json())
    data["\x1b]0;title\x07\nerror: all is well" + "x" * 10_000] = 1
    path = pack("m.pt", [("m/extra/namedtorch.json", json.dumps(data).encode())])
    with pytest.raises(ArchiveError) as caught:
        read_manifest(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_garbage_behind_the_start_of_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    path.write_bytes(b"PK\x03\x04" + os.urandom(5000))
    with pytest.raises(ArchiveError, match="is cut off or broken"):
        read_manifest(path)


def test_reading_needs_no_torch(archive: Path) -> None:
    code = (
        "import sys; from namedtorch.archive.container import read_manifest\n"
        f"print(read_manifest({str(archive)!r}).signature)\n"
        "assert not {'torch', 'numpy'} & sys.modules.keys(), sorted(sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "image: N C=3 H W -> N classes=10 where H >= 32, W >= 32"


def test_name_of_the_record() -> None:
    assert MANIFEST_NAME == "namedtorch.json"

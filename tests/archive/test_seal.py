"""Real files of torch, sealed: whole for every reader, and what was changed afterwards is found."""

import hashlib
import linecache
import os
import shutil
import struct
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch.archive.container import read_archive, read_manifest
from namedtorch.archive.digest import group_of
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal import seal, verify
from namedtorch.diagnostics import ArchiveError
from tests.archive import subject
from tests.archive.handmade import Entry, central, local
from tests.archive.subject import IMAGE, frozen, save, scripted, write

AGAIN = "; get the file again, or lower the model again"
KINDS = ["m.pt", "m.ptl", "frozen.pt", "frozen.ptl"]


def module_of(name: str) -> Any:
    return frozen() if name.startswith("frozen") else scripted()[0]


@pytest.fixture(params=KINDS)
def sealed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    save(module_of(path.name), scripted()[1], path)
    return path


def offsets(path: Path) -> dict[str, int]:
    reader = torch._C.PyTorchFileReader(str(path))
    return {name: reader.get_record_offset(name) for name in reader.get_all_records()}


def test_every_reader_takes_a_sealed_file(sealed: Path) -> None:
    expected = scripted()[0](IMAGE)
    torch.testing.assert_close(subject.opened(sealed)(IMAGE), expected)
    if sealed.suffix == ".ptl":
        torch.testing.assert_close(_load_for_lite_interpreter(str(sealed))(IMAGE), expected)
    with zipfile.ZipFile(sealed) as container:
        assert container.testzip() is None
        data = container.read(f"{sealed.stem}/extra/namedtorch.json")
    extra = {"namedtorch.json": ""}
    torch.jit.load(str(sealed), _extra_files=extra)
    assert extra["namedtorch.json"] == data
    assert torch._C.PyTorchFileReader(str(sealed)).get_record("extra/namedtorch.json") == data


def test_the_manifest_reads_back_as_it_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    written = save(*scripted(), path)
    assert read_manifest(path) == written
    assert set(written.digests) == {"code", "constants", "other", "weights"}
    verify(path, written, str(path))


@pytest.mark.parametrize("name", KINDS)
def test_records_stay_where_torch_put_them(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(module_of(name), path)
    before, places = path.read_bytes(), offsets(path)
    with zipfile.ZipFile(path) as container:
        directory = container.start_dir
    seal(path, scripted()[1])
    assert path.read_bytes()[:directory] == before[:directory]
    after = offsets(path)
    assert {record: after[record] for record in places} == places
    assert after.keys() - places.keys() == {"extra/namedtorch.json"}
    # torch maps weights into memory, and counts on this.
    assert not any(place % 64 for place in places.values())


def test_equal_models_make_equal_files(tmp_path: Path) -> None:
    save(*scripted(), tmp_path / "m.pt")
    first = (tmp_path / "m.pt").read_bytes()
    save(*scripted(), tmp_path / "m.pt")
    assert (tmp_path / "m.pt").read_bytes() == first


def test_digests_do_not_depend_on_the_name_of_the_file(tmp_path: Path) -> None:
    first = save(*scripted(), tmp_path / "m.pt")
    second = save(*scripted(), tmp_path / "another name.pt")
    assert first == second


def test_a_group_changes_with_what_it_is_made_of(tmp_path: Path) -> None:
    module, manifest = scripted(1)
    before = save(module, manifest, tmp_path / "m.pt").digests
    with torch.no_grad():
        module.head.weight.add_(1.0)
    after = save(module, manifest, tmp_path / "m.pt").digests
    assert {group for group in before if before[group] != after[group]} == {"weights", "other"}
    first = save(*scripted(), tmp_path / "m.pt").digests
    lite = save(*scripted(), tmp_path / "m.ptl").digests
    assert first["weights"] == lite["weights"]
    assert first["code"] != lite["code"]
    solid = save(frozen(), scripted()[1], tmp_path / "m.pt").digests
    assert first["constants"] != solid["constants"]
    assert solid["weights"] == hashlib.sha256().hexdigest()


def test_digests_are_what_the_documentation_says(sealed: Path) -> None:
    """Made with zipfile and hashlib alone: every record but the manifest is in one of the groups."""
    hashes = {group: hashlib.sha256() for group in ("code", "constants", "other", "weights")}
    with zipfile.ZipFile(sealed) as container:
        folder = container.namelist()[0].split("/")[0]
        names = {name.removeprefix(f"{folder}/") for name in container.namelist()} - {"extra/namedtorch.json"}
        for name in sorted(names):
            content = container.read(f"{folder}/{name}")
            one = hashes[group_of(name)]
            one.update(len(name.encode()).to_bytes(8, "little") + len(content).to_bytes(8, "little"))
            one.update(name.encode() + content)
    assert read_manifest(sealed).digests == {group: one.hexdigest() for group, one in hashes.items()}


def test_a_sealed_file_is_not_sealed_again(sealed: Path) -> None:
    before = sealed.read_bytes()
    with pytest.raises(ArchiveError) as caught:
        seal(sealed, scripted()[1])
    assert str(caught.value) == (
        f"{sealed}: has a manifest already, which is not replaced; lower the model again"
    )
    assert sealed.read_bytes() == before


def test_what_seal_refuses_stays_as_it_is(tmp_path: Path) -> None:
    weights = tmp_path / "weights.pt"
    torch.save({"a": torch.ones(3)}, weights)
    broken = tmp_path / "broken.pt"
    write(scripted()[0], broken)
    broken.write_bytes(broken.read_bytes()[:-10])
    cases = [
        (
            weights,
            "saved.pt: is no TorchScript file and no torch.export archive, which alone carry a manifest so",
        ),
        (broken, f"saved.pt: is cut off or broken (its end is missing){AGAIN}"),
        (tmp_path / "missing.pt", "saved.pt: can't be read (no such file or directory); check the path"),
    ]
    for path, text in cases:
        before = path.read_bytes() if path.exists() else b""
        with pytest.raises(ArchiveError) as caught:
            seal(path, scripted()[1], "saved.pt")
        assert str(caught.value) == text
        assert (path.read_bytes() if path.exists() else b"") == before


def test_a_manifest_that_can_not_be_written_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    write(scripted()[0], path)
    before = path.read_bytes()
    bad = Manifest(
        name="",
        kind="module",
        mode="eval",
        guards="boundary",
        methods=scripted()[1].methods,
        torch_version="2.13.0",
    )
    with pytest.raises(ArchiveError, match="has a bad 'name'"):
        seal(path, bad)
    assert path.read_bytes() == before


def part(name: str, factor: int) -> Any:
    """An instance of a class `Part` of the module `name`."""
    source = f"""\
import torch
class Part(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * {factor}
"""
    module = types.ModuleType(name)
    sys.modules[name] = module
    linecache.cache[f"{name}.py"] = (len(source), None, source.splitlines(keepends=True), f"{name}.py")
    exec(compile(source, f"{name}.py", "exec"), vars(module))
    return vars(module)["Part"]()


class Parts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = part("sealed_parts", 2)
        self.other = part("Sealed_Parts", 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.one(x) + self.other(x)


def test_modules_that_torch_would_mix_up_are_refused(tmp_path: Path) -> None:
    """torch writes both files and reads one of them twice: the model would be another one."""
    path = tmp_path / "m.pt"
    script = torch.jit.script(Parts())
    write(script, path)
    x = torch.ones(1)
    assert subject.opened(path)(x) != script(x)
    with pytest.raises(ArchiveError) as caught:
        seal(path, scripted()[1])
    assert str(caught.value) == (
        f"{path}: has records 'm/code/__torch__/sealed_parts.py' and 'm/code/__torch__/Sealed_Parts.py', which torch "
        "can't tell apart (it ignores the case of letters); loaded again, the model would be another one: "
        "rename one of the two Python modules or classes"
    )


def test_a_file_of_over_4_gib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its structure: the weights are a hole in the file, which is not hashed."""
    path = tmp_path / "m.pt"
    size = 5 * 2**30
    wide = struct.pack("<2H2Q", 1, 16, size, size)
    marked = {"packed": 0xFFFFFFFF, "size": 0xFFFFFFFF, "crc": 0}
    weights = Entry("m/data/0", extra=wide, local_size=0xFFFFFFFF, local_extra=wide, **marked)  # type: ignore[arg-type]
    with path.open("wb") as file:
        file.write(local(weights))
        file.seek(size, 1)
        place = file.tell()
        last = Entry("m/constants.pkl", b"\x80\x02).")
        far = Entry(last.name, last.data, header=0xFFFFFFFF, extra=struct.pack("<2HQ", 1, 8, place))
        file.write(local(last))
        version = Entry("m/version", b"3\n")
        later = Entry(
            version.name, version.data, header=0xFFFFFFFF, extra=struct.pack("<2HQ", 1, 8, file.tell())
        )
        file.write(local(version))
        start = file.tell()
        directory = central(weights, 0) + central(far, 0) + central(later, 0)
        file.write(directory)
        end = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, len(directory), start)
        end += struct.pack("<4sIQI", b"PK\6\7", 0, start + len(directory), 1)
        file.write(end + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 3, 3, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    monkeypatch.setattr("namedtorch.archive.seal.digests_of", lambda *_: dict(scripted_digests()))
    sealed = seal(path, scripted()[1])
    found = read_archive(path)
    assert (found.manifest, found.size > size) == (sealed, True)
    assert offsets(path)["constants.pkl"] > size
    assert torch._C.PyTorchFileReader(str(path)).get_record("constants.pkl") == last.data


def scripted_digests() -> dict[str, str]:
    return dict.fromkeys(("code", "constants", "other", "weights"), "0" * 64)


def test_a_disk_that_is_full_while_the_manifest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.pt"
    write(scripted()[0], path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(ArchiveError, match=r"^can't write 'saved\.pt': no space left on device$"):
        seal(path, scripted()[1], "saved.pt")


def test_sealing_needs_no_torch(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    write(scripted()[0], path)
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(scripted()[1].to_json())
    shutil.copy(path, tmp_path / "copy.pt")
    code = (
        "import sys, pathlib\n"
        "from namedtorch.archive.manifest import Manifest\n"
        "from namedtorch.archive.seal import seal, verify\n"
        "path, manifest = map(pathlib.Path, sys.argv[1:])\n"
        "sealed = seal(path, Manifest.from_json(manifest.read_bytes()))\n"
        "verify(path, sealed, 'x')\n"
        "assert not {'torch', 'numpy'} & sys.modules.keys(), sorted(sys.modules)"
    )
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-c", code, str(path), str(manifest)) == 0
    assert read_manifest(path).digests

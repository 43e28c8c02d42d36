"""Large projects, checked whole: nothing fails inside. They come from the package registry."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGES = ("torchvision==0.29.2", "timm==1.0.31", "transformers==5.23.0")


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_fails_inside(package: str, tmp_path: Path) -> None:
    downloaded = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "-d",
            tmp_path,
            package,
        ],
        check=False,
    )
    if downloaded.returncode:
        pytest.skip(f"{package} can't be downloaded")
    (wheel,) = tmp_path.glob("*.whl")
    name = package.partition("==")[0]
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path, [one for one in archive.namelist() if one.endswith(".py")])
    done = subprocess.run(
        [sys.executable, "-m", "namedtorch", "check", "--no-cache", "--format", "concise", tmp_path / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr

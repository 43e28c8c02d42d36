"""The page in a browser: the script draws the model, folded and unfolded, and runs nothing else."""

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from namedtorch.archive.page.page import rendered
from tests.archive.page.archives import HOSTILE, archive_of, drawn_manifest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ),
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium")


class Picture(HTMLParser):
    """The texts of the picture, each with the class of the group around it, and the title of the page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.groups: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.tag = ""
        self.title = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        if tag == "g":
            self.groups.append(dict(attrs).get("class") or "")

    def handle_endtag(self, tag: str) -> None:
        self.tag = ""
        if tag == "g":
            self.groups.pop()

    def handle_data(self, data: str) -> None:
        if self.tag in ("text", "tspan") and self.groups:
            self.texts.append((self.groups[-1], data))
        if self.tag == "title":
            self.title += data

    def of(self, kind: str) -> list[str]:
        return [text.strip() for group, text in self.texts if group == kind]


def opened(page: str, folder: Path, fragment: str = "") -> Picture:
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            str(BROWSER),
            *FLAGS,
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            f"{path.as_uri()}{fragment}",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return Picture(done.stdout)


def test_modules_are_drawn_with_the_dims_on_their_edges(tmp_path: Path) -> None:
    picture = opened(rendered(archive_of(drawn_manifest())), tmp_path)
    assert picture.of("edge") == ["N C=3 H W", "N 8 H-2 W-2", "N classes=10"]
    assert picture.of("head") == ["\u2212", "Block", "block"]
    assert picture.of("node module") == ["Conv2d", "conv", "Linear", "head"]
    assert (picture.of("node input"), picture.of("node output")) == (["image"], ["result"])


def test_a_folded_module_of_a_stranger_runs_nothing(tmp_path: Path) -> None:
    page = rendered(archive_of(drawn_manifest(HOSTILE)))
    # Were a name ever to become markup, the browser would still not run it.
    broken = page.replace("</main>", f"{HOSTILE}<script>document.title = 'owned'</script></main>")
    assert broken != page
    picture = opened(broken, tmp_path, "#unfold=none")
    assert picture.title == HOSTILE.rpartition(".")[2]
    assert picture.of("node folded") == [f"{HOSTILE[:33]}…", "block", "1 node", "+"]
    assert picture.of("edge") == ["N C=3 H W", f"{HOSTILE[:47]}…", "N classes=10"]
    assert picture.of("node module") == ["Linear", "head"]

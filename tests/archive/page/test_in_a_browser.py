"""The page in a browser: the script draws the model, folded and unfolded, and runs nothing else."""

import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from namedtorch.archive.drawing import Drawing, Edge, Node, Part
from namedtorch.archive.page.page import rendered
from tests.archive.page.archives import HOSTILE, archive_of, drawn_manifest
from tests.archive.page.browser import BROWSER, FLAGS, Browser

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


MIDDLE = """(() => {
  const room = (one) => document.querySelector(one).getBoundingClientRect();
  const at = (one) => room(one).left + room(one).width / 2;
  return Math.round(at(".node.input") - at(".stage"));
})()"""


def test_a_page_is_used_and_printed(tmp_path: Path) -> None:
    """Modules fold by mouse and keyboard, the picture stays in the middle, and paper has all of it."""
    path = tmp_path / "page.html"
    path.write_text(rendered(archive_of(drawn_manifest())), encoding="utf-8")
    with Browser(tmp_path / "profile") as browser:
        browser.resize(1200, 800)
        browser.open(path)
        assert browser.value("document.querySelectorAll('.folded').length") == 0
        browser.value("document.querySelector('.head').dispatchEvent(new MouseEvent('click'))")
        assert browser.value("document.activeElement.getAttribute('aria-label')") == "unfold Block block"
        browser.value("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))")
        assert browser.value("document.activeElement.getAttribute('aria-label')") == "fold Block block"

        before = browser.value(MIDDLE)
        browser.resize(700, 800)
        browser.until(f"{MIDDLE} === {before}")

        transform = browser.value("document.querySelector('.stage g').getAttribute('transform')")
        browser.ask("Emulation.setEmulatedMedia", media="print")
        browser.value("dispatchEvent(new Event('beforeprint'))")
        browser.resize(500, 700)
        # No node lies outside of what is printed, however narrow the paper is.
        assert browser.value(
            """(() => {
              const room = document.querySelector(".stage").getBoundingClientRect();
              const nodes = [...document.querySelectorAll(".stage .node")].map((one) => one.getBoundingClientRect());
              const inside = (one) => one.left >= room.left && one.right <= room.right && one.bottom <= room.bottom;
              return nodes.length > 0 && nodes.every(inside);
            })()"""
        )
        browser.ask("Emulation.setEmulatedMedia", media="")
        browser.value("dispatchEvent(new Event('afterprint'))")
        browser.resize(700, 800)
        browser.until(f"document.querySelector('.stage g').getAttribute('transform') === {transform!r}")

        assert (browser.wrong, browser.requests) == ([], [path.as_uri()])


def test_where_not_all_can_be_shown_at_once_the_page_says_so(tmp_path: Path) -> None:
    blocks = tuple(Part("Block", f"block{place}", 0) for place in range(7))
    nodes = tuple(Node("module", "Linear", 1 + place % 7, f"layer{place}") for place in range(700))
    edges = tuple(Edge(place, place + 1, "N 8", "float32") for place in range(699))
    drawing = Drawing((Part("Net", ""), *blocks), nodes, edges)
    path = tmp_path / "page.html"
    path.write_text(rendered(archive_of(replace(drawn_manifest(), drawing=drawing))), encoding="utf-8")
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        browser.value("document.querySelector('[data-act=unfold]').click()")
        about = browser.value("document.querySelector('.about').textContent")
        assert about == "too much to show at once: the innermost modules stay folded"
        assert browser.wrong == []


def test_where_nothing_can_be_folded_the_page_says_so(tmp_path: Path) -> None:
    nodes = tuple(Node("op", "add") for _ in range(4900))
    edges = tuple(Edge(place, place + 1, "N 8", "float32") for place in range(4899))
    path = tmp_path / "page.html"
    manifest = replace(drawn_manifest(), drawing=Drawing((Part("Net", ""),), nodes, edges))
    path.write_text(rendered(archive_of(manifest)), encoding="utf-8")
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        assert browser.wrong == []
        assert browser.value("document.getElementById('drawing').innerText").startswith(
            "The outermost module calls 4,900 functions and modules: too much for a picture. namedtorch inspect --json "
            "has it all."
        )
        assert not browser.value("document.querySelectorAll('svg, button').length")

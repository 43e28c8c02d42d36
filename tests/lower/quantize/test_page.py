"""The page of a report: one file that is whole, loads nothing, and runs nothing that a name says."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pytest

from namedtorch.lower.quantize.noise import ModelNoise
from namedtorch.lower.quantize.report import QuantizationReport
from tests.lower.quantize.reports import BARE, ODD, PLAIN, layer, noise

VOID = {"meta", "br", "hr", "img", "link", "input"}
LOADS = {"src", "srcset", "data", "poster", "action", "background", "formaction"}


class Read(HTMLParser):
    """The elements of a page, its texts, and what is wrong with its tags."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())

    def values(self, name: str) -> list[str]:
        return [value for _, own, value in self.attributes if own == name]


REPORTS = {"plain": PLAIN, "odd": ODD, "bare": BARE}


@cache
def page_of(name: str) -> str:
    return REPORTS[name].html()


@pytest.fixture(params=REPORTS)
def page(request: pytest.FixtureRequest) -> str:
    return page_of(request.param)


@pytest.fixture
def plain() -> Read:
    return Read(page_of("plain"))


def test_tags_are_closed_and_ids_are_one_of_a_kind(page: str) -> None:
    read = Read(page)
    assert (read.wrong, read.open) == ([], [])
    assert not [one for one, count in Counter(read.values("id")).items() if count > 1]
    assert page.startswith("<!doctype html>\n")


def test_plots_are_xml_whose_references_are_their_own(page: str) -> None:
    for text in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        root = ElementTree.fromstring(text)
        ids = {one.get("id") for one in root.iter()}
        used = re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', text)
        assert used
        assert set(used) <= ids
        assert root.get("role") == "img"
        assert root.get("aria-label")


def test_nothing_is_loaded_and_nothing_runs(page: str) -> None:
    read = Read(page)
    assert not set(read.tags) & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "image",
        "base",
        "form",
    }
    assert not [one for one in read.attributes if one[1] in LOADS or one[1].startswith("on")]
    for name in ("href", "xlink:href"):
        assert all(value.startswith("#") for value in read.values(name))
    assert "@import" not in page
    assert not re.findall(r"url\((?!#)", page)
    # Names of namespaces, which nobody loads.
    assert set(re.findall(r"https?://[^\"'\s<]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_names_stand_as_text() -> None:
    page = page_of("odd")
    shown = "<script>alert('$x_1$')</script>\"&{{ 7*7 }}\\x1b[31m"
    assert "<script" not in page
    assert "\x1b" not in page
    assert "49" not in "".join(one for one in Read(page).texts if "alert" in one)
    texts = Read(page).texts
    assert sum(shown in text for text in texts) >= 6
    # In plots, names are no formulas, and cut.
    assert any(text.startswith("<script>alert('$x_1$')") and text.endswith("...") for text in texts)
    assert "字" in page


def test_every_table_of_the_text_is_on_the_page(plain: Read) -> None:
    texts = set(plain.texts)
    for line in str(PLAIN).splitlines():
        cells = [cell for cell in re.split(r"  +", line) if cell]
        if line.startswith("  ") and len(cells) > 2:
            assert set(cells) <= texts, line
    assert plain.tags["table"] == plain.tags["caption"] == plain.tags["thead"] == 6
    assert Counter(plain.values("scope")).keys() == {"row", "col"}


def test_what_is_lost_is_marked(plain: Read) -> None:
    assert ("tr", "class", "bad") in plain.attributes
    assert plain.tags["svg"] == plain.tags["figure"] == plain.tags["figcaption"] == 4


def test_plots_take_the_colours_of_the_page() -> None:
    page = page_of("plain")
    style, _, body = page.partition("</style>")
    used = set(re.findall(r"var\(--([a-z]+)\)", body))
    assert {"ink", "grid", "float", "quantized", "good", "bad"} <= used
    for name in used:
        # By day and by night.
        assert style.count(f"--{name}: #") == 2
    assert "@media print" in style
    assert "#0101" not in body


def test_no_path_of_this_machine_is_on_the_page(page: str) -> None:
    for path in (Path.cwd(), Path.home(), Path(__file__).parents[3]):
        assert len(path.parts) < 3 or str(path) not in page


def test_a_page_is_the_same_each_time() -> None:
    assert PLAIN.html() == page_of("plain")


def test_very_many_layers_are_in_the_table_and_the_costliest_in_the_plot() -> None:
    layers = tuple(layer(f"layer{place}", 20.0 + place / 10) for place in range(140))
    found: QuantizationReport = replace(PLAIN, noise=ModelNoise(noise(10.0), layers, (), 1))
    texts = Counter(Read(found.html()).texts)
    assert (texts["layer0"], texts["layer139"]) == (2, 1)


def test_template_and_style_are_in_the_package() -> None:
    folder = resources.files("namedtorch.lower.quantize")
    assert {"page.css", "page.html.jinja"} <= {one.name for one in folder.iterdir()}

"""The page of an archive: one file that is whole, loads nothing, and runs nothing that a name in the archive says."""

import base64
import hashlib
import json
import re
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from namedtorch.archive.manifest import State
from namedtorch.archive.page.page import rendered
from namedtorch.diagnostics import MissingDependencyError
from tests.archive.page.archives import HOSTILE, archive_of, drawn_manifest

VOID = {"meta", "br", "hr", "img", "link", "input"}
LOADS = {"src", "srcset", "href", "data", "poster", "action", "background", "formaction"}


class Read(HTMLParser):
    """The elements of a page, its texts, and what is wrong with its tags."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags = Counter[str]()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)


@pytest.fixture
def page() -> str:
    return rendered(archive_of(drawn_manifest()))


def test_is_the_same_page_in_every_encoding() -> None:
    """Whatever a terminal writes, a file holds what its names say: the page is ASCII."""
    name = "naïve 図 \U0001f600"
    found = rendered(archive_of(drawn_manifest(name)))
    assert found.isascii()
    read = Read(found)
    assert (read.texts["title"], read.texts["h1"]) == ([name], [name])
    assert f"conv.{name}" in {*read.texts["td"], *read.texts["th"]}


def test_says_all_that_is_known(page: str) -> None:
    read = Read(page)
    assert (read.wrong, read.open) == ([], [])
    assert not [
        one for one, count in Counter(v for _, n, v in read.attributes if n == "id").items() if count > 1
    ]
    assert read.texts["h1"] == ["Net"]
    assert read.texts["h2"] == [
        "forward",
        "score",
        "Picture",
        "Sizes",
        "Parameters and buffers",
        "Quantized layers",
        "Layers that stayed float",
        "How it was made",
        "Operators that it needs",
        "Metadata",
        "Digests",
    ]
    cells = {*read.texts["td"], *read.texts["th"]}
    assert {"image", "N C=3 H W", "N classes=10", "H >= 3"} <= cells
    assert {"conv.weight", "parameter", "float32", "out=8 in=3 kh=3 kw=3"} <= cells
    assert {"head", "Linear + ReLU", "qint8 per channel along `out`", "quint8"} <= cells
    assert {"norm", "torch has no quantized form of it", "torchvision::nms", '["cat", "dog"]'} <= cells
    assert {"classes", "annotation", "weights", "d" * 64} <= cells


def data_of(page: str) -> dict[str, list[Any]]:
    (text,) = re.findall(r'<script type="application/json" id="drawing-data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_the_picture_has_the_drawing_and_what_the_manifest_says_of_it(page: str) -> None:
    data = data_of(page)
    assert data["parts"] == [{"kind": "Net", "path": ""}, {"kind": "Block", "path": "block", "parent": 0}]
    assert data["edges"][0] == [0, 1, "N C=3 H W", "float32"]
    assert data["nodes"][1] == {
        "kind": "module",
        "label": "Conv2d",
        "part": 1,
        "path": "conv",
        "detail": "3, 8",
        "facts": ["weight: out=8 in=3 kh=3 kw=3  float32", "stayed float: its input is an image"],
    }
    assert data["nodes"][2]["facts"] == ["quantized: qint8 per channel along `out`, gives quint8"]


def test_loads_nothing_and_allows_what_is_ours_alone(page: str) -> None:
    read = Read(page)
    assert not [(tag, name) for tag, name, _ in read.attributes if name in LOADS or name.startswith("on")]
    assert not [one for one in read.attributes if one[1] == "style"]
    (policy,) = [value for tag, _, value in read.attributes if tag == "meta" and "default-src" in value]
    ours = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert (len(ours), len(styles)) == (4, 1)
    scripts, style = (
        " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in several
        )
        for several in (ours, styles)
    )
    assert policy == (
        f"default-src 'none'; script-src {scripts}; style-src {style}; base-uri 'none'; form-action 'none'"
    )
    assert "Permission is hereby granted, free of charge" in ours[0]
    assert "sourceMappingURL" not in page


def test_names_of_a_stranger_are_no_markup() -> None:
    plain, hostile = (
        Read(rendered(archive_of(drawn_manifest()))),
        rendered(archive_of(drawn_manifest(HOSTILE))),
    )
    read = Read(hostile)
    assert (read.wrong, read.open) == ([], [])
    assert read.tags["script"] == plain.tags["script"]
    assert read.tags["img"] == 0
    assert HOSTILE not in hostile
    assert HOSTILE in read.texts["th"]
    node = data_of(hostile)["nodes"][1]
    assert node["label"] == node["detail"] == HOSTILE


def test_control_characters_of_metadata_are_spelled_out() -> None:
    manifest = replace(drawn_manifest(), metadata={"note": "a\u202eb\x1b[2J"})
    assert "\u202e" not in rendered(archive_of(manifest))


def test_a_file_without_a_drawing_says_so() -> None:
    page = rendered(archive_of(replace(drawn_manifest(), drawing=None)))
    assert "There is no picture in this file" in page
    assert "<script" not in page
    assert Read(page).wrong == []


def test_many_parameters_are_cut() -> None:
    state = {f"layers.{place}.weight": State("parameter", "float32", (2,)) for place in range(2100)}
    page = rendered(archive_of(replace(drawn_manifest(), state=state, drawing=None)))
    assert "and 100 more, all with namedtorch inspect --json" in page
    assert "layers.1999.weight" in page
    assert "layers.2000.weight" not in page


def test_without_jinja2_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingDependencyError) as caught:
        rendered(archive_of(drawn_manifest()))
    assert str(caught.value) == (
        "the page of an archive needs jinja2, which is not installed: pip install 'namedtorch[report]'; "
        "namedtorch inspect without --html, and with --json, needs nothing"
    )

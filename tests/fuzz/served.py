"""What holds for what is made of a stranger's manifest: a page for browsers, and configurations for servers."""

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from namedtorch.archive.container import Archive
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.page.page import rendered
from namedtorch.archive.serving import mlflow, oip, triton
from namedtorch.archive.serving.json_text import json_text
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.diagnostics import ArchiveError

_VOID = {"meta", "br", "hr", "img", "input", "link"}
_TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "section",
        "figure",
        "figcaption",
        "div",
    ),
    *(
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "li",
        "strong",
        "span",
        "pre",
        "code",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
    ),
    *("th", "td", "button", "script", "noscript"),
}
_ATTRIBUTES = {
    *(
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "id",
        "role",
        "tabindex",
        "scope",
        "hidden",
        "type",
    ),
    *("aria-label", "aria-labelledby", "data-act"),
}
_PBTXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[a-z_]+|[A-Z][A-Z0-9_]*|-?\d+|[\[\]{}:,]|\s+')


class _Page(HTMLParser):
    """The tags and scripts of a page; raises AssertionError for what no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS
        assert {name for name, _ in attrs} <= _ATTRIBUTES
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def page(data: bytes) -> bool:
    """The page of any manifest has our tags and our scripts, and beside them text."""
    found = _manifest(data)
    if found is None:
        return False
    parser = _Page()
    parser.feed(rendered(Archive(Path("m.pt"), 1000, False, found)))
    parser.close()
    assert parser.open == []
    if found.drawing is None:
        assert parser.scripts == []
        return True
    drawn, *scripts = parser.scripts
    json.loads(drawn)
    assert sorted(scripts) == _scripts()
    return True


@cache
def _scripts() -> list[str]:
    """Our scripts, in any order."""
    folder = Path(rendered.__code__.co_filename).parent
    return sorted(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))


def serving(data: bytes) -> bool:
    """Each server's configuration is refused or well-formed: names in it are text."""
    found = _manifest(data)
    if found is None:
        return False
    archive = Archive(Path("m.pt"), 1000, False, found)
    return _triton(archive) | _metadata(archive)


def _triton(archive: Archive) -> bool:
    try:
        text, _ = triton.config(archive, "model", {"": "float32"})
    except ServingError as error:
        _one_line(error)
        return False
    assert _PBTXT.sub("", text) == ""
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*', "", text)
    assert bare.count("[") == bare.count("]")
    assert bare.count("{") == bare.count("}")
    fields = ("name", "backend", "platform", "max_batch_size", "input", "output")
    # At the start of a line stand our fields: nothing of a stranger's begins a line of its own.
    assert all(line.startswith((*fields, " ", "#", "]", "}")) for line in text.splitlines() if line)
    return True


def _metadata(archive: Archive) -> bool:
    taken = False
    for describe in (lambda: oip.metadata(archive, "model", {})[0], lambda: mlflow.signature(archive, {})[0]):
        try:
            found = describe()
        except ServingError as error:
            _one_line(error)
            continue
        assert json.loads(json_text(found)) == found
        taken = True
    return taken


def _one_line(error: ServingError) -> None:
    assert str(error).isprintable()


def _manifest(data: bytes) -> Manifest | None:
    try:
        return Manifest.from_json(data, "m.pt")
    except ArchiveError:
        return None

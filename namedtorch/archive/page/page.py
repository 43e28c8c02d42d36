"""The page: an archive as one HTML file, which loads nothing and runs nothing that a name in the archive says."""

import base64
import hashlib
from importlib import import_module, resources
from typing import Any

from namedtorch.archive.container import Archive
from namedtorch.archive.page.contents import contents_of
from namedtorch.archive.page.picture import picture_data
from namedtorch.archive.sentence import printable
from namedtorch.diagnostics import MissingDependencyError

_ROOM = "namedtorch.archive.page"
_SCRIPTS = ("dagre.min.js", "graph.js", "layout.js", "drawing.js")


def rendered(archive: Archive, sha256: str = "") -> str:
    """The page of an archive as HTML in ASCII; `sha256` is that of the whole file, "" where it was not read.

    Raises MissingDependencyError without jinja2.
    """
    jinja2 = _jinja2()
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_harmless,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.from_string(_read("page.html.jinja"))
    style = f"{paper()}{_read('page.css')}"
    scripts = [_read(name) for name in _SCRIPTS]
    manifest = archive.manifest
    text = template.render(
        page=contents_of(archive, sha256),
        drawing="" if manifest.drawing is None else picture_data(manifest.drawing, manifest),
        style=style,
        scripts=scripts,
        policy=_policy(style, scripts),
    )
    # Whatever a terminal, a file or a mail takes the bytes for: they are what they say.
    return f"{text.strip()}\n".encode("ascii", "xmlcharrefreplace").decode("ascii")


def paper() -> str:
    """The style that all pages share: colours by day and by night, headings, tables, and how they are printed."""
    return _read("paper.css")


def _policy(style: str, scripts: list[str]) -> str:
    """What a browser may do with the page: run and show what is ours by its digest, and nothing else."""
    allowed = " ".join(_digest(one) for one in scripts)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {allowed}",
            f"style-src {_digest(style)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _read(name: str) -> str:
    # Browsers read every end of a line as one character, and hash what they read.
    text = (resources.files(_ROOM) / name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")


def _harmless(value: Any) -> Any:
    """A text without characters that nothing shows; what is markup already stays."""
    return "\n".join(map(printable, value.splitlines())) if type(value) is str else value


def _jinja2() -> Any:
    try:
        return import_module("jinja2")
    except ImportError as error:
        raise MissingDependencyError(
            "the page of an archive needs jinja2, which is not installed: pip install 'namedtorch[report]'; "
            "namedtorch inspect without --html, and with --json, needs nothing"
        ) from error

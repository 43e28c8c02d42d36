"""The page: a report as one HTML file, which loads nothing and says all of it in tables as well."""

from dataclasses import dataclass
from importlib import resources
from typing import Any

from namedtorch.archive.page.page import paper
from namedtorch.archive.sentence import printable
from namedtorch.lower.quantize.packages import needed
from namedtorch.lower.quantize.tables import Table

_ROOM = "namedtorch.lower.quantize"


@dataclass(frozen=True, slots=True)
class Section:
    """A table with a plot above it, as SVG, and what the plot shows in words; or a text."""

    table: Table
    plot: str = ""
    caption: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A headline, the signature, facts (a number, what it is, of what), and sections."""

    headline: str
    signature: str
    facts: tuple[tuple[str, str, str], ...]
    sections: tuple[Section, ...]


def rendered(content: Page) -> str:
    """The page as HTML; raises MissingDependencyError without jinja2."""
    jinja2 = needed("jinja2")
    folder = resources.files(_ROOM)
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_harmless,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.from_string((folder / "page.html.jinja").read_text(encoding="utf-8"))
    style = paper() + (folder / "page.css").read_text(encoding="utf-8")
    return f"{template.render(page=content, style=style).strip()}\n"


def _harmless(value: Any) -> Any:
    """A text without characters that nothing shows; what is markup already stays."""
    return "\n".join(map(printable, value.splitlines())) if type(value) is str else value

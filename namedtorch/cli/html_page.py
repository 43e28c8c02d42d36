"""`namedtorch inspect --html`: an archive as a page."""

import argparse

from namedtorch.archive.atomic import atomic
from namedtorch.archive.container import Archive
from namedtorch.cli.command import Answer
from namedtorch.cli.written import check_folder


def html_page(archive: Archive, sha256: str, options: argparse.Namespace) -> Answer:
    """Answers the page, or writes it to the file that was asked for."""
    if options.output is not None:
        check_folder(options.output)
    # The other answers of the command need no templates.
    from namedtorch.archive.page.page import rendered

    text = rendered(archive, sha256)
    if options.output is None:
        return Answer(text.rstrip("\n"), {"html": text, "output": None})
    with atomic(options.output) as path:
        path.write_text(text, encoding="utf-8", newline="\n")
    return Answer(f"wrote {options.output}", {"html": text, "output": options.output})

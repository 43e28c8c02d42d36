"""The style that the pages of archives and of quantization share is said once."""

import re
from pathlib import Path

import namedtorch
from namedtorch.archive.page.page import paper


def rules(style: str) -> set[str]:
    """The rules of a style, without those that define colours."""
    plain = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return {" ".join(one.split()) for one in re.findall(r"[^{}]+\{[^{}]+\}", plain) if ":root" not in one}


def test_what_pages_share_stands_in_one_place() -> None:
    shared = rules(paper())
    own = [
        rules((Path(namedtorch.__file__).parent / room / "page.css").read_text(encoding="utf-8"))
        for room in ("archive/page", "lower/quantize")
    ]
    assert len(shared) > 20
    assert all(own)
    assert not shared & (own[0] | own[1])
    assert not own[0] & own[1]

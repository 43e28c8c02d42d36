"""The header of messages is what the table of codes gives, and the headers are small, and of libtorch alone."""

import re

from tests.cpp.messages import HEADER, INCLUDE, header

LIBTORCH = ("namedtorch/", "ATen/", "c10/", "caffe2/", "torch/")
COMPILER = ("cpuid.h", "immintrin.h")


def test_the_header_of_messages_is_current() -> None:
    assert HEADER.read_text() == header(), "run python -m tests.cpp.messages"


def test_headers_include_libtorch_and_the_standard_library() -> None:
    headers = sorted((INCLUDE / "namedtorch").glob("*.hpp"))
    assert {"archive.hpp", "messages.hpp"} <= {one.name for one in headers}
    for one in headers:
        for name in re.findall(r"#include <(.*)>", one.read_text()):
            known = name.startswith(LIBTORCH) or name in COMPILER or re.fullmatch(r"[a-z_]+", name)
            assert known, f"{one.name} includes {name}"
        assert '#include "' not in one.read_text()

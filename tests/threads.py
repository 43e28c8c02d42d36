"""One thread of torch for all tests of a module: threads cost small models more than they give.

A conftest.py or a test module imports the fixture by its name.
"""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)

"""The page of all rows is what the rows say."""

from namedtorch.ops.table import MODULES, OPERATORS
from tests.ops.coverage import PAGE, page


def test_the_page_is_written_from_the_rows() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.ops.coverage"


def test_the_page_names_every_spelling_and_module() -> None:
    text = page()
    short = {rule.name for rule in OPERATORS.values()}
    assert [one for one in OPERATORS if one not in short and f"`{one}`" not in text] == []
    assert [one for one in short if f"`{one.rpartition('.')[2]}`" not in text] == []
    assert [one for one in MODULES if f"`{one}`" not in text] == []

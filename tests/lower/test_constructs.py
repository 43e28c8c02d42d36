"""Each row of the table of constructs against torch: it refuses the construct, and the report says what and where."""

import copy
import itertools
import re
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from namedtorch import LowerError
from namedtorch.lower.constructs import CONSTRUCTS, GROUPS
from namedtorch.lower.mending.mend import unmended
from tests.lower.constructs.case import Case, marked, model
from tests.lower.constructs.cases import CASES
from tests.lower.constructs.page import HEAD, PAGE, line_of
from tests.lower.unverified import lower

ROWS = {one.name: one for one in CONSTRUCTS}
FIRST = {name: next(cases) for name, cases in itertools.groupby(CASES, lambda case: case.construct)}
IN_BODY = [case for case in CASES if "# here" in case.refused.body]


def named(case: Case) -> str:
    return case.construct


def refusal(given: Any) -> LowerError:
    with unmended(), pytest.raises(LowerError) as caught:
        lower(given)
    # torch refused, and not what stands before it; its trace is not shown.
    assert caught.value.__context__ is not None
    assert not isinstance(caught.value.__context__, LowerError)
    assert caught.value.__suppress_context__
    return caught.value


def matches(wanted: str, text: str) -> bool:
    """Whether a text is this one, with names in the place of `{}`."""
    pattern = re.sub(r"\\\{\w*\\\}", "(.+)", re.escape(wanted.removeprefix("`{}`, ")))
    return re.fullmatch(rf"(?:`.+`[,:] )?{pattern}", text) is not None


def test_every_row_has_a_case_and_a_line_in_the_docs() -> None:
    assert len(ROWS) == len(CONSTRUCTS)
    assert {case.construct for case in CASES} == set(ROWS)
    text = PAGE.read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(lines) == len(CONSTRUCTS)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == list(GROUPS)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_torch_refuses_and_the_report_says_where(case: Case, tmp_path: Path) -> None:
    row = ROWS[case.construct]
    error = refusal(model(case.refused, tmp_path / "model.py"))
    assert [one.line for one in error.findings] == marked(case.refused), str(error)
    for one in error.findings:
        assert matches(row.what, one.what), one.what
        assert matches(row.remedy, one.remedy), one.remedy
        assert one.text.endswith("# here")
        assert one.file == str(tmp_path / "model.py")
        assert all(text in str(error) for text in (one.place, one.what, one.text, one.remedy))
    if case is FIRST[case.construct]:
        assert line_of(row, error.findings[0]) in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", IN_BODY, ids=named)
def test_code_that_is_not_compiled_is_refused_only_if_torch_parses_it(case: Case, tmp_path: Path) -> None:
    body = textwrap.indent(textwrap.dedent(case.refused.body).strip("\n"), "    ")
    hidden = replace(case.refused, body=f"if not torch.jit.is_scripting():\n{body}\nreturn x")
    given = model(hidden, tmp_path / "model.py")
    if ROWS[case.construct].parsed:
        assert [one.line for one in refusal(given).findings] == marked(hidden)
    else:
        with unmended():
            lower(given)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_what_is_mended_is_taken_and_all_else_is_refused(case: Case, tmp_path: Path) -> None:
    given = model(case.refused, tmp_path / "model.py")
    if not case.mended:
        with pytest.raises(LowerError):
            lower(given)
        return
    x = torch.arange(6.0).reshape(2, 3)
    torch.manual_seed(0)
    wanted = copy.deepcopy(given)(x.clone())
    lowered = lower(given)
    torch.manual_seed(0)
    assert torch.equal(lowered(x.clone()), wanted)

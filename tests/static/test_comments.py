"""Comments behind assignments are held against what is inferred, where that is asked for."""

import re
from pathlib import Path

import pytest

from namedtorch.static.checked import Checked, Options
from namedtorch.static.checker import check_module
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule
from tests.static.expectations import differences

HERE = Path(__file__).parent / "comments"


def checked(path: Path, comments: bool = True) -> tuple[str, Checked]:
    project = Project.of([str(path)])
    module = project.module_at(str(path))
    assert isinstance(module, SourceModule)
    return module.text, check_module(module, project, Options(comments=comments))


def test_each_comment_is_judged(tmp_path: Path) -> None:
    text = (HERE / "attention.py").read_text()
    # What is expected is no part of the comment that is judged.
    (tmp_path / "program.py").write_text(re.sub(r" # warning: \[comment-differs\]", "", text))
    _, answer = checked(tmp_path / "program.py")
    assert differences(text, answer) == []


def test_right_comments_are_nothing_to_speak_of() -> None:
    assert checked(HERE / "nanogpt.py")[1] == checked(HERE / "nanogpt.py", comments=False)[1]


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.py")))
def test_comments_are_prose_unless_they_are_asked_for(name: str) -> None:
    _, answer = checked(HERE / name, comments=False)
    assert answer.problems == ()


HEADS = ".transpose(1, 2)  # (B, nh, T, hs)"
WRONG = [
    (f"k = k.view(B, T, self.n_head, C // self.n_head){HEADS}", "(B, nh, T, hs)", "(B, T, nh, hs)", "`T`"),
    (f"q = q.view(B, T, self.n_head, C // self.n_head){HEADS}", "(B, nh, T, hs)", "(B, nh, hs, T)", "`T`"),
    (f"v = v.view(B, T, self.n_head, C // self.n_head){HEADS}", "(B, nh, T, hs)", "(B, T, C)", "4 axes"),
    ("y = att @ v  # (B, nh, T, T) x", "-> (B, nh, T, hs)", "-> (B, T, nh, hs)", "`T`"),
    ("token embeddings of shape (b, t, n_embd)", "(b, t, n_embd)", "(b, n_embd, t)", "`config.n_embd`"),
    ("token embeddings of shape (b, t, n_embd)", "(b, t, n_embd)", "(t, b, n_embd)", "`t`"),
    ("position embeddings of shape (t, n_embd)", "(t, n_embd)", "(b, n_embd)", "`b`"),
    ("position embeddings of shape (t, n_embd)", "(t, n_embd)", "(t, vocab_size)", "`config.vocab_size`"),
    ("# shape (t)", "(t)", "(b, t)", "1 axis"),
]


@pytest.mark.parametrize(("line", "right", "wrong", "said"), WRONG)
def test_wrong_comments_in_nanogpt(line: str, right: str, wrong: str, said: str, tmp_path: Path) -> None:
    lines = (HERE / "nanogpt.py").read_text().split("\n")
    place = next(place for place, text in enumerate(lines) if line in text)
    assert right in lines[place]
    lines[place] = wrong.join(lines[place].rsplit(right, 1))
    path = tmp_path / "model.py"
    path.write_text("\n".join(lines))
    _, answer = checked(path)
    found = [(one.code, one.severity, one.place.line) for one in answer.problems]
    assert found == [("comment-differs", "warning", place + 1)]
    assert said in answer.problems[0].message


def test_the_message_says_what_the_comment_says(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("import torch\nx = torch.zeros(2, 3)  # (B, 4)\n")
    _, answer = checked(path)
    assert [one.message for one in answer.problems] == ['`x` has 3 at axis 1, not 4: the comment says "B 4"']

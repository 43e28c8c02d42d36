"""`namedtorch reveal`: the dims that are inferred, beside the source."""

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from namedtorch.cli.command import Command
from namedtorch.cli.margin import beside, under
from namedtorch.cli.outcome import FINE, WRONG_USE, Refused, WrongUse
from namedtorch.cli.verdict import Verdict
from namedtorch.diagnostics.formats import FORMATS
from namedtorch.static.checked import Checked, Inferred, Options
from namedtorch.static.configuration import ConfigurationError, configuration_at
from namedtorch.static.examination import examine as examine_here
from namedtorch.static.folders import Folders
from namedtorch.static.project import Project
from namedtorch.static.record import Record
from namedtorch.static.run import Outcome, check
from namedtorch.static.source_module import SourceModule, read_text

_NOTES = """\
Shows what namedtorch check knows: the dims of each assignment and call stand behind its line, and with a line number
under each expression. The findings follow. In the source, reveal_dims(x) makes check report the dims of x."""

_EXAMPLES = """\
  namedtorch reveal models/resnet.py
  namedtorch reveal models/resnet.py:41
  namedtorch reveal models/resnet.py --json"""


def _run(options: argparse.Namespace) -> Verdict:
    """Infers the dims in one file, and answers its source with them, or one line of it."""
    path, line = _file_and_line(options.file)
    inferred, outcome = _checked(path)
    problems = [one for one in outcome.problems if line in (0, one.place.line)]
    dims = sorted((one for one in inferred if line in (0, one.place.line)), key=_rank)
    data = {
        "path": outcome.files[0],
        "inferred": [asdict(one.place) | {"dims": one.text} for one in dims],
        "problems": [problem.to_dict() for problem in problems],
    }
    source = _source(path)
    if line > len(source):
        raise WrongUse(f"{path} has {len(source)} lines, and no line {line}")
    shown = under(source[line - 1], line, dims) if line else beside(source, dims)
    found = FORMATS["text"](problems, read_text)
    told = "\n".join(f"error: {one}" for one in outcome.failures)
    return Verdict(
        "\n\n".join(filter(None, ("\n".join(shown), found))), data, WRONG_USE if told else FINE, told
    )


def _checked(path: str) -> tuple[Sequence[Inferred], Outcome]:
    """What is inferred in a file, and found in it; torch is not loaded."""
    inferred: list[Inferred] = []

    def examine(paths: Sequence[str], project: Project) -> Iterable[tuple[str, Record]]:
        # Only now: what is wrong with the words is to be said at once.
        from namedtorch.static.checker import check_module

        def kept(module: SourceModule, project: Project, options: Options) -> Checked:
            checked = check_module(module, project, options)
            inferred.extend(one for one in checked.inferred if one.place.path == module.path)
            return checked

        return examine_here(paths, project, kept)

    try:
        configuration = replace(configuration_at(path, Folders()), force_exclude=False)
    except ConfigurationError as error:
        raise WrongUse(str(error)) from error
    return inferred, check([path], configuration, "", examine)


def _source(path: str) -> list[str]:
    try:
        return read_text(path).removesuffix("\n").split("\n")
    except OSError as error:
        raise Refused(f"can't read {path}: {error.strerror or error}") from error


def _file_and_line(word: str) -> tuple[str, int]:
    """The path and the line of FILE:LINE; 0 where no line is given."""
    path, _, number = word.rpartition(":")
    if path and number.isdecimal() and not os.path.exists(word):
        if int(number) == 0:
            raise WrongUse("lines count from 1")
        return _existing(path), int(number)
    return _existing(word), 0


def _existing(path: str) -> str:
    if not os.path.isfile(path):
        raise WrongUse(
            f"{path} is a folder; give a file" if os.path.isdir(path) else f"there is no file {path}"
        )
    return path


def _rank(one: Inferred) -> tuple[int, int, int, int]:
    """In order of place, what is around something else before it."""
    place = one.place
    return place.line, place.column, -place.end_line, -place.end_column


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE[:LINE]", help="a source file, or one line of it")


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

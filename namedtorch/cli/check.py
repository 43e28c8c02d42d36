"""`namedtorch check`: dimension errors in source files."""

import argparse
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from namedtorch.cli.command import Command
from namedtorch.cli.failure import failed, trace
from namedtorch.cli.outcome import FINE, REFUSED, WRONG_USE, WrongUse
from namedtorch.cli.verdict import Verdict
from namedtorch.diagnostics.formats import FORMATS
from namedtorch.diagnostics.source import Problem
from namedtorch.dims.unknown import Unknown
from namedtorch.static import examination
from namedtorch.static.baseline import Baseline, known_by
from namedtorch.static.cache import default_folder
from namedtorch.static.configuration import (
    Configuration,
    ConfigurationError,
    configuration_at,
    read_configuration,
    require_codes,
)
from namedtorch.static.examination import FEW, available_cores, rarely_collected
from namedtorch.static.folders import Folders
from namedtorch.static.project import Project
from namedtorch.static.record import Record
from namedtorch.static.run import Outcome, check
from namedtorch.static.source_module import read_text

_NOTES = """\
Reads the sources, and runs and imports none of them; needs no torch. What files import is looked up in the whole
project, and findings are reported in the given files. Exits with 1 for findings of the severity of --fail-on, with 2
where namedtorch was used wrongly or failed. [tool.namedtorch] in pyproject.toml configures it; options come first."""

_EXAMPLES = """\
  namedtorch check                                         # the whole project
  namedtorch check src/models train.py
  namedtorch check src --select dims-differ,rank-differs --format concise
  namedtorch check --baseline known.json --update-baseline # what is known is not reported again
  namedtorch check --format sarif > findings.sarif"""

_FAILS = {"error": ("error",), "warning": ("error", "warning")}


def _run(options: argparse.Namespace) -> Verdict:
    """Checks the files, and answers with the findings and the exit code that they mean."""
    try:
        return _verdict(options)
    except (ConfigurationError, WrongUse) as error:
        raise WrongUse(str(error)) from error
    except Exception as error:
        # 1 would say that there are findings.
        failure = failed(error, "check", with_traceback=options.traceback)
        told = (trace(error) if options.traceback else "") + failure.text
        return Verdict("", dict(failure.data) | {"exit": WRONG_USE}, WRONG_USE, told)


def _verdict(options: argparse.Namespace) -> Verdict:
    start = time.perf_counter()
    if options.update_baseline and not options.baseline:
        raise WrongUse("--update-baseline needs --baseline FILE")
    for path in options.paths:
        if not os.path.exists(path):
            raise WrongUse(f"there is no file or folder {path}")
    configuration = _configuration(options)
    # What is wrong with it is to be said before the work, not after.
    baseline = (
        Baseline.read(options.baseline) if options.baseline and not options.update_baseline else Unknown
    )

    def examine(paths: Sequence[str], project: Project) -> Iterable[tuple[str, Record]]:
        return _examined(paths, project, options.jobs)

    folder = "" if options.no_cache else default_folder(os.environ)
    outcome = check(options.paths or [configuration.root], configuration, folder, examine)
    if options.update_baseline:
        return _updated(outcome, options.baseline)
    problems, notices = outcome.problems, list(outcome.notices)
    if baseline is not Unknown:
        problems, gone = _against_baseline(outcome, baseline)
        if gone:
            notices.append(
                f"{options.baseline}: {_counted(gone, 'finding')} gone; --update-baseline drops what is"
            )
    seconds = time.perf_counter() - start
    files = _counted(len(outcome.files), "file")
    notices.append(f"checked {files} in {seconds:.1f} s, {outcome.known} from the cache")
    told = [f"error: {one}" for one in outcome.failures] + (notices if options.verbose else [])
    data = {
        "problems": [problem.to_dict() for problem in problems],
        "files": len(outcome.files),
        "failures": list(outcome.failures),
        "notices": notices,
    }
    text = "" if options.json else FORMATS[options.format](problems, read_text)
    return Verdict(text, data, _exit(outcome, problems, configuration), "\n".join(told))


def _examined(paths: Sequence[str], project: Project, jobs: int | None) -> Iterable[tuple[str, Record]]:
    # Only now: a check whose answers are all known needs no rules, and one of few files no other processes.
    with rarely_collected():
        from namedtorch.static import checker

    jobs = jobs or available_cores()
    if jobs == 1 or len(paths) < FEW:
        return examination.examine(paths, project, checker.check_module)
    from namedtorch.static import workers

    return workers.examine(paths, project, checker.check_module, jobs)


def _configuration(options: argparse.Namespace) -> Configuration:
    """What pyproject.toml says, and what the command line says instead."""
    if options.config:
        configuration = read_configuration(options.config)
    else:
        configuration = configuration_at(options.paths[0] if options.paths else os.curdir, Folders())
    if options.select:
        # Who selects a code wants it, whatever else is ignored.
        configuration = replace(configuration, select=_codes("--select", options.select), ignore=())
    ignored = (*configuration.ignore, *_codes("--ignore", options.ignore))
    return replace(
        configuration,
        ignore=ignored,
        force_exclude=options.force_exclude or configuration.force_exclude,
        fail_on=options.fail_on or configuration.fail_on,
    )


def _codes(option: str, words: Sequence[str]) -> tuple[str, ...]:
    try:
        return require_codes(code.strip() for word in words for code in word.split(",") if code.strip())
    except ConfigurationError as error:
        raise WrongUse(f"{option}: {error}") from error


def _exit(outcome: Outcome, problems: Sequence[Problem], configuration: Configuration) -> int:
    if outcome.failures:
        return WRONG_USE
    failing = _FAILS[configuration.fail_on]
    return REFUSED if any(problem.severity in failing for problem in problems) else FINE


def _against_baseline(outcome: Outcome, baseline: Baseline) -> tuple[tuple[Problem, ...], int]:
    """The findings that are not in a baseline, and how many in it are no more."""
    known = known_by(outcome.project, read_text)
    checked = {outcome.project.from_root(file) for file in outcome.files}
    return tuple(baseline.new(outcome.problems, known)), baseline.gone(outcome.problems, known, checked)


def _updated(outcome: Outcome, path: str) -> Verdict:
    """Writes what was found to a baseline; keeps what it knows of files that were not checked."""
    if outcome.failures:
        told = [f"error: {one}" for one in outcome.failures] + [f"error: {path} is not written"]
        return Verdict("", {"failures": list(outcome.failures)}, WRONG_USE, "\n".join(told))
    project = outcome.project
    before = Baseline.read(path) if os.path.exists(path) else Baseline({})
    baseline = before.updated(
        outcome.problems,
        known_by(project, read_text),
        {project.from_root(file) for file in outcome.files},
        lambda file: os.path.exists(os.path.join(project.configuration.root, file)),
    )
    baseline.write(path)
    count = sum(baseline.counts.values())
    return Verdict(f"{path}: {_counted(count, 'finding')}", {"baseline": path, "findings": count})


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _jobs(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of processes")
    return int(word)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", default=[], metavar="PATH", help="files and folders (default: the whole project)"
    )
    parser.add_argument(
        "--format", choices=tuple(FORMATS), default="text", help="how findings are written (default: text)"
    )
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="CODES",
        help="report these codes only, with commas between",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="CODES",
        help="report these codes not, with commas between",
    )
    parser.add_argument(
        "--fail-on",
        choices=tuple(_FAILS),
        help="the least severity that makes the check fail (default: error)",
    )
    parser.add_argument("--baseline", metavar="FILE", help="do not report the findings in this file")
    parser.add_argument(
        "--update-baseline", action="store_true", help="write the findings to the baseline instead"
    )
    parser.add_argument(
        "--config", metavar="FILE", help="the pyproject.toml to use; its folder is the project's root"
    )
    parser.add_argument(
        "--force-exclude", action="store_true", help="leave out excluded files also where they are named"
    )
    parser.add_argument(
        "--jobs", type=_jobs, metavar="N", help="the number of processes (default: one a core)"
    )
    parser.add_argument("--no-cache", action="store_true", help="check all files again, and keep nothing")
    parser.add_argument(
        "--verbose", action="store_true", help="say also what was passed by, and how long it took"
    )


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

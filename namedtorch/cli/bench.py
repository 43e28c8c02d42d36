"""`namedtorch bench`: how long archives take."""

import argparse
import importlib
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Any

from namedtorch.archive.container import Archive, read_archive
from namedtorch.cli.command import Answer, Command
from namedtorch.cli.literals import named
from namedtorch.cli.loading import ARCHIVES, add_loading, method_signature, require_digests
from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.sizes import read_sizes
from namedtorch.signature.batch import free_dims

_NOTES = """\
Inputs are drawn from the signature of each archive. Batches are of 1, 8 and 32 samples along the batch dim: the first
axis of the first tensor, where that is a free dim. All cases of all archives take turns, round by round, after rounds
that do not count; the median of the rounds is shown, and what a tenth and nine tenths of them stay under. A round is
one call, or as many as take a millisecond."""

_EXAMPLES = """\
  namedtorch bench classifier.pt --sizes N=1,8,32 H=224 W=224
  namedtorch bench classifier.pt frozen.pt int8.pt --sizes N=1 H=224 W=224 --rounds 100
  namedtorch bench model.pt model.pt2 model.onnx model.pte --sizes N=1   # the same model in every runtime
  namedtorch bench encoder.pt --dim T --sizes T=16,128,1024          # samples are counted along T
  namedtorch bench encoder.pt --sizes '*batch=4x16'                   # a group of axes
  namedtorch bench detector.pt --input images=@a.npy,@b.npy --threads 4 --json"""


def _run(options: argparse.Namespace) -> Answer:
    """Loads the archives, measures them in turns, answers times and rates."""
    sizes = read_sizes(options.sizes)
    inputs = _inputs(options.input)
    for name in ("rounds", "burn_in", "threads"):
        if getattr(options, name) < 1:
            raise WrongUse(f"--{name.replace('_', '-')} is a whole number, 1 or more")
    if not options.budget >= 0:
        raise WrongUse("--budget is a time in seconds")
    archives = [read_archive(path) for path in options.archives]
    for one in archives if options.check else ():
        require_digests(one)
    signatures = [method_signature(one, options.method) for one in archives]
    _check_names("--sizes", list(sizes), "free dim", archives, [free_dims(one) for one in signatures])
    dims = [] if options.dim is None else [options.dim]
    _check_names("--dim", dims, "free dim", archives, [free_dims(one) for one in signatures])
    taken = [[each.name for each in one.parameters] for one in signatures]
    _check_names("--input", [name for name, _ in inputs], "argument", archives, taken)
    # Only now: what is wrong above needs no torch, and is to be said at once.
    from namedtorch.cli.cases import cases, subjects
    from namedtorch.cli.timings import Conditions, Measured, answer
    from namedtorch.lower.latency import interleaved, threaded

    # A runtime with threads of its own takes as many as torch has while it opens a file.
    with threaded(options.threads):
        found = subjects(
            options.archives,
            method=options.method,
            device=options.device,
            check=options.check,
            dim=options.dim,
        )
    sized = [cases(one, sizes, inputs) for one in found]
    timings = iter(
        interleaved(
            [one.case for group, _ in sized for one in group],
            rounds=_progress(options.rounds),
            burn_in=options.burn_in,
            budget=options.budget,
            threads=options.threads,
        )
    )
    measured = [
        Measured(subject, [(one, next(timings)) for one in group], left)
        for subject, (group, left) in zip(found, sized, strict=True)
    ]
    conditions = Conditions(
        method=options.method,
        threads=options.threads,
        device=", ".join(dict.fromkeys(one.device for one in found)),
        burn_in=options.burn_in,
        rounds=options.rounds,
        budget=options.budget,
        torch_version=metadata.version("torch"),
    )
    return answer(measured, conditions)


def _inputs(words: Sequence[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for word in words:
        name, text = named(word)
        if name is None:
            raise WrongUse(f"--input {word}: write --input NAME=@FILE.npy behind the archives")
        if any(name == one for one, _ in found):
            raise WrongUse(f"--input {word}: `{name}` is given twice")
        found.append((name, text))
    return found


def _check_names(
    option: str, names: Sequence[str], what: str, archives: Sequence[Archive], known: Sequence[Sequence[str]]
) -> None:
    """Raises WrongUse for a name that none of the archives has; `known` are those of each."""
    for name in names:
        if not any(name in of_one for of_one in known):
            has = [
                f"{archive.path.name} has {', '.join(of_one) or 'none'}"
                for archive, of_one in zip(archives, known, strict=True)
            ]
            raise WrongUse(f"{option} {name}: there is no {what} `{name}`; {'; '.join(has)}")


def _progress(rounds: int) -> Iterable[object]:
    """The rounds, with a bar on a terminal if tqdm is installed."""
    if not is_terminal():
        return range(rounds)
    try:
        tqdm: Any = importlib.import_module("tqdm").tqdm
    except ImportError:
        return range(rounds)
    return tqdm(range(rounds), desc="rounds", leave=False, file=sys.stderr)


def is_terminal() -> bool:
    """Whether the standard error is a terminal, on which a bar may move."""
    stream: Any = sys.stderr
    return stream is not None and stream.isatty()


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "archives", nargs="+", metavar="FILE", help=f"archives ({ARCHIVES}), also of several formats"
    )
    parser.add_argument(
        "--sizes",
        nargs="+",
        action="extend",
        default=[],
        metavar="DIM=SIZE,...",
        help="sizes of free dims and groups; of several, every combination is measured",
    )
    parser.add_argument("--dim", metavar="DIM", help="the batch dim, along which samples are counted")
    parser.add_argument(
        "--input",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="an input of your own, as `run` takes it; sizes come from it",
    )
    parser.add_argument(
        "--threads", type=int, default=1, metavar="N", help="threads of each runtime (default: 1)"
    )
    parser.add_argument("--rounds", type=int, default=30, metavar="N", help="rounds that count (default: 30)")
    parser.add_argument(
        "--burn-in", type=int, default=5, metavar="N", help="rounds before, that do not count (default: 5)"
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="begin no further round after so many seconds (default: 60; 3 rounds are made in any case)",
    )
    add_loading(parser)


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

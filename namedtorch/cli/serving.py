"""`namedtorch inspect --as`: what a server asks to know of an archive."""

import argparse
from collections.abc import Sequence
from typing import Any

from namedtorch.archive.atomic import atomic
from namedtorch.archive.container import Archive
from namedtorch.archive.sentence import one_line
from namedtorch.archive.serving import mlflow, oip, triton
from namedtorch.archive.serving.dtypes import ALL
from namedtorch.archive.serving.json_text import json_text
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.cli.outcome import Refused, WrongUse
from namedtorch.cli.verdict import Verdict
from namedtorch.cli.written import check_folder
from namedtorch.signature.signature import Parameter

TARGETS = ("triton", "oip", "mlflow")


def add_serving(parser: argparse.ArgumentParser) -> None:
    """The options of `--as`."""
    parser.add_argument(
        "--as",
        dest="target",
        choices=TARGETS,
        help="write Triton's config.pbtxt, the metadata of the Open Inference Protocol, or MLflow's signature",
    )
    parser.add_argument("--name", metavar="NAME", help="with --as: the model's name (default: the file's)")
    parser.add_argument(
        "--dtype",
        action="append",
        default=[],
        metavar="[NAME=]DTYPE",
        help="with --as: the dtype of a tensor, or of all, where the signature leaves it open (ids=int64)",
    )
    parser.add_argument(
        "--max-batch-size",
        type=_count,
        metavar="N",
        help="with --as triton: the most samples of a call; 0 for no batching",
    )


def check_serving(options: argparse.Namespace) -> None:
    """Raises WrongUse for options that belong to `--as` and stand without it."""
    given = {"--name": options.name, "--dtype": options.dtype, "--max-batch-size": options.max_batch_size}
    for option, value in given.items():
        if options.target is None and value not in (None, []):
            raise WrongUse(f"{option} goes with --as {', '.join(TARGETS[:-1])} or {TARGETS[-1]}")
    if options.max_batch_size is not None and options.target not in (None, "triton"):
        raise WrongUse("--max-batch-size goes with --as triton")


def serving(archive: Archive, options: argparse.Namespace) -> Verdict:
    """Answers what the server asks to know, or writes it to a file; raises Refused for what can't be described."""
    name = archive.path.stem if options.name is None else options.name
    if not name or "/" in name or "\\" in name or name in (".", "..") or not name.isprintable():
        raise WrongUse(f"--name {name!r}: servers take the name for that of a folder")
    if options.output is not None:
        check_folder(options.output)
    try:
        text, content, notes = _described(archive, options.target, name, _dtypes(options.dtype), options)
    except ServingError as error:
        raise Refused(f"{one_line(str(archive.path))}: {one_line(str(error), 1000)}") from error
    aside = "\n".join(f"note: {one}" for one in notes)
    data: dict[str, Any] = {
        "target": options.target,
        "name": name,
        "content": content,
        "notes": list(notes),
        "output": options.output,
    }
    if options.output is None:
        return Verdict(text.rstrip("\n"), data, aside=aside)
    with atomic(options.output) as path:
        path.write_text(text, encoding="utf-8")
    return Verdict(f"wrote {options.output}", data, aside=aside)


def _described(
    archive: Archive, target: str, name: str, dtypes: dict[str, str], options: argparse.Namespace
) -> tuple[str, Any, Sequence[str]]:
    """The text for a server, the same as data, and what it does not say."""
    match target:
        case "triton":
            text, _ = triton.config(archive, name, dtypes, options.max_batch_size)
            return text, text, ()
        case "oip":
            data, found = oip.metadata(archive, name, dtypes)
            unsaid = [*found.left_out]
        case _:
            data, found = mlflow.signature(archive, dtypes)
            unsaid = [one for one in found.left_out if not mlflow.is_param(one)]
    guesses = [f"`{one.name}` is {one.why}" for one in found.tensors if one.why]
    return json_text(data), data, [one_line(one) for one in (*guesses, *found.fixed, *map(_unsaid, unsaid))]


def _unsaid(one: Parameter) -> str:
    return f"`{one.name}` may be left out, and is not listed: {one}"


def _dtypes(words: Sequence[str]) -> dict[str, str]:
    """What `--dtype` says of tensors by name, "" for all."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, dtype = word.rpartition("=")
        if not dtype or (equals and not name):
            raise WrongUse(f"--dtype {word}: write --dtype NAME=int64, or --dtype float32 for all")
        key = name if equals else ALL
        if key in found:
            raise WrongUse(f"--dtype {word}: {f'`{name}`' if name else 'all'} has a dtype already")
        found[key] = dtype
    return found


def _count(word: str) -> int:
    # config.pbtxt holds an int32.
    if not word.isdecimal() or int(word) >= 2**31:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of samples")
    return int(word)

"""`namedtorch run`: the model of an archive, called once."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from namedtorch.cli.command import Command
from namedtorch.cli.literals import literal, named
from namedtorch.cli.outcome import Refused, WrongUse
from namedtorch.diagnostics import ArchiveError, DimError

_EXAMPLES = """\
  namedtorch run classifier.pt image=@digits.npy -o scores.npy
  namedtorch run classifier.pt @digits.npy             # by position; prints the result's shape
  namedtorch run resize.pt image=@x.npy scale=2 'size=[64, 64]'

An array is given as it is stored: a model of float32 weights wants float32, not numpy's float64."""


def _run(options: argparse.Namespace) -> None:
    """Loads the archive, reads the inputs, calls the model, writes or prints the result."""
    # The array formats and the loader bring numpy and torch, which no other command is to pay for.
    from namedtorch.cli import arrays
    from namedtorch.cli.results import as_arrays, as_input, summary
    from namedtorch.deploy.load import load

    if options.output is not None:
        arrays.check_output(options.output)
    words = _words(options.inputs)
    try:
        model = load(options.archive, device=options.device)
    except ArchiveError:
        raise
    except ValueError as error:
        raise Refused(str(error)) from error
    hints = {parameter.name: parameter.hint for parameter in model.signature.parameters}
    order = list(hints)
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for place, (name, text) in enumerate(words):
        hint = hints.get(name if name is not None else order[place] if place < len(order) else "")
        if text == "@":
            raise WrongUse("a file name belongs behind `@`: NAME=@FILE.npy")
        value = arrays.read_array(text[1:]) if text.startswith("@") else literal(text)
        value = as_input(value, hint, name or f"argument {place + 1}", options.device)
        if name is None:
            positional.append(value)
        else:
            keywords[name] = value
    result = _called(model, positional, keywords)
    if options.output is not None:
        arrays.write_arrays(options.output, as_arrays(result))
    print(summary(result, model.signature.result))
    if options.output is not None:
        print(f"wrote {options.output}")


def _words(words: Sequence[str]) -> list[tuple[str | None, str]]:
    """The inputs as (name or None, text), positional ones first and no name twice."""
    found = [named(word) for word in words]
    seen: set[str] = set()
    for place, (name, text) in enumerate(found):
        if name is None:
            if place and found[place - 1][0] is not None:
                raise WrongUse(
                    f"`{text}` has no name, and stands behind a named input: give it one, NAME={text}"
                )
        elif name in seen:
            raise WrongUse(f"`{name}` is given twice")
        else:
            seen.add(name)
    return found


def _called(model: Any, positional: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    try:
        return model(*positional, **keywords)
    except DimError:
        raise
    except TypeError as error:
        raise Refused(str(error)) from error
    # torch reports an error inside of a graph as its own class, with TorchScript's traceback for a text.
    except Exception as error:
        said = _last(str(error)) or type(error).__name__
        doubles = [
            one
            for one in (*positional, *keywords.values())
            if str(getattr(one, "dtype", "")) == "torch.float64"
        ]
        if doubles and any(word in said for word in ("dtype", "scalar type", "Double", "double")):
            said += (
                "\nhelp: numpy's default is float64; a model of float32 weights takes array.astype('float32')"
            )
        raise Refused(f"the model failed: {said}") from error


def _last(text: str) -> str:
    """What an error says, without the traceback that TorchScript puts before it."""
    for start in ("RuntimeError: ", "Error: "):
        _, found, rest = text.rpartition(start)
        if found and text.lstrip().startswith("The following operation failed"):
            return rest.strip()
    return text.strip()


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", metavar="FILE", help="an archive (.pt, .ptl)")
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="[NAME=]VALUE",
        help="the arguments, by position or name: @FILE.npy for an array, else a Python literal, else text",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the result: .npy for one array, .npz for several"
    )
    parser.add_argument("--device", help="where the model and its inputs are put: cpu, cuda, cuda:1")


COMMAND = Command("run", "call the model of an archive", _EXAMPLES, _options, _run)

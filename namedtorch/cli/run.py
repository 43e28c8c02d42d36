"""`namedtorch run`: a method of an archive, called once."""

import argparse

from namedtorch.archive.container import read_archive
from namedtorch.archive.pin import check_sha256
from namedtorch.cli.command import Answer, Command
from namedtorch.cli.literals import split_inputs
from namedtorch.cli.loading import ARCHIVES, add_loading, method_signature, require_digests
from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.written import check_result

_NOTES = """\
An input is @FILE.npy, or @FILE.npz:NAME; a list of arrays is @A.npy,@B.npy; files also stand in a list, tuple or dict
('pair=(@A.npy, @B.npy)'). Anything else is a Python literal, else text. An array is given as it is stored: a model of
float32 weights wants float32, not numpy's float64. Into a memory format that the model asks for it is copied."""

_EXAMPLES = """\
  namedtorch run classifier.pt image=@digits.npy -o scores.npy
  namedtorch run classifier.onnx image=@digits.npy                # .pt2, .onnx and .pte alike
  namedtorch run classifier.pt @digits.npy                        # by position; prints the result
  namedtorch run resize.pt image=@x.npy scale=2 'size=[64, 64]'
  namedtorch run detector.pt images=@a.npy,@b.npy -o boxes.npz    # a list of arrays
  namedtorch run classifier.pt image=@digits.npy --method encode --json"""


def _run(options: argparse.Namespace) -> Answer:
    """Loads the archive, reads the inputs, calls the model, writes or answers the result."""
    if options.output is not None:
        check_result(options.output)
    words = split_inputs(options.inputs)
    if options.sha256 is not None:
        _check_digest(options.sha256)
    archive = read_archive(options.archive)
    signature = method_signature(archive, options.method)
    if options.check:
        require_digests(archive)
    # Only now: what is wrong above needs no torch, and is to be said at once.
    from namedtorch.cli import arrays, inputs, results
    from namedtorch.cli.model import called, loaded, method_of

    # Files hold arrays in the order of their axes, whatever the model wants.
    model = loaded(options.archive, options.device, options.check, convert=True, sha256=options.sha256)
    given = inputs.read_inputs(words, signature, str(model.device))
    call = method_of(model, options.method)
    result = called(call, given.positional, given.keywords)
    if options.output is not None:
        arrays.write_arrays(options.output, results.as_arrays(result))
    parts = results.parts(result, signature.result)
    lines = [part.line(with_values=options.output is None) for part in parts]
    if options.output is not None:
        lines.append(f"wrote {options.output}")
    data = {
        "archive": options.archive,
        "name": model.name,
        "method": options.method,
        "signature": str(signature),
        "result": [part.to_dict() for part in parts],
        "output": options.output,
    }
    return Answer("\n".join(lines), data)


def _check_digest(text: str) -> None:
    try:
        check_sha256(text)
    except ValueError as error:
        raise WrongUse(f"--{error}") from error


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", metavar="FILE", help=f"an archive ({ARCHIVES})")
    parser.add_argument(
        "inputs",
        nargs="*",
        default=[],
        metavar="[NAME=]VALUE",
        help="the arguments, by position or name: @FILE.npy for an array, else a Python literal, else text",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the result: .npy for one array, .npz for several"
    )
    add_loading(parser)
    parser.add_argument(
        "--sha256",
        metavar="HEX",
        help="run this very file: the sha256 that it must have, as sha256sum prints it",
    )


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

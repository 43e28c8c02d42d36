"""`namedtorch lower`: a model to a file."""

import argparse
import inspect
import textwrap
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from namedtorch.archive.targets import FLAT
from namedtorch.cli import literals, target
from namedtorch.cli.command import Answer, Command
from namedtorch.cli.metadata import metadata
from namedtorch.cli.methods import signatures
from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.phone import add_phone, phone
from namedtorch.cli.quantizing import add_quantizing, check_quantizing, quantized
from namedtorch.cli.written import check_archive, written
from namedtorch.signature.function import UnresolvedError, signature_of
from namedtorch.signature.text import parse_signature

Signatures = str | Mapping[str, str] | None

_NOTES = """\
The model is a module, or what makes one: a class or function, called with the --arg given. A function whose parameters
are annotated with dims is lowered itself. The current folder comes first on Python's path. What was made is run beside
the model with inputs drawn from the signature, or with those of --example, before the file is written; the answer says
what was compared, and of traced modules what they keep fixed."""

_EXAMPLES = """\
  namedtorch lower models.digits:Classifier --arg classes=10 -o classifier.pt
  namedtorch lower models.digits:pretrained -o classifier.ptl --freeze
  namedtorch lower losses:focal_loss -o loss.pt        # a function whose parameters have dims
  namedtorch lower torchvision.models:resnet18 --signature "image: N C=3 H W -> N 1000" -o resnet18.pt
  namedtorch lower models.router:Router -o router.pt --method auto   # trace what script refuses, script the rest
  namedtorch lower models.ctc:net -o ctc.pt --example models.ctc:inputs   # def inputs(N, T): return (...)
  namedtorch lower models.digits:pretrained -o m.ptl --to lite --optimize mobile --ops ops.yaml --bundle
  namedtorch lower models.digits:pretrained -o m.onnx              # torch.export (.pt2) and ExecuTorch (.pte) too
  namedtorch lower models.digits:pretrained -o m.pte --where "N <= 8"
  namedtorch lower models.digits:pretrained -o int8.pt --quantize static --data models.digits:batches
  namedtorch lower models.digits:pretrained -o m.pt --metadata labels.json --metadata 'mean=[0.13]'"""


def _run(options: argparse.Namespace) -> Answer:
    """Finds or makes the model, lowers it, writes the archive, says what it wrote."""
    arguments = literals.arguments(options.arg, "--arg")
    output = check_archive(options.output)
    given: dict[str, Any] = phone(options, output)
    check_quantizing(options)
    signature = signatures(options.signature) if options.signature else None
    if signature is not None:
        given["signature"] = signature
    if options.metadata:
        given["metadata"] = metadata(options.metadata)
    if options.example:
        given["example"] = target.find(options.example)
    subject = _subject(target.find(options.target), options.target, arguments, signature)
    # Only now: what is wrong above needs no torch, and is to be said at once.
    from namedtorch.lower.entry import lower

    if options.quantize is not None:
        subject = quantized(options, subject, given)
    with warnings.catch_warnings(record=True) as told:
        # Ours are lines of the answer, whatever Python was told to do with warnings.
        warnings.simplefilter("always", UserWarning)
        lowered = lower(
            subject,
            method=options.method,
            train=options.train,
            guards=options.guards,
            verify=options.verify,
            **given,
        )
    if options.freeze:
        lowered = lowered.freeze()
    save = {} if given.get("to") in FLAT else {"bundle": options.bundle, "debug": options.debug_info}
    lowered.save(output, **save)
    answer = written(output, lowered.manifest)
    text = f"{answer.text}\n{textwrap.indent(str(lowered.report), '  ')}"
    for one in told:
        if one.category is UserWarning:
            text += f"\nwarning: {one.message}"
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    data = {**answer.data, "report": lowered.report.to_dict()}
    if options.ops is not None:
        # Of the file that was written: inputs that are bundled call operators, too.
        operators = list(_operators(options.ops, output))
        text += f"\n{options.ops}: {len(operators)} operators"
        data["operators"] = operators
    return Answer(text, data)


def _operators(path: str, output: Path) -> tuple[str, ...]:
    from namedtorch.lower.mobile.operator_list import write_operators

    return write_operators(path, output)


def _subject(found: Any, name: str, arguments: Mapping[str, object], signature: Signatures) -> Any:
    """The module or function to lower.

    A function is lowered itself if its parameters are annotated with dims, or if they are those of the signature that
    is given; any other, and a class, makes the module.
    """
    if _is_module(found) or _is_dimmed(found) or (not arguments and _is_described(found, signature)):
        if arguments:
            raise WrongUse(f"`{name}` is lowered as it is and takes no --arg")
        return found
    if not callable(found):
        raise WrongUse(
            f"`{name}` is {type(found).__name__}, neither a module, nor a class or function that makes one"
        )
    module = target.made(found, name, arguments)
    if not _is_module(module):
        raise WrongUse(
            f"`{name}` returned {type(module).__name__}, not a module; "
            "a function is lowered itself if its parameters are annotated with dims, or named in --signature"
        )
    return module


def _is_dimmed(found: Any) -> bool:
    if not inspect.isroutine(found):
        return False
    try:
        return signature_of(found).has_dims
    except UnresolvedError:
        # A factory may be annotated with names that only a type checker sees.
        return False


def _is_described(found: Any, signature: Signatures) -> bool:
    """Whether a signature given for it names parameters of a function."""
    if not inspect.isfunction(found) or not isinstance(signature, str):
        return False
    described = {one.name for one in parse_signature(signature).parameters}
    return bool(described) and described <= inspect.signature(found).parameters.keys()


def _is_module(found: object) -> bool:
    # The command line names torch nowhere: a module is known by the class that it descends from.
    return any(
        (one.__module__, one.__name__) == ("torch.nn.modules.module", "Module") for one in type(found).__mro__
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="MODULE:NAME",
        help="a module class, a function that makes one, a module, or a function",
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="the archive to write (.pt, .ptl, .pt2, .onnx, .pte)",
    )
    parser.add_argument(
        "--arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an argument of the class or function that makes the module: a Python literal, else text",
    )
    parser.add_argument(
        "--signature",
        action="append",
        default=[],
        metavar="[METHOD=]TEXT",
        help='the signature of a model without annotations: "image: N C=3 H W -> N 10"; can be repeated for methods',
    )
    parser.add_argument(
        "--metadata",
        action="append",
        default=[],
        metavar="FILE.json|NAME=VALUE",
        help="what the archive is to say besides: an object in a file, or one value of it; can be repeated",
    )
    parser.add_argument(
        "--method",
        choices=("script", "trace", "auto"),
        default="script",
        help="by the source (script, the default), by one run (trace), or each part by what it can (auto)",
    )
    parser.add_argument(
        "--example",
        metavar="MODULE:NAME",
        help="inputs of the model: a function of dims (def inputs(N, T)) that returns the arguments, or the arguments",
    )
    parser.add_argument(
        "--no-verify",
        dest="verify",
        action="store_false",
        help="leave out the comparison with the model",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--train", action="store_true", help="lower in training mode (default: eval)")
    mode.add_argument(
        "--freeze",
        action="store_true",
        help="freeze the graph: weights become constants of it, and are folded",
    )
    parser.add_argument(
        "--guards",
        choices=("boundary", "all", "none"),
        default="boundary",
        help="where the graph checks: at the outermost module (default), at every annotated one, or nowhere",
    )
    add_phone(parser)
    add_quantizing(parser)


COMMAND = Command(_NOTES, _EXAMPLES, _options, _run)

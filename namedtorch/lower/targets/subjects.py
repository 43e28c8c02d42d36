"""What is exported of what a user gives: a copy in eval mode, its names erased, and what a file says of it."""

import inspect
import keyword
from collections.abc import Callable, Iterable
from typing import Any

from torch import fx, nn

from namedtorch.diagnostics import LowerError
from namedtorch.lower.asked import Asked
from namedtorch.lower.boundary import boundary_of
from namedtorch.lower.erasure import erase_names, without_names
from namedtorch.lower.functions import Functions, innermost
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.modules import copied
from namedtorch.lower.quantize.float_state import state_digest
from namedtorch.lower.quantize.quantized import Quantized
from namedtorch.lower.signatures import held_signature, known_sizes, receiver_of, require_dims
from namedtorch.lower.state import state_of
from namedtorch.lower.targets.executorch_quantized import Calibration
from namedtorch.lower.targets.flat_lowering import FlatSubject
from namedtorch.lower.targets.flat_program import FlatProgram
from namedtorch.lower.targets.known_names import known_names
from namedtorch.signature.function import signature_of
from namedtorch.signature.signature import Signature


def module_subject(module: nn.Module) -> FlatSubject:
    """A module to export; raises LowerError for one that names no dims, and for names that can't be told."""
    owner = type(module)
    functions = Functions()
    boundary = boundary_of(module, functions.sources)
    signature = boundary.methods["forward"].signature
    require_dims(signature, f"{owner.__qualname__}.forward")
    state = state_of(copied(module, False), functions)
    _require_names(module)

    def erased(narrowed: Signature) -> nn.Module:
        target = copied(module, False)
        erase_names(target, known_names(_written(module), narrowed))
        return target

    return FlatSubject(
        module,
        erased,
        f"{owner.__module__}.{owner.__qualname__}",
        owner.__qualname__,
        "module",
        signature,
        boundary.sizes,
        state,
        tuple(name for name in boundary.methods if name != "forward"),
    )


def function_subject(given: Callable[..., Any]) -> FlatSubject:
    """A function to export; raises LowerError as `module_subject` does."""
    function = innermost(given)
    signature = held_signature(given)
    name = function.__qualname__
    require_dims(signature, name)

    def erased(narrowed: Signature) -> Callable[..., Any]:
        plain = without_names(function, known_names(signature_of(function), narrowed))
        return given if plain is function else plain

    return FlatSubject(
        given,
        erased,
        f"{function.__module__}.{name}",
        name,
        "function",
        signature,
        known_sizes(signature, signature),
        {},
    )


def quantized_subject(quantized: Quantized, asked: Asked) -> FlatSubject:
    """The float model behind a quantized one, to be quantized for ExecuTorch as that was; LowerError for other targets.

    What torch quantizes for its own kernels has no meaning elsewhere: the method and the data are taken over.
    """
    if asked.to != "executorch":
        raise LowerError(
            f'{quantized!r} holds weights that torch packed for its own kernels, which to="{asked.to}" can\'t take: '
            'lower it to TorchScript (to="torchscript") or ExecuTorch (to="executorch"), or lower the float model'
        )
    made = quantized.subject
    body = quantized.float_module.body
    state = state_of(body, Functions())
    boundary = made.boundary

    def calibrated(program: FlatProgram) -> Calibration:
        batches = [program.call.inputs(*one) for one in _fitting(program, quantized.samples())]
        return Calibration(quantized.quantization.method, batches, state_digest(body))

    return FlatSubject(
        body,
        lambda _: copied(body, False),
        made.name,
        made.label,
        "module",
        boundary.methods["forward"].signature,
        boundary.sizes,
        state,
        tuple(name for name in boundary.methods if name != "forward"),
        calibrated,
    )


_OF_GRAPHS = frozenset(dir(fx.GraphModule(nn.Module(), fx.Graph()))) - frozenset(dir(nn.Module()))
"""What torch's module of a graph calls things of its own: `code`, `graph`, `meta`."""


def _require_names(module: nn.Module) -> None:
    """Raises LowerError for weights whose path torch can't write into a graph: words of Python, and of its own."""
    for path in (*dict(module.named_parameters()), *dict(module.named_buffers())):
        first, *others = path.split(".")
        for part in (first, *others):
            if keyword.iskeyword(part):
                why = "is a word of Python, and torch writes a graph in Python"
            elif part is first and part in _OF_GRAPHS:
                why = "is what torch's module of a graph has itself under this name"
            else:
                continue
            raise LowerError(
                f"{type(module).__qualname__} can't be exported: `{part}` in `{path}` {why}; give the part another "
                f"name (`{part}_`)"
            )


def _fitting(program: FlatProgram, batches: Iterable[Inputs]) -> Iterable[Inputs]:
    """The batches of which the program has a form."""
    for one in batches:
        try:
            program.call.inputs(*one)
        except TypeError:
            continue
        yield one


def _written(module: nn.Module) -> Signature:
    """The signature of a module's forward as its user wrote it, without the module itself."""
    function = inspect.getattr_static(type(module), "forward")
    return signature_of(innermost(function)).without(*receiver_of(function))

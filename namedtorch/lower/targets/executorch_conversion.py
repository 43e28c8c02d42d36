"""From an exported program to the bytes of an ExecuTorch program, with as much of it in XNNPACK as that takes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram

from namedtorch.archive.executorch_file import METHOD
from namedtorch.lower.targets.executorch_bounds import kept_bounds
from namedtorch.lower.targets.executorch_parts import Parts
from namedtorch.lower.targets.executorch_quiet import imported, logged, quiet_executorch
from namedtorch.lower.targets.flat_dims import input_nodes, sizes_of
from namedtorch.lower.targets.user_lines import UserLine, line_of

_XNNPACK = "executorch.backends.xnnpack.partition"
_VISITORS = "backends/xnnpack/"
_MOST = 8


@dataclass(frozen=True, slots=True)
class Converted:
    """The bytes of a program, and where its operators run.

    `left` are the operators that XNNPACK was not asked to run, and why, `lines` the user's lines that call others, by
    the names of operators without their overloads.
    """

    data: bytes = field(repr=False)
    parts: Parts
    left: dict[str, str]
    lines: dict[str, UserLine]


class Unrolled(Exception):
    """A program in which a free size became a constant.

    The arguments are torch's text of the size, the constant, and the user's line that grew most, or None.
    """


def converted(program: ExportedProgram, text: str, *, portable: bool = False) -> Converted:
    """A program with a constant method that gives `text`; `portable` leaves XNNPACK out.

    Operators that XNNPACK's partitioner takes, and XNNPACK then does not, run in portable kernels. Raises ImportError,
    and whatever ExecuTorch raises.
    """
    left: dict[str, str] = {}
    while True:
        try:
            return _converted(program, text, [] if portable else [_partitioner(left)], left)
        except (ImportError, Unrolled):
            raise
        # Its errors have classes of several packages.
        except Exception as error:
            operator = _operator_in_xnnpack(error)
            if operator is None or operator in left or len(left) == _MOST:
                raise
            left[operator] = " ".join(str(error).split()).partition(". ")[0]


def _converted(
    program: ExportedProgram, text: str, partitioners: Sequence[Any], left: dict[str, str]
) -> Converted:
    exir, free = imported("executorch.exir"), _free_sizes(program)
    with quiet_executorch(), logged(), torch.no_grad(), kept_bounds(program):
        edge = exir.to_edge_transform_and_lower(
            _spelled_out(program),
            partitioner=list(partitioners),
            constant_methods={METHOD: text},
            # The runtime has kernels for more than the operators that are core ones, and tells which it lacks.
            compile_config=exir.EdgeCompileConfig(_check_ir_validity=False),
        )
        module = edge.exported_program().graph_module
        _require_free(free, program, edge.exported_program())
        parts, lines = Parts.of(module), _lines(module.graph)
        return Converted(bytes(edge.to_executorch().buffer), parts, left, lines)


def _free_sizes(program: ExportedProgram) -> list[str | None]:
    """The sizes of the axes of the inputs, as torch writes them; None for a constant."""
    sizes = (size for node in input_nodes(program) for size in sizes_of(node))
    return [
        None if isinstance(one, int) or one.node.maybe_as_int() is not None else str(one) for one in sizes
    ]


def _require_free(before: Sequence[str | None], program: ExportedProgram, edge: ExportedProgram) -> None:
    """Raises Unrolled where an axis has one size after operators were taken apart, and had many before."""
    sizes = (size for node in input_nodes(edge) for size in sizes_of(node))
    for free, size, after in zip(before, sizes, _free_sizes(edge), strict=True):
        if free is not None and after is None:
            lines = Counter(_lines_of(edge.graph_module))
            lines.subtract(_lines_of(program.graph_module))
            grown = lines.most_common(1)
            raise Unrolled(free, int(size), grown[0][0] if grown else None)


def _lines_of(module: fx.GraphModule) -> Iterator[UserLine]:
    """The user's line of each node, those inside of XNNPACK's parts as well."""
    for inner in (module, *(one.original_module.graph_module for _, one in _delegates(module))):
        yield from filter(None, map(line_of, inner.graph.nodes))


def _delegates(module: fx.GraphModule) -> Iterator[tuple[str, Any]]:
    return ((name, one) for name, one in module.named_children() if hasattr(one, "original_module"))


def _lines(graph: fx.Graph) -> dict[str, UserLine]:
    found: dict[str, UserLine] = {}
    for node in graph.nodes:
        target: Any = node.target
        line = line_of(node)
        if hasattr(target, "_schema") and line is not None:
            found.setdefault(target._schema.name, line)
    return found


def _partitioner(left: dict[str, str]) -> Any:
    """XNNPACK's partitioner, which leaves these operators."""
    every: list[Any] = imported(f"{_XNNPACK}.config").ALL_PARTITIONER_CONFIGS
    configs = [one for one in every if one.target_name not in left]
    return imported(f"{_XNNPACK}.xnnpack_partitioner").XnnpackPartitioner(configs=configs)


def _operator_in_xnnpack(error: BaseException) -> str | None:
    """The operator that XNNPACK was being given when an error arose, by the name that its partitioner has for it."""
    found: str | None = None
    for step in _steps(error.__traceback__):
        node = step.tb_frame.f_locals.get("node")
        if _VISITORS in step.tb_frame.f_code.co_filename and isinstance(node, fx.Node):
            name = getattr(node.target, "__name__", "")
            found = ".".join(name.split(".")[-2:]) or found
    return found


def _steps(step: TracebackType | None) -> Iterator[TracebackType]:
    while step is not None:
        yield step
        step = step.tb_next


def _spelled_out(program: ExportedProgram) -> ExportedProgram:
    """The program, in which windows that move by their own size say so: XNNPACK's partitioner reads the step."""
    for node in program.graph.nodes:
        if isinstance(node.target, torch._ops.OpOverload):
            _spell_out(node, [one.name for one in node.target._schema.arguments])
    return program


def _spell_out(node: fx.Node, names: Sequence[str]) -> None:
    if "stride" not in names or "kernel_size" not in names:
        return
    target: Any = node.target
    place, window = names.index("stride"), node.args[names.index("kernel_size")]
    if len(node.args) <= place:
        between = [one.default_value for one in target._schema.arguments[len(node.args) : place]]
        node.args = (*node.args, *between, window)
    elif node.args[place] in ([], ()):
        node.update_arg(place, window)

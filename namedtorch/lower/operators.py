"""Operators that are not torch's own: which a graph calls, what registers them, and which this process lacks.

Reads graphs of `torch.jit`, and torch's dispatcher, through interfaces that torch does not document.
"""

import mmap
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch._library import custom_ops

from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.torchscript import Script

# fmt: off
TORCH_NAMESPACES = frozenset({
    "aten", "c10d", "c10d_functional", "_c10d_functional", "_c10d_functional_autograd", "_caffe2", "cuda",
    "debug_mode_ops", "debugprims", "_dtensor", "export", "flex_lib", "fsdp", "higher_order", "inductor",
    "inductor_prims", "_inductor_test", "mkl", "mkldnn",
    "mkldnn_prepacked", "_native", "onednn", "onnx", "onnx_symbolic", "prepacked", "prim", "prims", "profiler",
    "quantization", "quantized", "_quantized", "rngprims", "sparse", "static_runtime", "streams", "symm_mem", "_test",
    "torch", "xnnpack",
})
# fmt: on
"""The namespaces whose operators come with torch."""

UNKNOWN = "unknown"
_PYTHON = "python module "
_REGISTERED = re.compile(r"^debug: registered at (.+):(\d+)$", re.MULTILINE)


def custom_operators(script: Script) -> dict[str, str]:
    """The operators that a compiled module or function calls and torch does not have, each with what provides it.

    That is the file name of a shared library ("libmylib.so"), a module ("python module mylib.ops"), or "unknown".
    """
    names = {name for graph in _graphs(script) for name in _operators(graph)}
    return {name: provider_of(name) for name in sorted(names)}


def provider_of(name: str) -> str:
    """What registers an operator ("mylib::relu2") of this process; see `custom_operators`."""
    definition = custom_ops.OPDEFS.get(name)
    if definition is not None:
        return _PYTHON + str(definition._init_fn.__module__)
    dump = torch._C._dispatch_dump(name)
    found = _REGISTERED.search(dump)
    if found is None:
        return UNKNOWN
    source = found[1]
    if source.endswith(".py"):
        return _python_module(source)
    return _library(name, source)


def missing_operators(needed: Mapping[str, str]) -> dict[str, str]:
    """Those of the operators that this process lacks, with what provides them."""
    return {name: provider for name, provider in needed.items() if not is_registered(name)}


def is_registered(name: str) -> bool:
    """Tells whether this process has an operator; a text that is no name of one is none that it has."""
    return "::" in name and bool(torch._C._jit_get_schemas_for_operator(name))


def require_operators(needed: Mapping[str, str], where: str) -> None:
    """Raises ArchiveError, which begins with `where`, if this process lacks one of the operators."""
    missing = missing_operators(needed)
    if not missing:
        return
    operators = ", ".join(f"{name} from {provider}" for name, provider in missing.items())
    steps = list(dict.fromkeys(_remedy(provider) for provider in missing.values()))
    one = "operator" if len(missing) == 1 else "operators"
    raise ArchiveError(f"{where}: needs the {one} {operators}: {' and '.join(steps)} before load")


def _remedy(provider: str) -> str:
    if provider.startswith(_PYTHON):
        return f"import {provider.removeprefix(_PYTHON)}"
    if provider == UNKNOWN:
        return "import or load what registers it"
    return f"torch.ops.load_library({provider!r}), with the path that it has here,"


def _graphs(script: Script) -> Iterator[Any]:
    """The graphs of a function, or of all methods of a module and its submodules."""
    if isinstance(script, torch.jit.ScriptFunction):
        yield script.graph
        return
    for module in script.modules():
        compiled = cast("Any", module)._c
        yield from (compiled._get_method(name).graph for name in compiled._method_names())


def _operators(graph: Any) -> Iterator[str]:
    for node in _nodes(_with_calls(graph)):
        if node.kind().partition("::")[0] not in TORCH_NAMESPACES:
            yield node.kind()
        # The graphs of tasks (`torch.jit.fork`) are values of their nodes, and are not inlined with the rest.
        for name in node.attributeNames():
            if node.kindOf(name) == "g":
                yield from _operators(node.g(name))


def _with_calls(graph: Any) -> Any:
    """A graph with what it calls in place of calls of functions, which have no methods to find them by."""
    if all(node.kind() != "prim::CallFunction" for node in _nodes(graph)):
        return graph
    inlined = graph.copy()
    cast("Any", torch._C)._jit_pass_inline(inlined)
    return inlined


def _nodes(block: Any) -> Iterator[Any]:
    """The nodes of a graph, and of the blocks in it."""
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)


def _python_module(source: str) -> str:
    """The module whose file registers an operator, unless that is torch itself in the name of another."""
    path = Path(source)
    if path.is_relative_to(Path(torch.__file__).parent):
        return UNKNOWN
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and Path(file) == path:
            return _PYTHON + name
    return UNKNOWN


def _library(name: str, source: str) -> str:
    """The loaded library that holds the names of an operator and of the source that registers it."""
    namespace, _, own = name.partition("::")
    words = [word.encode() for word in (namespace, own.partition(".")[0], source)]
    found = [path for path in _libraries() if _holds(path, words)]
    return found[0].name if len(found) == 1 else UNKNOWN


def _libraries() -> Iterable[Path]:
    """The libraries that were loaded for torch, and those of imported modules that are not torch's own."""
    own = Path(torch.__file__).parent
    for path in sorted(cast("set[str]", torch.ops.loaded_libraries)):
        yield Path(path)
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith((".so", ".pyd")) and not Path(file).is_relative_to(own):
            yield Path(file)


def _holds(path: Path, words: Iterable[bytes]) -> bool:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return all(content.find(word) >= 0 for word in words)
    except (OSError, ValueError):  # gone since, or empty
        return False

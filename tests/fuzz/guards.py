"""What holds for the guard that a stranger's signature is written into: Python source, which is run."""

import ast
import inspect

from namedtorch.archive.document import parse_document
from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.unknown import Unknown
from namedtorch.runtime.dialect import Names
from namedtorch.runtime.guard import guarded
from namedtorch.runtime.source import write_guard
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature

REFUSALS = (AnnotationError, AttributeError, SyntaxError, ValueError)
"""What `load` expects where no guard can be written for a signature."""

_STATEMENTS = (
    *(ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.For, ast.If, ast.Try, ast.Expr, ast.Pass),
    *(ast.Break, ast.Continue, ast.AnnAssign, ast.While),
)


def guard(data: bytes) -> bool:
    """A signature has a guard with its parameters, or is refused; the guard's source is checks and nothing else."""
    try:
        found = Signature.from_json(parse_document(data))
        function = guarded(found, _target, "model")
    except REFUSALS:
        return False
    assert len(inspect.signature(function).parameters) == len(found.parameters)
    _only_checks(found)
    return True


def _target(*_: object, **__: object) -> None: ...


def _only_checks(found: Signature) -> None:
    """Nothing of a stranger's text is a statement of its own: no import, no class, no global."""
    arrays = {one.array: object for one in found.tensors}
    families = {(one.array, one.family.dtypes): () for one in found.tensors if one.family.dtypes is not None}
    source = write_guard(found, build_plan(found), Names(arrays, families), asynchronous=False)
    tree = ast.parse(source.text)
    assert all(isinstance(one, _STATEMENTS) for one in ast.walk(tree) if isinstance(one, ast.stmt))
    own = {one.name for one in found.parameters}
    called = {
        one.func.id for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)
    }
    assert not called & {"eval", "exec", "open", "compile", "__import__", "getattr", "setattr"} - own
    assert Unknown not in source.names.values()

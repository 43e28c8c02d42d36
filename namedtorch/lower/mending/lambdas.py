"""Lambdas outside of functions, as functions with a name."""

import ast
from types import FunctionType

from namedtorch.erase.rewritten import rewritten
from namedtorch.lower.source import Sources


def definition_of_lambda(function: FunctionType, sources: Sources) -> FunctionType | None:
    """A function that does what a lambda does, named as the variable that holds it; None where it is not surely found.

    Its parameters have no types, so TorchScript takes them for tensors.
    """
    lines = sources.lines(function)
    if lines is None:
        return None
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return None
    found: list[tuple[str, ast.Lambda]] = []
    for one in ast.walk(tree):
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as written):
                found.append((name, written))
            case _:
                pass
    named = {id(written): name for name, written in found}
    code = function.__code__
    several = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.Lambda)
        and one.lineno == code.co_firstlineno
        and [argument.arg for argument in one.args.args] == list(code.co_varnames[: code.co_argcount])
    ]
    if len(several) != 1 or function.__kwdefaults__ or several[0].args.vararg or several[0].args.kwarg:
        return None
    written = several[0]
    name = named.get(id(written), f"lambda_at_line_{written.lineno}")
    result = ast.copy_location(ast.Return(written.body), written.body)
    made = ast.FunctionDef(name, written.args, [result], [], None)
    ast.copy_location(made, written)
    new = rewritten(function, made)
    new.__name__ = name
    new.__qualname__ = name
    return new

"""A function that TorchScript would refuse, rewritten into what it takes, where the meaning is surely the same."""

import ast
import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.diagnostics import LowerError
from namedtorch.erase.rewritten import rewritten
from namedtorch.lower.mending import (
    arguments,
    assignments,
    branches,
    comprehensions,
    constants,
    einops_calls,
    inner_functions,
    sequences,
    texts,
    torch_calls,
    truth,
)
from namedtorch.lower.mending.bindings import Bindings
from namedtorch.lower.mending.lambdas import definition_of_lambda
from namedtorch.lower.mending.parameters import mend_parameters
from namedtorch.lower.mending.walk import Mends, Walk
from namedtorch.lower.mending.work import Work
from namedtorch.lower.records import Records
from namedtorch.lower.source import Definition, Sources

_MOST_ROUNDS = 8  # One mend may uncover the next.

_MENDS = Mends(
    statements={
        ast.Assign: (
            assignments.commented,
            assignments.starred_target,
            assignments.empty_list,
            assignments.none_first,
            sequences.set_variable,
            sequences.unpacked_map,
            arguments.tuple_variable,
        ),
        ast.AnnAssign: (assignments.annotated,),
        ast.AugAssign: (assignments.augmented,),
        ast.Expr: (assignments.attribute_by_text, branches.logged),
        ast.Match: (branches.matched,),
        ast.For: (branches.loop_else, sequences.looped_over),
        ast.While: (branches.loop_else,),
        ast.With: (branches.null_context,),
        ast.Import: (branches.inner_import,),
        ast.ImportFrom: (branches.inner_import,),
    },
    whole={
        ast.Name: (constants.outer_name, truth.optional_test),
        ast.Attribute: (torch_calls.library_attribute, constants.outer_attribute),
        ast.Subscript: (constants.indexed_tuple, arguments.index_of_tuple),
        ast.BoolOp: (truth.chosen_value,),
        ast.Compare: (torch_calls.type_test, sequences.member_of_set, arguments.compared_sizes),
        ast.Call: (
            inner_functions.called_partial,
            sequences.first_of,
            sequences.mapped,
            sequences.as_set,
            sequences.turned,
            arguments.expanded_keywords,
            arguments.zipped_strictly,
            arguments.starred_sizes,
            arguments.tuple_of_sizes,
            torch_calls.library_call,
            torch_calls.folded,
            texts.formatted_by_method,
            texts.printed,
        ),
    },
    parts={
        ast.NamedExpr: (assignments.walrus,),
        ast.ListComp: (comprehensions.filtered,),
        ast.GeneratorExp: (comprehensions.filtered,),
        ast.DictComp: (comprehensions.filtered,),
        ast.Call: (
            inner_functions.called_inner,
            sequences.reduced,
            arguments.method_of_function,
            einops_calls.transformed,
            einops_calls.product,
        ),
        ast.List: (arguments.starred_list,),
        ast.Dict: (arguments.merged_dict,),
        ast.JoinedStr: (texts.formatted,),
        ast.UnaryOp: (torch_calls.plus,),
    },
)

_MENDING: ContextVar[bool] = ContextVar("mending", default=True)


@contextlib.contextmanager
def unmended() -> Iterator[None]:
    """Has lowering leave all functions as they are written, until the block ends."""
    token = _MENDING.set(False)
    try:
        yield
    finally:
        _MENDING.reset(token)


def mending_is_on() -> bool:
    """Whether lowering mends what TorchScript refuses."""
    return _MENDING.get()


class Mender:
    """Mends the functions of one lowering."""

    def __init__(self, sources: Sources, records: Records) -> None:
        self._sources = sources
        self._records = records
        self._bindings = Bindings()

    def mended(
        self, function: FunctionType, owner: type | None = None, modules: Sequence[nn.Module] = ()
    ) -> FunctionType:
        """The function that torch is to read in the place of one; `owner` is the class that it is a
        method of, and `modules` those of the model.

        A function without a construct that TorchScript refuses, or whose source is not at hand, stands for itself; a
        construct of which the meaning is not surely kept stays as it is.
        """
        if not _MENDING.get():
            return function
        if function.__name__ == "<lambda>":
            return definition_of_lambda(function, self._sources) or function
        objects = [one for one in modules if owner is not None and isinstance(one, owner)]
        for _ in range(_MOST_ROUNDS):
            definition = self._sources.find(function)
            if definition is None:
                break
            new = self._round(function, definition, owner, objects)
            if new is function:
                break
            function = new
        return function

    def _round(
        self, function: FunctionType, definition: Definition, owner: type | None, objects: Sequence[nn.Module]
    ) -> FunctionType:
        work = Work(function, definition, owner, objects, self._records, self._bindings)
        mend_parameters(work)
        inner_functions.note_inner(work)
        inner_functions.choose_functions(work)
        truth.note_tests(work)
        walk = Walk(work, _MENDS)
        # `block` goes through the list itself: a declaration gives its type to a later statement of it.
        work.node.body = walk.block(work.node.body) or [ast.copy_location(ast.Pass(), work.node)]
        inner_functions.drop_inner(work)
        if not (work.changed or walk.changed):
            return function
        annotations = {**function.__annotations__, **work.annotations}
        try:
            made = rewritten(function, work.node, work.names, annotations)
        except (SyntaxError, LowerError):
            return function
        if work.defaults:
            _give_defaults(made, work)
        return made


def _give_defaults(made: FunctionType, work: Work) -> None:
    listed = [one.arg for one in work.node.args.args]
    values: list[Any] = list(made.__defaults__ or ())
    for place, name in enumerate(listed[len(listed) - len(values) :] if values else ()):
        values[place] = work.defaults.get(name, values[place])
    made.__defaults__ = tuple(values) or None
    named = dict(made.__kwdefaults__ or {})
    made.__kwdefaults__ = {key: work.defaults.get(key, value) for key, value in named.items()} or None

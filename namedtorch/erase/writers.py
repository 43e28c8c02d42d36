"""The table of writers: which room writes which kind of expression in plain torch."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from namedtorch.erase.attributes import write_attribute
from namedtorch.erase.factories import write_factory
from namedtorch.erase.facts import write_fact
from namedtorch.erase.functions import write_function
from namedtorch.erase.methods import write_method
from namedtorch.erase.patterns import write_pattern
from namedtorch.erase.site import Writer
from namedtorch.erase.subscripts import write_subscript

WRITERS: Final[Mapping[type[ast.expr], Sequence[Writer]]] = {
    ast.Call: (write_pattern, write_factory, write_function, write_method),
    ast.Attribute: (write_attribute,),
    ast.Subscript: (write_subscript,),
    ast.Compare: (write_fact,),
}
"""The writers of each kind of expression; the first that has something to write does."""

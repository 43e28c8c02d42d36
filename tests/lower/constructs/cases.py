"""All cases, in the order of the table of constructs."""

from tests.lower.constructs import (
    attributes,
    expressions,
    libraries,
    modules,
    names,
    parameters,
    python,
    statements,
    submodules,
    types,
)
from tests.lower.constructs.case import Case

CASES: list[Case] = [
    *parameters.CASES,
    *expressions.CASES,
    *statements.CASES,
    *names.CASES,
    *attributes.CASES,
    *libraries.CASES,
    *submodules.CASES,
    *python.CASES,
    *types.CASES,
    *modules.CASES,
]

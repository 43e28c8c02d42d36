"""The rows of the documentation about modules: construct, the line that torch refuses, what becomes of it."""

from tests.lower.mending import module_cases_classes, module_cases_parts, module_cases_values
from tests.lower.mending.module_case import Case

_BAKED = "a plain parameter with the weight that it computes in eval mode"
_OTHERS = {
    **{case.construct: _BAKED for case in module_cases_classes.WEIGHTS},
    **{case.construct: "the float that it stands for" for case in module_cases_classes.FLOATS},
    "a property that TorchScript refuses and nothing in the graph uses": "it is left out of the graph",
}


def _becomes(case: Case) -> str:
    line = next((one.strip() for one in case.becomes.splitlines() if one.strip()), "")
    return f"`{line}`" if line else _OTHERS[case.construct]


MENDED: tuple[tuple[str, str, str], ...] = tuple(
    (case.construct, case.refused, _becomes(case))
    for case in (*module_cases_values.CASES, *module_cases_parts.CASES, *module_cases_classes.CASES)
)
"""Each is a case that a test holds against torch and against eager."""

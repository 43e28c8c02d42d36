"""A graph with its guards inside, before it is verified and gets its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from namedtorch.archive.manifest import Method
from namedtorch.lower.lowering_report import Choice
from namedtorch.lower.torchscript import Script
from namedtorch.lower.verify.verifier import Translated


@dataclass(frozen=True, slots=True)
class Compiled:
    """What torch made, the methods that callers reach, the Python that was written for it, and how it came about.

    `calls` turns calls of the original into those of the graph, by the names of methods that take other arguments.
    """

    script: Script
    methods: Mapping[str, Method]
    source: str
    choices: tuple[Choice, ...]
    calls: Mapping[str, Translated] = field(default_factory=dict[str, Translated])

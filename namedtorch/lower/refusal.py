"""All that TorchScript refuses in a model, once it has refused to compile it: at the user's lines, with the way around.

torch stops at its first complaint. What it would say next is learnt in two ways: the functions of the graph are
searched for constructs that it refuses, and it compiles again with the bodies that it complained of left out.
"""

from types import FunctionType

from torch import nn

from namedtorch.diagnostics import LowerError
from namedtorch.lower.complaint import Complaint, Place, complaint_of
from namedtorch.lower.construct_python import MUTUAL_RECURSION
from namedtorch.lower.constructs import Found, found_in
from namedtorch.lower.functions import Functions
from namedtorch.lower.hearing import Hearing
from namedtorch.lower.reach import Reach
from namedtorch.lower.recompilation import recompiler, release
from namedtorch.lower.report import Report
from namedtorch.lower.source import Definition
from namedtorch.lower.translation import Translation, translate


def refused(
    error: Exception,
    name: str,
    target: nn.Module | FunctionType,
    functions: Functions,
    outermost: Definition,
) -> LowerError:
    """The error for code that was refused with `error` while `target` was compiled, the graph of `name`.

    `outermost` is the definition that the graph is made of. Call it before `functions` forgets how torch reads them. A
    LowerError of ours is taken up if what it refuses, at the line that it names, is found as well.
    """

    def read(one: Exception) -> Complaint:
        complaint = complaint_of(one)
        release(one)
        return complaint

    def method(function: FunctionType, owner: type) -> Translation | None:
        definition = functions.sources.find(function)
        return None if definition is None else translate(function, definition, functions.records, owner)

    first = None if isinstance(error, LowerError) else read(error)
    reach = Reach(target, functions.translations(), method)
    with recompiler(reach.methods) as compiler:
        constructs = {body: list(found_in(body)) for body in reach.bodies}
        for body, (line, called) in reach.cycles().items():
            constructs[body].append(Found(MUTUAL_RECURSION, called, line, line))
        suspects = [body for body, found in constructs.items() if found]
        hearing = Hearing(reach, suspects, read)
        if first is None:
            # It was refused before torch was asked, and without that it would not be asked either.
            hearing.complete = False
        else:
            parts = [functions.graph_function(one.translation.function) for one in reach.functions()]
            hearing.hear(first, compiler, [*parts, *reach.kinds(), target])
    place = Place(outermost.file, outermost.node.lineno)
    findings = Report(name, place, reach, hearing, constructs).findings()
    if isinstance(error, LowerError) and not any(f"{one.place}\n" in f"{error}\n" for one in findings):
        # It is about something else.
        return LowerError(str(error))
    return LowerError.of(findings, name)

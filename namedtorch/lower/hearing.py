"""What torch complains of in all of a model: heard again and again, with the bodies at fault left out."""

from collections.abc import Callable, Iterable, Sequence
from types import FunctionType

from torch import nn

from namedtorch.lower.body import Body
from namedtorch.lower.complaint import Complaint
from namedtorch.lower.reach import Reach
from namedtorch.lower.recompilation import Recompiler, returns_unknown

_MOST_PARTS = 60
_MOST_REFUSALS = 30


class Hearing:
    """The complaints of torch about the bodies of one graph.

    `suspects` are bodies that hold what TorchScript refuses: they are left out where torch names no line.
    """

    def __init__(
        self, reach: Reach, suspects: Sequence[Body], read: Callable[[Exception], Complaint]
    ) -> None:
        self.complaints: list[Complaint] = []
        self.repeated: set[Complaint] = set()
        """Complaints that came again when what seemed at fault was left out."""
        self.refused: set[Body] = set()
        """The bodies that torch complained of."""
        self.complete = True
        """Whether torch was heard on every body: then it takes those that it did not complain of."""
        self._reach = reach
        self._suspects = suspects
        self._read = read
        self._vague: set[Body] = set()

    def hear(self, first: Complaint, compiler: Recompiler, parts: Iterable[nn.Module | FunctionType]) -> None:
        """Collects the complaints of each part; `first` is what torch said of the whole as it stands."""
        refusals = 0
        self._answer(first, compiler)
        for number, part in enumerate(parts):
            error = compiler.compile(part) if number < _MOST_PARTS else None
            while error is not None and refusals < _MOST_REFUSALS:
                refusals += 1
                error = compiler.compile(part) if self._answer(self._read(error), compiler) else None
            if number >= _MOST_PARTS or refusals >= _MOST_REFUSALS:
                self.complete = False
                return

    def _answer(self, complaint: Complaint, compiler: Recompiler) -> bool:
        """Notes a complaint, and has what it is about left out; False where that can't be done."""
        self._note(complaint)
        done = self._leave_out(complaint, compiler)
        self.complete = self.complete and done
        return done

    def _note(self, complaint: Complaint) -> None:
        body = self._body(complaint)
        if body is not None:
            self.refused.add(body)
            if not self._vague.isdisjoint(self._reach.called(body)):
                # It may be due to the type that stands in for the result of a body left out.
                return
        if complaint in self.complaints:
            self.repeated.add(complaint)
        else:
            self.complaints.append(complaint)

    def _leave_out(self, complaint: Complaint, compiler: Recompiler) -> bool:
        """Has the body at fault left out; False where there is none, or where that did not help."""
        body = self._body(complaint)
        if body in self._reach.of_classes:
            # torch does not compile a class again that it refused: those who use it are left out.
            callers = list(self._reach.callers(body))
            self._vague.update(one for one in callers if returns_unknown(one.node))
            return any([compiler.leave_out(one.code) for one in callers])  # noqa: C419
        if body is not None and compiler.soften(body.code, body.node):
            return True
        if body is not None:
            header = complaint.place is not None and complaint.place.line < body.node.body[0].lineno
            if header or returns_unknown(body.node):
                self._vague.add(body)
            return compiler.leave_out(body.code, header)
        suspects = [one for one in self._suspects if one not in self.refused]
        self._vague.update(one for one in suspects if returns_unknown(one.node))
        self.refused.update(suspects)
        return any([compiler.leave_out(one.code) for one in suspects])  # noqa: C419

    def _body(self, complaint: Complaint) -> Body | None:
        found = (self._reach.containing(one.file, one.line) for one in complaint.places)
        return next((one for one in found if one is not None), None)

"""`Code`: one kind of finding."""

from dataclasses import dataclass
from textwrap import indent

from namedtorch.diagnostics.source import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding: its name, what it means, the sentence it says, and what to do.

    `wrong` and `right` are files as `namedtorch check` reads them, but for their imports: the first has the finding
    on the line that ends in `# <-`, the second has none.
    """

    name: str
    title: str
    message: str
    advice: str
    terse: str = ""
    """The sentence where a field has nothing to say: for a size without a name, a scalar, a dtype in a graph."""
    severity: Severity = "error"
    wrong: str = ""
    right: str = ""

    @staticmethod
    def of_source(
        name: str, title: str, advice: str, wrong: str, right: str, severity: Severity = "error"
    ) -> "Code":
        """A code of source files, whose findings word themselves."""
        return Code(name, title, "{actual}", advice, "", severity, wrong, right)

    @property
    def page(self) -> str:
        """What `namedtorch explain` prints: what to do, and both examples."""
        parts = [self.advice.rstrip()]
        for word, example in (("wrong", self.wrong), ("right", self.right)):
            if example:
                parts.append(f"{word}:\n{indent(example.rstrip(), '    ')}")
        return "\n\n".join(parts)

"""A construct that TorchScript refuses: how it is recognised, what it is in plain words, and the way around it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from namedtorch.lower.body import Body

Match = Callable[[Any, Body], str | None]
"""What of a node is the construct's subject ("" where there is none to name); None if it is no such construct."""


@dataclass(frozen=True, slots=True)
class Construct:
    """One row of the table.

    `what` and `remedy` have `{}` where the subject stands. It is found in the source by `match`, which looks at `nodes`
    of these types; in torch's words by `says`, whose first group is the subject (named groups fill `{name}`); in a
    module that TorchScript can't take as it stands by `holds`, which gives the subject and the hook that is meant. A
    construct that is `parsed` is refused wherever it is written, any other only in code that TorchScript compiles. One
    that `spreads` makes torch complain of what comes of it, in the statement or further down.
    """

    name: str
    what: str
    remedy: str
    nodes: tuple[type, ...] = ()
    match: Match | None = None
    parsed: bool = False
    spreads: bool = False
    says: str = ""
    holds: Callable[[nn.Module], tuple[str, Any] | None] | None = None

    def found_in(self, node: Any, body: Body) -> str | None:
        """The subject, where a node is this construct."""
        return self.match(node, body) if self.match is not None and isinstance(node, self.nodes) else None

    def told_by(self, words: str) -> dict[str, str] | None:
        """What torch's words say of the construct, by the names of the groups in `says`; None for other words."""
        found = re.search(self.says, words, re.DOTALL) if self.says else None
        if found is None:
            return None
        return {"": next((one for one in found.groups() if one), ""), **found.groupdict()}

    def described(self, subject: str | Mapping[str, str]) -> tuple[str, str]:
        """What it is and the way around it, with the subject named."""
        what, remedy = self.what, self.remedy
        given = {"": subject} if isinstance(subject, str) else dict(subject)
        if not given[""]:
            # There is nothing to name.
            what, remedy = what.removeprefix("`{}`, "), remedy.replace("{}", "name")
        for name, value in given.items():
            what, remedy = what.replace(f"{{{name}}}", value), remedy.replace(f"{{{name}}}", value)
        return what, remedy


def always(node: Any, body: Body) -> str | None:
    """Each node of the type is the construct."""
    return ""

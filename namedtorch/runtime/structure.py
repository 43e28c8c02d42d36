"""The first lines of a Python guard: the types of values, whatever their sizes."""

import keyword
import warnings
from dataclasses import dataclass, field
from typing import Any

from beartype import beartype
from beartype.roar import BeartypeDecorHintPepDeprecationWarning, BeartypeException

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.unknown import Unknown
from namedtorch.runtime.dialect import PythonDialect
from namedtorch.signature.emit import literal
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
    has_dims,
)
from namedtorch.signature.plain import BEARTYPE, own


@dataclass(slots=True)
class Structure:
    """Writes the checks of types: arrays and containers inline, all other hints by one function of beartype's."""

    dialect: PythonDialect
    _plain: list[tuple[str, PlainHint]] = field(default_factory=list[tuple[str, PlainHint]])
    _depth: int = 0
    _lines: list[str] = field(default_factory=list[str])

    def root(self, hint: Hint, variable: str, argument: str) -> None:
        """Checks the value of a parameter, or the result."""
        if isinstance(hint, PlainHint):
            if hint.hint is not Unknown and hint.hint is not Any:
                self._plain.append((variable, hint))
        else:
            self._check(hint, variable, argument, 0)

    def taken(self) -> list[str]:
        """The lines so far; they are handed out once."""
        lines, self._lines = self._lines, []
        return lines

    def plain(self, name: str) -> list[str]:
        """The check of all values without dims, by beartype; skipped under torch.compile, which breaks on it."""
        if not self._plain:
            return []
        hints, self._plain = self._plain, []
        variables = [variable for variable, _ in hints]
        self.dialect.names.values[name] = _beartyped(dict(hints))
        refusal = self.dialect.refuse("wrong-type", "an argument has another type than its annotation", None)
        return [
            "if not _compiling():",
            "    try:",
            f"        {name}({', '.join(variables)})",
            "    except _violation:",
            f"        {refusal}",
        ]

    def _line(self, text: str) -> None:
        self._lines.append("    " * self._depth + text)

    def _refuse_if(self, bad: str, code: str, message: str) -> None:
        self._line(f"if {bad}:")
        self._line("    " + self.dialect.refuse(code, message, None))

    def _check(self, hint: Hint, variable: str, argument: str, level: int) -> None:
        depth = self._depth
        match hint:
            case TensorHint():
                bad = self.dialect.array(hint, variable, level == 0)
                if bad:
                    message = (
                        f"`{argument}` is no {literal(hint.family.name)} {hint.array.rsplit('.', 1)[-1]}"
                    )
                    self._refuse_if(" or ".join(bad), "dtype-differs", message)
            case PlainHint():
                if hint.hint is not Unknown and hint.hint is not Any:
                    bad = f"not _compiling() and not {self.dialect.fits(hint, variable)}"
                    self._refuse_if(bad, "wrong-type", f"`{argument}` is no {literal(hint.text)}")
            case OptionalHint(inner=inner):
                self._block(f"if {variable} is not None:")
                self._check(inner, variable, argument, level + 1)
            case UnionHint(members=members):
                self._refuse_if(
                    f"not {self.dialect.fits(hint, variable)}",
                    "no-member-fits",
                    f"`{argument}` is none of {literal(hint)}",
                )
                for index, member in enumerate(members):
                    if has_dims(member) and not isinstance(member, TensorHint):
                        earlier = "".join(
                            f" and not ({self.dialect.fits(one, variable)})" for one in members[:index]
                        )
                        self._block(f"if {self.dialect.fits(member, variable)}{earlier}:")
                        self._check(member, variable, argument, level + 1)
                        self._depth = depth
            case ListHint(item=item):
                self._container(hint, variable, argument)
                self._block(f"for _e{level} in {variable}:")
                self._check(item, f"_e{level}", f"{argument}[...]", level + 1)
            case DictHint(value=value):
                self._container(hint, variable, argument)
                if hint.key_hint is not Unknown and hint.key_hint is not Any:
                    keys = f"_bears_keys({variable}, {self.dialect.names.add('_hint', hint.key_hint)})"
                    self._refuse_if(
                        f"not _compiling() and not {keys}", "wrong-type", f"a key of `{argument}` is wrong"
                    )
                self._block(f"for _e{level} in {variable}.values():")
                self._check(value, f"_e{level}", f"{argument}[...]", level + 1)
            case TupleHint(items=items):
                bad = f"not isinstance({variable}, tuple) or len({variable}) != {len(items)}"
                self._refuse_if(bad, "container-differs", f"`{argument}` is no tuple of {len(items)}")
                for index, item in enumerate(items):
                    self._check(item, f"{variable}[{index}]", f"{argument}[{index}]", level + 1)
            case RecordHint(fields=fields):
                self._container(hint, variable, argument)
                for name, inner in fields:
                    self._check(inner, f"{variable}.{name}", f"{argument}.{name}", level + 1)
        self._depth = depth

    def _block(self, header: str) -> None:
        self._line(header)
        self._depth += 1
        # A block whose hints need no check (Any) is still a block.
        self._line("pass")

    def _container(self, hint: Hint, variable: str, argument: str) -> None:
        if isinstance(hint, RecordHint) and hint.record_type is Unknown:
            # A record read from an archive, whose class is not at hand: its fields are all that is known.
            bad = " or ".join(f"not hasattr({variable}, {name!r})" for name, _ in hint.fields) or "False"
        else:
            bad = f"not isinstance({variable}, {self.dialect.container(hint)})"
        self._refuse_if(bad, "container-differs", f"`{argument}` is no {literal(hint)}")


def _beartyped(hints: dict[str, PlainHint]) -> Any:
    """A function of these parameters that beartype holds to their hints."""
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in hints)
    space: dict[str, Any] = {}
    exec(compile(f"def check({', '.join(hints)}): pass", "<namedtorch hints>", "exec"), space)
    check = space["check"]
    check.__annotations__ = {name: own(hint.hint) for name, hint in hints.items()}
    try:
        with warnings.catch_warnings():
            # How users spell their hints (`typing.Dict`) is for them to know.
            warnings.simplefilter("ignore", BeartypeDecorHintPepDeprecationWarning)
            return beartype(conf=BEARTYPE)(check)
    except BeartypeException as error:
        texts = ", ".join(f"`{name}: {hint.text}`" for name, hint in hints.items())
        raise AnnotationError(f"beartype can't check the annotations {texts}: {error}") from None

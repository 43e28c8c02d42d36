"""What of a call does not fit, out of torch's list of all the forms that a function has."""

import re
from dataclasses import dataclass

_VARIANT = re.compile(r"^\s*(?:(?:aten|prim)::)?(?P<name>\w*)(?:\.\w+)?\((?P<parameters>.*)\) -> .+$")
_EXPECTED = re.compile(
    r"Expected a value of type '(?P<wanted>.+?)' for argument '(?P<argument>[\w<>]+)' "
    r"but instead found type '(?P<given>.+?)'"
)
_MATCH = re.compile(r"Could not match type (?P<given>.+?) to (?P<wanted>.+?) in argument '(?P<argument>\w+)'")
_UNKNOWN = re.compile(r"Keyword argument (?P<argument>\w+) unknown")
_MISSING = re.compile(r"Argument (?P<argument>\w+) not provided")
_TOO_MANY = re.compile(r"Expected at most (?P<most>\d+) arguments? but found (?P<given>\d+)")
_OPTIONAL = re.compile(r"(?:NoneType|Optional\[.*\])$")
# Forms that write into a tensor, which are never meant.
_WRITES = re.compile(r"\b(?:out|Tensor\(a!\))")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORDS = [
    "add",
    "+",
    "sub",
    "-",
    "mul",
    "*",
    "div",
    "/",
    "floordiv",
    "//",
    "remainder",
    "%",
    "pow",
    "**",
    "matmul",
    "@",
    "neg",
    "-",
    "__or__",
    "|",
    "__and__",
    "&",
    "__xor__",
    "^",
    "eq",
    "==",
    "ne",
    "!=",
    "lt",
    "<",
    "le",
    "<=",
    "gt",
    ">",
    "ge",
    ">=",
    "__getitem__",
    "[]",
    "_set_item",
    "[]=",
    "__contains__",
    "in",
]
_SIGNS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class _Variant:
    """One form of a function, and what of a call does not fit it."""

    name: str
    parameters: str
    reason: str

    @property
    def misfit(self) -> re.Match[str] | None:
        """The argument of another type."""
        return _EXPECTED.search(self.reason) or _MATCH.search(self.reason)

    @property
    def position(self) -> int:
        """Which argument has another type, from 1; 0 where that is not what is wrong."""
        found = self.misfit
        flat = _BRACKETS.sub("", self.parameters)
        names = [one.split("=")[0].split()[-1] for one in flat.split(", ") if one.strip("*. ")]
        return names.index(found["argument"]) + 1 if found is not None and found["argument"] in names else 0

    @property
    def nearness(self) -> float:
        """How much of the call fits: the later the first misfit, the better."""
        if _WRITES.search(self.parameters.partition("*")[2]):
            return -1
        for pattern, nearness in ((_UNKNOWN, 90.0), (_TOO_MANY, 1.5), (_MISSING, 1.2)):
            if pattern.search(self.reason):
                return nearness
        # torch takes a text for a device.
        unlikely = self.misfit is not None and self.misfit["wanted"] == "Device"
        return self.position - (0.1 if unlikely else 0.0)


def misfit_of(words: str) -> tuple[str, str] | None:
    """What does not fit, and what to do; None if the words are not about a call that does not fit."""
    variants = _variants(words)
    if not variants:
        return None
    best = max(variants, key=lambda one: one.nearness)
    form = f"TorchScript knows it as `{best.name}({best.parameters})`"
    called = f"`{_SIGNS.get(best.name, best.name)}`" if best.name else "the call"
    for pattern, text in (
        (_UNKNOWN, "{called} has no keyword `{argument}`"),
        (_MISSING, "{called} gets no `{argument}`"),
        (_TOO_MANY, "{called} takes {most} positional arguments, and gets {given}"),
    ):
        found = pattern.search(best.reason)
        if found is not None:
            return text.format(called=called, **found.groupdict()), form
    found = best.misfit
    if found is None:
        return None
    given, wanted = found["given"].removesuffix(" (inferred)"), found["wanted"]
    if best.position == 1 and len(variants) > 1 and not _OPTIONAL.match(given):
        return (
            f"{called} is not for values of type {given}",
            "write it with what TorchScript has for this type",
        )
    place = "" if found["argument"] == "<varargs>" else f" for `{found['argument']}`"
    what = f"{called} takes {wanted}{place}, and gets {given}"
    if _OPTIONAL.match(given) and not _OPTIONAL.match(wanted):
        return what, "test it first, in a variable of its own: `k = self.k`, then `if k is not None:`"
    if given.startswith("Enum<"):
        return what, "take the value of the member: `Mode.SUM.value`"
    return what, form


def _variants(words: str) -> list[_Variant]:
    found: list[_Variant] = []
    name, parameters, reasons = "", None, list[str]()
    for line in [*words.splitlines(), "() -> ()"]:
        schema = _VARIANT.match(line)
        if schema is None:
            reasons.append(line.strip())
            continue
        if parameters is not None and reasons:
            found.append(_Variant(name, parameters, " ".join(reasons)))
        name, parameters, reasons = schema["name"], schema["parameters"], []
    return found

"""Whether values have the types that hints ask for; and the tensors that stand at each place of a plan."""

from dataclasses import dataclass, field, replace

from namedtorch.dims.unknown import Unknown
from namedtorch.signature.alternatives import as_tuple, is_alternative, is_array, is_container
from namedtorch.signature.complaints import Complaints, subject
from namedtorch.signature.dtypes import EVERY, FAMILIES
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
    described,
)
from namedtorch.signature.paths import Path
from namedtorch.signature.plain_types import takes
from namedtorch.signature.signature import tensors_of
from namedtorch.signature.stand_ins import (
    DictStandIn,
    ListStandIn,
    NoneStandIn,
    PlainStandIn,
    RecordStandIn,
    StandIn,
    TensorStandIn,
    TupleStandIn,
    type_text,
)


@dataclass(slots=True)
class Fitting:
    """One walk over the values of a path: complaints about types, and the tensors by their index in the plan."""

    path: Path
    complaints: Complaints
    tensors: dict[int, list[TensorStandIn]] = field(default_factory=dict[int, list[TensorStandIn]])
    refused: bool = False

    def walk(self, hint: Hint, value: StandIn, argument: str, scope: str, index: int) -> None:
        """Holds a value to a hint whose first tensor has this index; `scope` is the element that it is."""
        match hint, value:
            case TensorHint(), TensorStandIn():
                self._tensor(hint, value, argument, scope, index)
            case PlainHint(text=text), _ if takes(text, type_text(value)):
                pass
            case OptionalHint(), NoneStandIn():
                pass
            case OptionalHint(inner=inner), _ if not isinstance(value, PlainStandIn):
                self.walk(inner, value, argument, scope, index)
            case UnionHint(members=members), _:
                for member in members:
                    if is_alternative(self.path, member, value, argument):
                        self.walk(member, value, argument, scope, index)
                        return
                    index += len(tensors_of(member))
                self._refuse(hint, value, argument)
            case ListHint(item=item), ListStandIn(container=container, items=items) if is_container(
                container, hint.container
            ):
                for place, one in enumerate(items):
                    self.walk(item, one, f"{argument}[{place}]", f"{scope}[{place}]", index)
            case ListHint(item=item), TupleStandIn(items=items) if is_container("tuple", hint.container):
                for place, one in enumerate(items):
                    self.walk(item, one, f"{argument}[{place}]", f"{scope}[{place}]", index)
            case DictHint(key=key, value=inner), DictStandIn(key=given, items=values) if takes(key, given):
                for name, one in values.items():
                    self.walk(inner, one, f"{argument}[{name!r}]", f"{scope}[{name}]", index)
            case TupleHint(items=hints), TupleStandIn() | ListStandIn() | RecordStandIn():
                parts = as_tuple(value)
                if parts is None or len(parts) != len(hints):
                    self._refuse(hint, value, argument)
                    return
                for place, (part, one) in enumerate(zip(hints, parts, strict=True)):
                    self.walk(part, one, f"{argument}[{place}]", f"{scope}[{place}]", index)
                    index += len(tensors_of(part))
            case RecordHint(fields=fields), RecordStandIn(fields=given, is_tuple=is_tuple):
                names = [name for name, _ in fields]
                # A NamedTuple goes by place as well: `boxes, scores = model(image)`.
                moved = (is_tuple is Unknown or is_tuple) and names != list(given)
                missing = any(name not in given for name in names)
                if moved or missing:
                    why = " (fields of a record keep their places: it may be a plain tuple)"
                    self._refuse(hint, value, argument, "" if missing else why)
                    return
                for name, part in fields:
                    self.walk(part, given[name], f"{argument}.{name}", f"{scope}.{name}", index)
                    index += len(tensors_of(part))
            case _:
                self._refuse(hint, value, argument)

    def _refuse(self, hint: Hint, value: StandIn, argument: str, also: str = "") -> None:
        self.refused = True
        cause = ("type", argument.partition("[")[0], str(hint))
        if isinstance(value, NoneStandIn):
            text = f"{subject(argument)} may be None in {self.complaints.giver}, and {self.complaints.asker} "
            self.complaints.say(None, cause, f"{text}asks for {_shown(hint)}")
            return
        text = self.complaints.asks(argument, _shown(hint), _described(value))
        self.complaints.say(None, cause, text + also)

    def _tensor(self, hint: TensorHint, value: TensorStandIn, argument: str, scope: str, index: int) -> None:
        if not is_array(value.array, hint.array):
            text = self.complaints.asks(argument, f"a {hint.array}", f"a {value.array}")
            self.complaints.say(None, ("array", index), text)
            return
        wanted, given = hint.family.dtypes, value.dtypes
        # A signature that says nothing of dtypes, as texts do, is not compared by them.
        if wanted is not None and given is not None and not set(given) <= set(wanted):
            names = hint.family.name, _dtypes(given)
            text = self.complaints.asks(argument, f"the dtype {names[0]}", names[1])
            self.complaints.say(None, ("dtype", index), text)
        own = replace(value, argument=argument, scope=scope)
        self.tensors.setdefault(index, []).append(own)


def _shown(hint: Hint) -> str:
    # Alternatives may differ in nothing but their dtypes.
    text = described(hint) if isinstance(hint, UnionHint) else str(hint)
    return f"`{text}`" if text else "a scalar"


def _described(value: StandIn) -> str:
    """What a value is, for the end of a sentence."""
    match value:
        case TensorStandIn(text=text):
            return f"a tensor, `{text}`" if text else "a scalar tensor"
        case PlainStandIn(text="Any"):
            return "no hint of it"
        case ListStandIn(container=container, items=items):
            return f"a {container} of {len(items)}" + (f", `{_dims(items[0])}` each" if items else "")
        case _:
            return f"`{_dims(value)}`"


def _dims(value: StandIn) -> str:
    """The dims in a value as a hint writes them."""
    match value:
        case TensorStandIn(text=text):
            return text
        case TupleStandIn(items=items):
            return f"tuple[{', '.join(map(_dims, items))}]"
        case DictStandIn(key=key, items=items) if items:
            return f"dict[{key}, {_dims(next(iter(items.values())))}]"
        case RecordStandIn(name=name, fields=fields):
            return f"{name}({', '.join(f'{field}: {_dims(one)}' for field, one in fields.items())})"
        case _:
            return type_text(value)


def _dtypes(names: tuple[str, ...]) -> str:
    """Dtypes under the name of their family, if they have one."""
    if EVERY.dtypes is not None and set(names) == set(EVERY.dtypes):
        return "any"
    for family in FAMILIES.values():
        if family.dtypes is not None and set(family.dtypes) == set(names):
            return family.name
    return ", ".join(names)

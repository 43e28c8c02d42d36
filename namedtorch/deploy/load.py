"""A model out of an archive, held to the signature that the archive carries."""

import collections
import difflib
import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from namedtorch.archive.container import read_manifest
from namedtorch.archive.manifest import AGAIN, Manifest
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import AnnotationError, ArchiveError, DimError
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.calls import defaults_of, refusal_of
from namedtorch.lower.torchscript import open_archive
from namedtorch.runtime.guard import guarded
from namedtorch.signature.hint_json import ELIDED
from namedtorch.signature.hints import Hint, OptionalHint, RecordHint
from namedtorch.signature.signature import Kind, Parameter, Signature


class LoadedModel:
    """A model that is called as its signature says, by position or by keyword.

    Arguments are checked before torch is entered, results before they are returned: what does not fit is a
    DimError. The guard comes from the manifest's signature, also where the graph holds none
    (`guards="none"`). Gradients are left as the caller has them; `with torch.inference_mode()` around a call
    is the fast way to serve.
    """

    def __init__(self, manifest: Manifest, module: Any) -> None:
        self.manifest = manifest
        self.module = module
        """The TorchScript module, for what torch offers (`parameters()`, `to()`); calling it passes by our guard."""
        self._guarded = guarded(_with_defaults(manifest.signature, module), module, manifest.name)
        self._records = {
            one.name: made for one in manifest.signature.parameters if (made := _record_class(one.hint))
        }
        # What editors, notebooks and web frameworks read.
        self.__signature__ = inspect.signature(self._guarded)

    @property
    def signature(self) -> Signature:
        """The dims of the arguments and the result; prints as `image: N C=3 H W -> N classes=10`."""
        return self.manifest.signature

    @property
    def name(self) -> str:
        """The qualified name of the class or function that was lowered."""
        return self.manifest.name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._records:
            args, kwargs = self._with_records(args, kwargs)
        try:
            return self._guarded(*args, **kwargs)
        except TypeError as error:
            if isinstance(error, DimError):
                raise
            # Bound only now: a call that fits is not to pay for it.
            problem = _misfit(self.signature, args, kwargs)
            if problem is None:
                raise
            raise TypeError(f"{self.name}: {problem}; it takes {self.signature}") from None
        except (torch.jit.Error, RuntimeError) as error:
            refused = refusal_of(error, self.name)
            if refused is None:
                raise
            raise refused from None

    def _with_records(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with plain tuples as records: who loads a file seldom has the classes of who wrote it."""
        names = [one.name for one in self.signature.parameters]

        def record(name: str, value: Any) -> Any:
            made = self._records.get(name)
            fits = made is not None and type(value) is tuple and len(value) == len(made._fields)
            return made(*value) if fits and made is not None else value

        by_place = (
            tuple(record(name, value) for name, value in zip(names, args, strict=False)) + args[len(names) :]
        )
        return by_place, {name: record(name, value) for name, value in kwargs.items()}

    def __repr__(self) -> str:
        return f"<{self.name}: {self.signature}>"


def load(path: str | os.PathLike[str], device: "str | torch.device | None" = None) -> LoadedModel:
    """Loads the model of an archive (.pt, .ptl), onto `device` if one is given.

    Raises ArchiveError, one line, for a file that can't be read, is broken, is no namedtorch archive, or is
    too new; the manifest is read before torch sees the file. Raises ValueError for a device that is not there.
    """
    manifest = read_manifest(path)
    where = one_line(os.fspath(path))
    map_location = _device(device)
    try:
        module = open_archive(path, map_location=map_location)
    except ArchiveError:
        raise
    # torch walks the file in C++ and lets out what falls (IndexError for a flipped bit): a broken file is one line.
    except Exception as error:
        raise ArchiveError(f"{where}: torch can't load it ({one_line(str(error), 200)}); {AGAIN}") from error
    try:
        return LoadedModel(manifest, module)
    # What reads as a signature may still ask for an array type, or use a name, that no guard can be written for.
    except (AnnotationError, SyntaxError) as error:
        problem = one_line(str(error), 200)
        raise ArchiveError(f"{where}: no guard fits its signature ({problem}); {AGAIN}") from error


def _record_class(hint: Hint) -> Any:
    """A NamedTuple with the fields of a record; None for what is no record."""
    inner = hint.inner if isinstance(hint, OptionalHint) else hint
    if not isinstance(inner, RecordHint):
        return None
    return collections.namedtuple(inner.name, [name for name, _ in inner.fields])


def _with_defaults(signature: Signature, module: Any) -> Signature:
    """The signature with the graph's own values for defaults that a manifest does not hold (tuples, inf, enums)."""
    if not any(one.default is ELIDED for one in signature.parameters):
        return signature
    values = defaults_of(module)
    if len(values) != len(signature.parameters):
        return signature
    filled: list[Parameter] = []
    for one, value in zip(signature.parameters, values, strict=True):
        missing = one.default is ELIDED
        default = Unknown if value is inspect.Parameter.empty else value
        filled.append(replace(one, default=default) if missing else one)
    return replace(signature, parameters=tuple(filled))


def _device(device: "str | torch.device | None") -> torch.device | None:
    """The device, if tensors can be made on it."""
    if device is None:
        return None
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError) as error:
        headline = str(error).partition("\n")[0]
        raise ValueError(f"device {str(device)!r} can't be used here: {headline}") from error


def _misfit(signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """What is wrong with the number or the names of the arguments; None if nothing is."""
    by_place = [
        one.name for one in signature.parameters if one.kind in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)
    ]
    if len(args) > len(by_place):
        return f"{len(args)} arguments given by position, {len(by_place)} taken"
    names = [one.name for one in signature.parameters]
    given = by_place[: len(args)]
    for name in kwargs:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            return f"there is no argument `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
        if name in given:
            return f"`{name}` is given twice"
    missing = [one.name for one in signature.parameters if one.required and one.name not in {*given, *kwargs}]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return ", ".join(f"`{name}`" for name in missing) + f" {verb} missing"
    return None

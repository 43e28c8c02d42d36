"""The model of an archive, loaded and called for the command line: what torch raises becomes a sentence."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from namedtorch.cli.outcome import Refused
from namedtorch.deploy.load import LoadedModel, load
from namedtorch.diagnostics import ArchiveError, DimError
from namedtorch.lower.calls import said_by


def loaded(
    path: str, device: str | None, check: bool | None, *, convert: bool = False, sha256: str | None = None
) -> LoadedModel:
    """The model of an archive; `check` says whether all records are verified (None: as `load` does by itself).

    With `convert`, inputs are copied into the memory formats that the signature asks for. `sha256` is the digest that
    the file must have.
    """
    digest: dict[str, Any] = {} if check is None else {"digest": "check" if check else "skip"}
    try:
        return load(
            path, device=device, memory_format="convert" if convert else "check", sha256=sha256, **digest
        )
    except (ArchiveError, DimError):
        raise
    except ValueError as error:
        raise Refused(str(error)) from error


def method_of(model: LoadedModel, name: str) -> Callable[..., Any]:
    """A method of a model that the archive has."""
    # forward is the model itself, also for what was a function.
    return model if name == "forward" else getattr(model, name)


def called(model: Callable[..., Any], positional: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """What a model returns; raises DimError for inputs that do not fit, Refused where the model fails."""
    try:
        return model(*positional, **keywords)
    except DimError:
        raise
    except TypeError as error:
        raise Refused(str(error)) from error
    # torch reports an error inside of a graph as its own class, with TorchScript's traceback for a text.
    except Exception as error:
        said = said_by(error)
        doubles = [one for one in (*positional, *keywords.values()) if _is_double(one)]
        if doubles and any(word in said for word in ("dtype", "scalar type", "Double", "double")):
            said += (
                "\nhelp: numpy's default is float64; a model of float32 weights takes array.astype('float32')"
            )
        raise Refused(f"the model failed: {said}") from error


def _is_double(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_is_double(one) for one in cast("list[Any]", value))
    return str(getattr(value, "dtype", "")) == "torch.float64"

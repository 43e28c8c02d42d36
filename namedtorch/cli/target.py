"""`MODULE:NAME`: the user's object that a command works on."""

import difflib
import importlib
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from namedtorch.cli.outcome import Refused, WrongUse


def find(target: str) -> object:
    """Imports the object that `pkg.module:name` names; the current directory comes first on the path.

    Raises WrongUse where there is no such module or name, Refused where the import fails.
    """
    module_name, colon, path = target.partition(":")
    if not colon or not module_name or not path:
        raise WrongUse(f"`{target}` is not MODULE:NAME, such as models.digits:Classifier")
    if module_name.endswith(".py") or "/" in module_name or os.sep in module_name:
        dotted = module_name.removesuffix(".py").replace(os.sep, "/").strip("./").replace("/", ".")
        raise WrongUse(f"`{module_name}` is a path; give the module's name: {dotted}:{path}")
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module_name)
    # Whatever the user's module raises at its top level is its own; sys.exit() in a script without a main
    # guard too.
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and _is_part(error.name, module_name):
            raise WrongUse(
                f"there is no module `{error.name}` (looked in {here} and in what is installed)"
            ) from error
        raise Refused(f"importing `{module_name}` failed: {told(error)}") from error
    for part in path.split("."):
        if not hasattr(found, part):
            raise WrongUse(f"`{module_name}` has no `{path}`{_near(part, found)}")
        found = getattr(found, part)
    return found


def made(factory: Callable[..., object], target: str, arguments: Mapping[str, object]) -> object:
    """What the class or function returns for these arguments.

    Raises WrongUse where the arguments do not fit, Refused where the call fails.
    """
    try:
        signature = inspect.signature(factory)
    except (ValueError, TypeError):
        signature = None
    if signature is not None:
        try:
            signature.bind(**arguments)
        except TypeError as error:
            raise WrongUse(f"`{target}{signature}`: {error}; write --arg NAME=VALUE") from error
    try:
        return factory(**arguments)
    except (Exception, SystemExit) as error:
        raise Refused(f"`{target}` failed: {told(error)}") from error


def _is_part(name: str | None, module_name: str) -> bool:
    return name is not None and (module_name == name or module_name.startswith(f"{name}."))


def told(error: BaseException) -> str:
    """An exception of the user's code in one sentence, with the line that raised it."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError):
        # Its own text names the file and the line.
        return text
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    return f"{text}\n  at {frames[-1].filename}:{frames[-1].lineno}" if frames else text


def _is_users(filename: str) -> bool:
    """Whether a frame is neither the import system's, nor this program's, nor a library's."""
    if filename.startswith("<"):
        return False
    parts = os.path.normpath(filename).split(os.sep)
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    library = "site-packages" in parts or filename.startswith(os.path.dirname(os.__file__) + os.sep)
    return not library and not os.path.abspath(filename).startswith(own + os.sep)


def _near(name: str, holder: object) -> str:
    public = [one for one in dir(holder) if not one.startswith("_")]
    near = difflib.get_close_matches(name, public, n=3, cutoff=0.6)
    return "; did you mean " + " or ".join(f"`{one}`" for one in near) + "?" if near else ""

"""Runs saved models in a process without namedtorch, and writes `told.json`, what each file did.

It is called by `reader.py FOLDER NAMES`. `NAME.calls` holds calls, what they give, and a wrong call; `fine` is what is
said of a file that gives the same.
"""

import importlib.abc
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


class Refusing(importlib.abc.MetaPathFinder):
    """Lets nobody import namedtorch, or what tests of it consist of."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in ("namedtorch", "tests"):
            raise ImportError(f"{fullname} is imported, in a process that is not to have it")


sys.meta_path.insert(0, Refusing())

import torch  # noqa: E402
from torch.jit.mobile import _load_for_lite_interpreter  # noqa: E402


def plain(value):
    if isinstance(value, tuple):
        return tuple(plain(one) for one in value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def told(call, method, args):
    try:
        call(method, args)
    except Exception as error:
        return str(error).strip().splitlines()[-1]
    return "nothing was raised"


def outcome(load, path, content):
    """`fine`, or the first difference; each run begins with a file that is loaded anew."""
    for calls, results in zip(content["runs"], content["results"], strict=True):
        call = load(path, content["methods"])
        for (method, args), expected in zip(calls, results, strict=True):
            try:
                torch.testing.assert_close(plain(call(method, args)), expected)
            except Exception as error:
                return f"{method}: {type(error).__name__}: {error}"
    return "fine"


def scripted(path, methods):
    model = torch.jit.load(path)
    return lambda method, args: getattr(model, method)(*args)


def frozen(path, methods):
    kept = [one for one in methods if one != "forward"]
    model = torch.jit.freeze(torch.jit.load(path), preserved_attrs=kept)
    return lambda method, args: getattr(model, method)(*args)


def lite(path, methods):
    model = _load_for_lite_interpreter(path)
    return lambda method, args: model.run_method(method, *args)


KINDS = {
    "pt": (scripted, ".pt"),
    "frozen": (frozen, ".pt"),
    "lite": (lite, ".ptl"),
}


def main(folder, names):
    found = {}
    for name in names:
        content = torch.load(f"{folder}/{name}.calls")
        for kind, (load, suffix) in KINDS.items():
            if suffix == ".ptl" and not content["lite"]:
                continue
            path = f"{folder}/{name}{suffix}"
            wrong = told(load(path, content["methods"]), "forward", content["wrong"])
            found[f"{name} {kind}"] = [outcome(load, path, content), wrong]
    found["imported"] = sorted(one for one in sys.modules if one.partition(".")[0] == "namedtorch")
    # Not printed: models print.
    (folder / "told.json").write_text(json.dumps(found))


if __name__ == "__main__":
    with torch.no_grad():
        main(Path(sys.argv[1]), sys.argv[2:])

"""Runs saved models in a process without namedtorch, and writes `NAME.told`, what each file of a name did.

It is called by `reader.py FOLDER`, takes names from its input, one a line, and answers each with a line `told NAME`.
`NAME.calls` holds calls, what they give, and a wrong call; `fine` is what is said of a file that gives the same.
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
    """`fine`, or the first difference, and what is said of the wrong call, which comes first and leaves nothing behind.

    Each run begins with a file that is loaded anew.
    """
    call = load(path, content["methods"])
    wrong = told(call, "forward", content["wrong"])
    for turn, (calls, results) in enumerate(zip(content["runs"], content["results"], strict=True)):
        call = load(path, content["methods"]) if turn else call
        for (method, args), expected in zip(calls, results, strict=True):
            try:
                torch.testing.assert_close(plain(call(method, args)), expected)
            except Exception as error:
                return f"{method}: {type(error).__name__}: {error}", wrong
    return "fine", wrong


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


def read(folder, name):
    """What the files of a name did, by their kind."""
    found = {}
    content = torch.load(folder / f"{name}.calls")
    for kind, (load, suffix) in KINDS.items():
        if suffix == ".ptl" and not content["lite"]:
            continue
        found[kind] = outcome(load, str(folder / f"{name}{suffix}"), content)
    found["imported"] = sorted(one for one in sys.modules if one.partition(".")[0] == "namedtorch")
    return found


def main(folder):
    for line in sys.stdin:
        name = line.strip()
        # Not printed: models print.
        (folder / f"{name}.told").write_text(json.dumps(read(folder, name)))
        print(f"\ntold {name}", flush=True)


if __name__ == "__main__":
    with torch.no_grad():
        main(Path(sys.argv[1]))

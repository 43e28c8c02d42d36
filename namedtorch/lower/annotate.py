"""A signature, a guard and a manifest for a TorchScript file that exists already."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from namedtorch.archive.atomic import atomic
from namedtorch.archive.container import opened, read_manifest
from namedtorch.archive.content import read_content
from namedtorch.archive.manifest import AGAIN, MANIFEST_NAME, KnownSize, Manifest, Method
from namedtorch.archive.seal import seal
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import AnnotationError, ArchiveError, LowerError
from namedtorch.dims.attributes import AttributeMissing, Attributes, steps_of
from namedtorch.lower.graph_edit import class_of, insert_guard, methods_of, schema_of
from namedtorch.lower.operators import custom_operators
from namedtorch.lower.signatures import known_sizes
from namedtorch.lower.state import state_of
from namedtorch.lower.torchscript import COMPILING, open_archive, save_lite, save_script
from namedtorch.lower.trial import try_method
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature

_FUNCTION = "PlaceholderModule"
"""The class that torch gives to a function when it is saved; the function's name is not in the file."""

_REMEDIES = {
    "Unknown builtin op": "load the library or import the module that provides the operator, then annotate",
    "CUDA": "annotate it where torch has a GPU, or save it from the CPU before",
}
"""What to do about a file that torch refuses, by words of torch's."""

_WRITERS = {".pt": save_script, ".ptl": save_lite}


def annotate(
    path: str | os.PathLike[str],
    signature: str | Signature | Mapping[str, str | Signature],
    output: str | os.PathLike[str],
    *,
    metadata: Mapping[str, Any] | None = None,
    method: str = "forward",
    check: bool = False,
) -> Manifest:
    """Writes a TorchScript file again with the guard of a signature in its graph, and a manifest.

    `signature` is that of `method`, or those of several methods by their names: "image: N C=3 H W -> N 1000". The new
    file (.pt, or .ptl for the lite interpreter) has the parameters, methods, attributes and extra files of the old one
    and gives the same results; what does not fit the signature it refuses, also under plain torch. The graph keeps its
    keywords; where the signature calls parameters otherwise, messages and `load` do as well.
    Nothing of the model is run, so that a signature of the wrong rank is found at the first call; with `check`, each
    method is called once before the file is written, with inputs made up from its signature.

    Raises ArchiveError, one line, for a file that is no TorchScript or has a manifest already; AnnotationError for a
    signature that does not fit the file; LowerError for one that no graph can check, and for another suffix; ValueError
    for metadata that is no JSON.
    """
    write = _writer(output)
    where = one_line(os.fspath(path))
    given = _signatures(signature, method)
    extra = _extra_files(path, where)
    with COMPILING:
        script = _opened(path, where)
        name, is_function = class_of(script), False
        if name == _FUNCTION:
            name, is_function = one_line(Path(path).stem, 200), True
        signatures, sizes = _held(script, given, where)
        methods = {one: Method(held, build_plan(held)) for one, held in signatures.items()}
        manifest = Manifest(
            name=name,
            kind="function" if is_function else "module",
            mode="train" if getattr(script, "training", False) and not is_function else "eval",
            guards="boundary",
            methods=methods,
            torch_version=torch.__version__,
            method="annotate",
            state=state_of(script),
            sizes=sizes,
            operators=custom_operators(script),
            metadata=dict(metadata or {}),
        )
        for one in given:
            called = name if is_function else f"{name}.{one}"
            insert_guard(script, one, methods[one].signature, methods[one].plan, called)
    with atomic(output) as temporary:
        write(script, temporary, extra)
        # Only now: what torch makes of a graph at its first call is not what goes into a file.
        for one in given if check else ():
            try_method(script, schema_of(script, one), methods[one].signature)
        return seal(temporary, manifest, one_line(os.fspath(output)))


def _writer(output: str | os.PathLike[str]) -> Any:
    suffix = Path(output).suffix
    if suffix not in _WRITERS:
        raise LowerError(
            f"can't write {os.fspath(output)!r}: a file ends in .pt (TorchScript) or .ptl (lite interpreter)"
        )
    return _WRITERS[suffix]


def _signatures(
    signature: str | Signature | Mapping[str, str | Signature], method: str
) -> dict[str, Signature]:
    """The signatures by method; those that are text are parsed."""
    by_method = signature if isinstance(signature, Mapping) else {method: signature}
    if not by_method:
        raise AnnotationError('no signature is given; write one, "image: N C=3 H W -> N 10"')
    return {
        name: parse_signature(one) if isinstance(one, str) else one.without("self", "cls")
        for name, one in by_method.items()
    }


def _extra_files(path: str | os.PathLike[str], where: str) -> dict[str, bytes]:
    """The extra files of a TorchScript file without a manifest; raises ArchiveError for any other file."""
    with opened(path) as container:
        if container.find(f"extra/{MANIFEST_NAME}") is not None:
            said = one_line(str(read_manifest(path).signature), 120)
            raise ArchiveError(
                f"{where}: has a manifest already ({said}), and the guard in its graph would stay; annotate the file "
                "that it was made of, or lower the model again"
            )
        if container.find("constants.pkl") is None:
            # It says what the file is.
            read_manifest(path)
        start = f"{container.folder}/extra/"
        return {
            record.name.removeprefix(start): read_content(container.file, record)
            for record in container.records
            if record.name.startswith(start) and not record.name.endswith("/")
        }


def _opened(path: str | os.PathLike[str], where: str) -> torch.jit.ScriptModule:
    try:
        return open_archive(path)
    # torch walks the file in C++ and lets out what falls, beside what `open_archive` tells apart.
    except Exception as error:
        cause = error.__cause__ if isinstance(error, ArchiveError) and error.__cause__ else error
        said = one_line(str(cause).strip().partition("\n")[0].partition(". This is an internal")[0], 160)
        remedy = next((remedy for word, remedy in _REMEDIES.items() if word in str(cause)), AGAIN)
        raise ArchiveError(f"{where}: torch can't load it ({said}); {remedy}") from error


def _held(
    script: torch.jit.ScriptModule, given: Mapping[str, Signature], where: str
) -> tuple[dict[str, Signature], dict[str, KnownSize]]:
    """The signatures of forward and of the given methods as the file has them, and the sizes that they know."""
    known = methods_of(script)
    if "forward" not in known:
        raise ArchiveError(f"{where}: has no forward to call, only {', '.join(known) or 'data'}")
    held: dict[str, Signature] = {}
    sizes: dict[str, KnownSize] = {}
    for name in dict.fromkeys(["forward", *given]):
        if name not in known:
            raise AnnotationError(f"{where} has no method `{name}`, only {', '.join(known)}")
        schema = schema_of(script, name)
        if name in given:
            signature = schema.signature(given[name])
            held[name] = _closed(signature, script)
            sizes = {**known_sizes(signature, held[name]), **sizes}
        else:
            held[name] = schema.plain
    return held, sizes


def _closed(signature: Signature, script: torch.jit.ScriptModule) -> Signature:
    """The signature with the module's own sizes in the place of `self.classes`."""
    values = Attributes({"self": script})
    sizes: dict[str, int] = {}
    for path in sorted(signature.attributes):
        if steps_of(path)[0] == "self":
            try:
                sizes[path] = values.size(path)
            except AttributeMissing:
                raise AnnotationError(
                    f"the module in the file has no size `{path}`; write the size itself in the signature"
                ) from None
    return signature.closed(sizes)

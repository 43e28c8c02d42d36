"""Triton's config.pbtxt.

Sources: Triton's model_config.proto and "Model Configuration"; `ValidateIOShape` in its core; the source of its PyTorch
backend, which loads a TorchScript file only if each argument of forward is a tensor, and finds inputs by the arguments'
names, outputs by `NAME__PLACE`. Its other backend here is ONNX Runtime's, which takes `[ 1 ]` for a scalar, as the core
allows no empty shape where it does not batch.
"""

from collections.abc import Iterator, Mapping

from namedtorch.archive.compare_notes import FORMATS
from namedtorch.archive.container import Archive
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.sentence import printable
from namedtorch.archive.serving.batching import Batch, batch_of
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.archive.serving.sizes import constraints_of
from namedtorch.archive.serving.tensors import Served, ServedTensor, served
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hints import TensorHint

DEFAULT_BATCH = 4
"""The most samples of a call where the signature sets no bound: Triton's own default."""

_BACKENDS: Mapping[str, tuple[str, str, str]] = {
    "torchscript": ("pytorch", "pytorch_libtorch", "model.pt"),
    "onnx": ("onnxruntime", "onnxruntime_onnx", "model.onnx"),
}
_TYPES: Mapping[str, str] = {
    "bool": "TYPE_BOOL",
    "uint8": "TYPE_UINT8",
    "int8": "TYPE_INT8",
    "int16": "TYPE_INT16",
    "int32": "TYPE_INT32",
    "int64": "TYPE_INT64",
    "float16": "TYPE_FP16",
    "float32": "TYPE_FP32",
    "float64": "TYPE_FP64",
}
_ONNX_TYPES: Mapping[str, str] = {"uint16": "TYPE_UINT16", "uint32": "TYPE_UINT32", "uint64": "TYPE_UINT64"}
_LONGEST_COMMENT = 500


def config(
    archive: Archive, name: str, dtypes: Mapping[str, str], max_batch_size: int | None = None
) -> tuple[str, Served]:
    """The text of config.pbtxt for a model of this name, which is that of its folder in the model repository.

    `max_batch_size` is the most samples of a call, 0 for no batching by Triton; by default it is what the signature
    allows, else Triton's own default. Raises ServingError for a model that Triton can't serve or this can't describe.
    """
    manifest = archive.manifest
    if manifest.format not in _BACKENDS:
        raise ServingError(
            f"Triton has no backend for {FORMATS[manifest.format]}: lower the model to .pt or .onnx"
        )
    backend, platform, file = _BACKENDS[manifest.format]
    found = served(manifest, "Triton", dtypes)
    if manifest.format == "torchscript":
        _check_arguments(manifest, found)
    types = _TYPES if backend == "pytorch" else {**_TYPES, **_ONNX_TYPES}
    batch = batch_of(found)
    size, remark = _batch_size(batch, max_batch_size)
    batched = batch.dim if size and isinstance(batch, Batch) else ""
    lines = [
        *_heading(archive, name, file, found),
        f"name: {_string(name)}",
        f"backend: {_string(backend)}",
        f"platform: {_string(platform)}",
        f"max_batch_size: {size}{_comment(remark)}",
        *_block("input", found.inputs, types, batched, backend),
        *_block("output", found.outputs, types, batched, backend),
    ]
    return "\n".join(lines) + "\n", found


def _check_arguments(manifest: Manifest, found: Served) -> None:
    """Raises ServingError for what Triton's PyTorch backend refuses when it loads a file, or at each call."""
    for one in manifest.signature.without("self", "cls").parameters:
        if not isinstance(one.hint, TensorHint):
            raise ServingError(
                f"`{one.name}` is `{printable(str(one.hint))[:80]}`, and Triton's PyTorch backend loads a model only "
                "if forward takes tensors alone: lower a module whose forward takes no more, or lower to .onnx, "
                "which fixes other values"
            )
    for one in found.inputs:
        stored = one.shape.memory_format
        if manifest.guards != "none" and stored is not Unknown and stored.order is not None:
            raise ServingError(
                f"`{one.name}` has to be stored as `{printable(str(stored))[:80]}`, and Triton stores tensors as their "
                "axes stand, so that the guard in the graph refuses every call: lower the model without the memory "
                "format"
            )
    for one in found.outputs:
        if not one.sizes:
            raise ServingError(
                f"{one.name} is a scalar, which Triton's PyTorch backend does not return: give it an axis of size 1"
            )


def _batch_size(batch: Batch | str, asked: int | None) -> tuple[int, str]:
    """The most samples of a call, and what is to be said of that number."""
    if isinstance(batch, str):
        if asked:
            raise ServingError(f"Triton can't batch the model: {batch}")
        return 0, f"no batching: {batch}"
    if asked is None:
        if batch.most is not None:
            return batch.most, f"{batch.dim} <= {batch.most}"
        return (
            DEFAULT_BATCH,
            f"{batch.dim} is free, and this is Triton's default; --max-batch-size N takes more",
        )
    if batch.most is not None and asked > batch.most:
        raise ServingError(
            f"max_batch_size can't be {asked}: the signature allows {batch.dim} up to {batch.most}"
        )
    return asked, "" if asked else f"no batching, as asked; {batch.dim} would be the batch"


def _heading(archive: Archive, name: str, file: str, found: Served) -> Iterator[str]:
    yield _remark(f"{archive.path.name}: {archive.manifest.name}")
    yield _remark(f"{found.signature}")
    yield _remark(f"The file goes to {name}/1/{file} in the model repository.")
    if constraints_of(found.signature):
        where = ", ".join(map(str, constraints_of(found.signature)))
        guarded = archive.manifest.format == "torchscript" and archive.manifest.guards != "none"
        who = "the guard in the graph checks it, Triton does not" if guarded else "nobody checks it here"
        yield _remark(f"where {where}: {who}")
    for one in found.fixed:
        yield _remark(one)
    others = sorted(archive.manifest.methods.keys() - {"forward"})
    if others:
        yield _remark(f"Triton calls forward alone, and not {', '.join(others)}.")


def _block(
    what: str, tensors: tuple[ServedTensor, ...], types: Mapping[str, str], batched: str, backend: str
) -> Iterator[str]:
    yield f"{what} ["
    for place, one in enumerate(tensors):
        if one.dtype not in types:
            raise ServingError(
                f"`{printable(one.name)[:80]}` is {printable(one.dtype)[:40]}, which Triton's {backend} backend does "
                f"not know; it knows {', '.join(types)}"
            )
        # Triton puts the batch before dims, and wants one axis at least.
        sizes = one.sizes[1:] if batched else one.sizes
        if not sizes and not batched and backend == "pytorch":
            raise ServingError(
                f"`{printable(one.name)[:80]}` is a scalar, which Triton's PyTorch backend does not know: give it an "
                "axis of size 1, or lower to .onnx"
            )
        if 0 in sizes:
            raise ServingError(
                f"`{printable(one.name)[:80]}` has an axis of size 0 (`{printable(one.dims)[:80]}`), which Triton "
                "refuses to load"
            )
        yield "  {"
        yield "    " + _remark(
            f"{one.name}: {one.dims or 'a scalar'}" + (f"; Triton adds {batched}" if batched else "")
        )
        if one.why:
            yield "    " + _remark(one.why)
        yield f"    name: {_string(one.name)}"
        yield f"    data_type: {types[one.dtype]}"
        yield f"    dims: [ {', '.join(map(str, sizes or (1,)))} ]"
        if not sizes and batched:
            yield "    reshape { shape: [ ] }"
        yield "  }" + ("," if place < len(tensors) - 1 else "")
    yield "]"


def _remark(text: str) -> str:
    return f"# {printable(text)[:_LONGEST_COMMENT]}"


def _comment(text: str) -> str:
    return f"  {_remark(text)}" if text else ""


def _string(text: str) -> str:
    """A string of protobuf's text format; what is no plain ASCII is written byte by byte."""
    plain = (
        chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in '"\\' else f"\\{byte:03o}"
        for byte in text.encode("utf-8", "surrogatepass")
    )
    return f'"{"".join(plain)}"'

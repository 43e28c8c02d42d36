"""A session of onnxruntime, called with tensors and giving tensors."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from namedtorch.lower.targets.extras import lacking
from namedtorch.lower.targets.interface_call import Alone, Run
from namedtorch.lower.targets.stored import stored

_PROVIDERS: Mapping[str, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}

# Types of ONNX whose tensors numpy has as well: they go in and come out without a copy.
_OF_NUMPY = frozenset(
    f"tensor({name})"
    for name in (
        *("float", "float16", "double", "bool"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    )
)
NUMBERS: Mapping[torch.dtype, int] = {
    torch.float32: 1,
    torch.uint8: 2,
    torch.int8: 3,
    torch.uint16: 4,
    torch.int16: 5,
    torch.int32: 6,
    torch.int64: 7,
    torch.bool: 9,
    torch.float16: 10,
    torch.float64: 11,
    torch.uint32: 12,
    torch.uint64: 13,
    torch.bfloat16: 16,
}
"""What ONNX calls the dtypes that it has tensors of (TensorProto.DataType)."""
_ERRORS_ONLY = 3


class NoOnnxRuntime(ImportError):
    """onnxruntime is not installed; the text is the rest of a sentence that begins with what needs it."""


class NotRunHere(ValueError):
    """A device that this onnxruntime does not run on."""


def open_session(data: bytes | str, device: torch.device | None = None) -> Any:
    """A session of a model, on a device: the CPU if none is given.

    Raises NoOnnxRuntime; NotRunHere for a device that this onnxruntime lacks; and whatever onnxruntime raises
    for bytes, or a file, that it can't open.
    """
    try:
        # Where it is used: the package is an extra.
        runtime: Any = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise NoOnnxRuntime(lacking("onnx", error)) from error
    device = torch.device("cpu") if device is None else device
    provider = _PROVIDERS.get(device.type)
    available = runtime.get_available_providers()
    if provider is None or provider not in available:
        kinds = [kind for kind, one in _PROVIDERS.items() if one in available]
        raise NotRunHere(
            f"device {str(device)!r} can't be used here: this onnxruntime runs on {' and '.join(kinds)}"
            + (' (CUDA: pip install "onnxruntime-gpu")' if device.type == "cuda" else "")
        )
    options = runtime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    # Otherwise it goes by the end of a name, and by four bytes that may be a mark of its own format.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    # As many as torch has, not all that there are: who shares a machine says so in one place.
    options.intra_op_num_threads = torch.get_num_threads()
    providers: list[Any] = [_PROVIDERS["cpu"]]
    if device.type == "cuda":
        providers.insert(0, (provider, {"device_id": device.index or 0}))
    return runtime.InferenceSession(data, options, providers=providers)


def runner(session: Any, device: torch.device | None = None) -> Run:
    """What runs a session with tensors on its device, and gives tensors on it; threads may share it.

    Tensors are not copied, unless they are not contiguous. Raises what onnxruntime raises.
    """
    names, results = _names_of(session)
    if not _of_numpy(session, device):
        return _by_binding(session, names, results, torch.device("cpu") if device is None else device)
    call, from_numpy = session.run, torch.from_numpy

    def run(tensors: Sequence[Tensor]) -> list[Tensor]:
        feed = {name: stored(one).numpy() for name, one in zip(names, tensors, strict=True)}
        return [from_numpy(one) for one in call(results, feed)]

    return run


def alone(session: Any, device: torch.device | None = None) -> Alone | None:
    """What runs a session of one input and one output, as `runner` does; None for any other session."""
    names, results = _names_of(session)
    if len(names) != 1 or len(results) != 1 or not _of_numpy(session, device):
        return None
    call, from_numpy, (name,) = session.run, torch.from_numpy, names

    # Each microsecond counts, and a call to look at the tensor is a tenth of one.
    def run(tensor: Tensor) -> Tensor:
        try:
            array = tensor.numpy()
        # Tensors with a gradient, or negative by a flag. onnxruntime itself copies arrays that are not contiguous.
        except RuntimeError:
            array = stored(tensor).numpy()
        return from_numpy(call(results, {name: array})[0])

    return run


def _names_of(session: Any) -> tuple[list[str], list[str]]:
    """The names of a session's inputs and of its outputs."""
    return [one.name for one in session.get_inputs()], [one.name for one in session.get_outputs()]


def _of_numpy(session: Any, device: torch.device | None) -> bool:
    """Whether a session takes and gives what numpy has: numbers of its types, in the memory of the CPU."""
    values = (*session.get_inputs(), *session.get_outputs())
    return (device is None or device.type == "cpu") and all(one.type in _OF_NUMPY for one in values)


def _by_binding(session: Any, names: Sequence[str], results: Sequence[str], device: torch.device) -> Run:
    """For what numpy does not have: tensors on other devices, and bfloat16."""
    kind, number = device.type, device.index or 0
    booleans = {one.name for one in session.get_outputs() if one.type == "tensor(bool)"}

    def run(tensors: Sequence[Tensor]) -> list[Tensor]:
        binding = session.io_binding()
        # The binding holds addresses alone.
        held = [stored(one) for one in tensors]
        for name, one in zip(names, held, strict=True):
            binding.bind_input(name, kind, number, NUMBERS[one.dtype], tuple(one.shape), one.data_ptr())
        for name in results:
            binding.bind_output(name, kind, number)
        if kind == "cuda":
            # onnxruntime has streams of its own.
            torch.cuda.synchronize(device)
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()
        found = [torch.from_dlpack(one._ortvalue) for one in binding.get_outputs()]
        # DLPack's booleans come as bytes.
        return [
            one.view(torch.bool) if name in booleans else one
            for name, one in zip(results, found, strict=True)
        ]

    return run

"""What torch's own stubs tell of tensors: the types of methods and properties, and of results with fields."""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import torch

_TORCH: Final = Path(torch.__file__).parent

Member = ast.FunctionDef | ast.AnnAssign
"""A method, of which an overload is one, or an attribute."""

LEFT_OUT: Final = """
is_xla: _bool
name: str | None

def __ipow__(self, other: Tensor | Number | _complex) -> Tensor: ...
def __iter__(self) -> Iterator[Tensor]: ...
def __itruediv__(self, other: Tensor | Number | _complex) -> Tensor: ...
def __pos__(self) -> Tensor: ...
def __rlshift__(self, other: Tensor | Number | _complex) -> Tensor: ...
def __rmatmul__(self, other: Tensor) -> Tensor: ...
def __rmod__(self, other: Tensor | Number | _complex) -> Tensor: ...
def __rrshift__(self, other: Tensor | Number | _complex) -> Tensor: ...
def backward(
    self,
    gradient: Tensor | None = None,
    retain_graph: _bool | None = None,
    create_graph: _bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None: ...
def cdouble(self) -> Tensor: ...
def cfloat(self) -> Tensor: ...
def dim_order(self, *, ambiguity_check: _bool | list[torch.memory_format] = False) -> tuple[_int, ...]: ...
def is_shared(self) -> _bool: ...
def norm(
    self,
    p: _float | str | None = "fro",
    dim: _int | _size | None = None,
    keepdim: _bool = False,
    dtype: _dtype | None = None,
) -> Tensor: ...
def resize(self, *sizes: _int) -> Tensor: ...
def resize_as(self, tensor: Tensor) -> Tensor: ...
def share_memory_(self) -> Tensor: ...
def stft(
    self,
    n_fft: _int,
    hop_length: _int | None = None,
    win_length: _int | None = None,
    window: Tensor | None = None,
    center: _bool = True,
    pad_mode: str = "reflect",
    normalized: _bool = False,
    onesided: _bool | None = None,
    return_complex: _bool | None = None,
    align_to_window: _bool | None = None,
) -> Tensor: ...
@overload
def unique(
    self,
    sorted: _bool = True,
    return_inverse: Literal[False] = False,
    return_counts: Literal[False] = False,
    dim: _int | None = None,
) -> Tensor: ...
@overload
def unique(
    self,
    sorted: _bool = True,
    return_inverse: _bool = False,
    return_counts: _bool = False,
    dim: _int | None = None,
) -> tuple[Tensor, ...]: ...
@overload
def unique_consecutive(
    self,
    return_inverse: Literal[False] = False,
    return_counts: Literal[False] = False,
    dim: _int | None = None,
) -> Tensor: ...
@overload
def unique_consecutive(
    self, return_inverse: _bool = False, return_counts: _bool = False, dim: _int | None = None
) -> tuple[Tensor, ...]: ...
"""
"""What torch writes in Python without types, and so leaves out of its stubs."""


@cache
def members() -> Mapping[str, list[Member]]:
    """The members of `torch.Tensor` by name; a method has as many as it has overloads."""
    stub = _parsed("_C/__init__.pyi")
    (base,) = [one for one in stub.body if isinstance(one, ast.ClassDef) and one.name == "TensorBase"]
    found = _by_name(base.body)
    left_out = _by_name(ast.parse(LEFT_OUT).body)
    known = found.keys() & left_out.keys()
    assert not known, f"torch's stubs have {known} by now"
    return {**found, **left_out}


@cache
def functions() -> Mapping[str, list[Member]]:
    """The functions of `torch` by name."""
    return _by_name(_parsed("_C/_VariableFunctions.pyi").body)


@cache
def fields() -> Mapping[str, tuple[str, ...]]:
    """The names of the fields of results that have some, all of them tensors: `max` has `values` and `indices`."""
    return {
        one.name: tuple(
            member.name for member in one.body if isinstance(member, ast.FunctionDef) and _is_property(member)
        )
        for one in _parsed("return_types.pyi").body
        if isinstance(one, ast.ClassDef)
    }


def _parsed(path: str) -> ast.Module:
    return ast.parse((_TORCH / path).read_text(encoding="utf-8"))


def _by_name(body: Iterable[ast.stmt]) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    for one in body:
        match one:
            case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found.setdefault(name, []).append(one)
            case _:
                pass
    return found


def _is_property(member: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "property" for one in member.decorator_list)

"""Named tensors and modules over a mesh of devices: dims of tensors go to dims of the mesh, by torch's own DTensor.

A sharded NamedTensor holds a `DTensor`: its sizes are those of the whole, and each rank has its part.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from math import prod
from typing import Any, TypeAlias, TypeVar, overload

from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import DTensor, Placement, Replicate, Shard, distribute_tensor

from namedtorch.diagnostics import DimError, Failure
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.names import split_names
from namedtorch.values.module_dims import held_by
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_text
from namedtorch.values.refusal import dims_error

M = TypeVar("M", bound=nn.Module)

Targets: TypeAlias = "Mapping[str, str | Sequence[str]]"
"""The dim of the mesh that each dim is cut over, or several."""


@overload
def shard(value: NamedTensor, mesh: DeviceMesh, dims: Targets, *, local: bool = False) -> NamedTensor: ...


@overload
def shard(value: M, mesh: DeviceMesh, dims: Targets) -> M: ...


def shard(value: Any, mesh: DeviceMesh, dims: Targets, *, local: bool = False) -> Any:
    """Cuts a named tensor, or the parameters of a module, over a mesh: `{"N": "dp", "heads": "tp"}`.

    What no dim goes to is replicated. A tensor is the whole on every rank, and the first rank's elements count; with
    `local` it is the part that this rank has already. One that is sharded is sharded anew: `{}` makes it whole on
    every rank. In a module, every parameter and buffer that has one of the dims (`parameter_dims`) is cut, and all
    others are replicated; the module itself is changed, and returned.

    Raises `DimError` with every reason: a dim that is not there, a mesh without such a dim, two dims of one tensor that
    claim the same dim of the mesh, a size that does not divide by the number of ranks.
    """
    targets = {name: (to,) if isinstance(to, str) else tuple(to) for name, to in dims.items()}
    failures = list(_unfit_targets(mesh, targets))
    if failures:
        raise DimError.of(failures, function="shard")
    if isinstance(value, nn.Module):
        return _sharded_module(value, mesh, targets)
    if not isinstance(value, NamedTensor):
        raise dims_error(
            "not-an-array",
            f"`shard` takes a NamedTensor or a module, not {type(value).__name__}",
            'name it first: `named(x, "N C")`' if isinstance(value, Tensor) else None,
        )
    return _sharded_tensor(value, mesh, targets, local)


def unshard(value: NamedTensor) -> NamedTensor:
    """Gathers a sharded tensor: every rank has the whole, as a plain tensor under the same dims."""
    tensor = value.tensor
    return NamedTensor(tensor.full_tensor(), value.dims) if isinstance(tensor, DTensor) else value


def _sharded_tensor(
    value: NamedTensor, mesh: DeviceMesh, targets: Mapping[str, tuple[str, ...]], local: bool
) -> NamedTensor:
    tensor = value.tensor
    cut = _Cut("the tensor", value.dims, tuple(tensor.shape), mesh, targets, local=local)
    if cut.failures:
        raise DimError.of(
            cut.failures, function="shard", notes=[f"the tensor: {_shown(value)}", _mesh_text(mesh)]
        )
    if local and not isinstance(tensor, DTensor):
        found = DTensor.from_local(tensor, mesh, cut.placements, run_check=False)
    elif tensor.is_leaf or isinstance(tensor, DTensor):
        found = _distributed(tensor, mesh, cut.placements)
    else:
        # Gradients pass, which `distribute_tensor` does not let.
        whole = DTensor.from_local(tensor, mesh, [Replicate()] * mesh.ndim, run_check=False)
        found = whole.redistribute(mesh, cut.placements)
    return NamedTensor(found, value.dims)


def _sharded_module(module: M, mesh: DeviceMesh, targets: Mapping[str, tuple[str, ...]]) -> M:
    cuts: dict[str, _Cut] = {}
    met: set[str] = set()
    for path, one in module.named_modules():
        for key, held in held_by(one).items():
            name = f"{path}.{key}" if path else key
            present = {
                dim: to
                for dim, to in targets.items()
                if any(dim in (axis, *_parts(axis)) for axis in held.dims)
            }
            met |= present.keys()
            cuts[name] = _Cut(name, held.dims, tuple(held.tensor.shape), mesh, present, held.shape)
    failures = [failure for cut in cuts.values() for failure in cut.failures]
    for dim in [one for one in targets if one not in met]:
        names = sorted({axis for cut in cuts.values() for axis in cut.dims if axis is not None})
        listed = ", ".join(f"`{one}`" for one in names) or "none"
        failures.append(
            Failure("dim-missing", f"no parameter of the module has a dim `{dim}`", dim=dim,
                    help=f"the dims of its parameters are {listed}; `name_parameters` gives them other names")
        )  # fmt: skip
    placements, clashes = _shared(module, mesh, cuts)
    if failures or clashes:
        raise DimError.of([*failures, *clashes], function="shard", notes=[_mesh_text(mesh)])
    made: dict[int, Any] = {}
    for one in module.modules():
        for owner in (one._parameters, one._buffers):
            for name, tensor in owner.items():
                if tensor is None:
                    continue
                if id(tensor) not in made:
                    made[id(tensor)] = tensor, _placed(tensor, mesh, placements[id(tensor)])
                owner[name] = made[id(tensor)][1]
    return module


def _shared(
    module: nn.Module, mesh: DeviceMesh, cuts: "Mapping[str, _Cut]"
) -> tuple[dict[int, tuple[Placement, ...]], list[Failure]]:
    """The placements of every tensor of a module by its id: one that stands at several paths has one."""
    whole: tuple[Placement, ...] = (Replicate(),) * mesh.ndim
    found: dict[int, tuple[Placement, ...]] = {}
    said: dict[int, str] = {}
    clashes: list[Failure] = []
    for path, one in module.named_modules():
        for key, tensor in {**one._parameters, **one._buffers}.items():
            if tensor is None:
                continue
            name = f"{path}.{key}" if path else key
            placements = cuts[name].placements if name in cuts else whole
            before = found.setdefault(id(tensor), placements)
            if placements != whole and before not in (whole, placements):
                clashes.append(
                    Failure(
                        "mesh-dim-claimed",
                        f"`{name}` and `{said[id(tensor)]}` are one parameter, and are cut in two ways",
                        name, help="give their axes the same names by `name_parameters`",
                    )
                )  # fmt: skip
            elif placements != whole:
                found[id(tensor)] = placements
                said.setdefault(id(tensor), name)
    return found, clashes


def _placed(tensor: Tensor, mesh: DeviceMesh, placements: Sequence[Placement]) -> Tensor:
    """A parameter or buffer over the mesh, of the same kind."""
    found = _distributed(tensor, mesh, placements).detach()
    return (
        nn.Parameter(found, requires_grad=tensor.requires_grad) if isinstance(tensor, nn.Parameter) else found
    )


def _distributed(tensor: Tensor, mesh: DeviceMesh, placements: Sequence[Placement]) -> DTensor:
    if isinstance(tensor, DTensor):
        return DTensor.redistribute(tensor, mesh, placements)
    return distribute_tensor(tensor, mesh, placements)


def _unfit_targets(mesh: DeviceMesh, targets: Mapping[str, tuple[str, ...]]) -> Iterator[Failure]:
    """What is wrong with a mapping before any tensor is looked at."""
    names = mesh.mesh_dim_names
    if names is None:
        if targets:
            yield Failure(
                "mesh-dim-missing", "the dims of the mesh have no names",
                help='give it some: `init_device_mesh("cpu", (2, 2), mesh_dim_names=("dp", "tp"))`',
            )  # fmt: skip
        return
    for dim, to in targets.items():
        for one in to:
            if one not in names:
                near = get_close_matches(one, names, 1, 0.5)
                listed = ", ".join(f"`{name}`" for name in names)
                yield Failure(
                    "mesh-dim-missing", f"`{dim}` is to go to `{one}`, and the mesh has no dim of that name", dim=dim,
                    help=f"did you mean `{near[0]}`?" if near else f"it has {listed}",
                )  # fmt: skip
        if len(set(to)) != len(to):
            yield Failure("mesh-dim-claimed", f"`{dim}` is to go to one dim of the mesh twice", dim=dim)


class _Cut:
    """How one tensor is cut: its placements, and what forbids them.

    `shape` tells what is merged in an axis, where that is known. `local` says that the sizes are those of the parts.
    """

    def __init__(
        self,
        name: str,
        dims: Dims,
        sizes: tuple[int, ...],
        mesh: DeviceMesh,
        targets: Mapping[str, tuple[str, ...]],
        shape: Shape | None = None,
        local: bool = False,
    ) -> None:
        self.name = name
        self.dims = dims
        self.sizes = sizes
        self.shape = shape
        self.failures: list[Failure] = []
        names = mesh.mesh_dim_names or ()
        placements: list[Placement] = [Replicate()] * mesh.ndim
        claimed: dict[str, str] = {}
        for dim, to in targets.items():
            place = self._place(dim)
            for one in to:
                if one in claimed:
                    self._refuse(
                        "mesh-dim-claimed", dim,
                        f"`{claimed[one]}` and `{dim}` of {name} both go to `{one}`",
                        "a dim of the mesh cuts one axis of a tensor; leave one of them out",
                    )  # fmt: skip
                claimed.setdefault(one, dim)
                if place is not None:
                    placements[names.index(one)] = Shard(place)
            if place is not None and not local:
                self._check_size(dim, place, prod(mesh.size(names.index(one)) for one in to), to)
        self.placements = tuple(placements)

    def _place(self, dim: str) -> int | None:
        """The axis that a dim is, or is the outer part of."""
        places = [place for place, name in enumerate(self.dims) if name == dim]
        if len(places) > 1:
            self._refuse("dim-missing", dim, f"{self.name} has `{dim}` twice", "rename one of them")
        if places:
            return places[0] if len(places) == 1 else None
        for place, name in enumerate(self.dims):
            parts = _parts(name)
            if dim not in parts:
                continue
            if parts[0] == dim:
                return place
            self._refuse(
                "dim-missing", dim, f"`{dim}` of {self.name} is an inner part of `{name}`",
                "the parts of such an axis would not lie together: cut it before it is merged",
            )  # fmt: skip
            return None
        self._refuse(
            "dim-missing", dim, f"{self.name} has no dim `{dim}`", f"its dims are `{dims_text(self.dims)}`"
        )
        return None

    def _check_size(self, dim: str, place: int, count: int, to: Sequence[str]) -> None:
        size = self.sizes[place] if self.dims[place] == dim else self._outer_size(place)
        over = " and ".join(f"`{one}`" for one in to)
        if size is None:
            self._refuse(
                "shards-uneven", dim, f"the size of `{dim}` in `{self.dims[place]}` of {self.name} is not known",
                "cut it before it is merged" if self.shape is None
                else f"write it where the dims of the parameter are given: `({dim}=8 ...)`",
            )  # fmt: skip
        elif size % count:
            self._refuse(
                "shards-uneven", dim,
                f"`{dim}`={size} of {self.name} can't be cut into {count} equal parts, one for each rank of {over}",
                "pad it, or use another mesh",
            )  # fmt: skip

    def _outer_size(self, place: int) -> int | None:
        """The size of the first part of a merged axis, where the shape says it."""
        if self.shape is None or any(isinstance(axis, Group) for axis in self.shape.axes):
            return None
        axis = self.shape.axes[place]
        if not isinstance(axis, Flattened):
            return None
        sizes = [_number(factor) for factor in axis.factors]
        known = [size for size in sizes[1:] if size is not None]
        if sizes[0] is None and len(known) == len(sizes) - 1:
            return self.sizes[place] // prod(known)
        return sizes[0]

    def _refuse(self, code: str, dim: str, text: str, help: str) -> None:
        self.failures.append(Failure(code, text, self.name, dim, help=help))


def _parts(name: str | None) -> list[str]:
    """The dims that are merged in an axis: `heads` and `d` in `(heads d)`."""
    return split_names(name[1:-1]) if name is not None and name.startswith("(") else []


def _number(factor: Dim) -> int | None:
    if factor.size is Unknown or factor.size.value is Unknown:
        return None
    return factor.size.value


def _shown(value: NamedTensor) -> str:
    return " ".join(
        str(size) if name is None else f"{name}={size}"
        for name, size in zip(value.dims, value.shape, strict=True)
    )


def _mesh_text(mesh: DeviceMesh) -> str:
    """The mesh with the numbers of its ranks: `dp=2 tp=4`."""
    names = mesh.mesh_dim_names or ["_"] * mesh.ndim
    return "the mesh: " + " ".join(f"{name}={mesh.size(place)}" for place, name in enumerate(names))

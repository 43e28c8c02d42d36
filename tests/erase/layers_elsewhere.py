"""Functions of another file, which the models of `named_modules.py` call."""

from namedtorch import Float, NamedTensor

EPS = 1e-5
AXIS = "C"


def standardize(x: NamedTensor, dim: str = AXIS) -> NamedTensor:
    """Mean zero and variance one along a dim."""
    return (x - x.mean(dim, keepdim=True)) / (x.var(dim, keepdim=True) + EPS).sqrt()


def pooled(x: Float[NamedTensor, "N C ..."]) -> NamedTensor:
    """The mean over all that is neither batch nor channels."""
    return x.flatten([dim for dim in x.dims if dim not in ("N", "C")], "P").mean("P")

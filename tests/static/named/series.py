"""Series: sums and differences along time, windows, and shares of a whole."""

import namedtorch
from namedtorch import Float, NamedTensor, checked


@checked
def returns(prices: Float[NamedTensor, "T A"]) -> Float[NamedTensor, "T-1 A"]:
    # mistake [dim-missing]: return prices.log().diff(dim="D")
    return prices.log().diff(dim="T")


@checked
def covariance(x: Float[NamedTensor, "T A"]) -> Float[NamedTensor, "A B"]:
    # mistake [broadcast-dims-differ]: centered = x - x.mean("A")
    centered = x - x.mean("T")
    # mistake [contracted-dims-differ]: return centered.rename(A="B") @ centered / x.size("T")
    return centered.T @ centered.rename(A="B") / x.size("T")


@checked
def portfolio(weights: Float[NamedTensor, "A"], x: Float[NamedTensor, "T A"]) -> Float[NamedTensor, "T"]:
    # mistake [contracted-dims-differ]: return weights @ x
    return x @ weights


@checked
def drawdown(value: Float[NamedTensor, "T"]) -> Float[NamedTensor, ""]:
    # mistake [dim-missing]: highest = value.cummax("A").values
    highest = value.cummax("T").values
    return ((highest - value) / highest).amax("T")


@checked
def smoothed(x: Float[NamedTensor, "T A"], width: int) -> Float[NamedTensor, "T A"]:
    # mistake [dim-missing]: parts = [x.roll(step, "time") for step in range(width)]
    parts = [x.roll(step, "T") for step in range(width)]
    # mistake [names-differ]: return namedtorch.stack(parts, "W").mean("T")
    return namedtorch.stack(parts, "W").mean("W")


def main() -> None:
    prices = namedtorch.rand(T=4, A=3) + 1
    x = returns(prices)
    assert covariance(x).dims == ("A", "B")
    # mistake [names-differ]: value = portfolio(namedtorch.ones(T=3) / 3, x).cumsum("T") + 1
    value = portfolio(namedtorch.ones(A=3) / 3, x).cumsum("T") + 1
    assert drawdown(value).dims == ()
    # mistake [names-differ]: assert smoothed(x.T, 2).dims == ("T", "A")
    assert smoothed(x, 2).dims == ("T", "A")

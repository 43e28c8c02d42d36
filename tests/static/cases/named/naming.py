"""Methods that give names, and that put axes in order by them."""

from namedtorch import Float, NamedTensor


def renamed(x: Float[NamedTensor, "N C"]) -> None:
    x.rename(N="B")  # dims: B=N C
    x.rename("B", "D")  # dims: B=N D=C
    x.rename(..., "D")  # dims: N D=C
    x.rename(None)  # dims: (N) (C)
    x.rename(C=None).sum("C")  # error: [dim-missing]
    x.rename(T="B")  # error: [dim-missing]
    x.rename(C="N")  # error: [names-repeated]
    x.rename("B")  # error: [rank-unfit]
    x.rename("B", "a dim")  # error: [rank-unfit]
    x.rename("B", "1")  # error: [name-invalid]
    x.rename(N="B").sum("N")  # error: [dim-missing]


def refined(x: Float[NamedTensor, "N C"]) -> None:
    y = x.rename(C=None)  # dims: N (C)
    y.refine_names("N", "K")  # dims: N K=C
    y.refine_names(..., "K")  # dims: N K=C
    y.refine_names("B", "K")  # error: [names-differ]
    x.refine_names("N", "C")  # dims: N C


def aligned(x: Float[NamedTensor, "N C H W"], mean: Float[NamedTensor, "C"]) -> None:
    x.align_to("N", "H", "W", "C")  # dims: N H W C
    x.align_to("N H W C")  # dims: N H W C
    x.align_to("C", ...)  # dims: C N H W
    x.align_to(..., "T")  # dims: N C H W T=1
    x.align_to("N", "C")  # error: [dim-missing]
    x.align_to("N", "N", ...)  # error: [names-repeated]
    mean.align_as(x)  # dims: N=1 C H=1 W=1
    x - mean.align_as(x)  # dims: N C H W
    x.align_as(mean)  # error: [dim-missing]
    mean.rename("K").align_as(x)  # error: [dim-missing]


def moved(x: Float[NamedTensor, "N T D"]) -> None:
    x.transpose("N", "T")  # dims: T N D
    x.permute("D", "N", "T")  # dims: D N T
    x.movedim("D", "N")  # dims: D N T
    x.transpose("N", "K")  # error: [dim-missing]
    x.mT  # dims: N D T


def regrouped(x: Float[NamedTensor, "N C H W"]) -> None:
    x.flatten(["C", "H", "W"], "F")  # dims: N F=C*H*W
    x.flatten("C", "W")  # dims: N (C H W)
    x.flatten(["C", "W"], "F")  # error: [permutation-wrong]
    x.flatten(["C", "H"], "N")  # error: [names-repeated]
    y = x.unflatten("C", (("heads", 4), ("d", -1)))  # dims: N heads=4 d=C//4 H W
    y.flatten(["heads", "d"], "C")  # dims: N C=4*(C//4) H W
    x.unflatten("K", (("heads", 4), ("d", -1)))  # error: [dim-missing]
    x.unflatten("C", (("N", 4), ("d", -1)))  # error: [names-repeated]
    x.unsqueeze("T")  # dims: T=1 N C H W
    x.unsqueeze("C", "T")  # dims: N T=1 C H W
    x.unsqueeze("N")  # error: [names-repeated]
    x.unsqueeze(0).squeeze(0)  # dims: N C H W
    x.unsqueeze("T").expand(T=4)  # dims: T=4 N C H W
    x.expand(T=4)  # error: [dim-missing]
    x.repeat(H=2)  # dims: N C H=2*H W
    x.diagonal(dim1="H", dim2="W", outdim="P").sum("P")  # dims: N C


def asked(x: Float[NamedTensor, "N C"]) -> None:
    x.reshape(x.size("C"), x.size("N"))  # warning: [view-moves-dims]
    x.expand(x.sizes["N"], x.sizes["C"])  # dims: N C
    x.size("T")  # error: [dim-missing]
    x.sizes["T"]  # error: [dim-missing]
    if x.dims == ("N", "C") and "T" not in x.dims:
        x.sum("C")  # dims: N

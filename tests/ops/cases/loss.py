"""Cases of losses of two tensors, element by element."""

from tests.ops.oracle import Case, ModuleCase, call, t

_F = "torch.nn.functional"
_PAIRS = [
    ((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (2,)), ((2, 3), (2, 1)), ((2, 1), (2, 3)),
    ((2, 3), (2, 5)),
    ((), (2,)), ((2, 3), ()), ((), ()),
]  # fmt: skip
_OPTIONS = [
    {}, {"reduction": "none"}, {"reduction": "sum"}, {"reduce": False}, {"size_average": False}, {"reduction": "most"},
]  # fmt: skip
_BROADCAST = ["mse_loss", "l1_loss", "smooth_l1_loss", "kl_div", "poisson_nll_loss", "hinge_embedding_loss"]
_INTO = [((3,), (2, 3)), ((2, 1), (2,)), ((2, 1), (2, 3)), ((), (2,))]
_MODULES = [
    "MSELoss",
    "L1Loss",
    "SmoothL1Loss",
    "HuberLoss",
    "KLDivLoss",
    "PoissonNLLLoss",
    "HingeEmbeddingLoss",
]

CASES = [
    *(
        call(f"{_F}.{name}", t(*a), t(*b), **options)
        for name in (*_BROADCAST, "binary_cross_entropy", "binary_cross_entropy_with_logits")
        for a, b in _PAIRS
        for options in _OPTIONS
    ),
    *(
        call(f"{_F}.huber_loss", t(*a), t(*b), reduction=reduction)
        for a, b in _PAIRS
        for reduction in ("none", "mean")
    ),
    call(f"{_F}.kl_div", t(2, 3), t(2, 3), reduction="batchmean"),
    *(
        call(f"{_F}.soft_margin_loss", t(*a), t(*b), **options)
        for a, b in _PAIRS
        if (a, b) not in _INTO
        for options in _OPTIONS
    ),
    *(
        Case(f"{_F}.soft_margin_loss", (t(*a), t(*b)), {"reduction": "none"}, lenient=True)
        for a, b in _INTO
    ),
    *(
        call(f"{_F}.{name}", t(2, 3), t(2, 3), t(*weight), reduction="none")
        for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits")
        for weight in ((3,), (2, 3), (2, 1), (5,), ())
    ),
    call(f"{_F}.binary_cross_entropy_with_logits", t(2, 3), t(2, 3), pos_weight=t(3), reduction="none"),
    call(f"{_F}.binary_cross_entropy_with_logits", t(2, 3), t(2, 3), pos_weight=t(5), reduction="none"),
    Case(f"{_F}.binary_cross_entropy", (t(2, 3), t(2, 3), t(7, 2, 3)), lenient=True),
    # The variance is checked to be positive, which takes data.
    *(
        Case(f"{_F}.gaussian_nll_loss", (t(*a), t(*b), t(*variance)), lenient=True)
        for a, b, variance in (
            ((2, 3), (2, 3), (3,)), ((2, 3), (2, 5), (2, 3)), ((2, 3), (2, 3), ()), ((2, 3), (2, 3), (1, 1)),
        )
    ),
]  # fmt: skip

MODULE_CASES = [
    *(
        ModuleCase(f"torch.nn.{name}", (), options, (t(*a), t(*b)))
        for name in (*_MODULES, "BCELoss", "BCEWithLogitsLoss")
        for a, b in _PAIRS
        for options in ({}, {"reduction": "none"}, {"reduction": "sum"})
    ),
    *(
        ModuleCase("torch.nn.SoftMarginLoss", (), options, (t(*a), t(*b)))
        for a, b in _PAIRS
        if (a, b) not in _INTO
        for options in ({}, {"reduction": "none"}, {"size_average": False})
    ),
    ModuleCase("torch.nn.GaussianNLLLoss", (), {}, (t(2, 3), t(2, 5), t(2, 3))),
]

"""Cases of losses whose targets are classes."""

from tests.ops.oracle import ModuleCase, call, ints, t

_F = "torch.nn.functional"
_PAIRS = [
    (t(2, 3), ints(2)), (t(3), ints()), (t(3), ints(2, 3)), (t(2, 3, 5), ints(2, 5)), (t(2, 3, 5, 7), ints(2, 5, 7)),
    (t(2, 3, 5, 7), ints(2, 7, 5)), (t(2, 3, 5, 7), ints(2, 3, 5, 7)), (t(2, 3, 5, 7), t(2, 3, 5, 7)),
    (t(2, 3), ints(3)),
    (t(2, 3), ints(2, 1)), (t(2, 3), t(2, 1)), (t(3), t(3)), (t(3), ints(3)), (t(), ints()), (t(2, 3, 5), ints(2, 3)),
    (t(2, 3, 5), t(2, 3)), (t(2, 3), ints()), (t(2, 3, 5), ints(2)), (t(2, 3), t(2)), (t(2, 3), t(2, 3)),
    (t(2, 3), t(2, 5)),
    (t(2, 3, 5, 7, 4), ints(2, 5, 7, 4)), (t(2, 3, 5, 7, 4), ints(2, 5, 7)),
]  # fmt: skip
_MARGINS = [
    ((2, 3), (2,)),
    ((2, 3), (3,)),
    ((3,), (1,)),
    ((2, 3), ()),
    ((2, 3, 5), (2,)),
    ((), (1,)),
    ((2, 3), (2, 1)),
]
_LABELS = [
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((2, 3, 5), (2, 3, 5)),
    ((2, 3), ()),
    ((2, 1), (2,)),
    ((2, 3), (2, 5)),
]
_SUMS = [{}, {"reduction": "none"}, {"reduction": "sum"}, {"reduce": False}]
_LOGITS = [
    ((7, 2, 4), (2, 3)),
    ((7, 2, 4), (6,)),
    ((7, 2, 4), (2, 3, 1)),
    ((7, 3, 4), (3, 3)),
    ((7, 2, 4), (5, 3)),
    ((4,), (3,)),
]

CASES = [
    *(
        call(f"{_F}.{name}", *pair, **options)
        for name in ("cross_entropy", "nll_loss")
        for pair in _PAIRS
        for options in _SUMS
    ),
    *(
        call(f"{_F}.{name}", t(2, 3), ints(2), t(*weight))
        for name in ("cross_entropy", "nll_loss")
        for weight in ((3,), (5,), (2, 3))
    ),
    call(f"{_F}.cross_entropy", t(2, 3), ints(2), label_smoothing=0.1, ignore_index=0),
    *(call(f"{_F}.multi_margin_loss", t(*a), ints(*b), **options) for a, b in _MARGINS for options in _SUMS),
    call(f"{_F}.multi_margin_loss", t(3), ints()),
    *(call(f"{_F}.multi_margin_loss", t(2, 3), ints(2), weight=t(*weight)) for weight in ((3,), (5,), (2, 3))),
    *(call(f"{_F}.multilabel_margin_loss", t(*a), ints(*b), **options) for a, b in _LABELS for options in _SUMS),
    *(
        call(f"{_F}.multilabel_soft_margin_loss", t(*a), t(*b), **options)
        for a, b in (*_LABELS, ((2, 3), (2, 1)), ((3,), (3,)), ((), ()))
        for options in _SUMS
    ),
    *(call(f"{_F}.multilabel_soft_margin_loss", t(2, 3), t(2, 3), t(*weight)) for weight in ((3,), (5,))),
    *(
        call(f"{_F}.ctc_loss", t(*a), ints(*b), (5, 5), (3, 3), reduction=reduction)
        for a, b in _LOGITS
        for reduction in ("none", "mean")
    ),
    *(call(f"{_F}.ctc_loss", t(7, 4), ints(3), (5,), (3,), reduction=reduction) for reduction in ("none", "sum")),
]  # fmt: skip

MODULE_CASES = [
    *(
        ModuleCase(f"torch.nn.{name}", (), options, pair)
        for name in ("CrossEntropyLoss", "NLLLoss", "NLLLoss2d")
        for pair in _PAIRS
        for options in ({}, {"reduction": "none"})
    ),
    *(ModuleCase("torch.nn.MultiMarginLoss", (), {}, (t(*a), ints(*b))) for a, b in _MARGINS),
    *(ModuleCase("torch.nn.MultiLabelMarginLoss", (), {}, (t(*a), ints(*b))) for a, b in _LABELS),
    *(ModuleCase("torch.nn.MultiLabelSoftMarginLoss", (), {}, (t(*a), t(*b))) for a, b in _LABELS),
    *(ModuleCase("torch.nn.CTCLoss", (), {}, (t(*a), ints(*b), (5, 5), (3, 3))) for a, b in _LOGITS),
]

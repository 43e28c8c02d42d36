"""Cases of losses that compare examples, and of distances as modules."""

from tests.ops.oracle import ModuleCase, call, t

_F = "torch.nn.functional"
_SIGNED = [
    ((2, 3), (2, 3), (2,)), ((2, 3), (2, 3), (3,)), ((3,), (3,), ()), ((2, 3), (2, 3), ()), ((2, 3), (2, 5), (2,)),
    ((2, 3), (1, 3), (2,)), ((2, 3), (3,), (2,)), ((2, 3, 5), (2, 3, 5), (2,)), ((2, 3), (2, 3), (2, 1)),
    ((2, 3), (2, 3), (1,)), ((3,), (3,), (1,)),
]  # fmt: skip
_THREE = [
    ((2, 3), (2, 3), (2, 3)), ((2, 3), (2, 3), (2,)), ((2,), (2,), (2,)), ((2, 3), (1, 3), (2, 3)),
    ((2, 3), (2, 5), (2, 3)),
    ((2, 3), (2, 3), (1, 1)), ((), (), ()), ((7, 2, 3), (7, 2, 3), (7, 2, 3)),
]  # fmt: skip
_NAMES = ["triplet_margin_loss", "triplet_margin_with_distance_loss", "margin_ranking_loss"]
_MODULES = ["TripletMarginLoss", "TripletMarginWithDistanceLoss", "MarginRankingLoss"]

CASES = [
    *(
        call(f"{_F}.{name}", *(t(*one) for one in three), reduction=reduction)
        for names, triples in ((_NAMES, _THREE), (["cosine_embedding_loss"], _SIGNED))
        for name in names
        for three in triples
        for reduction in ("none", "mean")
    ),
]

MODULE_CASES = [
    *(
        ModuleCase(f"torch.nn.{name}", (), {"reduction": reduction}, tuple(t(*one) for one in three))
        for names, triples in ((_MODULES, _THREE), (["CosineEmbeddingLoss"], _SIGNED))
        for name in names
        for three in triples
        for reduction in ("none", "mean")
    ),
    *(
        ModuleCase(f"torch.nn.{name}", (), options, (t(*a), t(*b)))
        for name, several in (
            ("CosineSimilarity", ({}, {"dim": 0}, {"dim": -1}, {"dim": 3})),
            ("PairwiseDistance", ({}, {"keepdim": True}, {"p": 1.0})),
        )
        for options in several
        for a, b in (((2, 3), (2, 3)), ((2, 3), (3,)), ((7, 2, 3), (2, 3)), ((2, 3), (2, 5)), ((3,), (3,)))
    ),
]

"""Whether the weights of a model stand in its graph, where its manifest does not list them."""

from namedtorch.archive.manifest import Manifest

_STAGES = frozenset(("freeze", "mobile"))


def is_frozen(manifest: Manifest) -> bool:
    """Tells whether a TorchScript graph was frozen: parameters and buffers became constants of it."""
    return not _STAGES.isdisjoint(manifest.stages)

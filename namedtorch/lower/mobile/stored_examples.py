"""Examples of a model's inputs in the memory formats that its graph wants."""

from dataclasses import dataclass, replace

from namedtorch.lower.drawing import Examples
from namedtorch.lower.given_example import Sizes
from namedtorch.lower.mobile.memory_formats import in_formats
from namedtorch.lower.samples import Refusal, Sample
from namedtorch.signature.signature import Signature


@dataclass(frozen=True, slots=True)
class StoredExamples(Examples):
    """The inputs of a method's examples, each tensor stored as a signature asks."""

    signature: Signature

    @classmethod
    def of(cls, examples: Examples, signature: Signature) -> "StoredExamples":
        """The same inputs, stored as `signature` asks."""
        first = _sample(signature, examples.first)
        return cls(examples.name, examples.sampler, first, signature)

    def sample(self, sizes: Sizes, seed: int = 0) -> Sample | Refusal | None:
        """As `Examples.sample`."""
        return _sample(self.signature, Examples.sample(self, sizes, seed))

    def without_optional(self) -> Sample | Refusal | None:
        """As `Examples.without_optional`."""
        return _sample(self.signature, Examples.without_optional(self))


def _sample(signature: Signature, found: Sample | Refusal | None) -> Sample | Refusal | None:
    if not isinstance(found, Sample):
        return found
    return replace(found, inputs=in_formats(signature, *found.inputs))

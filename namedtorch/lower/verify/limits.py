"""Limits: which sizes of a dim the original takes, measured by calling it on both sides of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from namedtorch.lower.drawing import Examples, said
from namedtorch.lower.given_example import Sizes
from namedtorch.lower.samples import Refusal, Sample
from namedtorch.lower.targets.user_lines import line_of_error

_MOST_STEPS = 64
"""How far a multiple is searched for."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A condition on sizes that the code makes and the signature does not, `H >= 32`, and what the original says.

    `tied` are the two dims whose sizes the condition ties to each other, none where it is about one; `line` is the
    user's line that refuses, "" where none is known.
    """

    condition: str
    reason: str
    tied: tuple[str, ...] = ()
    line: str = ""

    def __str__(self) -> str:
        return f"the signature is wider than the code: {self.condition} ({self.reason})"

    def warning(self, name: str) -> str:
        """The warning of a condition that ties two dims, which most likely is a mistake; `name` is the model."""
        first, second = self.tied
        where = f"; {self.line}" if self.line else ""
        twice = f"`{first}` twice or " if self.condition == f"{first} == {second}" else ""
        return (
            f"{name} takes `{self.condition}` only, and its annotation leaves `{first}` and `{second}` apart "
            f"({self.reason}{where}): write {twice}`where {self.condition}` if that is meant, or mend the annotation "
            "or the code, in which one may stand for the other"
        )


@dataclass(slots=True)
class Limits:
    """Measures one method, from the sizes of its first sample on; what was measured is kept."""

    examples: Examples
    _known: dict[tuple[tuple[str, object], ...], Sample | Refusal | None] = field(
        default_factory=dict[tuple[tuple[str, object], ...], Sample | Refusal | None]
    )

    def sample(self, sizes: Sizes) -> Sample | Refusal | None:
        """A sample in these sizes, others as in the first."""
        key = tuple(sorted(sizes.items()))
        if key not in self._known:
            self._known[key] = self.examples.sample(sizes)
        return self._known[key]

    def size(self, name: str) -> int:
        """The size of a dim in the first sample; of one that is bound for each element, in the first element."""
        sizes = self.examples.sizes
        found = next(size for key, size in sizes.items() if key.rpartition("?")[2] == name)
        assert isinstance(found, int)
        return found

    def takes(self, name: str, size: int) -> bool | None:
        """Whether the original takes a size of one dim, others as they are; None where the signature has no such."""
        found = self.sample({name: size})
        # Where other dims had to follow, the size of this one alone says nothing.
        return None if found is None else isinstance(found, Sample)

    def of(self, name: str, refused: int) -> Iterator[Limit]:
        """What keeps the original from taking a size that it was seen to refuse."""
        size = self.size(name)
        refusal = self.sample({name: refused})
        assert isinstance(refusal, Refusal)
        reason = self._why(name, refused, refusal)
        tie = self._tie(name, size, refused)
        if tie is not None:
            line = line_of_error(refusal.error)
            place = "" if line is None else f"{line.file}:{line.line}"
            yield Limit(tie[0], reason, (name, tie[1]), place)
            return
        above = self.takes(name, size + 1)
        if above is None:
            yield Limit(f"not {name}={refused}", reason)
        elif above:
            bound = self._bound(name, refused, size if refused < size else size + 1)
            yield Limit(f"{name} {'>=' if refused < size else '<='} {bound}", reason)
        elif refused > size and self.takes(name, size - 1) and size > 1:
            yield Limit(f"{name} <= {size}", reason)
        else:
            yield from self._steps(name, size, refused, reason)

    def _why(self, name: str, size: int, refusal: Refusal) -> str:
        return f"{name}={size}: {said(refusal.error)}"

    def _bound(self, name: str, refused: int, taken: int) -> int:
        """The last size that is taken on the way to one that is refused; both sides of it were tried."""
        while abs(taken - refused) > 1:
            middle = (taken + refused) // 2
            # What the signature excludes is no news.
            if self.takes(name, middle) is False:
                refused = middle
            elif self.takes(name, middle):
                taken = middle
            else:
                break
        return taken

    def _steps(self, name: str, size: int, refused: int, reason: str) -> Iterator[Limit]:
        """Multiples, a size that is equal to that of another dim, or the one size that is taken."""
        step = next((one for one in range(2, _MOST_STEPS + 1) if self.takes(name, size + one)), None)
        if step is None:
            yield Limit(f"{name} == {size}", reason)
            return
        if size % step:
            yield Limit(f"not {name}={refused}", reason)
            return
        lowest = 1
        while lowest < size // step and not self.takes(name, lowest * step):
            lowest += 1
        yield Limit(f"{name} must be a multiple of {step}", reason)
        below = self.sample({name: (lowest - 1) * step}) if lowest > 1 else None
        if isinstance(below, Refusal):
            yield Limit(f"{name} >= {lowest * step}", self._why(name, (lowest - 1) * step, below))

    def _tie(self, name: str, size: int, refused: int) -> tuple[str, str] | None:
        """That sizes next to this one are refused unless another dim changes with it: as a condition, and that dim."""
        for other, own in self.examples.sizes.items():
            if other == name or own != size or "?" in other or other not in self.examples.sampler.free:
                continue
            tried = (refused, size + 1, 2 * size, max(1, size // 2))
            apart = [both for both in tried if both != size and self.takes(name, both) is False]
            if any(isinstance(self.sample({name: both, other: both}), Sample) for both in apart):
                condition = self._together(name, other, size)
                if condition is not None:
                    return condition, other
        return None

    def _together(self, name: str, other: str, size: int) -> str | None:
        """The equality that ties two dims, `H == W` or `H//2 == W//2`; None where they are tied otherwise: `H <= W`."""
        low = next((one for one in (size - 1, size // 2, 1) if self.takes(name, one) is False), None)
        high = next((one for one in (size + 1, 2 * size) if self.takes(name, one) is False), None)
        if low is None or high is None:
            return None
        first, last = self._bound(name, low, size), self._bound(name, high, size)
        step = last - first + 1
        shift = -first % step
        written = [one if not shift else f"({one}+{shift})" for one in (name, other)]
        return " == ".join(written if step == 1 else [f"{one}//{step}" for one in written])

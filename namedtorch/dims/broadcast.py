"""Broadcasting of groups, and places between two groups.

These functions are compiled into graphs as they stand, so they keep to what TorchScript takes: lists of ints, loops,
no keyword-only arguments. Source: numpy's and torch's broadcasting semantics.
"""

# TorchScript reads these annotations as they are written.


def broadcast_sizes(left: list[int], right: list[int]) -> list[int]:
    """The sizes that both broadcast to, aligned from the right; `[-1]` where they do not broadcast."""
    rank = max(len(left), len(right))
    sizes: list[int] = []
    for place in range(rank):
        a = place - rank + len(left)
        b = place - rank + len(right)
        one = left[a] if a >= 0 else 1
        other = right[b] if b >= 0 else 1
        if one != other and one != 1 and other != 1:
            return [-1]
        sizes.append(other if one == 1 else one)
    return sizes


def group_agrees(bound: list[int], grows: bool, sizes: list[int], broadcast: bool) -> bool:
    """Tells whether a group's `sizes` fit what it is bound to.

    `grows`: only broadcast uses bound it so far. `broadcast`: this use is one too.
    """
    if not grows and not broadcast:
        return bound == sizes
    both = broadcast_sizes(bound, sizes)
    if not grows:
        return both == bound
    if not broadcast:
        return both == sizes
    return both != [-1]


def places_between(
    sizes: list[int], middle: list[int], ones: list[bool], before: list[int], after: list[int]
) -> list[int]:
    """The first axes at which `middle` fits between two groups; -1 in it fits any size, and 1 where `ones` says so.

    `before` and `after` are the sizes that the groups must have; `[-1]` where they may be anything.
    """
    places: list[int] = []
    for first in range(len(sizes) - len(middle) + 1):
        fits = True
        for step in range(len(middle)):
            size = sizes[first + step]
            if middle[step] != -1 and size != middle[step] and not (ones[step] and size == 1):
                fits = False
        if before != [-1] and sizes[:first] != before:
            fits = False
        if after != [-1] and sizes[first + len(middle) :] != after:
            fits = False
        if fits:
            places.append(first)
    return places

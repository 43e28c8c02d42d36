"""Signatures on the command line: of forward, or of several methods by name."""

from collections.abc import Sequence

from namedtorch.cli.literals import named
from namedtorch.cli.outcome import WrongUse


def signatures(words: Sequence[str]) -> str | dict[str, str]:
    """The text of forward's signature, or the texts by method where a method is named.

    Whether a text is a signature is for whoever takes it to say. Raises WrongUse for a method that is named twice.
    """
    found: dict[str, str] = {}
    for word in words:
        # `image: N C=3 -> N` names no method: a colon stands before its first equals sign.
        name, text = named(word)
        method = name or "forward"
        if method in found:
            raise WrongUse(
                f"two signatures for `{method}`; that of another method is written METHOD=SIGNATURE"
            )
        found[method] = text
    return found["forward"] if found.keys() == {"forward"} else found

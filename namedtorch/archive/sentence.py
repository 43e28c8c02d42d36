"""Words for a message of one line, of which parts come from a file that nobody vouches for."""

_LONGEST = 300


def one_line(text: str, longest: int = _LONGEST) -> str:
    """The text on one line of printable characters, cut to `longest`: safe for a terminal and a log."""
    # Cut first: a hostile text may be many megabytes.
    words = " ".join(text[: 4 * longest].split())
    shown = printable(words)
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def printable(text: str) -> str:
    """The text with every character that could move a terminal's cursor spelled out (`\\n`, `\\x1b`)."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def reason(error: OSError) -> str:
    """What the operating system says, in its words without the number and the path."""
    return (error.strerror or type(error).__name__).lower()

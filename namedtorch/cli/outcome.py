"""How a command ends: the exit codes, and the two errors that lead to them."""

FINE = 0
REFUSED = 1
WRONG_USE = 2
INTERRUPTED = 130


class Refused(Exception):
    """The command was understood, and what it was given does not do; the text is for the user."""


class WrongUse(Exception):
    """The command line itself is wrong; the text says how it is meant."""

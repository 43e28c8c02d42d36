"""`python -m namedtorch`."""

from namedtorch.cli import script

script()

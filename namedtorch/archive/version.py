"""Which namedtorch this is, and which numbers of the archive it knows."""

from namedtorch import __version__

NAMEDTORCH_VERSION = __version__
"""The version of this namedtorch, which stands in what it writes."""

SCHEMA_VERSION = 5
"""The format of the manifest: which fields there are, and what they mean."""

RULES_VERSION = 1
"""The meaning of the operator table."""

"""JSON as people read it: shapes on one line."""

import json
import re
from typing import Any

# JSON has no line break within a text, so that none of these stands in one.
_NUMBERS = re.compile(r"\[\n([-,\d\s]+)\n\s*\]")


def json_text(data: Any) -> str:
    """The data as indented JSON in ASCII, lists of whole numbers on one line."""
    text = json.dumps(data, indent=2, allow_nan=False)
    return _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"

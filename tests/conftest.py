"""What holds for every test: checks are on, and hypothesis does not fail because a machine is busy."""

import os

from hypothesis import settings

# Tests say themselves when checks are off; a shell that turned them off must not make the others pass.
os.environ.pop("NAMEDTORCH_CHECKS", None)

settings.register_profile("namedtorch", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("namedtorch"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "namedtorch")

"""What holds for every test: checks are on, hypothesis does not fail because a machine is busy, and workers that run
beside each other compute in one thread each."""

import gc
import os

from hypothesis import settings

# Tests say themselves when checks are off; a shell that turned them off must not make the others pass.
os.environ.pop("NAMEDTORCH_CHECKS", None)

# torch reads it when it is loaded, as do processes that tests start: threads of several workers would wait for each
# other's cores at every barrier.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("namedtorch", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("namedtorch"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "namedtorch")


def pytest_collection_finish() -> None:
    # Thousands of tests are held to the end: a collection that looked through them each time would take a tenth of the
    # run.
    gc.collect()
    gc.freeze()

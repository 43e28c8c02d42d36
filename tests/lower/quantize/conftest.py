"""What holds for every test of quantization: torch runs on one thread."""

from tests.threads import one_thread as one_thread

"""The benchmarks import each other by the names that they have where `speed.py` runs as a script."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

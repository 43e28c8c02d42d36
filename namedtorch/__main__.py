"""`python -m namedtorch`."""

import sys

from namedtorch.cli import main

sys.exit(main())

"""The command line: `namedtorch check | reveal | lower | annotate | inspect | run | bench | explain`."""

from namedtorch.cli.entry import main as main
from namedtorch.cli.entry import script as script

"""The command line: `namedtorch lower | annotate | inspect | run | bench | explain`."""

from namedtorch.cli.entry import main as main

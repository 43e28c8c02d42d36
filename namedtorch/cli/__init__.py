"""The command line: `namedtorch lower | inspect | run | explain`."""

from namedtorch.cli.entry import main as main

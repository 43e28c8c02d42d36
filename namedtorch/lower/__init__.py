"""Annotated modules and functions to TorchScript, their guard inside."""

from namedtorch.lower.entry import Guards as Guards
from namedtorch.lower.entry import lower as lower
from namedtorch.lower.lowered import Lowered as Lowered

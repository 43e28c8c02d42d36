"""Annotated modules and functions to TorchScript and other targets, their guard inside or beside."""

from namedtorch.lower.entry import Guards as Guards
from namedtorch.lower.entry import lower as lower
from namedtorch.lower.lowered import Lowered as Lowered
from namedtorch.lower.targets.exported import Exported as Exported

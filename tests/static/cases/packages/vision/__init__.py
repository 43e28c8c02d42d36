"""A package: modules that import each other."""

from .blocks import ConvBlock as ConvBlock
from .model import *  # noqa: F403

"""Models out of archives."""

from namedtorch.deploy.load import LoadedModel as LoadedModel
from namedtorch.deploy.load import load as load

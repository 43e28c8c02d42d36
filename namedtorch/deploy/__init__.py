"""Models out of archives."""

from namedtorch.deploy.load import load as load
from namedtorch.deploy.model import LoadedModel as LoadedModel

"""What namedtorch says: errors, findings in a text, and the table of codes."""

from namedtorch.diagnostics.codes import CODES as CODES
from namedtorch.diagnostics.codes import Code as Code
from namedtorch.diagnostics.errors import AnnotationError as AnnotationError
from namedtorch.diagnostics.errors import ArchiveError as ArchiveError
from namedtorch.diagnostics.errors import DimError as DimError
from namedtorch.diagnostics.errors import EraseError as EraseError
from namedtorch.diagnostics.errors import Failure as Failure
from namedtorch.diagnostics.errors import Finding as Finding
from namedtorch.diagnostics.errors import LowerError as LowerError
from namedtorch.diagnostics.errors import MissingDependencyError as MissingDependencyError
from namedtorch.diagnostics.spans import Diagnostic as Diagnostic
from namedtorch.diagnostics.spans import Label as Label
from namedtorch.diagnostics.spans import Span as Span
from namedtorch.diagnostics.spans import render as render

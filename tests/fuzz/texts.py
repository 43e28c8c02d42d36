"""What holds for texts of annotations, whatever a stranger writes: shapes and signatures."""

import json

from namedtorch.diagnostics import AnnotationError
from namedtorch.signature.plan import Plan, build_plan
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape


def text_of(data: bytes) -> str:
    """The bytes as text; what is no UTF-8 stands as lone surrogates, which Python's own texts may hold too."""
    return data.decode("utf-8", "surrogateescape")


def shape_text(data: bytes) -> bool:
    """A shape prints as a text that reads as the same shape."""
    try:
        shape = parse_shape(text_of(data))
    except AnnotationError as error:
        _explained(error)
        return False
    assert parse_shape(str(shape)) == shape
    return True


def signature_text(data: bytes) -> bool:
    """A signature prints as a text that reads and prints the same, and so do its JSON and that of its plan."""
    try:
        signature = parse_signature(text_of(data))
    except AnnotationError as error:
        _explained(error)
        return False
    assert str(parse_signature(str(signature))) == str(signature)
    assert Signature.from_json(rewritten(signature.to_json())) == signature
    planned(signature)
    return True


def planned(signature: Signature) -> Plan | None:
    """The plan of a signature, which reads from JSON as it is; None where a dim can't be bound."""
    try:
        plan = build_plan(signature)
    except AnnotationError as error:
        said(error)
        return None
    assert Plan.from_json(rewritten(plan.to_json())) == plan
    return plan


def rewritten(data: object) -> object:
    """JSON-able data, as it comes back from a file."""
    return json.loads(json.dumps(data, allow_nan=False))


def said(error: ValueError) -> None:
    """A refusal has words."""
    assert str(error).strip()


def _explained(error: AnnotationError) -> None:
    """The refusal of a text has a code and words."""
    assert error.failures
    assert all(failure.code == "bad-annotation" and failure.message for failure in error.failures)

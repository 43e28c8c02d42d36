"""Signatures as text: `x: N C H W, mean: C -> N C H W where C >= 1`."""

from functools import lru_cache

from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import TENSOR, TensorHint, TupleHint
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.syntax.nodes import ParameterNode
from namedtorch.syntax.parse import parse_signature_tree
from namedtorch.syntax.refusal import refuse
from namedtorch.syntax.resolve import resolve_comparison, resolve_shape


def parse_signature(text: str) -> Signature:
    """Parses a signature whose parameters and results are tensors of any dtype.

    Raises `AnnotationError`, which points at the character and says what was probably meant.
    """
    return _parse_signature(text)


@lru_cache(maxsize=1024)
def _parse_signature(text: str) -> Signature:
    node = parse_signature_tree(text)
    seen: set[str] = set()
    for parameter in node.parameters:
        assert parameter.name is not None
        if parameter.name.text in seen:
            raise refuse(text, parameter.name.span, f"two parameters are called `{parameter.name.text}`")
        seen.add(parameter.name.text)

    def hint(part: ParameterNode) -> TensorHint:
        return TensorHint(TENSOR, FAMILIES["Shaped"], resolve_shape(part.shape, text))

    parameters = tuple(Parameter(one.name.text, hint(one)) for one in node.parameters if one.name is not None)
    results = [hint(one) for one in node.results]
    where = tuple(constraint for one in node.where for constraint in resolve_comparison(one, text))
    result = results[0] if len(results) == 1 else TupleHint(tuple(results))
    return Signature(parameters, result, where)

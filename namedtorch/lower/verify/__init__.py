"""Verification: what was lowered computes what the original does, at sizes of all kinds."""

from namedtorch.lower.verify.verification import Comparison, Verification, VerifyError
from namedtorch.lower.verify.verifier import verify

__all__ = ["Comparison", "Verification", "VerifyError", "verify"]

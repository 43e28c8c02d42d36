"""Signatures: annotations, hints, the guard plan, and what is written and explained from it."""

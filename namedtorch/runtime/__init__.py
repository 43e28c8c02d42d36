"""Checked calls: a guard for each signature, compiled at its first call."""

"""What the commands that open an archive share: options, and what is said before torch is loaded."""

import argparse
import difflib

from namedtorch.archive.container import Archive
from namedtorch.archive.targets import SUFFIXES
from namedtorch.cli.outcome import Refused, WrongUse
from namedtorch.signature.signature import Signature

ARCHIVES = ", ".join(SUFFIXES.values())
"""What the names of archives end in."""


def add_loading(parser: argparse.ArgumentParser) -> None:
    """Adds which method is called, where the model is put, and whether all of its file is verified first."""
    parser.add_argument(
        "--method", default="forward", metavar="NAME", help="the method to call (default: forward)"
    )
    parser.add_argument(
        "--device", help="where the model and its inputs are put: cpu, cuda, cuda:1 (a .pte runs on the CPU)"
    )
    parser.add_argument(
        "--check",
        action=argparse.BooleanOptionalAction,
        help="verify the digests of all records before the model is loaded (default: of files under 256 MB)",
    )


def require_digests(archive: Archive) -> None:
    """Raises Refused for an archive whose manifest holds no digests that its records could be held against."""
    if not archive.manifest.digests:
        raise Refused(
            f"{archive.path}: holds no digests to check (its schema is {archive.manifest.schema_version}); leave "
            "--check out, or lower the model again"
        )


def method_signature(archive: Archive, method: str) -> Signature:
    """The signature of a method; raises WrongUse for one that the archive has not."""
    methods = archive.manifest.methods
    if method not in methods:
        near = difflib.get_close_matches(method, methods, n=1)
        meant = f"did you mean {near[0]}?" if near else "it has " + ", ".join(methods)
        raise WrongUse(f"{archive.path} has no method `{method}`; {meant}")
    return methods[method].signature

"""Options of `namedtorch lower` that say what the file is for, held to each other before torch is loaded."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from namedtorch.archive.targets import FLAT, SUFFIXES, target_of
from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.written import check_folder

_NEEDED: Mapping[str, str] = {
    "freeze": "what it runs is compiled from the exported program",
    "train": "what is exported is for inference",
    "ops": "it lists what the lite interpreter calls",
    "bundle": "inputs are bundled into TorchScript files",
    "debug_info": "it is for .ptl",
    "optimize": "it changes TorchScript's graphs",
}
"""Options of TorchScript files alone, and why."""


def add_phone(parser: argparse.ArgumentParser) -> None:
    """Adds what the file is for, what is done for it, and what goes into it or beside it."""
    parser.add_argument(
        "--to",
        choices=tuple(SUFFIXES),
        help="what the file is for; without it what its suffix says: torch (.pt), the lite interpreter (.ptl), "
        "torch.export (.pt2), ONNX (.onnx), ExecuTorch (.pte)",
    )
    parser.add_argument(
        "--where",
        metavar="CONSTRAINTS",
        help='what else is to hold of the sizes: "N <= 64, H <= 512" (ExecuTorch needs an upper bound of each dim)',
    )
    parser.add_argument(
        "--optimize",
        choices=("mobile",),
        help="freeze, fold batch norms, drop dropout, and store convolutions and their images channels-last",
    )
    parser.add_argument(
        "--ops",
        metavar="FILE.yaml",
        help="write the operators that a phone needs for the .ptl, as selective builds of torch read them",
    )
    parser.add_argument(
        "--bundle",
        action="store_true",
        help="put inputs into the file, those of --example or drawn ones, for apps that know nothing of the model",
    )
    parser.add_argument(
        "--debug-info",
        action="store_true",
        help="write into a .ptl where in the source each instruction comes from (a .pt says so always)",
    )


def phone(options: argparse.Namespace, output: Path) -> dict[str, Any]:
    """The arguments of `lower` that the options ask for; raises WrongUse for options that contradict each other."""
    if options.to is not None and output.suffix != SUFFIXES[options.to]:
        raise WrongUse(
            f"-o {options.output}: with --to {options.to} the file ends in {SUFFIXES[options.to]}: "
            f"-o {output.with_suffix(SUFFIXES[options.to])}"
        )
    to = options.to
    implied = target_of(output.suffix)
    if implied in FLAT:
        to = implied
        _check_flat(options, output.suffix)
    if options.optimize is not None:
        for name, why in (("freeze", "it freezes already"), ("train", "it takes out what training needs")):
            if getattr(options, name):
                raise WrongUse(f"--optimize {options.optimize} goes without --{name}: {why}")
    if options.ops is not None:
        check_folder(options.ops, "--ops")
        if output.suffix != SUFFIXES["lite"]:
            raise WrongUse(
                f"--ops lists what the lite interpreter calls: write -o {output.with_suffix('.ptl')}"
            )
    given = {"to": to, "optimize": options.optimize, "where": options.where}
    return {name: value for name, value in given.items() if value is not None}


def _check_flat(options: argparse.Namespace, suffix: str) -> None:
    """Raises WrongUse for options that files of TorchScript's alone know."""
    for name, why in _NEEDED.items():
        if getattr(options, name):
            raise WrongUse(f"-o {options.output}: a {suffix} goes without --{name.replace('_', '-')}: {why}")
    if options.method != "script":
        raise WrongUse(
            f"-o {options.output}: a {suffix} goes without --method: torch.export traces the model"
        )
    if options.guards != "boundary":
        raise WrongUse(
            f"-o {options.output}: a {suffix} goes without --guards: its guard is in its manifest, and load holds it"
        )

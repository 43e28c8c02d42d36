"""Options of `namedtorch lower` for phones, and what they are held to before torch is loaded."""

import argparse
from pathlib import Path
from typing import Any

from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.written import check_folder

_SUFFIXES = {"torchscript": ".pt", "lite": ".ptl"}


def add_phone(parser: argparse.ArgumentParser) -> None:
    """Adds what the file is for, what is done for it, and what goes into it or beside it."""
    parser.add_argument(
        "--to",
        choices=tuple(_SUFFIXES),
        help="what the file is for: torch (.pt), or the lite interpreter, which runs on phones (.ptl)",
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
    if options.to is not None and output.suffix != _SUFFIXES[options.to]:
        raise WrongUse(
            f"-o {options.output}: with --to {options.to} the file ends in {_SUFFIXES[options.to]}: "
            f"-o {output.with_suffix(_SUFFIXES[options.to])}"
        )
    if options.optimize is not None:
        for name, why in (("freeze", "it freezes already"), ("train", "it takes out what training needs")):
            if getattr(options, name):
                raise WrongUse(f"--optimize {options.optimize} goes without --{name}: {why}")
    if options.ops is not None:
        check_folder(options.ops, "--ops")
        if output.suffix != _SUFFIXES["lite"]:
            raise WrongUse(
                f"--ops lists what the lite interpreter calls: write -o {output.with_suffix('.ptl')}"
            )
    given = {"to": options.to, "optimize": options.optimize}
    return {name: value for name, value in given.items() if value is not None}

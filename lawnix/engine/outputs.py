"""Outputs that were declared, and what is really there."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from lawnix.core.derivation import Kind, OutputSpec
from lawnix.errors import EmptyOutputError, MissingOutputError, OutputKindError


def check_outputs(title: Callable[[], str], specs: Sequence[OutputSpec], directory: Path) -> None:
    """Check that what is in `directory` is what was declared.

    Raises:
        MissingOutputError: A declared output is not there.
        OutputKindError: A file is where a directory should be, or the other way round.
        EmptyOutputError: An output is empty and may not be.
    """
    missing, empty = [], []
    for spec in specs:
        path = directory / spec.name
        is_directory = path.is_dir() and not path.is_symlink()
        if not os.path.lexists(path):
            if not spec.optional:
                missing.append(spec.name)
        elif is_directory != (spec.kind is Kind.DIRECTORY):
            kinds = {True: "directory", False: "file"}
            raise OutputKindError(title(), spec.name, kinds[not is_directory], kinds[is_directory])
        elif not spec.allow_empty and _is_empty(path, is_directory=is_directory):
            empty.append(spec.name)
    if missing:
        raise MissingOutputError(title(), missing)
    if empty:
        raise EmptyOutputError(title(), empty)


def _is_empty(path: Path, *, is_directory: bool) -> bool:
    return not any(path.iterdir()) if is_directory else path.lstat().st_size == 0

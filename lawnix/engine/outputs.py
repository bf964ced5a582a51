"""Outputs that were declared, and what is really there."""

# ruff: noqa: PTH208
# Places are strings here: a small build looks at little else.

import os
import stat
from collections.abc import Callable, Sequence

from lawnix.core.derivation import OutputSpec
from lawnix.core.output import Kind
from lawnix.errors import EmptyOutputError, MissingOutputError, OutputKindError


def check_outputs(title: Callable[[], str], specs: Sequence[OutputSpec], directory: str) -> list[OutputSpec]:
    """Check that what is in `directory` is what was declared; those of `specs` that were written.

    Raises:
        MissingOutputError: A declared output is not there.
        OutputKindError: A file is where a directory should be, or the other way round.
        EmptyOutputError: An output is empty and may not be.
    """
    written, missing, empty = [], [], []
    for spec in specs:
        try:
            status = os.lstat(f"{directory}/{spec.name}")
        except (FileNotFoundError, NotADirectoryError):
            if not spec.optional:
                missing.append(spec.name)
            continue
        is_directory = stat.S_ISDIR(status.st_mode)
        if is_directory != (spec.kind is Kind.DIRECTORY):
            kinds = {True: "directory", False: "file"}
            raise OutputKindError(title(), spec.name, kinds[not is_directory], kinds[is_directory])
        written.append(spec)
        if not spec.allow_empty and not (
            os.listdir(f"{directory}/{spec.name}") if is_directory else status.st_size
        ):
            empty.append(spec.name)
    if missing:
        raise MissingOutputError(title(), missing)
    if empty:
        raise EmptyOutputError(title(), empty)
    return written

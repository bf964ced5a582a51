"""Formatters by name: which one reads and writes a file is decided when a derivation is made, by the file's name alone.

law takes the first registered formatter that accepts a path, so what `auto` means there depends on the order in which
contribs were loaded.
"""

from functools import lru_cache
from typing import Final

import law
from law.target.formatter import AUTO_FORMATTER, get_formatter

# file ending -> name of the formatter, and the contrib of law that has it (none: law itself)
_BY_ENDING: Final[dict[str, tuple[str, str | None]]] = {
    ".txt": ("text", None),
    ".json": ("json", None),
    ".yaml": ("yaml", None),
    ".yml": ("yaml", None),
    ".pkl": ("pickle", None),
    ".pickle": ("pickle", None),
    ".py": ("python", None),
    ".zip": ("zip", None),
    ".tgz": ("tar", None),
    ".tar": ("tar", None),
    ".tar.gz": ("tar", None),
    ".tar.bz2": ("tar", None),
    ".tbz2": ("tar", None),
    ".tar.xz": ("tar", None),
    ".txz": ("tar", None),
    ".gz": ("gzip", None),
    ".npy": ("numpy", "numpy"),
    ".npz": ("numpy", "numpy"),
    ".h5": ("h5py", "hdf5"),
    ".hdf5": ("h5py", "hdf5"),
    ".parquet": ("awkward", "awkward"),
    ".parq": ("awkward", "awkward"),
    ".csv": ("pandas", "pandas"),
    ".coffea": ("coffea", "coffea"),
    ".root": ("uproot", "root"),
    ".pdf": ("mpl", "matplotlib"),
    ".png": ("mpl", "matplotlib"),
}


def formatter_of(name: str) -> str:
    """The name of the formatter for a file called `name`; `auto`, so law's own choice, for endings of no format."""
    return _entry(name)[0]


def loaded(name: str, file_name: str) -> str:
    """`name`, once the contrib that brings this formatter is loaded."""
    if name != AUTO_FORMATTER and get_formatter(name, silent=True) is None:
        contribs = dict(_BY_ENDING.values())
        contrib = contribs.get(name)
        if contrib is not None:
            law.contrib.load(contrib)
    return name


@lru_cache(4096)
def _entry(name: str) -> tuple[str, str | None]:
    lower = name.lower()
    endings = [lower[position:] for position in range(len(lower)) if lower[position] == "."]
    return next((_BY_ENDING[ending] for ending in endings if ending in _BY_ENDING), (AUTO_FORMATTER, None))

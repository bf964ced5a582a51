"""NumPy's files: dtype, shape and items of arrays. An array in Fortran order means what it means in C order."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lawnix.core.digest import Digest
from lawnix.store.meaning import arrays
from lawnix.store.meaning.spool import spooled
from lawnix.store.meaning.values import Values
from lawnix.store.tree import threads


def parts(path: Path, name: str, depth: int) -> Mapping[str, Digest]:
    """The array of an npy file, or those of an npz file by name."""
    if not name.lower().endswith(".npz"):
        return {"array": _array(path)}
    found = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if not member.endswith(".npy"):
                raise ValueError(f"a member that is no array: {member}")
            with archive.open(member) as stream, spooled(stream) as place:
                found[f"array {member.removesuffix('.npy')}"] = _array(place)
    return found


def _array(path: Path) -> Digest:
    """The digest of an array; one of Python objects is refused, since only unpickling would tell what they are."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise TypeError("an archive where an array should be")
    values = Values(arrays.described(array.dtype), array.shape, threads=threads(array.nbytes))
    for selection in arrays.blocks(array.shape, array.dtype.itemsize):
        arrays.feed(values, "", np.asarray(array[selection]))
    return values.digest()

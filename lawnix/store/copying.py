"""Copying: the bytes of one file to another; the two share their blocks where the file system can do that."""

# Files are open here, and have numbers.

import errno
import os
import shutil
from typing import Final

_AT_ONCE: Final = 1 << 30  # bytes that the system copies at a time
_BLOCK: Final = 8 << 20  # bytes that are copied at a time where it does not
_NO_OTHER_WAY: Final = {errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}


def copy_bytes(source: int, to: int, size: int) -> None:
    """Copy the bytes of an open file, of which stat says that there are `size`, to another that is empty yet."""
    if not _copied_by_system(source, to, size):
        with open(source, "rb", closefd=False) as theirs, open(to, "wb", closefd=False) as ours:
            shutil.copyfileobj(theirs, ours, _BLOCK)


def _copied_by_system(source: int, to: int, size: int) -> bool:
    if not hasattr(os, "copy_file_range"):
        return False
    left = size
    try:
        while left > 0 and (count := os.copy_file_range(source, to, min(left, _AT_ONCE))):
            left -= count
    except OSError as error:
        if error.errno in _NO_OTHER_WAY and left == size:
            return False
        raise
    return left < size  # else it is no file on a disk

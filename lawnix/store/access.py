"""Access: what the system says when the store cannot be written, in the words of the store."""

import errno
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lawnix.errors import StoreAccessError, StoreFullError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Turn an OSError that says that the store at `root` is full or may not be written into the error for it.

    Raises:
        StoreFullError: No space, no inode or no quota is left.
        StoreAccessError: It is read-only, or belongs to someone else.
    """
    try:
        yield
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        reason = f"{error.strerror}{place}"
        if error.errno in _FULL:
            raise StoreFullError(root, reason) from error
        if error.errno in _DENIED:
            raise StoreAccessError(root, reason + _owner(root)) from error
        raise


def may_write(directory: Path) -> bool:
    """Whether entries can be made in `directory`, as far as the system tells beforehand."""
    return os.access(directory, os.W_OK | os.X_OK)


def _owner(root: Path) -> str:
    """Whom the store belongs to, if that is someone else."""
    try:
        owner = root.owner()
        user = pwd.getpwuid(os.geteuid()).pw_name  # not what the environment says
    except (OSError, KeyError):  # no such directory yet, or a user without a name
        return ""
    return f"; it belongs to {owner}, you are {user}" if owner != user else ""

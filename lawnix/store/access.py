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
            raise StoreFullError(root, reason, room(root)) from error
        if error.errno in _DENIED:
            raise StoreAccessError(root, reason + _owner(root)) from error
        raise


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it came from, says that a file system has no space, inode or quota left."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def room(root: Path) -> str:
    """What the file system that the store at `root` lies on has left, in words."""
    place = next(path for path in (root.absolute(), *root.absolute().parents) if path.exists()).resolve()
    mount = next(path for path in (place, *place.parents) if path.is_mount())
    try:
        found = os.statvfs(place)
    except OSError as error:
        return f"what the file system {mount} has left is not known ({error.strerror})"
    space, whole = (blocks * found.f_frsize / 1e6 for blocks in (found.f_bavail, found.f_blocks))
    files = f" and {found.f_favail} inodes" if found.f_files else ""  # some have no fixed number of them
    return f"the file system {mount} has {space:.1f} MB of {whole:.1f} MB{files} left"


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

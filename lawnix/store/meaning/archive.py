"""Archives: members by name, kind, executable bit and content; links by what they point at.

Not part of the meaning: times, owners, order, compression, comments. Of members with one name the last counts,
since it is the one that unpacking leaves. A member whose ending is of a known format counts by its meaning.
"""

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final, Self, cast

from lawnix.core.digest import Digest
from lawnix.store import meaning
from lawnix.store.meaning.spool import LARGEST, spooled
from lawnix.store.meaning.values import Values, of

_DEEPEST: Final = 3  # archives in archives; below, bytes count
_READ: Final = 1 << 20  # bytes at a time
_TARS: Final = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


def parts(path: Path, name: str, depth: int) -> Mapping[str, Digest]:
    """The members of a zip or tar file, or the content of a gzip file."""
    lower = name.lower()
    if lower.endswith(".zip"):
        return _zip(path, depth)
    with _unpacked(path, lower) as stream:
        if lower.endswith(_TARS):
            return _tar(stream, depth)
        return {"content": _content(stream, name[: -len(".gz")], 0, depth)}


def _unpacked(path: Path, lower: str) -> IO[bytes]:
    if lower.endswith(".bz2"):
        return cast("IO[bytes]", bz2.open(path))
    if lower.endswith(".xz"):
        return cast("IO[bytes]", lzma.open(path))
    return path.open("rb") if lower.endswith(".tar") else cast("IO[bytes]", gzip.open(path))


def _zip(path: Path, depth: int) -> Mapping[str, Digest]:
    found = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            mode = member.external_attr >> 16
            place = f"member {member.filename}"
            if member.is_dir():
                found[place] = of("directory")
                continue
            with archive.open(member) as stream:
                if stat.S_ISLNK(mode):
                    found[place] = of("link", stream.read(_READ))
                else:
                    content = _content(stream, member.filename, member.file_size, depth)
                    found[place] = of("file", bool(mode & 0o111), content)
    return found


def _tar(stream: IO[bytes], depth: int) -> Mapping[str, Digest]:
    found = {}
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member, errorlevel=2) as archive:
        while (member := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it keeps them all, and we need none again
            place = f"member {member.name}"
            if member.isfile():
                content = archive.extractfile(member)
                assert content is not None
                what = _content(content, member.name, member.size, depth)
                found[place] = of("file", bool(member.mode & 0o111), what)
            elif member.isdir():
                found[place] = of("directory")
            elif member.issym() or member.islnk():
                found[place] = of("link" if member.issym() else "hard link", member.linkname)
            else:
                found[place] = of("special", member.type, member.devmajor, member.devminor)
    while stream.read(_READ):  # to the end, where a compressed stream has its checksum
        pass
    return found


class _Member(tarfile.TarInfo):
    """A member whose header must be whole: tarfile takes a broken one for the end of the archive."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # not in the stubs
            raise
        except tarfile.HeaderError as error:
            raise ValueError(f"a broken header: {error}") from error


def _content(stream: IO[bytes], name: str, size: int, depth: int) -> Digest:
    """The digest of a member, by meaning where its name is of a known format."""
    base = name.rpartition("/")[2]
    if depth + 1 > _DEEPEST or size > LARGEST or meaning.format_of(base) is None:
        return _bytes(stream)
    with spooled(stream) as place:
        found = meaning.parts_of(place, base, depth=depth + 1)
        if found is not None:
            return found.digest()
        with place.open("rb") as same:
            return _bytes(same)


def _bytes(stream: IO[bytes]) -> Digest:
    values = Values("bytes")
    while block := stream.read(_READ):
        values.feed("", block)
    return values.digest()

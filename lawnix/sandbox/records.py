"""Records: of each installed file, what the archive held that it came from (PEP 376, 427)."""

import base64
import csv
import hashlib
import io
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import Distribution
from typing import Final, NamedTuple

from lawnix.sandbox.interpreter import Interpreter

_STRONG: Final = ("sha256=", "sha384=", "sha512=")  # no other is allowed there


class Altered(NamedTuple):
    """A file that is not what its archive held.

    Attributes:
        package: Whose it is.
        file: Its name, relative to where packages are installed.
        found: The digest of what is there instead; empty if nothing is.
    """

    package: str
    file: str
    found: str


def recorded(distribution: Distribution) -> Iterator[tuple[str, str]]:
    """The files of a distribution with the digests that its RECORD says; those without one are left out."""
    # not `distribution.files`, which keeps silent about what is not there
    for row in csv.reader(io.StringIO(distribution.read_text("RECORD") or "")):
        if len(row) == 3 and row[1]:
            yield row[0], row[1]


def altered(interpreter: Interpreter) -> list[Altered]:
    """The files installed for a Python that are not what was packed; all of them are read.

    Bytecode is left out, since installers write it anew. A file that several packages bring may be that of any.
    """
    claims: defaultdict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for package, each in interpreter.distributions():
        root = str(each.locate_file(""))
        for name, digest in recorded(each):
            if digest.startswith(_STRONG) and "__pycache__/" not in name:
                claims[os.path.normpath(f"{root}/{name}")][digest.rstrip("=")] = package, name
    with ThreadPoolExecutor() as threads:  # hashlib lets others run meanwhile
        found = list(threads.map(_found, claims, map(min, claims.values())))
    return [
        Altered(*min(said.values()), digest)
        for said, digest in zip(claims.values(), found, strict=True)
        if digest not in said
    ]


def _found(path: str, like: str) -> str:
    """The digest of what lies there, as `like` writes it; empty if it cannot be read."""
    algorithm = like.partition("=")[0]
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # there may be very many
            raw = hashlib.file_digest(file, algorithm).digest()
    except OSError:
        return ""
    return f"{algorithm}={base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"

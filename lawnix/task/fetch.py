"""Fetched files: outputs whose digest is known beforehand, so that where they come from does not matter."""

from __future__ import annotations  # luigi's Parameter could not be subscripted before 3.7

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import luigi
from tenacity import retry, retry_if_not_exception_type, stop_after_attempt, wait_exponential

from lawnix.errors import DeclarationError, DigestMismatchError
from lawnix.task.base import Task
from lawnix.task.target import StoreFileTarget

_ATTEMPTS: Final = 3
_EXPECTED: Final = re.compile(r"(sha256|sha512|md5|blake3):([0-9a-f]+)\Z")


class Fetch(Task):
    """A file from a URL or a package index, checked against its digest.

    The digest is what the file is: another mirror, or a newer client, fetches nothing again. What arrives with another
    digest is refused.

    Example: `Fetch(package="scikit-hep-testdata==0.3.12", digest="sha256:7abaef…")`
    """

    task_namespace = "lawnix"
    exclude_index = False

    url: luigi.Parameter[str] = luigi.Parameter(
        default="", description="where to fetch the file: http(s), ftp, sftp or file; default: empty"
    )
    package: luigi.Parameter[str] = luigi.Parameter(
        default="",
        description="a pinned requirement such as numpy==2.1.0, of which pip downloads the distribution without what "
        "it depends on; default: empty",
    )
    digest: luigi.Parameter[str] = luigi.Parameter(
        description="the digest that the file must have: sha256:…, sha512:…, blake3:… or md5:…"
    )
    name: luigi.Parameter[str] = luigi.Parameter(
        default="",
        description="the name of the output; default: the last part of the URL, or the package with .whl",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bool(self.url) == bool(self.package):
            raise DeclarationError(
                "lawnix.Fetch wants either a url or a package, e.g. Fetch(url=…, digest='sha256:…')"
            )
        if not _EXPECTED.match(self.digest):
            raise DeclarationError(
                f"lawnix.Fetch cannot check the digest {self.digest!r}; write it as sha256:<hex digits>, e.g. as "
                "printed by sha256sum"
            )

    @property
    def fixed_output(self) -> str:
        """What names the derivation in the place of code and parameters."""
        return str(self.digest)

    def output(self) -> StoreFileTarget:
        """The file."""
        target = self.target(self.name or _name_of(self.url, self.package))
        assert isinstance(target, StoreFileTarget)
        return target

    def run(self) -> None:
        """Fetch the file and check it.

        Raises:
            DigestMismatchError: What arrived is another file.
        """
        path = Path(self.output().path)
        source = self.url or self.package
        if self.url:
            _download(self.url, path)
        else:
            _download_package(self.package, path)
        found = _digest_as(self.digest, path)
        if found != self.digest:
            raise DigestMismatchError(source, self.digest, found)


def _name_of(url: str, package: str) -> str:
    if url:
        return os.path.basename(unquote(urlsplit(url).path)) or "file"
    return re.sub(r"[^A-Za-z0-9_.]+", "-", package).strip("-") + ".whl"


def _digest_as(expected: str, path: Path) -> str:
    """The digest of the file, by the method that `expected` names."""
    method = expected.split(":", 1)[0]
    if method == "blake3":
        from blake3 import blake3

        return f"blake3:{blake3(max_threads=blake3.AUTO).update_mmap(path).hexdigest()}"
    with path.open("rb") as file:
        return f"{method}:{hashlib.file_digest(file, method).hexdigest()}"  # novm: no sandbox fetches


def _persistent(function: Callable[[str, Path], None]) -> Callable[[str, Path], None]:
    """`function`, tried again after 1 s and 2 s if the other side fails."""
    return retry(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential(),
        retry=retry_if_not_exception_type((DeclarationError, FileNotFoundError)),
        reraise=True,
    )(function)


@_persistent
def _download(url: str, path: Path) -> None:
    if url.startswith("file:"):
        path.unlink(missing_ok=True)  # what an earlier attempt left
        from lawnix.store.intake import copy_file  # a sandbox does without, which fetches nothing

        copy_file(unquote(urlsplit(url).path), str(path))
        return
    import pooch  # heavy, and only where something is fetched

    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        fetched = pooch.retrieve(url, known_hash=None, fname="fetched", path=directory)
        Path(fetched).replace(path)


@_persistent
def _download_package(package: str, path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--quiet",
            "--dest",
            directory,
            package,
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # no shell
        files = list(Path(directory).iterdir())
        if done.returncode or len(files) != 1:
            raise OSError(
                f"pip could not download {package}: {done.stderr.strip() or 'no single file arrived'}"
            )
        files[0].replace(path)

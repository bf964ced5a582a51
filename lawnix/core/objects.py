"""Object paths: the names of the immutable files and trees in a store."""

from typing import NamedTuple, Self

from lawnix.core.digest import Digest, parse_digest
from lawnix.core.output import is_file_name
from lawnix.errors import InvalidDigestError


class ObjectPath(NamedTuple):
    """The name of an object: the digest of its content and a file name that keeps its extension. Not a location."""

    digest: Digest
    name: str

    def __str__(self) -> str:
        return f"{self.digest}-{self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The object path that `text` writes, as `str` does.

        Raises:
            InvalidDigestError: `text` is not a digest, a dash and a file name.
        """
        written, dash, name = text[:32], text[32:33], text[33:]
        if dash != "-" or not is_file_name(name):
            raise InvalidDigestError(text, "an object path (<digest>-<file name>)")
        return cls(parse_digest(written), name)

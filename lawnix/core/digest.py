"""Digests: the fixed-size names of byte strings."""

import re
from typing import Final, Self

from blake3 import blake3

from lawnix.errors import InvalidDigestError

SIZE: Final = 20  # bytes, 160 bits
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648, in lower case
_PAIRS: Final = [first + second for first in _ALPHABET for second in _ALPHABET]  # ten bits each
_SHIFTS: Final = range(8 * SIZE - 10, -1, -10)
_WRITTEN = re.compile(r"[a-z2-7]{32}\Z")


class Digest(str):
    """A digest in its written form: 32 characters of lower-case base32 for 160 bits."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The digest that `text` writes.

        Raises:
            InvalidDigestError: `text` is not 32 characters of base32.
        """
        if not _WRITTEN.match(text):
            raise InvalidDigestError(text, "a digest (32 characters of a-z and 2-7)")
        return cls(text)

    @classmethod
    def of_bytes(cls, raw: bytes) -> Self:
        """The digest whose 160 bits are the first `SIZE` bytes of `raw`."""
        number = int.from_bytes(raw[:SIZE])
        return cls("".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS]))


def digest(kind: str, payload: bytes) -> Digest:
    """The digest of `payload` as a thing of this `kind`; things of different kinds never share one.

    BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs) in its default mode over the kind, a zero byte and the payload,
    truncated to 160 bits.
    """
    return Digest.of_bytes(blake3(kind.encode() + b"\0" + payload).digest(length=SIZE))

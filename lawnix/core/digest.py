"""Digests: the fixed-size names of byte strings."""

import re
import struct
from typing import Final, NewType

from blake3 import blake3

from lawnix.errors import InvalidDigestError

SIZE: Final = 20  # bytes, 160 bits
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648, in lower case
_PAIRS: Final = [first + second for first in _ALPHABET for second in _ALPHABET]  # ten bits each
_words = struct.Struct(">BIBIBIBI").unpack_from  # of 8 and 32 bits
_WRITTEN = re.compile(r"[a-z2-7]{32}\Z")


Digest = NewType("Digest", str)
"""A digest in its written form: 32 characters of lower-case base32 for 160 bits.

It is a plain string, since there may be very many: an object of a class of its own takes half as much again.
"""


def parse_digest(text: str) -> Digest:
    """The digest that `text` writes.

    Raises:
        InvalidDigestError: `text` is not 32 characters of base32.
    """
    if not _WRITTEN.match(text):
        raise InvalidDigestError(text, "a digest (32 characters of a-z and 2-7)")
    return Digest(text)


def written_digest(raw: bytes) -> Digest:
    """The digest whose 160 bits are the first `SIZE` bytes of `raw`."""
    a, b, c, d, e, f, g, h = _words(raw)
    t = _PAIRS
    written = (  # not a loop, which takes twice as long, and not one number, whose shifts are slow
        t[a << 2 | b >> 30], t[b >> 20 & 1023], t[b >> 10 & 1023], t[b & 1023],
        t[c << 2 | d >> 30], t[d >> 20 & 1023], t[d >> 10 & 1023], t[d & 1023],
        t[e << 2 | f >> 30], t[f >> 20 & 1023], t[f >> 10 & 1023], t[f & 1023],
        t[g << 2 | h >> 30], t[h >> 20 & 1023], t[h >> 10 & 1023], t[h & 1023],
    )  # fmt: skip
    return Digest("".join(written))


def digest(kind: str, payload: bytes) -> Digest:
    """The digest of `payload` as a thing of this `kind`; things of different kinds never share one.

    BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs) in its default mode over the kind, a zero byte and the payload,
    truncated to 160 bits.
    """
    return written_digest(blake3(kind.encode() + b"\0" + payload).digest(length=SIZE))

"""Values that come in blocks, and have one digest however they are cut."""

from typing import Final

from blake3 import blake3

from lawnix.core.canonical import canonical
from lawnix.core.digest import SIZE, Digest, digest

BLOCK: Final = 32 << 20  # bytes to read at a time; with a copy of them it is what memory is needed for


class Values:
    """The digest of a dataset, branch, column or member.

    What is of different kinds in it (lengths and items of lists, say, or the fields of records) goes through channels
    of its own, each a stream of bytes in the order of the entries. So the digest does not depend on how many entries
    come at a time. A channel through which nothing came is not there.
    """

    def __init__(self, *head: object, threads: int = 1) -> None:
        """Begin with what is known before any value is: type, shape, title; it must have a canonical form.

        With several `threads`, blocks of megabytes are digested by all of them.
        """
        self._head = head
        self._threads = threads
        self._channels: dict[str, blake3] = {}

    def feed(self, channel: str, data: bytes | memoryview) -> None:
        """Take the next bytes of a channel."""
        if channel not in self._channels:
            if not len(data):
                return
            self._channels[channel] = blake3(max_threads=self._threads)
        self._channels[channel].update(data)

    def digest(self) -> Digest:
        """The digest of all that has come."""
        channels = {name: state.digest(length=SIZE) for name, state in self._channels.items()}
        return digest("values", canonical((self._head, channels)))


def of(*value: object) -> Digest:
    """The digest of a value that is in memory and has a canonical form."""
    return Values(*value).digest()


def unique(place: str, places: dict[str, Digest]) -> str:
    """`place`, with a number if it is taken."""
    number = 2
    name = place
    while name in places:
        name = f"{place} ({number})"
        number += 1
    return name

"""What crosses into a sandbox and back: messages of one JSON value each, after a mark and its length.

Both ends use this module, the inner one with whatever Python the sandbox has.
"""

import json
import os
import struct
from typing import Any

FORMAT = 1
"""The number of the message format; the first message from inside says it."""

_HEADER = struct.Struct("<4sI")
_MARK = b"lnx:"
_MOST = 1 << 30  # bytes; nobody says more


class GarbledError(Exception):
    """What came is no message: something else than lawnix has written to the line."""


class Line:
    """One end; what is sent at one comes out of the other."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        """Take two descriptors, to read from and to write to."""
        self.incoming, self.outgoing = incoming, outgoing

    def send(self, message: Any) -> None:
        """Send one message.

        Raises:
            OSError: Nobody is there any more.
        """
        data = json.dumps(message).encode()
        rest = memoryview(_HEADER.pack(_MARK, len(data)) + data)
        while rest:
            rest = rest[os.write(self.outgoing, rest) :]

    def receive(self) -> Any:
        """The next message; waits for it.

        Raises:
            EOFError: Nobody is there any more.
            GarbledError: It is none.
        """
        mark, length = _HEADER.unpack(self._read(_HEADER.size))
        if mark != _MARK or length > _MOST:
            raise GarbledError
        try:
            return json.loads(self._read(length))
        except ValueError as error:
            raise GarbledError from error

    def _read(self, size: int) -> bytes:
        blocks = []
        while size:
            block = os.read(self.incoming, min(size, 1 << 20))
            if not block:
                raise EOFError
            blocks.append(block)
            size -= len(block)
        return b"".join(blocks)

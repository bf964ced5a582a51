"""What crosses into a sandbox and back: messages of one JSON value each, after its length.

Both ends use this module, the inner one with whatever Python the sandbox has.
"""

import json
import os
import struct
from typing import Any

FORMAT = 1
"""The number of the message format; the first message from inside says it."""

_LENGTH = struct.Struct("<I")


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
        rest = memoryview(_LENGTH.pack(len(data)) + data)
        while rest:
            rest = rest[os.write(self.outgoing, rest) :]

    def receive(self) -> Any:
        """The next message; waits for it.

        Raises:
            EOFError: Nobody is there any more.
        """
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        return json.loads(self._read(length))

    def _read(self, size: int) -> bytes:
        blocks = []
        while size:
            block = os.read(self.incoming, min(size, 1 << 20))
            if not block:
                raise EOFError
            blocks.append(block)
            size -= len(block)
        return b"".join(blocks)

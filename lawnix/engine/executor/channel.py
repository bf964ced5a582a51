"""What crosses between a run and a worker: messages of few bytes, many of them at a time."""

import pickle
import socket
import struct
from multiprocessing.connection import wait
from typing import Any, Final, Self

from lawnix.core.derivation import Derivation
from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import BuildRecord, Realization
from lawnix.engine.messages import NOTHING, BuildResult, Built

_LENGTH: Final = struct.Struct("<I")
_BLOCK: Final = 1 << 18  # bytes that are taken in at once

Packed = tuple[int, Digest, Digest, tuple[Digest | None, ...], tuple[int, ...], float, float, float, int]
"""Node, name of the realization, derivation, digest of each output, sizes of the objects, start, wall, CPU, memory."""


class Channel:
    """One of two ends; what is sent at one comes out of the other."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._rest = bytearray()

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """Both ends."""
        ours, theirs = socket.socketpair()
        return cls(ours), cls(theirs)

    def fileno(self) -> int:
        """The descriptor, to wait for something to come."""
        return self._end.fileno()

    def send(self, message: object) -> None:
        """Send one message.

        Raises:
            OSError: Nobody is there any more.
        """
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._end.sendall(_LENGTH.pack(len(data)) + data)

    def receive(self) -> list[Any]:
        """All messages that have come; waits for the first.

        Raises:
            EOFError: Nobody is there any more.
        """
        messages: list[Any] = []
        while not messages:
            block = self._end.recv(_BLOCK)
            if not block:
                raise EOFError
            self._rest += block
            begin = 0
            while len(self._rest) >= begin + _LENGTH.size:
                (length,) = _LENGTH.unpack_from(self._rest, begin)
                end = begin + _LENGTH.size + length
                if end > len(self._rest):
                    break
                messages.append(pickle.loads(memoryview(self._rest)[begin + _LENGTH.size : end]))  # noqa: S301  # our own
                begin = end
            del self._rest[:begin]
        return messages

    def has_news(self) -> bool:
        """Whether something has come that was not received yet."""
        return bool(wait([self._end], 0))

    def close(self) -> None:
        """Let go of this end."""
        self._end.close()


class Packer:
    """Packs what a worker built: what was the same for its first build is not said again."""

    def __init__(self) -> None:
        self._like: BuildRecord | None = None

    def pack(self, result: BuildResult) -> BuildResult | Packed:
        """`result`, shorter where that can be."""
        if not isinstance(result, Built) or result.realization is None:
            return result
        realization, record = result.realization, result.realization.record
        if self._like is None:
            self._like = record
            return result
        special = (
            realization.found or realization.reads or realization.meanings or result.printed is not NOTHING
        )
        if special or not _are_alike(record, self._like):
            return result
        paths = realization.outputs.values()
        return (
            result.number,
            realization.digest,
            realization.derivation,
            tuple([None if path is None else path.digest for path in paths]),
            tuple([result.sizes[path] for path in paths if path is not None]),
            record.started,
            record.wall,
            record.cpu,
            record.memory,
        )


class Unpacker:
    """The inverse of a `Packer`, for what comes from the same worker."""

    def __init__(self) -> None:
        self._like: BuildRecord | None = None

    def unpack(
        self, packed: BuildResult | Packed, key: Digest | None, derivation: Derivation | None
    ) -> BuildResult:
        """What was packed, of a build under `key` for `derivation`."""
        if not isinstance(packed, tuple):
            if self._like is None and isinstance(packed, Built) and packed.realization is not None:
                self._like = packed.realization.record
            return packed
        assert self._like is not None
        assert key is not None
        assert derivation is not None
        number, name, derived, digests, sizes, started, wall, cpu, memory = packed
        derivation.be_known_as(derived)  # what the worker has computed need not be computed here
        outputs: dict[str, ObjectPath | None] = {}
        known: dict[ObjectPath, int] = {}
        each = iter(sizes)
        for spec, digest in zip(derivation.outputs, digests, strict=True):
            outputs[spec.name] = path = None if digest is None else ObjectPath(digest, spec.name)
            if path is not None:
                known[path] = next(each)
        record = _record(self._like, started, wall, cpu, memory, sum(sizes))
        realization = Realization(key, derivation.digest, outputs, record=record)
        realization.be_known_as(name)
        return Built(number, realization, sizes=known)


def _are_alike(one: BuildRecord, other: BuildRecord) -> bool:
    """Whether two records of a worker differ in what is measured alone."""
    return (
        (one.pid, one.logged, one.observed) == (other.pid, other.logged, other.observed)
        # of a worker these are mostly the very same
        and (one.versions is other.versions or one.versions == other.versions)
        and (one.environment is other.environment or one.environment == other.environment)
    )


def _record(
    like: BuildRecord, started: float, wall: float, cpu: float, memory: int, size: int
) -> BuildRecord:
    """The record of another build of the same worker."""
    return BuildRecord(
        started,
        wall,
        cpu,
        memory,
        size,
        like.host,
        like.user,
        like.pid,
        like.versions,
        like.environment,
        like.logged,
        observed=like.observed,
    )

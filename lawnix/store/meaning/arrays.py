"""NumPy arrays in blocks: neither byte order, padding nor memory layout is part of what an array means."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lawnix.store.meaning.values import BLOCK, Values

Array = npt.NDArray[Any]
DType = np.dtype[Any]


def plain(dtype: DType) -> DType:
    """The same type, little-endian and packed."""
    if dtype.names is not None:
        return np.dtype([(name, plain(dtype[name])) for name in dtype.names])
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return np.dtype((plain(base), shape))
    return dtype.newbyteorder("<")


def described(dtype: DType) -> object:
    """The type as a value with a canonical form."""
    if dtype.names is not None:
        return ["record", [[name, described(dtype[name])] for name in dtype.names]]
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return ["array", list(shape), described(base)]
    return plain(dtype).str


def feed(values: Values, channel: str, array: Array) -> None:
    """Send the items of `array` through a channel, in C order.

    Raises:
        TypeError: The items are Python objects, whose bytes are addresses.
    """
    if array.dtype.hasobject:
        raise TypeError(f"an array of Python objects ({array.dtype})")
    if array.size:
        packed = np.ascontiguousarray(array, dtype=plain(array.dtype))
        values.feed(channel, packed.reshape(-1).view(np.uint8).data)


def blocks(shape: Sequence[int], itemsize: int, step: int = 1) -> Iterator[tuple[slice, ...]]:
    """Selections that cut an array of this shape into pieces of about `BLOCK` bytes, in C order.

    Args:
        shape: Of the array; nothing is selected where it is empty.
        itemsize: Bytes of an item.
        step: Along the first axis, pieces are multiples of this many items if that is not too large: the length
            of what is compressed as a whole, so that it is unpacked once.
    """
    if 0 in shape:
        return
    if not shape:
        yield ()
        return
    row = max(1, itemsize * math.prod(shape[1:]))
    if row > BLOCK and len(shape) > 1:
        for index in range(shape[0]):
            for rest in blocks(shape[1:], itemsize):
                yield (slice(index, index + 1), *rest)
        return
    rows = max(1, BLOCK // row)
    rows = rows // step * step or rows
    for start in range(0, shape[0], rows):
        yield (slice(start, min(start + rows, shape[0])),)

"""Awkward arrays through channels: lists by their lengths and their items, whichever way they are laid out."""

from typing import Any

import awkward as ak
import numpy as np

from lawnix.store.meaning import arrays
from lawnix.store.meaning.values import Values


def feed(values: Values, channel: str, array: Any) -> None:
    """Send an Awkward array through channels that begin with `channel`."""
    _feed(values, channel, ak.to_layout(array))


def _feed(values: Values, channel: str, layout: Any) -> None:
    if layout.length == 0:  # a layout without entries may be of any class
        return
    match layout:
        case ak.contents.NumpyArray():
            data = np.asarray(layout.data)
            arrays.feed(values, f"{channel}:{arrays.plain(data.dtype).str}{list(data.shape[1:]) or ''}", data)
        case ak.contents.EmptyArray():
            pass
        case ak.contents.RegularArray() if layout.size:
            _feed(values, f"{channel}[{layout.size}]", layout.content[: layout.length * layout.size])
        case ak.contents.RegularArray() | ak.contents.ListArray() | ak.contents.ListOffsetArray():
            offsets = layout.to_ListOffsetArray64(True)  # start at zero
            starts = np.asarray(offsets.offsets.data)
            arrays.feed(values, f"{channel} lengths", np.diff(starts).astype(np.int64))
            kind = layout.parameter("__array__") or ""
            _feed(values, f"{channel}[]{kind}", offsets.content[: int(starts[-1])])
        case ak.contents.RecordArray():
            for name in sorted(layout.fields):
                _feed(values, f"{channel}.{name}", layout.content(name)[: layout.length])
        case ak.contents.IndexedArray():
            _feed(values, channel, layout.project())
        case _ if layout.is_option:
            there = ~np.asarray(layout.mask_as_bool(valid_when=False))
            arrays.feed(values, f"{channel} there", there)
            _feed(values, f"{channel}?", layout.project())
        case ak.contents.UnionArray():
            arrays.feed(values, f"{channel} kind", np.asarray(layout.tags.data))
            for tag in range(len(layout.contents)):
                _feed(values, f"{channel}|{tag}", layout.project(tag))
        case _:
            raise TypeError(f"an array of an unknown kind: {type(layout).__name__}")

"""HDF5: datasets, attributes, groups and links.

Not part of the meaning: the order in which things were made, layout, compression and filters, fill times, fill values
as such (what reads as one counts), maximal shapes, times. A virtual dataset and one that is kept in other files count
by what they point at.
"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from lawnix.core.digest import Digest
from lawnix.store.meaning import arrays
from lawnix.store.meaning.apart import apart
from lawnix.store.meaning.values import BLOCK, Values, of

_LARGEST_CHUNK: Final = 1 << 30  # bytes; it is unpacked as a whole
_UNWRITTEN: Final = 64 << 30  # bytes; a dataset that says to be larger, and holds less than ...
_DENSEST: Final = 1 << 14  # ... the part of it that any compression leaves, is broken or endless
_OBJECTS: Final = 4096  # strings and lists of any length to read at a time


def parts(path: Path, name: str, depth: int) -> Mapping[str, Digest]:
    """The objects of the file and their attributes, by path."""
    return apart(lambda: _parts(path))


def _parts(path: Path) -> Mapping[str, Digest]:
    with h5py.File(
        path, "r", locking=False, rdcc_nbytes=2 * BLOCK
    ) as file:  # what is stored is locked by nobody
        return _Reader(file, path.stat().st_size).parts()


class _Reader:
    def __init__(self, file: Any, size: int) -> None:
        self._file = file
        self._size = size
        self._places: dict[tuple[int, object], str] = {}  # where an object was met first

    def parts(self) -> Mapping[str, Digest]:
        found: dict[str, Digest] = {}
        objects = []
        for (
            place,
            item,
        ) in self._walk():  # to the end, so that references can be told by the places they lead to
            if isinstance(item, str):
                found[place] = Digest(item)
            else:
                objects.append((place, item))
        for place, item in objects:
            found[place] = self._object(item)
            for name in sorted(item.attrs):
                found[f"{place}, attribute {name}"] = self._attribute(item.attrs.get_id(name))
        return found

    def _walk(self) -> Iterator[tuple[str, Any]]:
        """Every object once, and a digest for every other link to it."""
        root = self._file["/"]
        self._places[_identity(root)] = "/"
        yield "/", root
        stack = [("", root)]
        while stack:
            above, group = stack.pop()
            inner = []
            for name in sorted(group):
                place = f"{above}/{name}"
                match group.get(name, getlink=True):
                    case h5py.SoftLink() as link:
                        yield place, of("soft link", link.path)
                    case h5py.ExternalLink() as link:
                        yield place, of("external link", link.filename, link.path)
                    case _:
                        child = group[name]
                        first = self._places.setdefault(_identity(child), place)
                        if first != place:
                            yield place, of("hard link", first)
                            continue
                        yield place, child
                        if isinstance(child, h5py.Group):
                            inner.append((place, child))
            stack.extend(reversed(inner))

    def _object(self, item: Any) -> Digest:
        match item:
            case h5py.Group():
                return of("group")
            case h5py.Dataset():
                return self._dataset(item)
            case h5py.Datatype():
                return of("type", _described(item.dtype))
            case _:
                raise TypeError(f"an object of an unknown kind: {item!r}")

    def _attribute(self, attribute: Any) -> Digest:
        dtype = attribute.dtype
        values = Values("attribute", _described(dtype), attribute.shape)
        if attribute.shape is None:
            return values.digest()
        if attribute.get_storage_size() > self._size:
            raise ValueError("an attribute that is larger than the file")
        base, inner = dtype.subdtype or (dtype, ())
        array = np.zeros(attribute.shape + inner, dtype=base)
        attribute.read(array, mtype=h5py.h5t.py_create(dtype))
        self._feed(values, "", array, base)
        return values.digest()

    def _dataset(self, dataset: Any) -> Digest:
        dtype, shape = dataset.dtype, dataset.shape
        values = Values("dataset", _described(dtype), shape)
        if dataset.is_virtual:
            sources = [
                (s.file_name, s.dset_name, _region(s.src_space), _region(s.vspace))
                for s in dataset.virtual_sources()
            ]
            return of("virtual", _described(dtype), shape, sources)
        if dataset.external:
            return of("external", _described(dtype), shape, dataset.external)
        if shape is None:
            return values.digest()
        base = dtype.subdtype[0] if dtype.subdtype else dtype
        step, stored = 1, dataset.id.get_storage_size()
        total = dtype.itemsize * math.prod(shape)
        if total > _UNWRITTEN and stored < total // _DENSEST:
            raise ValueError(f"{dataset.name} says to hold {total} bytes, and has {stored}")
        if dataset.chunks:
            step = dataset.chunks[0]
            if dtype.itemsize * math.prod(dataset.chunks) > _LARGEST_CHUNK:
                raise ValueError(f"{dataset.name} has chunks of more than {_LARGEST_CHUNK} bytes")
        for selection in arrays.blocks(shape, BLOCK // _OBJECTS if dtype.hasobject else dtype.itemsize, step):
            self._feed(values, "", np.asarray(dataset[selection]), base)
        return values.digest()

    def _feed(self, values: Values, channel: str, array: arrays.Array, dtype: arrays.DType) -> None:
        """Send the items of an array, of which `dtype` knows what they are to HDF5, through channels."""
        if not dtype.hasobject:
            arrays.feed(values, channel, array)
        elif dtype.names is not None:
            for name in dtype.names:
                self._feed(values, f"{channel}.{name}", array[name], dtype[name])
        elif dtype.subdtype is not None:
            self._feed(values, channel, array, dtype.subdtype[0])
        elif h5py.check_ref_dtype(dtype) is not None:
            for reference in array.flat:
                _feed_bytes(values, channel, self._target(reference).encode("utf-8", "surrogatepass"))
        elif h5py.check_string_dtype(dtype) is not None:
            items = [
                item.encode("utf-8", "surrogateescape") if isinstance(item, str) else bytes(item or b"")
                for item in array.flat
            ]
            arrays.feed(values, f"{channel} lengths", np.array([len(item) for item in items], dtype=np.int64))
            values.feed(channel, b"".join(items))
        else:
            base = h5py.check_vlen_dtype(dtype)
            lists = [np.asarray(item) for item in array.flat]
            arrays.feed(values, f"{channel} lengths", np.array([len(item) for item in lists], dtype=np.int64))
            if any(len(item) for item in lists):
                self._feed(
                    values, f"{channel}[]", np.concatenate([item for item in lists if len(item)]), base
                )

    def _target(self, reference: Any) -> str:
        """What a reference points at: a file holds its address."""
        if not reference:
            return "nothing"
        target = h5py.h5r.dereference(reference, self._file.id)
        info = h5py.h5o.get_info(target)
        place = self._places.get((info.fileno, info.addr), "an object without a place")
        if isinstance(reference, h5py.RegionReference):
            return f"{place} {_region(h5py.h5r.get_region(reference, self._file.id))}"
        return place


def _identity(item: Any) -> tuple[int, object]:
    info = h5py.h5o.get_info(item.id)
    return info.fileno, info.addr


def _feed_bytes(values: Values, channel: str, data: bytes) -> None:
    values.feed(channel, b"%d:%b" % (len(data), data))


def _region(space: Any) -> str:
    """A selection in a dataspace."""
    kind = space.get_select_type()
    if kind == h5py.h5s.SEL_POINTS:
        return f"{space.shape} points {space.get_select_elem_pointlist().tolist()}"
    if kind == h5py.h5s.SEL_HYPERSLABS:
        return f"{space.shape} blocks {space.get_select_hyper_blocklist().tolist()}"
    return f"{space.shape} {'all' if kind == h5py.h5s.SEL_ALL else 'none'}"


def _described(dtype: arrays.DType) -> object:
    """A type, with what it is to HDF5, as a value with a canonical form."""
    if dtype.names is not None:
        return ["record", [[name, _described(dtype[name])] for name in dtype.names]]
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return ["array", list(shape), _described(base)]
    if (reference := h5py.check_ref_dtype(dtype)) is not None:
        return ["reference", reference.__name__]
    if (string := h5py.check_string_dtype(dtype)) is not None:
        return ["string", string.encoding, string.length]
    if (enum := h5py.check_enum_dtype(dtype)) is not None:
        return ["enum", arrays.described(dtype), {name: int(value) for name, value in enum.items()}]
    if (items := h5py.check_vlen_dtype(dtype)) is not None:
        return ["list", _described(np.dtype(items))]
    return arrays.described(dtype)

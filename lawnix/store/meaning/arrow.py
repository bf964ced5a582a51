"""Parquet, Arrow's files and Feather: schema and columns.

Not part of the meaning: row groups and batches, pages, compression, dictionaries as a way to store values, who wrote
the file with which version.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lawnix.core.digest import Digest
from lawnix.store.meaning import arrays
from lawnix.store.meaning.values import BLOCK, Values, of, unique

_ROWS: Final = 1 << 16  # at most at a time


def parts(path: Path, name: str, depth: int) -> Mapping[str, Digest]:
    """The columns of the table, and its metadata by key."""
    reader = _Parquet if name.lower().endswith((".parquet", ".pq")) else _Ipc
    with reader(path) as table:
        found = {f"metadata {key}": digest for key, digest in _metadata(table.schema.metadata)}
        columns = [Values("column", _described(field)) for field in table.schema]
        rows = 0
        for batch in table.batches():
            batch.validate(full=True)  # a file may say anything of where its strings and lists begin
            rows += batch.num_rows
            for values, column in zip(columns, batch.columns, strict=True):
                _feed(values, "", column)
    found["rows"] = of(rows)
    found["columns"] = of(table.schema.names)
    for column_name, values in zip(table.schema.names, columns, strict=True):
        found[unique(f"column {column_name}", found)] = values.digest()
    return found


class _Parquet:
    def __init__(self, path: Path) -> None:
        import pyarrow.parquet

        # buffered: a column of a row group is read as it is needed, not as a whole
        self._file = pyarrow.parquet.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
        self.schema = self._file.schema_arrow

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def batches(self) -> Iterator[Any]:
        metadata = self._file.metadata
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        row = max((group.total_byte_size // max(1, group.num_rows) for group in groups), default=1)
        size = max(1, min(_ROWS, BLOCK // max(1, row)))
        yield from self._file.iter_batches(batch_size=size, use_threads=False)


class _Ipc:
    def __init__(self, path: Path) -> None:
        self._source = pa.memory_map(str(path))
        self.schema = self._open().schema

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def batches(self) -> Iterator[Any]:
        file = self._open()
        if isinstance(file, pa.RecordBatchFileReader):
            batches = map(file.get_batch, range(file.num_record_batches))
        else:
            batches = iter(file)
        for batch in batches:  # as it lies in the file; one that is compressed is unpacked as a whole
            for start in range(0, batch.num_rows, _ROWS):
                yield batch.slice(start, _ROWS)

    def _open(self) -> Any:
        options = pa.ipc.IpcReadOptions(use_threads=False)
        self._source.seek(0)
        if self._source.read(6) == b"ARROW1":
            return pa.ipc.open_file(self._source, options=options)
        self._source.seek(0)
        return pa.ipc.open_stream(self._source, options=options)


def _described(field: Any, *, named: bool = True) -> object:
    """A column, or what is in one, as a value with a canonical form.

    An extension type is written in the metadata as long as nobody has registered it, and in the type from then on; so
    it is told here as the type that stores it, with its name.
    """
    kind, metadata = field.type, dict(field.metadata or {})
    extension = metadata.pop(b"ARROW:extension:name", b""), metadata.pop(b"ARROW:extension:metadata", b"")
    if isinstance(kind, pa.ExtensionType):
        extension = kind.extension_name.encode(), kind.__arrow_ext_serialize__()
        kind = kind.storage_type
    inner: object = str(kind)
    if kind.num_fields:
        struct = pa.types.is_struct(kind) or pa.types.is_union(
            kind
        )  # names of others are the writer's: item, element
        length = kind.list_size if pa.types.is_fixed_size_list(kind) else None
        inner = (
            type(kind).__name__,
            length,
            [_described(kind.field(n), named=struct) for n in range(kind.num_fields)],
        )
    return field.name if named else None, inner, field.nullable, extension, dict(_metadata(metadata))


def _metadata(metadata: Mapping[bytes, bytes] | None) -> Iterator[tuple[str, Digest]]:
    """What users say of a table or column, without what the writers say of themselves."""
    for key, value in sorted((metadata or {}).items()):
        if key.startswith((b"ARROW:schema", b"PARQUET:")):
            continue
        text: object = value
        if key == b"pandas":
            said = json.loads(value)
            text = json.dumps(
                {k: v for k, v in said.items() if k not in {"creator", "pandas_version"}}, sort_keys=True
            )
        yield key.decode("utf-8", "backslashreplace"), of(text)


def _feed(values: Values, channel: str, array: Any) -> None:
    """Send an Arrow array through channels that begin with `channel`."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        _feed(values, channel, array.storage)
        return
    if pa.types.is_dictionary(kind):
        _feed(values, channel, array.dictionary_decode())
        return
    if pa.types.is_run_end_encoded(kind):
        _feed(values, channel, pc.run_end_decode(array))
        return
    if pa.types.is_union(kind):
        arrays.feed(values, f"{channel} kind", np.asarray(array.type_codes))
        for number in range(kind.num_fields):
            code = pa.scalar(kind.type_codes[number], pa.int8())
            _feed(values, f"{channel}|{number}", _chosen(array, number, pc.equal(array.type_codes, code)))
        return
    arrays.feed(values, f"{channel} there", array.is_valid().to_numpy(zero_copy_only=False))
    if pa.types.is_null(kind):
        return
    there = array.drop_null()
    if pa.types.is_struct(kind):
        for number in range(kind.num_fields):
            _feed(values, f"{channel}.{kind.field(number).name}", there.field(number))
    elif pa.types.is_fixed_size_list(kind):
        _feed(values, f"{channel}[{kind.list_size}]", there.flatten())
    elif pa.types.is_map(kind):
        arrays.feed(values, f"{channel} lengths", np.diff(np.asarray(there.offsets)).astype(np.int64))
        first, last = there.offsets[0].as_py(), there.offsets[-1].as_py()
        _feed(values, f"{channel} keys", there.keys[first:last] if len(there.keys) >= last else there.keys)
        _feed(
            values, f"{channel} items", there.items[first:last] if len(there.items) >= last else there.items
        )
    elif _is_list(kind):
        arrays.feed(values, f"{channel} lengths", np.asarray(there.value_lengths()).astype(np.int64))
        _feed(values, f"{channel}[]", there.flatten())
    elif pa.types.is_boolean(kind):
        arrays.feed(values, channel, there.to_numpy(zero_copy_only=False))
    elif _is_text(kind):
        data = there.cast(pa.large_binary())
        arrays.feed(values, f"{channel} lengths", np.asarray(pc.binary_length(data)).astype(np.int64))
        offsets = np.frombuffer(data.buffers()[1], dtype=np.int64)[data.offset : data.offset + len(data) + 1]
        if data.buffers()[2] is not None and len(data):
            values.feed(channel, memoryview(data.buffers()[2])[offsets[0] : offsets[-1]])
    else:  # numbers, times, decimals, bytes of one width: as they lie in memory
        width = kind.bit_width // 8
        whole = pa.concat_arrays([there])
        if len(whole):
            values.feed(
                channel,
                memoryview(whole.buffers()[1])[whole.offset * width : (whole.offset + len(whole)) * width],
            )


def _chosen(union: Any, number: int, where: Any) -> Any:
    """The items of a union that are of its field `number`."""
    if union.type.mode == "sparse":
        return union.field(number).filter(where)
    return union.field(number).take(union.offsets.filter(where))


def _is_list(kind: Any) -> bool:
    types = pa.types
    return any(
        is_(kind)
        for is_ in (types.is_list, types.is_large_list, types.is_list_view, types.is_large_list_view)
    )


def _is_text(kind: Any) -> bool:
    types = pa.types
    tests = (
        types.is_string,
        types.is_large_string,
        types.is_string_view,
        types.is_binary,
        types.is_large_binary,
        types.is_binary_view,
    )
    return any(is_(kind) for is_ in tests)

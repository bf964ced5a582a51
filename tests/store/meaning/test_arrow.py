"""Parquet, Arrow's files and Feather: schema and columns count; row groups, encodings and writers do not."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather


def table(changed=""):
    def new(thing, one, other):
        return other if thing == changed else one

    cut = changed == "cut of lists"
    struct = pa.struct([("x", pa.float32()), ("tags", pa.list_(pa.string()))])
    columns = {
        new("name", "pt", "eta"): pa.array(
            [1, 2, None, new("value", 4, 5)], new("type", pa.float64(), pa.float32())
        ),
        "missing": pa.array([1, new("null", 2, None), 3, 4]),
        "nan": pa.array([float("nan"), -0.0, 1, 2]),
        "flag": pa.array([True, None, False, new("flag", True, False)]),
        "text": pa.array(["a", "", None, new("text", "bc", "bd")]),
        "cut text": pa.array(["ab", "c", "", ""] if changed != "cut of texts" else ["a", "bc", "", ""]),
        "bytes": pa.array([b"\\0", b"", None, new("bytes", b"x", b"y")]),
        "jets": pa.array([[1], [2, 3], None, [new("item", 4, 5)]] if not cut else [[1, 2], [3], None, [4]]),
        "empty or null": pa.array([[], None, [1], new("empty", [], None)]),
        "records": pa.array(
            [{"x": 1, "tags": ["a"]}, None, {"x": None, "tags": []}, {"x": new("field", 2, 3)}], struct
        ),
        "map": pa.array(
            [[("a", 1)], [], None, [("b", new("item of a map", 2, 3))]], pa.map_(pa.string(), pa.int8())
        ),
        "three": pa.array([[1, 2, 3], None, [4, 5, 6], [7, 8, new("fixed", 9, 0)]], pa.list_(pa.int16(), 3)),
        "time": pa.array(
            [1_700_000_000_000, None, None, None],
            new("unit", pa.timestamp("us"), pa.timestamp("ms")),
        ),
        "decimal": pa.array(
            [Decimal("1.25"), None, None, Decimal(new("decimal", "2.50", "2.75"))], pa.decimal128(5, 2)
        ),
        "word": pa.array(["x", "y", "x", new("word", "x", "y")]).dictionary_encode(),
    }
    fields = [
        pa.field(
            name,
            column.type,
            nullable=name != new("nullable", "-", "nan"),
            metadata={"unit": new("unit of a column", "GeV", "MeV")},
        )
        for name, column in columns.items()
    ]
    metadata = {new("metadata key", "run", "runs"): new("metadata", "1", "2")}
    return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, metadata))


CHANGES = [
    "name", "type", "value", "null", "flag", "text", "cut of texts", "bytes", "cut of lists", "item", "empty", "field",
    "item of a map", "fixed", "unit", "decimal", "word", "nullable", "unit of a column", "metadata key", "metadata",
]  # fmt: skip


def write_ipc(path, content, *, stream=False, batch=None, compression=None):
    options = pa.ipc.IpcWriteOptions(compression=compression)
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as sink, new(sink, content.schema, options=options) as writer:
        for piece in content.unify_dictionaries().to_batches(max_chunksize=batch):
            writer.write_batch(piece)
    return path


def write_parquet(path, content, **options):
    pq.write_table(content, path, **options)
    return path


def test_row_groups_pages_compression_and_dictionaries_are_no_part_of_it(tmp_path, differing):
    one = write_parquet(tmp_path / "one.parquet", table(), compression="NONE", use_dictionary=True)
    other = write_parquet(
        tmp_path / "other.parquet", table(), compression="ZSTD", use_dictionary=False, row_group_size=3,
        data_page_size=1, version="2.4", write_statistics=False,
    )  # fmt: skip
    assert differing(one, other) == set()


def test_batches_compression_and_the_kind_of_file_are_no_part_of_it(tmp_path, differing):
    one = write_ipc(tmp_path / "one.arrow", table())
    for number, options in enumerate([{"batch": 3}, {"compression": "zstd"}, {"stream": True, "batch": 1}]):
        assert differing(one, write_ipc(tmp_path / f"{number}.arrow", table(), **options)) == set()
    feather.write_feather(table(), str(tmp_path / "other.feather"), compression="lz4", chunksize=1)
    assert differing(one, tmp_path / "other.feather") == set()


@pytest.mark.parametrize("write", [write_parquet, write_ipc], ids=["parquet", "arrow"])
@pytest.mark.parametrize("changed", CHANGES)
def test_a_change_is_seen(tmp_path, meant, write, changed):
    ending = ".parquet" if write is write_parquet else ".arrow"
    one = write(tmp_path / f"one{ending}", table())
    assert meant(one) != meant(write(tmp_path / f"other{ending}", table(changed)))


def test_the_place_of_a_change_is_told(tmp_path, differing):
    one = write_parquet(tmp_path / "one.parquet", table())
    assert differing(one, write_parquet(tmp_path / "two.parquet", table("item"))) == {"column jets"}
    assert differing(one, write_parquet(tmp_path / "three.parquet", table("metadata"))) == {"metadata run"}


def test_the_versions_that_pandas_writes_are_no_part_of_it(tmp_path, differing):
    pd.DataFrame({"x": [1, 2]}).to_parquet(tmp_path / "one.parquet")
    content = pq.read_table(tmp_path / "one.parquet")
    said = content.schema.metadata[b"pandas"]
    assert pd.__version__.encode() in said
    said = said.replace(pd.__version__.encode(), b"0.1")
    write_parquet(tmp_path / "other.parquet", content.replace_schema_metadata({b"pandas": said}))
    assert differing(tmp_path / "one.parquet", tmp_path / "other.parquet") == set()


@pytest.mark.parametrize("kind", ["sparse", "dense"])
def test_unions_count_by_kind_and_value(tmp_path, meant, kind):
    def write(name, values, cut=4):
        types = pa.array([0, 1, 0, 1], pa.int8())
        numbers, texts = pa.array([values[0], 0, values[2], 0]), pa.array(["", values[1], "", values[3]])
        if kind == "sparse":
            union = pa.UnionArray.from_sparse(types, [numbers, texts])
        else:
            offsets = pa.array([0, 0, 1, 1], pa.int32())
            union = pa.UnionArray.from_dense(
                types, offsets, [numbers.take(pa.array([0, 2])), texts.take(pa.array([1, 3]))]
            )
        return meant(write_ipc(tmp_path / name, pa.table({"u": union}), batch=cut))

    one = write("one.arrow", [1, "a", 2, "b"])
    assert one == write("same.arrow", [1, "a", 2, "b"], cut=1)
    assert one != write("other.arrow", [1, "a", 3, "b"])
    assert one != write("third.arrow", [1, "c", 2, "b"])


def test_a_table_without_rows_or_columns_has_a_meaning(tmp_path, meant):
    digests = {
        meant(write_parquet(tmp_path / f"{number}.parquet", content))
        for number, content in enumerate(
            [
                pa.table({"x": pa.array([], pa.int8())}),
                pa.table({"x": pa.array([], pa.int16())}),
                pa.table({}),
            ]
        )
    }
    assert len(digests) == 3


def test_many_rows_come_in_pieces(tmp_path, differing):
    content = pa.table({"x": np.arange(200_000), "s": pa.array([str(n % 7) for n in range(200_000)])})
    one = write_parquet(tmp_path / "one.parquet", content)
    assert differing(one, write_parquet(tmp_path / "two.parquet", content, row_group_size=999)) == set()


def test_an_extension_type_means_the_same_before_and_after_it_is_registered(tmp_path, differing):
    class Kind(pa.ExtensionType):
        def __init__(self):
            super().__init__(pa.list_(pa.int32()), "tests.kind")

        def __arrow_ext_serialize__(self):
            return b"told"

        @classmethod
        def __arrow_ext_deserialize__(cls, storage, serialized):
            return cls()

    from lawnix.store import meaning

    array = pa.ExtensionArray.from_storage(Kind(), pa.array([[1], None], pa.list_(pa.int32())))
    path = write_parquet(tmp_path / "one.parquet", pa.table({"x": array}))
    before = meaning.parts_of(path)
    pa.register_extension_type(Kind())
    try:
        assert pq.read_table(path).schema.field("x").type == Kind()
        assert meaning.parts_of(path) == before
    finally:
        pa.unregister_extension_type("tests.kind")
    plain = write_parquet(tmp_path / "two.parquet", pa.table({"x": array.storage}))
    assert differing(path, plain) == {"column x"}


def test_parquet_and_arrow_of_one_table_mean_the_same(tmp_path, differing):
    one = write_parquet(tmp_path / "one.parquet", table())
    assert differing(one, write_ipc(tmp_path / "one.arrow", table())) == set()

"""Meaning as a whole: which file has one, how it is chosen, what is logged, and how much memory it takes."""

import importlib
import logging
import subprocess
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest

from lawnix.core.canonical import canonical
from lawnix.core.digest import digest
from lawnix.store import meaning


def test_the_digest_is_that_of_the_method_and_the_places(sample, meant):
    path = sample(".npy")
    parts = meaning.parts_of(path)
    assert parts.method == "numpy/1"
    assert list(parts.digests) == ["array"]
    expected = digest("meaning", canonical(("numpy/1", {"array": str(parts.digests["array"])})))
    assert meant(path) == parts.digest() == expected


def test_a_file_of_no_known_format_has_no_meaning_and_nothing_is_said(tmp_path, caplog):
    for name in ("text.txt", "h5", "x.h5.bak", "x.pickle"):
        (tmp_path / name).write_text("text", encoding="utf-8")
        assert meaning.parts_of(tmp_path / name) is None
        assert meaning.meaning_of(tmp_path / name) is None
    assert caplog.records == []


def test_what_cannot_be_read_is_logged_once_with_the_reason(tmp_path, caplog):
    path = tmp_path / "broken.json"
    path.write_text("{", encoding="utf-8")
    assert meaning.meaning_of(path) is None
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert str(path) in record.getMessage()
    assert "JSONDecodeError" in record.getMessage()
    assert "by its bytes" in record.getMessage()


def test_a_library_that_is_not_there_is_logged_as_the_reason(sample, caplog, monkeypatch):
    path = sample(".png")
    monkeypatch.delitem(sys.modules, "lawnix.store.meaning.image", raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert meaning.parts_of(path) is None
    assert "PIL" in caplog.text


def test_the_name_says_the_format_wherever_the_file_lies(sample, meant, tmp_path):
    for ending in meaning.FORMATS:
        path = sample(ending)
        other = tmp_path / "no ending"
        other.write_bytes(path.read_bytes())
        assert meant(other, f"x{ending.upper()}") == meant(path)
        assert meaning.parts_of(path, "x.txt") is None


def test_the_longest_ending_counts():
    assert meaning.format_of("x.json.gz") == meaning.format_of("x.tar.gz") == "archive"
    assert meaning.format_of("x.gz.json") == "text"


def test_every_format_has_a_module():
    assert set(meaning.FORMATS.values()) == meaning.METHODS.keys()
    for module, method in meaning.METHODS.items():
        assert importlib.import_module(f"lawnix.store.meaning.{module}").parts
        name, _, version = method.partition("/")
        assert name == module
        assert version.isdigit()


def test_importing_it_imports_none_of_the_readers():
    heavy = ("numpy", "h5py", "uproot", "awkward", "pyarrow", "PIL", "yaml", "pypdf")
    code = f"import sys, lawnix.store.meaning; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def peak(path) -> int:
    """Bytes of memory that Python and NumPy took at most to tell what a file means."""
    tracemalloc.start()
    try:
        assert meaning.meaning_of(path) is not None
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def write_large_npz(path):
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("x.npy", "w") as member,
    ):
        header = {"descr": "<f8", "fortran_order": False, "shape": (25 << 20,)}
        np.lib.format.write_array_header_1_0(member, header)
        for _ in range(200):
            member.write(bytes(1 << 20))


def write_large_zip(path):
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("x.dat", "w") as member,
    ):
        for _ in range(200):
            member.write(bytes(1 << 20))


def write_large_npy(path):
    np.lib.format.open_memmap(path, "w+", "f8", (25 << 20,)).flush()


def write_large_parquet(path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"x": np.zeros(25 << 20)}), path, row_group_size=25 << 20)


@pytest.mark.parametrize(
    "write",
    [write_large_npz, write_large_zip, write_large_npy, write_large_parquet],
    ids=lambda write: write.__name__,
)
def test_a_large_file_is_read_in_pieces(tmp_path, write):
    path = tmp_path / f"large.{write.__name__.rpartition('_')[2]}"
    write(path)
    assert peak(path) < 100 << 20


@pytest.mark.parametrize(
    "layout",
    [{}, {"chunks": (1 << 16,), "compression": "gzip", "compression_opts": 1}],
    ids=["whole", "chunks"],
)
def test_a_large_dataset_is_read_in_pieces(tmp_path, layout):
    import h5py

    from lawnix.store.meaning import hdf5  # what is read apart is no memory of this process

    path = tmp_path / "large.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("x", (25 << 20,), "f8", **layout)
        dataset[-1] = 1
    tracemalloc.start()
    try:
        assert hdf5._parts(path)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()

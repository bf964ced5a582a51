"""Broken files: whatever a file holds, it has a meaning or none, and nobody crashes."""

import gzip
import random
import warnings

import pytest

from lawnix.store import meaning

ENDINGS = sorted(meaning.FORMATS)


def broken(data: bytes, seed: int) -> bytes:
    """The data cut off, with flipped bits, or with a part from elsewhere."""
    draw = random.Random(seed)
    if seed % 3 == 0:
        return data[: draw.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(draw.choice([1, 1, 3, 10])):
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    if seed % 3 == 2:
        start, stop = sorted(draw.randrange(len(data)) for _ in range(2))
        changed[start:stop] = changed[start:stop][::-1]
    return bytes(changed)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_broken_file_crashes_nobody(sample, ending):
    path = sample(ending)
    data = path.read_bytes()
    whole = meaning.parts_of(path)
    assert whole is not None
    assert whole.digests
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the readers
        refused = 0
        for seed in range(24):
            path.write_bytes(broken(data, seed))
            found = meaning.parts_of(path)
            assert found is None or found.method == whole.method
            refused += found is None
    assert refused


@pytest.mark.parametrize("ending", [*(ending for ending in ENDINGS if ending not in {".yaml", ".yml"})])
@pytest.mark.parametrize("data", [b"", b"\0", b"hello {", b"\xff" * 5000])
def test_what_is_of_another_format_is_refused(tmp_path, ending, data):
    path = tmp_path / f"other{ending}"
    path.write_bytes(data)
    if ending == ".gz" and not data:
        assert gzip.decompress(data) == b""  # an empty file is an empty one, compressed
    else:
        assert meaning.parts_of(path) is None


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_that_is_not_there_or_a_directory_is_refused(tmp_path, ending):
    assert meaning.parts_of(tmp_path / f"missing{ending}") is None
    (tmp_path / f"directory{ending}").mkdir()
    assert meaning.parts_of(tmp_path / f"directory{ending}") is None


def test_a_library_that_crashes_takes_nobody_with_it(sample, monkeypatch, caplog):
    import os
    import signal

    path = sample(".h5")
    monkeypatch.setattr("lawnix.store.meaning.hdf5._parts", lambda path: os.kill(os.getpid(), signal.SIGSEGV))
    assert meaning.parts_of(path) is None
    assert "crashed with SIGSEGV" in caplog.text
    monkeypatch.setattr("lawnix.store.meaning.hdf5._parts", lambda path: os._exit(3))
    assert meaning.parts_of(path) is None
    assert "without an answer" in caplog.text


def test_a_reader_that_wants_all_memory_is_refused(sample, monkeypatch, caplog):
    path = sample(".h5")
    monkeypatch.setattr("lawnix.store.meaning.hdf5._parts", lambda path: {"x": bytearray(64 << 30)})
    assert meaning.parts_of(path) is None
    assert "MemoryError" in caplog.text

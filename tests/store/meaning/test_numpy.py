"""NumPy's files: dtype, shape and items count; order in memory, byte order and times do not."""

import os

import numpy as np
import pytest

from lawnix.store import meaning

ARRAY = np.arange(6, dtype="f8").reshape(2, 3)


def save(path, array, **options):
    np.save(path, array, **options)
    return path


@pytest.mark.parametrize("same", [
    np.asfortranarray(ARRAY),
    ARRAY.astype(">f8"),
    np.arange(12.0).reshape(2, 6)[:, ::2] / 2,
])  # fmt: skip
def test_how_an_array_lay_in_memory_is_no_part_of_it(tmp_path, meant, same):
    assert meant(save(tmp_path / "one.npy", ARRAY)) == meant(save(tmp_path / "two.npy", same))


@pytest.mark.parametrize("other", [
    ARRAY.astype("f4"), ARRAY.T, ARRAY.reshape(3, 2), ARRAY.reshape(-1), ARRAY + 1, ARRAY.astype("i8"), ARRAY[:, :0], ARRAY[:0],
    np.float64(1), ARRAY.view([("x", "f8")]), ARRAY.view([("y", "f8")]), ARRAY.astype("U3"), ARRAY.astype("S3"),
    ARRAY.view("M8[s]"), ARRAY.view("M8[ms]"),
])  # fmt: skip
def test_a_change_is_seen(tmp_path, meant, other):
    assert meant(save(tmp_path / "one.npy", ARRAY)) != meant(save(tmp_path / "two.npy", other))


def test_times_order_and_compression_of_an_npz_are_no_part_of_it(tmp_path, differing):
    np.savez(tmp_path / "one.npz", a=ARRAY, b=np.asfortranarray(ARRAY))
    np.savez_compressed(tmp_path / "two.npz", b=ARRAY, a=ARRAY)
    assert differing(tmp_path / "one.npz", tmp_path / "two.npz") == set()
    np.savez(tmp_path / "three.npz", a=ARRAY, b=ARRAY + 1)
    assert differing(tmp_path / "one.npz", tmp_path / "three.npz") == {"array b"}
    np.savez(tmp_path / "four.npz", a=ARRAY, c=ARRAY)
    assert differing(tmp_path / "one.npz", tmp_path / "four.npz") == {"array b", "array c"}


def test_nothing_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "trapped"),)

    objects = np.array([Trap()], dtype=object)
    assert meaning.parts_of(save(tmp_path / "one.npy", objects)) is None
    np.savez(tmp_path / "one.npz", a=objects)
    assert meaning.parts_of(tmp_path / "one.npz") is None
    assert not (tmp_path / "trapped").exists()


def test_an_array_of_many_blocks_means_the_same_in_either_order(tmp_path, meant, monkeypatch):
    monkeypatch.setattr("lawnix.store.meaning.arrays.BLOCK", 100)
    array = np.random.default_rng(1).random((7, 5, 4))
    one = meant(save(tmp_path / "one.npy", array))
    assert one == meant(save(tmp_path / "two.npy", np.asfortranarray(array)))
    monkeypatch.setattr("lawnix.store.meaning.arrays.BLOCK", 1 << 20)
    assert one == meant(save(tmp_path / "three.npy", array))

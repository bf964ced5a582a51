import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.core.digest import digest
from lawnix.core.kept import Kept, kept
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import BuildRecord, Found, Meaning, Read, Realization

names = st.sampled_from(["out.txt", "table.parquet", "plots"])
digests = st.binary(max_size=4).map(lambda data: digest("content", data))
outputs = st.dictionaries(names, st.none() | digests).map(
    lambda paths: {name: path and ObjectPath(path, name) for name, path in paths.items()}
)
KEY, DERIVATION = digest("key", b"1"), digest("derivation", b"1")


@given(digests, digests, outputs)
def test_a_realization_comes_back_as_it_was_less_what_is_for_people(key, derivation, paths):
    realization = Realization(key, derivation, paths, record=BuildRecord(host="here"))
    one = kept(realization)
    assert isinstance(one, Kept)
    assert one.whole == realization
    assert one.whole.digest == realization.digest == one.digest
    assert list(one.whole.outputs) == list(paths)
    assert one.whole.record == BuildRecord()
    assert (one.key, one.derivation, one.outputs) == (key, derivation, paths)
    assert (one.found, one.reads, dict(one.meanings)) == ((), (), {})


@pytest.mark.parametrize(
    "more",
    [
        {"found": (Found(("tasks", "Fit", {}), KEY),)},
        {"reads": (Read("config", "[]", "value", KEY),)},
        {"meanings": {"out.txt": Meaning("json/1", KEY)}},
        {"outputs": {"out.txt": ObjectPath(KEY, "other.txt")}},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_is_not_ordinary_is_kept_whole_without_what_is_for_people(more):
    said = {"outputs": {"out.txt": ObjectPath(KEY, "out.txt")}, **more}
    realization = Realization(KEY, DERIVATION, record=BuildRecord(host="here"), **said)
    one = kept(realization)
    assert one == realization
    assert (one.found, one.reads, one.meanings) == (
        realization.found,
        realization.reads,
        realization.meanings,
    )
    assert one.record == BuildRecord()

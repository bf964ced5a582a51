"""ROOT: trees, RNTuples and objects count; UUIDs, dates, cycles, compression and baskets do not."""

import awkward as ak
import hist
import numpy as np
import pytest
import uproot


def of_type(data):
    """What uproot wants to know of columns before it writes them."""
    return {name: ak.type(ak.Array(array)).content for name, array in data.items()}


def write(path, *, changed="", compression=None, cut=6, cycles=1, order=1):
    """A file with a bit of everything; `changed` names the one thing that differs."""

    def new(thing, one, other):
        return other if thing == changed else one

    jets = (
        [[1], [2, 3], [], [], [], [4.5]]
        if changed == "cut of lists"
        else [[1, 2], [3], [], [], [], [new("item", 4.5, 5)]]
    )
    tree = {
        "pt": np.array([1, 2, 3, new("value", 4, 5), 6, 7], new("dtype", "f8", "f4")),
        new("name", "eta", "phi"): np.arange(6),
        "jets": ak.Array(jets),
        "matrix": np.arange(36).reshape(6, 2, 3),
    }
    tree = dict(list(tree.items())[::order])
    ntuple = {
        "x": np.arange(6.0),
        "s": ak.Array(["a", "b", "", "d", "e", new("text", "f", "g")]),
        "v": ak.Array([[1], [], [2, new("number", 3, 4)], [], [], []]),
    }
    axis = hist.axis.Regular(3, 0, new("axis", 1, 2), name="x", label=new("title of an axis", "x", "y"))
    weighted = hist.Hist(axis, storage=hist.storage.Weight())
    weighted.fill([0.1, 0.5, 0.6], weight=[1, 2, new("weight", 3, 4)])
    with uproot.recreate(path, compression=compression) as file:
        file.mktree("dir/Events", of_type(tree), title=new("title", "t", "u"))
        file.mkrntuple("nt", of_type(ntuple))
        for start in range(0, 6, cut):
            file["dir/Events"].extend({name: array[start : start + cut] for name, array in tree.items()})
            file["nt"].extend({name: array[start : start + cut] for name, array in ntuple.items()})
        for _ in range(cycles):
            file["h"] = weighted
        file["p"] = hist.Hist.new.Reg(2, 0, 1).Mean().fill([0.1, 0.9], sample=[1, new("profile", 2, 3)])
        file["two"] = hist.Hist.new.Reg(2, 0, 1).Reg(2, 0, 1).Double().fill([0.1], [new("bin", 0.1, 0.9)])
        file["note"] = new("string", "one", "two")
        file["graph"] = uproot.as_TGraph({"x": np.arange(3.0), "y": np.array([1, 2, new("point", 3.0, 4.0)])})
        file.mkdir(new("directory", "empty", "void"))
    return path


CHANGES = [
    "value", "dtype", "name", "item", "cut of lists", "title", "axis", "title of an axis", "weight", "profile", "bin",
    "string", "point", "text", "number", "directory",
]  # fmt: skip


def test_uuids_dates_cycles_compression_and_baskets_are_no_part_of_it(tmp_path, differing):
    one = write(tmp_path / "one.root")
    other = write(tmp_path / "other.root", compression=uproot.ZLIB(4), cut=2, cycles=3, order=-1)
    assert one.read_bytes() != other.read_bytes()
    assert differing(one, other) == set()


@pytest.mark.parametrize("changed", CHANGES)
def test_a_change_is_seen(tmp_path, meant, changed):
    assert meant(write(tmp_path / "one.root")) != meant(write(tmp_path / "other.root", changed=changed))


@pytest.mark.parametrize(("changed", "place"), [
    ("value", "tree dir/Events, branch pt"),
    ("item", "tree dir/Events, branch jets"),
    ("weight", "TH1D h"),
    ("profile", "TProfile p"),
    ("point", "TGraph graph"),
    ("text", "RNTuple nt, field s"),
])  # fmt: skip
def test_the_place_of_a_change_is_told(tmp_path, differing, changed, place):
    assert differing(write(tmp_path / "one.root"), write(tmp_path / "other.root", changed=changed)) == {place}


def test_only_the_last_cycle_counts(tmp_path, meant):
    for name, texts in (
        ("one.root", ["old", "new"]),
        ("other.root", ["new"]),
        ("third.root", ["new", "old"]),
    ):
        with uproot.recreate(tmp_path / name) as file:
            for text in texts:
                file["note"] = text
    assert meant(tmp_path / "one.root") == meant(tmp_path / "other.root") != meant(tmp_path / "third.root")


def test_a_colon_in_the_path_is_one(tmp_path, meant):
    place = tmp_path / "a:b"
    place.mkdir()
    assert meant(write(place / "one.root")) == meant(write(tmp_path / "one.root"))


def test_a_branch_that_uproot_cannot_interpret_counts_by_its_bytes(tmp_path, meant, monkeypatch):
    def refused(branch, **options):
        raise ValueError("arbitrary pointer")

    monkeypatch.setattr(uproot.TBranch, "array", refused)
    one = meant(write(tmp_path / "one.root"))
    assert one == meant(write(tmp_path / "two.root", compression=uproot.ZLIB(1)))
    assert one != meant(write(tmp_path / "three.root", changed="item"))


def test_an_object_that_uproot_cannot_read_counts_by_its_bytes(tmp_path, differing, monkeypatch):
    def refused(value, met):
        raise TypeError("an object of an unknown kind")

    monkeypatch.setattr("lawnix.store.meaning.root._plain", refused)
    one = write(tmp_path / "one.root")
    assert differing(one, write(tmp_path / "two.root", compression=uproot.ZLIB(1))) == set()
    assert differing(one, write(tmp_path / "three.root", changed="weight")) == {"TH1D h"}

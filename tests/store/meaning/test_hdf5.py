"""HDF5: what is in the file counts, how and when it was written does not."""

import h5py
import numpy as np
import pytest

RECORD = np.dtype([("x", "f8"), ("n", "i4")])
COLOUR = h5py.enum_dtype({"red": 0, "blue": 1}, basetype="i1")


def write(path, *, order=1, changed="", **layout):
    """A file with a bit of everything; `changed` names the one thing that differs."""

    def new(thing, one, other):
        return other if thing == changed else one

    later = bool(layout)
    with h5py.File(path, "w", track_order=later, libver="latest" if later else "earliest") as file:

        def pt():
            name = new("name", "pt", "eta")
            values = np.arange(1000, dtype=new("dtype", "f4", "f8")).reshape(
                new("shape", (100, 10), (10, 100))
            )
            values[-1, -1] = new("value", 1, 2)
            dataset = file.create_dataset(f"events/{name}", data=values, track_times=later, **layout)
            dataset.attrs["unit"] = new("attribute", "GeV", "MeV")
            dataset.attrs[new("name of an attribute", "scale", "scales")] = [
                1.0,
                new("array in an attribute", 2.0, 3.0),
            ]

        def strings():
            texts = ["a", new("string", "bc", "bd"), "", "é" * 9]
            file.create_dataset("strings", data=texts, dtype=h5py.string_dtype())
            file["fixed"] = np.array([b"ab", new("fixed string", b"c", b"d")])

        def lists():
            dataset = file.create_dataset("lists", (3,), dtype=h5py.vlen_dtype("i4"))
            dataset[0], dataset[2] = [1, 2], new("item of a list", [3], [4])
            if changed == "cut of lists":
                dataset[0], dataset[2] = [1], [2, 3]

        def records():
            file["records"] = np.array([(1, 2), (3, new("field", 4, 5))], RECORD)
            mixed = np.dtype([("name", h5py.string_dtype()), ("x", "f4")])
            file["mixed"] = np.array([("a", 1), (new("string in a record", "b", "c"), 2)], mixed)

        def others():
            file.create_dataset("colours", data=[0, new("enum", 1, 0)], dtype=COLOUR)
            file["flags"] = np.array([True, new("flag", False, True)])
            file["complex"] = np.array([1 + 2j, new("complex", 3j, 4j)])
            file["scalar"] = new("scalar", 1.5, 2.5)
            file["null"] = h5py.Empty(new("dtype of nothing", "f4", "f8"))
            file.create_group(new("empty group", "empty", "void"))
            file["type"] = np.dtype(new("named type", "f4", "i4"))
            file.create_dataset("opaque", data=np.void(new("opaque", b"abc", b"abd")))
            file["soft"] = h5py.SoftLink(new("soft link", "/events", "/nowhere"))
            file["external"] = h5py.ExternalLink("other.h5", new("external link", "/x", "/y"))

        for part in (pt, strings, lists, records, others)[::order]:
            part()
        file["hard"] = file[new("hard link", "fixed", "records")]
        file["loop"] = file["/"]
        references = file.create_dataset("references", (2,), dtype=h5py.ref_dtype)
        references[0] = (
            file[new("reference", "events", "empty")].ref if changed != "empty group" else file["events"].ref
        )
        regions = file.create_dataset("regions", (1,), dtype=h5py.regionref_dtype)
        strings = file["strings"]
        regions[0] = strings.regionref[0 : new("region", 2, 3)]
    return path


CHANGES = [
    "name", "dtype", "shape", "value", "attribute", "name of an attribute", "array in an attribute", "string",
    "fixed string", "item of a list", "cut of lists", "field", "string in a record", "enum", "flag", "complex", "scalar",
    "dtype of nothing", "empty group", "named type", "opaque", "soft link", "external link", "hard link", "reference",
    "region",
]  # fmt: skip


def test_order_layout_compression_and_times_are_no_part_of_it(tmp_path, differing):
    one = write(tmp_path / "one.h5")
    other = write(
        tmp_path / "other.h5", order=-1, chunks=(7, 3), compression="gzip", shuffle=True, maxshape=(None, 10)
    )
    assert one.read_bytes() != other.read_bytes()
    assert differing(one, other) == set()


@pytest.mark.parametrize("changed", CHANGES)
def test_a_change_is_seen(tmp_path, meant, changed):
    assert meant(write(tmp_path / "one.h5")) != meant(write(tmp_path / "other.h5", changed=changed))


@pytest.mark.parametrize(("changed", "place"), [
    ("value", "/events/pt"),
    ("attribute", "/events/pt, attribute unit"),
    ("string", "/strings"),
    ("soft link", "/soft"),
    ("reference", "/references"),
])  # fmt: skip
def test_the_place_of_a_change_is_told(tmp_path, differing, changed, place):
    assert differing(write(tmp_path / "one.h5"), write(tmp_path / "other.h5", changed=changed)) == {place}


def test_byte_order_and_padding_are_no_part_of_it(tmp_path, meant):
    padded = np.dtype({"names": ["x", "n"], "formats": [">f8", "i4"], "offsets": [8, 0], "itemsize": 32})
    for name, dtype in (("one.h5", RECORD), ("other.h5", padded)):
        with h5py.File(tmp_path / name, "w") as file:
            file["records"] = np.array([(1, 2)], RECORD).astype(dtype)
    assert meant(tmp_path / "one.h5") == meant(tmp_path / "other.h5")


def test_a_virtual_dataset_counts_by_its_sources(tmp_path, meant):
    digests = set()
    for name, start in (("one.h5", 0), ("same.h5", 0), ("other.h5", 5)):
        layout = h5py.VirtualLayout(shape=(5,), dtype="f4")
        layout[:] = h5py.VirtualSource("elsewhere.h5", "x", shape=(10,))[start : start + 5]
        with h5py.File(tmp_path / name, "w") as file:
            file.create_virtual_dataset("virtual", layout)
        digests.add(meant(tmp_path / name))
    assert len(digests) == 2


def test_what_links_lead_to_outside_is_not_read(tmp_path, meant):
    with h5py.File(tmp_path / "one.h5", "w") as file:
        file["there"] = h5py.ExternalLink("target.h5", "/x")
    before = meant(tmp_path / "one.h5")
    with h5py.File(tmp_path / "target.h5", "w") as file:
        file["x"] = 1
    assert meant(tmp_path / "one.h5") == before


def test_a_file_that_claims_more_than_it_can_hold_is_refused(tmp_path):
    from lawnix.store import meaning

    with h5py.File(tmp_path / "huge.h5", "w") as file:
        file.create_dataset("x", (1 << 50,), "f8", chunks=(1 << 10,))
    assert meaning.parts_of(tmp_path / "huge.h5") is None

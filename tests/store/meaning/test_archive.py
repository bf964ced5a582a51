"""Archives: members count; times, owners, order and compression do not."""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile

import numpy as np
import pytest

from lawnix.store import meaning

MEMBERS = {
    "a/b.txt": ("file", "text", 0o644),
    "run.sh": ("file", "echo", 0o755),
    "values.json": ("file", '{"a": 1, "b": 2}', 0o644),
    "link": ("link", "run.sh", 0o777),
    "empty/": ("directory", "", 0o755),
}
TARS = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"]
ARCHIVES = [".zip", *TARS]


def write_zip(path, members=MEMBERS, *, year=2020, how=zipfile.ZIP_STORED, uid=0):
    kinds = {"file": stat.S_IFREG, "link": stat.S_IFLNK, "directory": stat.S_IFDIR}
    with zipfile.ZipFile(path, "w") as archive:
        for name, (kind, text, mode) in members.items():
            info = zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0))
            info.external_attr = (kinds[kind] | mode) << 16
            info.create_system = 3
            archive.writestr(info, text, how)
        archive.comment = str(year).encode()
    return path


def write_tar(path, members=MEMBERS, *, year=2020, how=tarfile.GNU_FORMAT, uid=0):
    kinds = {
        "file": tarfile.REGTYPE,
        "link": tarfile.SYMTYPE,
        "directory": tarfile.DIRTYPE,
        "hard": tarfile.LNKTYPE,
        "fifo": tarfile.FIFOTYPE,
    }
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=how) as archive:
        for name, (kind, text, mode) in members.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            info.type, info.mode, info.mtime, info.uid, info.uname = (
                kinds[kind],
                mode,
                year * 1e6 + 0.5,
                uid,
                f"u{uid}",
            )
            data = text if isinstance(text, bytes) else text.encode()
            if kind in {"link", "hard"}:
                info.linkname = text
            elif kind == "file":
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data) if kind == "file" else None)
    data = raw.getvalue()
    match path.suffixes[-1]:
        case ".bz2":
            data = bz2.compress(data, 9 if uid else 1)
        case ".xz":
            data = lzma.compress(data, preset=9 if uid else 0)
        case ".gz" | ".tgz":
            data = gzip.compress(data, 9 if uid else 1, mtime=year)
    path.write_bytes(data)
    return path


def write(path, members=MEMBERS, **options):
    return (write_zip if path.suffix == ".zip" else write_tar)(path, members, **options)


@pytest.mark.parametrize("ending", ARCHIVES)
def test_times_owners_order_and_compression_are_no_part_of_it(tmp_path, differing, ending):
    one = write(tmp_path / f"one{ending}")
    backwards = dict(list(MEMBERS.items())[::-1])
    how = zipfile.ZIP_DEFLATED if ending == ".zip" else tarfile.PAX_FORMAT
    other = write(tmp_path / f"two{ending}", backwards, year=2024, how=how, uid=7)
    assert one.read_bytes() != other.read_bytes()
    assert differing(one, other) == set()


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz"])
@pytest.mark.parametrize(("name", "changed"), [
    ("a/b.txt", ("file", "test", 0o644)),
    ("a/b.txt", ("file", "", 0o644)),
    ("a/b.txt", ("link", "text", 0o644)),
    ("run.sh", ("file", "echo", 0o644)),
    ("values.json", ("file", '{"a": 1, "b": 3}', 0o644)),
    ("link", ("link", "values.json", 0o777)),
    ("new", ("file", "", 0o644)),
])  # fmt: skip
def test_a_change_is_seen_in_its_place(tmp_path, differing, ending, name, changed):
    one = write(tmp_path / f"one{ending}")
    other = write(tmp_path / f"two{ending}", {**MEMBERS, name: changed})
    assert differing(one, other) == {f"member {name}"}


def test_modes_count_only_as_far_as_a_file_can_be_run(tmp_path, meant):
    other = {**MEMBERS, "run.sh": ("file", "echo", 0o700), "a/b.txt": ("file", "text", 0o600)}
    assert meant(write(tmp_path / "one.tar")) == meant(write(tmp_path / "two.tar", other))


def test_hard_links_and_pipes_count_by_what_they_are(tmp_path, meant):
    kinds = [
        ("hard", "run.sh", 0o644),
        ("hard", "a/b.txt", 0o644),
        ("fifo", "", 0o644),
        ("link", "run.sh", 0o644),
    ]
    digests = {meant(write(tmp_path / f"{n}.tar", {**MEMBERS, "x": kind})) for n, kind in enumerate(kinds)}
    assert len(digests) == len(kinds)


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_a_member_of_a_known_format_counts_by_its_meaning(tmp_path, meant, ending):
    def with_members(name, text, compress):
        arrays = io.BytesIO()
        (np.savez_compressed if compress else np.savez)(arrays, a=np.arange(3))
        content = {
            **MEMBERS,
            "values.json": ("file", text, 0o644),
            "x.npz": ("file", arrays.getvalue(), 0o644),
        }
        return meant(write(tmp_path / f"{name}{ending}", content))

    one = with_members("one", '{"a": 1, "b": 2}', compress=False)
    assert one == with_members("two", '{"b":2,"a":1}', compress=True)


@pytest.mark.parametrize("ending", [".zip", ".tar"])
def test_a_member_that_cannot_be_read_counts_by_its_bytes(tmp_path, meant, ending):
    digests = [
        meant(write(tmp_path / f"{number}{ending}", {"values.json": ("file", text, 0o644)}))
        for number, text in enumerate(["{1", "{ 1", "{1"])
    ]
    assert digests[0] == digests[2] != digests[1]


def test_archives_in_archives_count_by_meaning_three_deep(tmp_path, meant):
    def nested(number, text, depth):
        data, name = text, "values.json"
        for _ in range(depth):
            inner = write_zip(tmp_path / "inner.zip", {name: ("file", data, 0o644)})
            data, name = inner.read_bytes(), "inner.zip"
        return meant(write_zip(tmp_path / f"{number}.zip", {name: ("file", data, 0o644)}))

    one, other = "[1, 2]", "[1,2]"
    assert nested(0, one, 2) == nested(1, other, 2)
    assert nested(0, one, 3) != nested(1, other, 3)
    assert nested(0, one, 9) == nested(1, one, 9)


def test_a_gzip_file_counts_by_its_content(tmp_path, meant):
    for name, text, level, when in (
        ("one.json.gz", b"[1, 2]", 1, 5), ("two.json.gz", b"[1,2]", 9, 6), ("three.json.gz", b"[1,3]", 9, 5),
        ("one.txt.gz", b"[1, 2]", 1, 5), ("two.txt.gz", b"[1, 2]", 9, 6), ("three.txt.gz", b"[1,2]", 9, 5),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(gzip.compress(text, level, mtime=when))
    for ending in (".json.gz", ".txt.gz"):
        one, two, three = (meant(tmp_path / f"{name}{ending}") for name in ("one", "two", "three"))
        assert one == two != three


@pytest.mark.parametrize("ending", TARS)
def test_a_tar_that_ends_early_or_is_broken_within_is_refused(tmp_path, ending):
    whole = write_tar(tmp_path / f"one{ending}")
    data = whole.read_bytes()
    assert meaning.parts_of(whole) is not None
    if ending == ".tar":
        whole.write_bytes(data[:1024])  # after the first member
        assert meaning.parts_of(whole) is None
        whole.write_bytes(data[:1100] + b"x" + data[1101:])  # the header of the second
    else:
        whole.write_bytes(data[:-5])
    assert meaning.parts_of(whole) is None


def test_a_member_that_is_too_large_to_be_unpacked_counts_by_its_bytes(tmp_path, meant, monkeypatch):
    one = write(tmp_path / "one.zip", {"x.json": ("file", "[1, 2]", 0o644)})
    other = write(tmp_path / "two.zip", {"x.json": ("file", "[1,2]", 0o644)})
    assert meant(one) == meant(other)
    monkeypatch.setattr("lawnix.store.meaning.archive.LARGEST", 1)
    assert meant(one) != meant(other)

"""One small file of every format, written the same way every time."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lawnix.core.digest import Digest
from lawnix.store import meaning

SVG = """<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10pt" height="10pt">
 <metadata><dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">DATE</dc:date></metadata>
 <!-- made on DATE -->
 <g id="axes_1"><path d="M 0 0 L 5 5" clip-path="url(#pID1)"/><use xlink:href="#mID2" x="3"/></g>
 <defs><clipPath id="pID1"><rect x="0" y="0" width="9" height="9"/></clipPath><path id="mID2" d="M 0 1"/></defs>
</svg>
"""


def write_hdf5(path: Path) -> None:
    import h5py
    import numpy as np

    with h5py.File(path, "w") as file:
        file["events/pt"] = np.arange(6, dtype="f4").reshape(2, 3)
        file["events/pt"].attrs["unit"] = "GeV"
        file.create_dataset("events/names", data=["a", "bc", ""], dtype=h5py.string_dtype())
        file.create_dataset("packed", data=np.arange(2000), chunks=(100,), compression="gzip")
        file["alias"] = h5py.SoftLink("/events/pt")


def write_root(path: Path) -> None:
    import awkward as ak
    import numpy as np
    import uproot

    with uproot.recreate(path) as file:
        file.mktree("Events", {"pt": "float64", "jets": "var * float32"})
        file["Events"].extend({"pt": np.arange(4.0), "jets": ak.Array([[1, 2], [], [3], []])})
        file["plots/pt"] = (np.array([1.0, 2, 3]), np.array([0.0, 1, 2, 4]))
        file["note"] = "written"
        file.mkrntuple("nt", {"x": np.arange(3.0), "j": ak.Array([[1], [], [2, 3]])})


def table():
    import pyarrow as pa

    return pa.table({
        "pt": pa.array([1.0, None, float("nan")]),
        "jets": pa.array([[1, 2], None, []], pa.list_(pa.int32())),
        "name": pa.array(["a", "", None]),
    })  # fmt: skip


def write_parquet(path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table(), path)


def write_arrow(path: Path) -> None:
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table().schema) as writer:
        writer.write_table(table())


def write_feather(path: Path) -> None:
    from pyarrow import feather

    feather.write_feather(table(), str(path), compression="zstd")


def write_npy(path: Path) -> None:
    import numpy as np

    np.save(path, np.arange(6, dtype="i4").reshape(2, 3))


def write_npz(path: Path) -> None:
    import numpy as np

    np.savez_compressed(path, a=np.arange(3), b=np.array(["x", "yz"]))


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", "text " * 20)
        archive.writestr("values.json", '{"mu": 1.5}')


def write_tar(path: Path) -> None:
    mode = {".tar": "w", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w:gz")
    with tarfile.open(path, mode) as archive:
        for name, text in {"a/b.txt": "text " * 20, "values.json": '{"mu": 1.5}'}.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))


def write_png(path: Path) -> None:
    import numpy as np
    from PIL import Image

    Image.fromarray(np.arange(8 * 8 * 3, dtype="u1").reshape(8, 8, 3)).save(path)


def write_pdf(path: Path) -> None:
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, NameObject

    writer = PdfWriter()
    for text in (b"0 0 m 5 5 l S", b"1 1 m 2 2 l S"):
        page = writer.add_blank_page(width=72, height=72)
        stream = DecodedStreamObject()
        stream.set_data(text)
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    writer.add_metadata({"/Title": "Lines"})
    writer.write(path)


def _text(text: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(text, encoding="utf-8") and None


WRITERS: Mapping[str, Callable[[Path], None]] = {
    ".h5": write_hdf5,
    ".hdf5": write_hdf5,
    ".hdf": write_hdf5,
    ".root": write_root,
    ".parquet": write_parquet,
    ".pq": write_parquet,
    ".arrow": write_arrow,
    ".feather": write_feather,
    ".npy": write_npy,
    ".npz": write_npz,
    ".json": _text('{"mu": [1.5, null, true, "text"], "n": {"a": 1, "b": NaN}}'),
    ".yaml": _text("mu: [1.5, null, true, text]\nn: {a: 1, 2: .nan}\nday: 2024-01-02\n"),
    ".yml": _text("- 1\n- {a: b}\n"),
    ".zip": write_zip,
    ".tar": write_tar,
    ".tar.gz": write_tar,
    ".tgz": write_tar,
    ".tar.bz2": write_tar,
    ".tar.xz": write_tar,
    ".gz": lambda path: (
        path.write_bytes(gzip.compress(json.dumps(list(range(99))).encode(), mtime=1)) and None
    ),
    ".png": write_png,
    ".pdf": write_pdf,
    ".svg": _text(SVG.replace("DATE", "2024-01-02").replace("ID", "0c1d2e3f4a")),
}


@pytest.fixture
def svg() -> str:
    """A drawing as matplotlib writes it, with DATE and ID for what differs every time."""
    return SVG


@pytest.fixture
def sample(tmp_path: Path) -> Callable[..., Path]:
    """Writes the sample with an ending."""

    def write(ending: str, stem: str = "sample") -> Path:
        path = tmp_path / f"{stem}{ending}"
        WRITERS[ending](path)
        return path

    return write


@pytest.fixture
def meant() -> Callable[..., Digest]:
    """The meaning of a file that must have one."""

    def digest_of(path: Path, name: str | None = None) -> Digest:
        digest = meaning.meaning_of(path, name)
        assert digest is not None, f"{path} was not read"
        return digest

    return digest_of


@pytest.fixture
def differing() -> Callable[[Path, Path], set[str]]:
    """The places where two files that can be read differ."""

    def places(one: Path, other: Path) -> set[str]:
        first, second = meaning.parts_of(one), meaning.parts_of(other)
        assert first is not None
        assert second is not None
        return {
            place
            for place in first.digests.keys() | second.digests.keys()
            if first.digests.get(place) != second.digests.get(place)
        }

    return places

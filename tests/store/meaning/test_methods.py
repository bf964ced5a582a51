"""Golden digests: a method that tells another digest for the same file is another method, with another number."""

import pytest

from lawnix.store import meaning

GOLDEN: dict[str, tuple[str, str]] = {
    ".h5": ("hdf5/1", "kn5d5badgphypnyvcy6ziuiuzfpewmk2"),
    ".hdf5": ("hdf5/1", "kn5d5badgphypnyvcy6ziuiuzfpewmk2"),
    ".hdf": ("hdf5/1", "kn5d5badgphypnyvcy6ziuiuzfpewmk2"),
    ".root": ("root/1", "f7rjnfhhvekhejkw5qwkcrb52gnfpd4r"),
    ".parquet": ("arrow/1", "t74kb4xgqyqc4c7lcsmrtsek2ctajqfr"),
    ".pq": ("arrow/1", "t74kb4xgqyqc4c7lcsmrtsek2ctajqfr"),
    ".arrow": ("arrow/1", "t74kb4xgqyqc4c7lcsmrtsek2ctajqfr"),
    ".feather": ("arrow/1", "t74kb4xgqyqc4c7lcsmrtsek2ctajqfr"),
    ".npy": ("numpy/1", "2ybbeju34adebqcfguzxcpkmydb5i7hl"),
    ".npz": ("numpy/1", "vu5gdscayelhzdtqc4m4hkf2o2xowvwo"),
    ".json": ("text/1", "2ewy4t52cy7fh5fwqttaxusqbngqjy6v"),
    ".yaml": ("text/1", "cx5ffbfb53vu7sfk4eioevn3vcxf5emc"),
    ".yml": ("text/1", "faoxnr3526m2fm755c4ribxjk5w4eb7c"),
    ".zip": ("archive/1", "o2ac2qsghbzringqoemw6dvfzh7e6qmm"),
    ".tar": ("archive/1", "o2ac2qsghbzringqoemw6dvfzh7e6qmm"),
    ".tar.gz": ("archive/1", "o2ac2qsghbzringqoemw6dvfzh7e6qmm"),
    ".tgz": ("archive/1", "o2ac2qsghbzringqoemw6dvfzh7e6qmm"),
    ".tar.bz2": ("archive/1", "o2ac2qsghbzringqoemw6dvfzh7e6qmm"),
    ".tar.xz": ("archive/1", "o2ac2qsghbzringqoemw6dvfzh7e6qmm"),
    ".gz": ("archive/1", "5463fx33gs7xo4g7k56itmsttpuarg4a"),
    ".png": ("image/1", "y3riz27wgagxcxuaeo7e6uchah42rdbc"),
    ".pdf": ("document/1", "bjkmoavni4ph4dvmv32iae7slf2xheys"),
    ".svg": ("document/1", "qrztociwryr2imkkc6c4fmlohg6umvlv"),
}


def test_every_format_has_a_golden_digest():
    assert GOLDEN.keys() == meaning.FORMATS.keys()


@pytest.mark.parametrize("ending", GOLDEN)
def test_a_method_keeps_to_its_digests(sample, ending):
    parts = meaning.parts_of(sample(ending))
    assert (parts.method, parts.digest()) == GOLDEN[ending]

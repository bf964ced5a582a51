"""ROOT: trees, RNTuples, histograms and other objects.

Not part of the meaning: UUIDs and dates, older cycles, compression, baskets and clusters, how the file is laid out,
streamers and versions of classes. A branch or an object that uproot cannot interpret counts by its bytes, unpacked.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Final

import numpy as np
import uproot

from lawnix.core.digest import Digest
from lawnix.store.meaning import arrays, jagged
from lawnix.store.meaning.apart import apart
from lawnix.store.meaning.values import BLOCK, Values, of, unique

logger = logging.getLogger(__name__)

_LEFT_OUT: Final = {"TProcessID"}  # a UUID, and nothing else
_LEFT_OUT_OF_OBJECTS: Final = {"TObject", "TUUID", "TDatime", "TProcessID", "TRef"}
_OF_THE_READER: Final = {  # what a model has that is not of the object it stands for
    "_cursor", "_file", "_parent", "_concrete", "_members", "_bases", "_num_bytes", "_instance_version",
    "_is_memberwise", "_starts", "_stops", "_speedbump1",
}  # fmt: skip


def parts(path: Path, name: str, depth: int) -> Mapping[str, Digest]:
    """The objects of the file, trees by branch."""
    return apart(lambda: _parts(path))  # a number that is misread may be the length of a list


def _parts(path: Path) -> Mapping[str, Digest]:
    trivial = uproot.TrivialExecutor()
    file = uproot.open(
        {str(path): None},  # so that a colon in the path is one
        handler=uproot.MultithreadedFileSource,
        use_threads=False,
        object_cache=None,
        array_cache=None,
        decompression_executor=trivial,
        interpretation_executor=trivial,
    )
    found: dict[str, Digest] = {}
    with file:
        stack = [("", file)]
        while stack:
            above, directory = stack.pop()
            for key in _latest(directory):
                place = f"{above}{key.fName}"
                if key.fClassName in _LEFT_OUT:
                    continue
                item = _read(directory, key)
                if isinstance(item, uproot.ReadOnlyDirectory):
                    found[f"directory {place}"] = of("directory", key.fTitle)
                    stack.append((f"{place}/", item))
                elif isinstance(item, uproot.TTree):
                    _add_tree(found, f"tree {place}", item)
                elif isinstance(item, uproot.behaviors.RNTuple.RNTuple):
                    _add_rntuple(found, f"RNTuple {place}", item, small=path.stat().st_size < BLOCK)
                else:
                    found[f"{key.fClassName} {place}"] = of(key.fClassName, key.fTitle, _content(item, key))
    return found


def _latest(directory: Any) -> Iterator[Any]:
    """The keys of a directory, each in its last cycle."""
    cycles: dict[str, int] = {}
    for name in directory.iterkeys(recursive=False, cycle=True):
        plain, _, cycle = name.rpartition(";")
        cycles[plain] = max(int(cycle), cycles.get(plain, 0))
    for name, number in cycles.items():
        yield directory.key(f"{name};{number}")


def _read(directory: Any, key: Any) -> Any:
    try:
        return directory[f"{key.fName};{key.fCycle}"]
    except Exception as error:
        if key.fClassName in uproot.reading.must_be_attached:
            raise  # what lies elsewhere in the file would be left out
        logger.debug("%s counts by its bytes: %s", key.fName, error)
        # of a class that the file does not describe, or that uproot cannot read
        return None


def _content(item: Any, key: Any) -> object:
    try:
        if item is not None:
            return _plain(item, {})
    except TypeError:
        pass
    chunk, _ = key.get_uncompressed_chunk_cursor()
    return ["bytes", of(np.asarray(chunk.raw_data).tobytes())]


def _plain(value: Any, met: dict[int, int]) -> object:
    """An object and all in it, as a value with a canonical form.

    Raises:
        TypeError: It has something in it that uproot reads in a way that is not known here.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return ["number", of(np.float64(value))]  # NaN as well
    if value is None or isinstance(value, bool | int | bytes):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, np.ndarray):
        values = Values(arrays.described(value.dtype), value.shape)
        arrays.feed(values, "", value)
        return values.digest()
    if id(value) in met:  # an object may be pointed at from several places, and from within
        return ["again", met[id(value)]]
    met[id(value)] = len(met)
    if isinstance(value, uproot.Model):
        return _model(value, met)
    if isinstance(value, Mapping):
        return ["mapping", [[_plain(key, met), _plain(item, met)] for key, item in value.items()]]
    if isinstance(value, Sequence | Set):
        return [_plain(item, met) for item in value]
    raise TypeError(f"an object of an unknown kind: {type(value).__name__}")


def _model(model: Any, met: dict[int, int]) -> object:
    if isinstance(model, uproot.model.UnknownClass | uproot.model.UnknownClassVersion):
        raise TypeError(f"a class that the file does not describe: {model.classname}")
    if model.classname in _LEFT_OUT_OF_OBJECTS:
        return model.classname
    own = {name: value for name, value in vars(model).items() if name not in _OF_THE_READER}
    return [
        model.classname,
        [_plain(base, met) for base in model.bases],
        {name: _plain(member, met) for name, member in model.members.items()},
        {name: _plain(value, met) for name, value in own.items()},
    ]


def _add_tree(found: dict[str, Digest], place: str, tree: Any) -> None:
    found[place] = of("tree", tree.title, tree.num_entries)
    for name, branch in tree.iteritems(recursive=True, full_paths=True):
        found[unique(f"{place}, branch {name}", found)] = _branch(branch)


def _branch(branch: Any) -> Digest:
    values = Values("branch", branch.title, branch.typename, branch.num_entries)
    if not branch.num_baskets:
        return values.digest()
    if len(branch.branches) and isinstance(branch.interpretation, uproot.AsGrouped):
        return values.digest()  # its values are those of the branches in it
    if isinstance(branch.interpretation, uproot.interpretation.identify.UnknownInterpretation):
        return _baskets(branch)
    try:
        _add_entries(values, branch)
    except Exception:  # noqa: BLE001  # uproot may take a branch for what it is not, and says so in many ways
        return _baskets(branch)
    return values.digest()


def _add_entries(values: Values, branch: Any) -> None:
    starts = branch.entry_offsets
    together = max(1, BLOCK * branch.num_baskets // max(1, branch.uncompressed_bytes))
    stops = [*starts[together:-1:together], starts[-1]]
    for start, stop in zip([starts[0], *stops], stops, strict=False):
        jagged.feed(values, "", branch.array(entry_start=start, entry_stop=stop, library="ak"))


def _baskets(branch: Any) -> Digest:
    """The digest of a branch that cannot be interpreted: here the cut into baskets does count."""
    values = Values("baskets", branch.title, branch.typename, branch.num_entries)
    for number in range(branch.num_baskets):
        basket = branch.basket(number)
        arrays.feed(values, f"{number}", np.asarray(basket.data))
        if basket.byte_offsets is not None:
            arrays.feed(values, f"{number} offsets", np.asarray(basket.byte_offsets))
    return values.digest()


def _add_rntuple(found: dict[str, Digest], place: str, ntuple: Any, *, small: bool) -> None:
    found[place] = of("RNTuple", ntuple.description, ntuple.num_entries)
    starts = sorted({int(cluster.num_first_entry) for cluster in ntuple.cluster_summaries})
    stops = [*starts[1:], ntuple.num_entries]
    fields = list(ntuple.fields)
    step = len(fields) if small else 1  # to ask for one of a thousand fields takes uproot long
    for some in (fields[n : n + step] for n in range(0, len(fields), max(1, step))):
        values = {field.name: Values("field", field.typename, field.description) for field in some}
        for start, stop in zip(starts, stops, strict=True):
            entries = ntuple.arrays(
                filter_field=lambda it, own=some: it in own, entry_start=start, entry_stop=stop
            )
            for name, field_values in values.items():
                jagged.feed(field_values, "", entries[name])
        for name, field_values in values.items():
            found[f"{place}, field {name}"] = field_values.digest()

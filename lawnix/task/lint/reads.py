"""Reads: what `run()` reaches by a path, an address or a name that stands in the code, and not by what it declares."""

import ast
import os
from collections.abc import Collection, Iterator
from typing import Final

from lawnix.engine.environment import build_environment
from lawnix.engine.observe.surroundings import VARIABLES
from lawnix.task.lint.finding import Finding
from lawnix.task.lint.passages import Passage, Subject
from lawnix.task.lint.texts import is_path, text_of
from lawnix.task.lint.words import Words, argument, calls_in, written

# the first argument is a path, or a pattern of some
_READERS: Final = frozenset(
    {
        "awkward.from_feather",
        "awkward.from_parquet",
        "codecs.open",
        "correctionlib.CorrectionSet.from_file",
        "glob.glob",
        "glob.iglob",
        "gzip.open",
        "h5py.File",
        "io.open",
        "law.LocalDirectoryTarget",
        "law.LocalFileTarget",
        "luigi.LocalTarget",
        "numpy.fromfile",
        "numpy.genfromtxt",
        "numpy.load",
        "numpy.loadtxt",
        "numpy.memmap",
        "open",
        "os.listdir",
        "os.open",
        "os.scandir",
        "os.walk",
        "pyarrow.parquet.ParquetFile",
        "pyarrow.parquet.read_table",
        "sqlite3.connect",
        "uproot.concatenate",
        "uproot.dask",
        "uproot.iterate",
        "uproot.open",
    }
)
_PATH_METHODS: Final = frozenset({"glob", "iterdir", "open", "read_bytes", "read_text", "rglob"})
_NETWORK: Final = frozenset(
    {"ftplib", "http.client", "httpx", "requests", "socket", "urllib.request", "urllib3"}
)
# of modules that use the network
_AT_HOME: Final = frozenset(
    {
        "socket.getfqdn",
        "socket.gethostname",
        "socket.socketpair",
        "urllib.request.Request",
        "urllib.request.pathname2url",
        "urllib.request.url2pathname",
    }
)
_OF_THE_SYSTEM: Final = ("/dev/", "/proc/", "/sys/", ":memory:")
_WRITES: Final = frozenset("wax+")


def undeclared_reads(subject: Subject) -> Iterator[Finding]:
    """Files, variables and addresses that are written out in what `run()` reaches."""
    known = {os.path.abspath(each.file) for each in subject.code.components if each.file is not None}
    variables = {*subject.cls.environment, *VARIABLES, *build_environment()}
    for passage in subject.passages:
        words = Words(passage.module, passage.tree, subject.cls)
        reader = f"{passage.name.removeprefix(f'{passage.module}.')}()"
        for call in calls_in(passage.tree):
            what = f"the network: {written(call)}" if is_network(words.name_of(call.func) or "") else ""
            path = _path_read_by(call, words)
            if path is not None and not _counts(path, passage, known):
                what = repr(path.removeprefix(os.path.join(os.getcwd(), "")))
            if what:
                yield Finding("undeclared-read", f"{reader} reads {what}", passage.file, call.lineno)
        for line, variable in sorted(_variables(passage, words)):
            if variable not in variables:
                what = f"{reader} reads the environment variable {variable}"
                yield Finding("undeclared-read", what, passage.file, line)


def _counts(path: str, passage: Passage, known: Collection[str]) -> bool:
    """Whether the content of a file is part of the code: seen from here, or from the file that names it."""
    places = [os.path.abspath(path), os.path.abspath(os.path.join(os.path.dirname(passage.file), path))]
    return path.startswith(_OF_THE_SYSTEM) or any(place in known for place in places)


def _path_read_by(call: ast.Call, words: Words) -> str | None:
    """The path that a call reads, or the beginning of it."""
    name = words.name_of(call.func) or ""
    if name in _READERS or name.startswith("pandas.read_"):
        return text_of(call.args[0], words) if call.args and not is_for_writing(call, name) else None
    match call.func:
        case ast.Attribute(value=path, attr=method) if method in _PATH_METHODS and is_path(path, words):
            writes = method == "open" and _has_writing_mode(argument(call, 0, "mode"))
            return None if writes else text_of(path, words)
    return None


def _variables(passage: Passage, words: Words) -> Iterator[tuple[int, str]]:
    """Environment variables that are asked for by name, with the line."""
    for each in ast.walk(passage.tree):
        match each:
            case ast.Call(func=function, args=[ast.Constant(value=str(variable)), *_]):
                if words.name_of(function) in ("os.getenv", "os.environ.get", "os.environ.setdefault"):
                    yield each.lineno, variable
            case ast.Subscript(value=value, slice=ast.Constant(value=str(variable)), ctx=ast.Load()):
                if words.name_of(value) == "os.environ":
                    yield each.lineno, variable
            case ast.Compare(
                left=ast.Constant(value=str(variable)), ops=[ast.In() | ast.NotIn()], comparators=[value]
            ):
                if words.name_of(value) == "os.environ":
                    yield each.lineno, variable


def is_network(name: str) -> bool:
    """Whether something is a function that uses the network."""
    return name.rpartition(".")[0] in _NETWORK and name not in (
        "socket.gethostname",
        "urllib.request.Request",
    )


def is_for_writing(call: ast.Call, name: str) -> bool:
    """Whether a call opens a file in order to write."""
    if name == "os.open":
        return "O_WRONLY" in ast.dump(call) or "O_RDWR" in ast.dump(call)
    if name not in ("open", "io.open", "codecs.open", "gzip.open", "h5py.File"):
        return False
    return _has_writing_mode(argument(call, 1, "mode"))


def _has_writing_mode(mode: ast.expr | None) -> bool:
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and bool(_WRITES & set(mode.value))

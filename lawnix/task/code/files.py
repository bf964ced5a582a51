"""Source files: each is read and parsed at most once, and its definitions are listed by line and name."""

import ast
import importlib.util
import io
import linecache
import os
import textwrap
import time
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any, Final

from lawnix.task.code.kept import FunctionFacts, kept

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Stamp = tuple[int, ...]
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


def _process_start() -> int:
    """When this process began, in ns since the epoch; a forked one takes its parent's word."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return (int(boot.split()[1]) * os.sysconf("SC_CLK_TCK") + ticks) * 10**9 // os.sysconf("SC_CLK_TCK")
    except (
        OSError,
        ValueError,
        IndexError,
        StopIteration,
    ):  # no Linux: what is edited before this line is not told
        return time.time_ns()


_STARTED: Final = _process_start()
_parsed: dict[str, "tuple[Stamp | list[str], SourceFile | None]"] = {}  # one parse a file and process
_COMPILING: Final = 10**9  # ns between reading a source and writing what was compiled from it, at most


@dataclass(eq=False, slots=True)
class SourceFile:
    """A file, or a cell of a notebook; it is read when somebody asks for more than is known of it.

    Attributes:
        name: As in the code objects that were compiled from it.
        stamp: What stat said of it; None of a cell.
        edited: Whether what is loaded may be older than what is there.
        facts: What has been found out about its definitions, by whoever did, keyed by (question, place).
        functions: What its text says of functions, by line and name; that of earlier processes, too.
    """

    name: str
    stamp: Stamp | None
    edited: bool
    facts: dict[tuple[str, int], Any] = field(default_factory=dict)
    functions: dict[str, FunctionFacts] = field(default_factory=dict)
    _read: tuple[bytes, ast.Module, int] | None = None
    _functions: dict[tuple[int, str], list[Function]] | None = None
    _code: dict[tuple[int, str], list[CodeType]] | None = None

    def definitions(self, line: int, name: str) -> list[Function]:
        """What is defined as `name` (`<lambda>` for lambdas) at `line`, that of the first decorator if there is one."""
        if name == "<lambda>":
            return self._lambdas(line)
        if self._functions is None:
            self._functions = {}
            functions = (each for each in statements(self.tree) if isinstance(each, _FUNCTIONS))
            for each in functions:
                self._functions.setdefault((first_line(each), each.name), []).append(each)
        return list(self._functions.get((line, name), ()))

    def _lambdas(self, line: int) -> list[Function]:
        found: list[Function] = []
        todo: list[ast.AST] = [self.tree]
        while todo:
            tree = todo.pop()
            if isinstance(tree, ast.Lambda) and tree.lineno == line:
                found.append(tree)
            todo += [
                child
                for child in ast.iter_child_nodes(tree)
                if not isinstance(child, ast.stmt) or first_line(child) <= line <= (child.end_lineno or line)
            ]
        return found

    @property
    def text(self) -> bytes:
        """What stands in it, UTF-8 or as its first lines declare."""
        return self._parsed()[0]

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return self._parsed()[1]

    def parse(self, text: bytes | None, begin: int) -> bool:
        """Take in the text, which was read after `begin` (ns since the epoch); whether it is Python."""
        try:
            self._read = (text or b"", ast.parse(text or b""), begin)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return text is not None

    def _parsed(self) -> tuple[bytes, ast.Module, int]:
        if self._read is None:
            begin = time.time_ns()
            is_python = self.parse(_bytes(self.name), begin)
            if not is_python or stamp_of(self.name) != self.stamp:
                self.edited = True  # under our hands: whoever looks compares it with what is loaded
            if not is_python:
                self.parse(b"", begin)
        assert self._read is not None
        return self._read

    def keep(self, place: str, facts: FunctionFacts) -> None:
        """Let later processes know what the text says of a function."""
        self.functions[place] = facts
        if self.stamp is not None and not self.edited:
            size, modified, changed, inode = self.stamp
            kept.add(self.name, (size, modified, inode, changed), self._parsed()[2], self.functions)

    def words(self, tree: ast.stmt | ast.Lambda) -> str:
        """What stands in the lines of `tree`, which is in this file, with its decorators."""
        first = tree.lineno if isinstance(tree, ast.Lambda) else first_line(tree)
        text = self.text.decode(tokenize.detect_encoding(io.BytesIO(self.text).readline)[0], errors="replace")
        lines = text.splitlines()[first - 1 : tree.end_lineno]
        return textwrap.dedent("\n".join(lines))

    def has(self, code: CodeType) -> bool:
        """Whether compiling the file as it is now gives `code`."""
        if self._code is None:
            self._code = {}
            try:
                compiled = compile(self.tree, self.name, "exec", dont_inherit=True)
            except (SyntaxError, ValueError):
                return False
            for each in nested(compiled):
                self._code.setdefault((each.co_firstlineno, each.co_name), []).append(each)
        return code in self._code.get((code.co_firstlineno, code.co_name), [])


def nested(code: CodeType) -> Iterator[CodeType]:
    """`code` and all code that is compiled into it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from nested(constant)


def source_file(name: str, module: dict[str, Any] | None = None) -> SourceFile | None:
    """The file `name`, or None if it cannot be had or is no Python.

    Args:
        name: A path, or the name of a cell that `linecache` knows.
        module: The globals of the module that was loaded from it, whose loader may know more.
    """
    # a cell, or text that a library made up: its lines are handed to linecache, and replaced as a whole
    entered = linecache.cache.get(name)
    lines = entered[2] if entered is not None and len(entered) == 4 and entered[1] is None else None
    stamp = stamp_of(name) if lines is None else None
    now = lines if lines is not None else stamp
    known = _parsed.get(name)
    if known is not None and now is not None and (known[0] is now or known[0] == now):
        return known[1]
    source = SourceFile(name, stamp, edited=stamp is not None and _may_be_newer(name, stamp))
    if stamp is not None and not source.edited:
        size, modified, changed, inode = stamp
        source.functions = kept.facts(name, (size, modified, inode, changed))
    parsed: SourceFile | None = source
    if not source.functions:
        begin = time.time_ns()
        if stamp is None:
            lines = linecache.getlines(name, module)
            text = "".join(lines).encode() if lines else None
        else:
            text = _bytes(name)
        parsed = source if source.parse(text, begin) else None
    if now is not None:
        _parsed[name] = (now, parsed)
    return parsed


def _may_be_newer(name: str, stamp: Stamp) -> bool:
    """Whether a file may have been changed after what is loaded was compiled from it.

    It was if it changed after this process began. It may have been if what Python had compiled before was written
    hardly later than the file: Python compares full seconds and sizes.
    """
    changed = max(stamp[1], stamp[2])
    if changed > _STARTED:
        return True
    try:
        compiled = os.stat(importlib.util.cache_from_source(name)).st_mtime_ns
    except (OSError, ValueError, NotImplementedError):
        return False
    return compiled < min(_STARTED, changed + _COMPILING)


def stamp_of(path: str) -> Stamp | None:
    """What changes when the file at `path` does: size, times and inode; None if there is no such file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def _bytes(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """All statements in `tree`, also those within others; not looking into expressions is what makes it quick."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.stmt):
            yield child
            if not isinstance(child, _SIMPLE):
                yield from statements(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from statements(child)


_SIMPLE: Final = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Import, ast.ImportFrom)


def first_line(tree: ast.stmt) -> int:
    """Where a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(tree, "decorator_list", [])
    return min([tree.lineno, *(each.lineno for each in decorators)])

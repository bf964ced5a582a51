"""What is known of source files beyond the end of the process: right, whatever happens to the files, and not read again."""

import contextlib
import json
import os
import py_compile
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

# a process that begins a minute later than it does, so that files which were written just now are old
ASK = """
import ast, json, sys, time
now = time.time_ns
time.time_ns = lambda: now() + int(sys.argv[3]) * 10**9
from pathlib import Path
from lawnix.store.memo import StatMemo
from lawnix.task.code import files
from lawnix.task.code.code import code_of
from lawnix.task.code.kept import kept
files._STARTED += int(sys.argv[3]) * 10**9
sys.path.insert(0, sys.argv[1])
import analysis.tasks
kept.memo = StatMemo(Path(sys.argv[2]))
exec(sys.argv[4])
parsed = []
parse = ast.parse
ast.parse = lambda text, *a, **k: parsed.append(1) or parse(text, *a, **k)
code = code_of(analysis.tasks.Select)
print(json.dumps([code.digest, len(parsed), code.warnings, sorted(code.reads)]))
"""


@pytest.fixture
def ask(analysis, tmp_path_factory):
    memo = tmp_path_factory.mktemp("memo") / "files.sqlite"

    def ask(*, later=60, before="", writes_bytecode=False):
        flags = [] if writes_bytecode else ["-B"]
        command = [sys.executable, *flags, "-c", ASK, str(analysis.root), str(memo), str(later), before]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    ask.memo = memo
    return ask


def test_a_file_that_did_not_change_is_not_parsed_again(ask):
    digest, parsed, *rest = ask()
    assert parsed == 2  # tasks and cuts
    assert ask() == [digest, 0, *rest]


def test_an_edit_is_seen_and_that_file_alone_is_parsed(ask, analysis):
    first = ask()
    analysis.edit("analysis/cuts.py", "return x * 3", "return x * 4")
    second = ask()
    assert second[0] != first[0]
    assert second[1] == 1
    analysis.edit("analysis/cuts.py", "return x * 4", "return x * 3")
    assert ask()[0] == first[0]


def test_an_edit_of_the_same_size_and_time_is_seen(ask, analysis):
    first = ask()
    path = analysis.root / "analysis/cuts.py"
    before = path.stat()
    analysis.edit("analysis/cuts.py", "return x * 3", "return x * 4")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert ask()[0] != first[0]


def test_a_file_with_the_times_and_size_of_another_is_told_from_it(ask, analysis):
    first = ask()
    path = analysis.root / "analysis/cuts.py"
    before = path.stat()
    copy = path.with_name("copy.py")
    copy.write_text(path.read_text().replace("return x * 3", "return x * 4"))
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    copy.replace(path)
    assert ask()[0] != first[0]


def test_what_was_written_just_now_is_not_kept(ask):
    first = ask(later=0)
    assert first[1] == 2
    assert ask(later=0)[:2] == first[:2]


def test_a_file_from_the_future_is_not_kept(ask, analysis):
    path = analysis.root / "analysis/cuts.py"
    os.utime(path, (4e9, 4e9))  # as after a clock that ran backwards
    first = ask()
    assert ask()[:2] == [first[0], 1]


@pytest.mark.parametrize(
    "change",
    [
        "sys.version_info = (3, 99)",
        "from lawnix.task.code import kept as module; module._MODULES = ('names',)",
    ],
)
def test_other_rules_begin_anew(ask, change):
    first = ask()
    assert ask(before=change) == first
    assert ask()[1] == 0


def test_a_damaged_memo_costs_time_and_nothing_else(ask):
    first = ask()
    for file in ask.memo.parent.iterdir():
        file.write_bytes(b"no database" * 1000)
    assert ask() == first
    assert ask()[0] == first[0]


@pytest.mark.parametrize("damage", ["substr(text, 1, 20)", "'{\"1 f\": [1]}'", "'[]'", "'{\"1 f\": 1}'"])
def test_a_damaged_text_in_the_memo_is_found_out_again_and_mended(ask, damage):
    first = ask()
    with contextlib.closing(sqlite3.connect(ask.memo)) as connection, connection:
        assert connection.execute(f"UPDATE derived SET text = {damage}").rowcount == 2
    assert ask() == first
    assert ask()[1] == 0


def test_the_same_is_known_of_lambdas_on_one_line(ask, analysis):
    analysis.edit("analysis/cuts.py", "square = power(2)", "square, cube = lambda x: x * 2, lambda x: x * 3")
    first = ask()
    assert ask()[0] == first[0]
    analysis.edit("analysis/cuts.py", "x: x * 2", "x: x * 5")
    assert ask()[0] != first[0]


def test_code_that_python_loads_from_before_an_edit_is_not_taken_for_the_edited_one(ask, analysis):
    path = analysis.root / "analysis/cuts.py"
    first = ask(writes_bytecode=True)
    py_compile.compile(str(path))
    before = path.stat()
    analysis.edit("analysis/cuts.py", "return x * 3", "return x * 4")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # in the same tick of a coarse clock
    stale = ask()
    assert "known by its bytecode" in " ".join(stale[2])
    Path(py_compile.compile(str(path))).unlink()
    fresh = ask()
    assert fresh[2] == []
    assert len({first[0], stale[0], fresh[0]}) == 3

"""What of all that happened is told."""

import os
import sys
import time
import types

import pytest

from lawnix.engine.observe.judge import judged
from lawnix.engine.observe.recording import Seen
from lawnix.engine.observe.surroundings import Surroundings


class Node:
    class work:
        variables = ("DECLARED",)


class Declared:
    """Stands for what a task declares."""

    node = Node

    def __init__(self, files=(), objects=()):
        self.files, self.objects = set(files), set(objects)

    def has_file(self, path):
        return path in self.files


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("builds/1/out", "store/objects/ab", "data/deep"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/a.txt").write_text("a")
    return tmp_path


def told(place, *seen, files=(), objects=(), started=None):
    around = Surroundings(place / "store", ["GIVEN"])
    started = time.time() if started is None else started
    found = judged(
        [Seen(*each) for each in seen],
        Declared([str(place / name) for name in files], objects),
        around,
        place / "builds/1",
        started,
    )
    return {word: [name.removeprefix(f"{place}/") for name in names] for word, names in found.items()}


def test_a_file_is_told_and_a_declared_one_is_not(place):
    seen = ("read", str(place / "data/a.txt"))
    assert told(place, seen) == {"read": ["data/a.txt"]}
    assert told(place, seen, files=["data/a.txt"]) == {}


def test_a_declared_file_by_another_path_is_declared(place):
    (place / "link").symlink_to(place / "data")
    assert told(place, ("read", str(place / "link/a.txt")), files=["data/a.txt"]) == {}


def test_what_is_not_there_is_not_told(place):
    assert told(place, ("read", str(place / "nothing")), ("listed", str(place / "nowhere/*.txt"))) == {}


def test_what_the_build_wrote_itself_is_told_as_written_alone(place):
    path = str(place / "data/a.txt")
    assert told(place, ("read", path), ("wrote", path)) == {"wrote": ["data/a.txt"]}


def test_objects_of_the_store_are_told_unless_they_are_inputs(place):
    path = place / "store/objects/ab/abc-out.txt"
    path.write_text("x")
    seen = ("read", str(path))
    assert told(place, seen) == {"read": ["store/objects/ab/abc-out.txt"]}
    assert told(place, seen, objects=["abc-out.txt"]) == {}
    assert told(place, ("read", f"{path}/inside"), objects=["abc-out.txt"]) == {}


def test_a_link_into_the_store_is_an_object(place):
    (place / "store/objects/ab/abc-out.txt").write_text("x")
    (place / "results").symlink_to(place / "store/objects/ab/abc-out.txt")
    seen = ("read", str(place / "results"))
    assert told(place, seen) == {"read": ["results"]}
    assert told(place, seen, objects=["abc-out.txt"]) == {}


def test_journals_and_the_build_directory_are_ours(place):
    (place / "store/index.sqlite").touch()
    (place / "builds/1/out/o").touch()
    seen = [("read", str(place / name)) for name in ("store/index.sqlite", "builds/1/out/o", "builds/1/out")]
    assert told(place, *seen, ("wrote", str(place / "builds/1/out/o"))) == {}


def test_what_belongs_to_the_interpreter_and_the_system_is_not_told(place):
    names = [
        os.__file__,
        pytest.__file__,
        "/proc/self/status",
        "/usr/share/zoneinfo/UTC",
        "/etc/hosts",
        "/dev/null",
    ]
    assert told(place, *(("read", name) for name in names), ("listed", "/usr/share")) == {}


def test_files_of_loaded_modules_are_code(place, monkeypatch):
    (place / "loaded.py").touch()
    seen = ("read", str(place / "loaded.py"))
    assert told(place, seen) == {"read": ["loaded.py"]}
    module = types.ModuleType("loaded")
    module.__file__ = seen[1]
    monkeypatch.setitem(sys.modules, "loaded", module)
    assert told(place, seen) == {}


def test_temporary_files_are_told_if_they_were_there_before(place, monkeypatch, tmp_path_factory):
    path = tmp_path_factory.mktemp("elsewhere") / "t.txt"
    path.write_text("x")
    monkeypatch.setattr("tempfile.tempdir", str(path.parent))
    seen = ("read", str(path))
    assert told(place, seen, started=time.time() - 60) == {}
    assert told(place, seen, started=time.time() + 60) == {"read": [str(path)]}
    assert told(place, ("wrote", str(path))) == {}


@pytest.mark.parametrize("start", ["/", "/tmp"])
def test_a_run_that_is_started_at_the_top_has_temporary_files_too(
    place, monkeypatch, tmp_path_factory, start
):
    path = tmp_path_factory.mktemp("elsewhere") / "t.txt"
    monkeypatch.setattr("tempfile.tempdir", str(path.parent))
    monkeypatch.chdir(start)
    assert told(place, ("wrote", str(path)), ("wrote", "/tmp/t.txt")) == {}


def test_variables_are_told_unless_declared_given_or_asked_for_by_libraries(place):
    mine = str(place / "tasks.py")
    seen = [("variable", name, mine) for name in ("MODE", "DECLARED", "GIVEN", "HOME")]
    assert told(place, *seen, ("variable", "THEIRS", pytest.__file__)) == {"variables": ["MODE"]}


def test_tracked_code_that_is_installed_asks_for_itself(place):
    seen = ("variable", "MODE", pytest.__file__)
    around = Declared([pytest.__file__])
    assert judged([Seen(*seen)], around, Surroundings(place), place, 0.0) == {"variables": ["MODE"]}


def test_a_pattern_stands_for_the_directory_that_it_is_looked_for_in(place):
    seen = [("listed", str(place / name)) for name in ("data", "data/*.txt")]
    assert told(place, *seen) == {"listed": ["data/*.txt"]}
    seen = [("listed", str(place / name)) for name in ("data", "data/deep", "data/**/*.txt")]
    assert told(place, *seen) == {"listed": ["data/**/*.txt"]}


def test_a_host_that_is_known_by_name_is_told_once(place):
    seen = ["https://example.org/a", "example.org:443", "93.184.215.14:443", "10.0.0.1:9000"]
    assert told(place, *(("address", name) for name in seen)) == {
        "addresses": ["10.0.0.1:9000", "https://example.org/a"]
    }


def test_programs_of_the_system_are_unwatched_and_others_undeclared(place):
    (place / "fit").touch()
    seen = [("program", "sh"), ("program", str(place / "fit")), ("program", "no-such-program")]
    assert told(place, *seen) == {"beyond": ["sh"], "programs": ["fit"]}
    assert told(place, seen[1], files=["fit"]) == {"beyond": ["fit"]}


def test_a_python_that_was_watched_hides_nothing(place):
    python = os.path.realpath(sys.executable)
    assert told(place, ("program", sys.executable), ("python", python, sys.prefix)) == {}


def test_only_so_many_names_are_kept(place):
    for number in range(150):
        (place / f"data/{number}").touch()
    names = told(place, *(("read", str(place / f"data/{number}")) for number in range(150)))["read"]
    assert len(names) == 101
    assert names[-1] == "and 50 more"

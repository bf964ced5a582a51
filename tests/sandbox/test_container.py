"""What containers of every kind see of the host, and what runs first in them."""

import os
import subprocess
from pathlib import Path

import pytest

from lawnix.errors import IsolationError
from lawnix.sandbox.container import Mount, around, command, directory, environment, mounts, said
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.worker import python


def spec(**more) -> SandboxSpec:
    return SandboxSpec("docker", "image", **more)


def test_what_lies_above_is_mounted_first():
    found = mounts(
        spec(),
        (),
        Surroundings(read=("/project", "/project/law.cfg", "/a"), write=("/project/store/builds",)),
    )
    assert found == [
        Mount("/a", "/a", writable=False),
        Mount("/project", "/project", writable=False),
        Mount("/project/law.cfg", "/project/law.cfg", writable=False),
        Mount("/project/store/builds", "/project/store/builds", writable=True),
    ]


def test_volumes_are_written_as_law_has_them(tmp_path):
    volumes = ((f"{tmp_path}/one", ""), (f"{tmp_path}/two", "/two"), (f"{tmp_path}/three", "/three:ro"))
    found = mounts(spec(), volumes, Surroundings())
    assert set(found) == {
        Mount(f"{tmp_path}/one", f"{tmp_path}/one", writable=True),
        Mount(f"{tmp_path}/three", "/three", writable=False),
        Mount(f"{tmp_path}/two", "/two", writable=True),
    }
    assert sorted(os.listdir(tmp_path)) == ["one", "three", "two"]


def test_volumes_would_open_what_is_closed():
    with pytest.raises(IsolationError, match=r"its volumes \(/srv\)"):
        mounts(spec(), (("/srv", ""),), Surroundings(closed=True))


def test_who_reads_a_file_has_its_directory_unless_that_would_hide_something_of_the_image(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("/usr/bin/env")
    assert around(str(tmp_path / "file")) == [str(tmp_path)]
    assert around(str(tmp_path)) == [str(tmp_path)]
    assert around(str(tmp_path / "link")) == [str(tmp_path), os.path.realpath("/usr/bin/env")]
    assert [around(place) for place in ("/file", "/tmp/file", "/etc/ssl/file", "/usr/lib/file")] == [
        ["/file"],
        ["/tmp/file"],
        ["/etc/ssl/file"],
        ["/usr/lib/file"],
    ]


def test_it_starts_where_the_run_is_if_that_is_there():
    there = [Mount("/project", "/project", writable=False)]
    assert directory(there, Surroundings(directory="/project/below")) == "/project/below"
    assert directory(there, Surroundings(directory="/projects")) is None
    assert directory(there, Surroundings()) is None


def test_law_and_luigi_are_told_what_they_are_told_here_and_nobody_else(monkeypatch):
    monkeypatch.setenv("LAW__analysis__year", "2024")
    monkeypatch.setenv("LAW_SANDBOX_SWITCHED", "1")
    monkeypatch.setenv("SECRET", "1")
    assert environment(Surroundings(variables={"A": "1"})).items() >= {
        ("LAW__analysis__year", "2024"),
        ("A", "1"),
    }
    assert environment(Surroundings()).keys().isdisjoint({"SECRET", "LAW_SANDBOX_SWITCHED", "HOME", "PATH"})
    closed = environment(Surroundings(closed=True))
    assert closed == {"PYTHONNOUSERSITE": "1", "LANG": "C.UTF-8", "TZ": "UTC"}


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("plain", "plain"),
        ("$BASE/more", "base/more"),
        (r"\$BASE", "$BASE"),
        ('a "word"', 'a "word"'),
        ("`id`", "`id`"),
        ("größer 漢字  x", "größer 漢字  x"),
    ],
)
def test_variables_are_set_as_law_sets_them(value, seen):
    words = command(
        spec(variables=(("GIVEN", value),)), python(["-c", "import os; print(os.environ['GIVEN'], end='')"])
    )
    told = subprocess.run(
        words, env={"BASE": "base", "PATH": os.environ["PATH"]}, capture_output=True, check=True
    )
    assert told.stdout.decode() == seen


def test_the_set_up_prints_nothing_where_python_speaks():
    words = command(
        spec(before=("echo one", "cd /"), after=("echo two",)),
        python(["-c", "import os; print(os.getcwd(), end='')"]),
    )
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == ("/", "one\ntwo\n")


def test_a_set_up_that_fails_starts_nothing():
    told = subprocess.run(command(spec(before=("false",)), ["echo", "1"]), capture_output=True, check=False)
    assert (told.returncode, told.stdout) == (1, b"")


def test_what_is_set_counts_without_the_places_where_it_lies(monkeypatch, tmp_path):
    kept = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        monkeypatch.setenv("HOME", f"/home/{name}")
        kept.append(said(spec(variables=(("A", f"{Path.cwd()}/lib:/home/{name}/bin"),))))
    assert kept[0] == kept[1]
    assert said(spec(variables=(("A", "/other/lib"),))) != kept[0]
    assert said(spec(login=True)) != said(spec())

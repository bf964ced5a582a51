"""What is taken down, without a build around it."""

import glob
import os
import socket
import subprocess
import sys
import threading

import pytest

from lawnix.engine.observe.doors import listening
from lawnix.engine.observe.events import TAKERS
from lawnix.engine.observe.recording import Recorder, current
from lawnix.engine.observe.recording import recorded as recorded_by


def recorded(recorder):
    return recorded_by(recorder, TAKERS)


@pytest.fixture
def recorder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.txt").write_text("here")
    return Recorder(str(tmp_path / "observed"))


def kinds(recorder, kind):
    return sorted(each.name for each in recorder.all() if each.kind == kind)


def test_nothing_is_taken_down_outside(recorder, tmp_path):
    with recorded(recorder):
        pass
    open("here.txt").close()
    os.environ.get("MODE")
    assert current() is None
    assert recorder.all() == set()


def test_a_path_is_kept_as_seen_from_the_root_wherever_the_process_goes(recorder, tmp_path):
    with recorded(recorder):
        open("here.txt").close()
        os.chdir("/")
    assert kinds(recorder, "read") == [str(tmp_path / "here.txt")]


def test_the_innermost_recorder_counts(recorder, tmp_path):
    inner = Recorder(str(tmp_path / "inner"))
    with recorded(recorder):
        with recorded(inner):
            open("here.txt").close()
        os.listdir(".")
    assert len(kinds(inner, "read")) == 1
    assert kinds(recorder, "read") == []
    assert kinds(recorder, "listed") == [str(tmp_path)]


def test_what_a_fork_sees_comes_through_the_file(recorder, tmp_path):
    with recorded(recorder):
        pid = os.fork()
        if pid == 0:
            open("here.txt").close()
            os._exit(0)
        os.waitpid(pid, 0)
    assert not recorder.seen
    assert kinds(recorder, "read") == [str(tmp_path / "here.txt")]


def test_a_torn_line_of_a_child_that_was_killed_is_left_out(recorder, tmp_path):
    (tmp_path / "observed").write_text('["read", "/a", ""]\n["read", "/b')
    assert kinds(recorder, "read") == ["/a"]


def test_threads_of_luigi_are_no_builds(tmp_path):
    class KeepAlive(threading.Thread):
        pass

    KeepAlive.__module__ = "luigi.worker"
    go = threading.Event()
    there = KeepAlive(target=lambda: (go.wait(10), open(tmp_path / "observed.txt", "w").close()))
    there.start()
    recorder = Recorder(str(tmp_path / "observed"))
    with recorded(recorder):
        go.set()
        there.join()
    assert recorder.all() == set()


def test_an_error_of_what_is_watched_stays_what_it_is(recorder):
    with recorded(recorder):
        with pytest.raises(FileNotFoundError):
            open("nowhere.txt").close()
        with pytest.raises(TypeError):
            open(None).close()
        with pytest.raises(KeyError, match="NO_SUCH_VARIABLE"):
            os.environ["NO_SUCH_VARIABLE"]
        with pytest.raises(FileNotFoundError):
            subprocess.run(["./no-program"], check=False)


def test_variables_stay_what_they_are(recorder, monkeypatch):
    before = dict(os.environ)
    with recorded(recorder):
        monkeypatch.setenv("MODE", "1")
        assert os.environb[b"MODE"] == b"1"
        assert os.environ.pop("MODE") == "1"
        assert os.environ.copy() == dict(os.environ) == before
        assert len(os.environ) == len(before)
        assert list(os.environ) == list(before)


def test_all_variables_on_their_way_are_not_asked_for_one_by_one(recorder):
    with recorded(recorder):
        assert {**os.environ} == dict(os.environ.items())
        assert kinds(recorder, "variable") == []
        os.environ.get("MODE")
    assert kinds(recorder, "variable") == ["MODE"]


def test_removed_and_moved_files_are_written_also_below_an_open_directory(recorder, tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    with recorded(recorder):
        os.rename("here.txt", "there.txt", src_dir_fd=folder, dst_dir_fd=folder)
        os.remove("there.txt", dir_fd=folder)
    os.close(folder)
    assert kinds(recorder, "wrote") == [str(tmp_path / "there.txt")]


def test_addresses_of_this_machine_alone_are_none(recorder, tmp_path):
    with recorded(recorder), socket.socket(socket.AF_UNIX) as connection, pytest.raises(OSError):
        connection.connect(str(tmp_path / "socket"))
    assert kinds(recorder, "address") == []


def test_a_module_that_is_imported_while_a_build_goes_on_is_listened_at_and_left_as_it_was(tmp_path):
    """In a process of its own, in which h5py was never imported."""
    program = """
import sys
from lawnix.engine.observe.doors import listening
from lawnix.engine.observe.events import TAKERS
from lawnix.engine.observe.recording import Recorder, recorded

recorder = Recorder("observed")
with listening(), recorded(recorder, TAKERS):
    import h5py
    h5py.File("a.h5", "w").close()
    h5py.File("a.h5").close()
assert {each.kind for each in recorder.seen if each.name.endswith("a.h5")} == {"read", "wrote"}, recorder.seen
assert type(h5py.h5f.open).__name__ == "cython_function_or_method", h5py.h5f.open
assert not [each for each in sys.meta_path if "lawnix" in type(each).__module__]
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, env={**os.environ})


def test_functions_of_libraries_are_what_they_were_afterwards(recorder):
    import h5py

    before = h5py.h5f.open
    with listening():
        assert h5py.h5f.open is not before
    assert h5py.h5f.open is before


def test_patterns_and_what_they_are_looked_for_in(recorder, tmp_path):
    with recorded(recorder):
        glob.glob("*.txt")
    assert kinds(recorder, "listed") == [str(tmp_path), str(tmp_path / "*.txt")]

"""What builds print one after the other: each has its own log, however long the descriptors stay turned to it."""

import os
import subprocess
import sys
import threading

import pytest

from lawnix.engine.capture import LastingCapture


@pytest.fixture
def capture():
    lasting = LastingCapture()
    yield lasting
    lasting.end()


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def inode(descriptor):
    return os.fstat(descriptor).st_ino


def test_what_a_build_prints_after_one_that_printed_nothing_is_in_the_log(capture, log):
    with capture.captured(str(log)):
        pass
    with capture.captured(str(log)):
        print("by Python")
        os.write(2, b"by a library\n")
        subprocess.run(["echo", "by a program"], check=True)
    assert sorted(log.read_text().splitlines()) == ["by Python", "by a library", "by a program"]


def test_after_a_build_that_printed_nothing_the_log_stays_open(capture, log):
    with capture.captured(str(log)):
        pass
    assert inode(1) == inode(2) == log.stat().st_ino


def test_after_a_build_that_printed_something_all_is_as_before(capture, log, capfd):
    before, stream = inode(1), sys.stdout
    with capture.captured(str(log)):
        print("of the first")
    assert (inode(1), sys.stdout) == (before, stream)
    with capture.captured(str(log)):
        print("of the second")
    assert log.read_text() == "of the second\n"
    assert capfd.readouterr().out == ""


def test_what_has_no_log_prints_where_it_did_before(capture, log, capfd):
    with capture.captured(str(log)):
        pass
    with capture.captured(None):
        print("here")
    assert capfd.readouterr().out == "here\n"
    assert log.read_text() == ""


def test_another_log_gets_what_is_printed_then(capture, log, tmp_path):
    with capture.captured(str(log)):
        pass
    with capture.captured(str(tmp_path / "other")):
        print("there")
    assert (log.read_text(), (tmp_path / "other").read_text()) == ("", "there\n")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda other: setattr(sys, "stdout", other),
        lambda other: os.dup2(other.fileno(), 2),
        lambda other: sys.stdout.close(),
        lambda other: os.close(1),
    ],
    ids=["a stream of its own", "a descriptor of its own", "a closed stream", "a closed descriptor"],
)
def test_what_a_build_has_done_to_its_streams_is_mended_for_the_next(capture, log, tmp_path, spoil):
    with open(tmp_path / "other", "w") as other, capture.captured(str(log)):
        spoil(other)
    with capture.captured(str(log)):
        print("heard")
        os.write(2, b"too\n")
    assert log.read_text() == "heard\ntoo\n"
    assert (tmp_path / "other").read_text() == ""


def test_a_thread_that_goes_on_after_its_build_is_heard_where_it_was_before(capture, log):
    over, before = threading.Event(), inode(1)
    with capture.captured(str(log)):
        thread = threading.Thread(target=over.wait)
        thread.start()
    assert inode(1) == before
    over.set()
    thread.join()


def test_what_is_said_when_a_build_is_over_goes_to_where_it_would_have_gone(capture, log, capfd):
    with capture.captured(str(log)):
        pass
    os.write(2, b"its output cannot be read\n")
    capture.pass_on()
    assert capfd.readouterr().err == "its output cannot be read\n"
    with capture.captured(str(log)):
        print("of the second")
    assert log.read_text() == "of the second\n"

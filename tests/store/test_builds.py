"""Build directories: one that was left empty serves again, and nobody else can write to it then.

All of it happens in a forked process, which has one thread and no children, as a worker.
"""

import subprocess
import threading

import pytest

from lawnix.core.output import Kind


@pytest.fixture
def forked(local, child):
    """Runs a function in a forked process, with the store; what it returns."""

    def run(work):
        def in_child():
            local.after_fork_in_child()
            return work(local)

        return child(in_child).result()

    return run


def build_once(store):
    """A build that wrote an output and printed something, whose directory was given back."""
    build = store.new_build()
    (build / "out" / "a").write_text("a")
    (build / "log").write_text("printed")
    store.add(build, [("a", Kind.FILE)], "Fit")
    store.discard(build)
    return build


def test_a_directory_that_is_empty_again_serves_the_next_build(forked):
    def work(store):
        first, second = build_once(store), store.new_build()
        return first == second, sorted(str(path.relative_to(second)) for path in second.rglob("*"))

    assert forked(work) == [True, ["out"]]


def test_what_a_build_left_lying_is_not_there_in_the_next(forked):
    def work(store):
        first = store.new_build()
        (first / "out" / "undeclared").write_text("")
        store.discard(first)
        second = store.new_build()
        return first.exists(), list((second / "out").iterdir())

    assert forked(work) == [False, []]


def test_a_thread_that_a_build_left_running_does_not_find_the_next_one(forked):
    def work(store):
        first, over = store.new_build(), threading.Event()
        threading.Thread(target=over.wait).start()
        store.discard(first)
        second = store.new_build()
        over.set()
        return first == second, first.exists(), second.exists()

    assert forked(work) == [False, False, True]


def test_what_a_process_left_running_that_a_build_started_does_not_find_the_next_one(forked):
    def work(store):
        first = store.new_build()
        subprocess.run(["true"], check=True)  # it may have left another, which is nobody's child
        store.discard(first)
        second = store.new_build()
        return first == second, first.exists(), second.exists()

    assert forked(work) == [False, False, True]


def test_the_directory_of_a_parent_is_left_to_it(local, forked):
    first = build_once(local)

    def work(store):
        second = store.new_build()
        return first == second, first.exists()

    assert forked(work) == [False, True]


def test_what_lies_beside_the_outputs_is_not_there_in_a_later_build(forked):
    def work(store):
        for _ in range(3):  # the directory has been looked at, and is known
            build_once(store)
        fourth = store.new_build()
        (fourth / "beside").write_text("")
        store.discard(fourth)
        fifth = store.new_build()
        return fourth.exists(), sorted(path.name for path in fifth.iterdir())

    assert forked(work) == [False, ["out"]]


def test_a_log_in_which_something_stands_is_not_there_in_a_later_build(forked):
    def work(store):
        for text in ("", "", "printed"):
            build = store.new_build()
            (build / "log").write_text(text)
            store.discard(build)
        return store.new_build() == build, (build / "log").exists()

    assert forked(work) == [True, False]


def test_a_directory_serves_again_also_where_the_object_was_there(forked):
    def work(store):
        first, second, third = build_once(store), build_once(store), store.new_build()
        return first == second == third, list((third / "out").iterdir())

    assert forked(work) == [True, []]

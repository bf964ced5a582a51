"""`run()` as others see it: whoever calls it gets the task realized, wherever it was defined."""

from collections.abc import Iterator
from pathlib import Path

import law
import luigi
import pytest
from law.config import Config

import lawnix
from lawnix.task.session import close_session, session


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path) -> Iterator[None]:
    config = Config.instance()
    had = config.has_section("lawnix")
    before = {option: config.get("lawnix", option) for option in config.options("lawnix")} if had else {}
    config.update({"lawnix": {"store": str(tmp_path / "store"), "results": "none"}})
    close_session()
    yield
    close_session()
    config.remove_section("lawnix")
    if had:
        config.update({"lawnix": before})


class Write:
    """A mixin that knows nothing of lawnix."""

    text = "mixin"

    def run(self) -> None:
        self.output().dump(self.text, formatter="text")


class Named(lawnix.Task):
    def output(self) -> object:
        return self.target("text.txt")


class Own(Named):
    def run(self) -> None:
        self.output().dump("own", formatter="text")


class Mixed(Write, Named):
    """Whose run() comes from the mixin."""


class Below(Own):
    """Whose run() comes from a lawnix task."""


class Above(Own):
    def run(self) -> None:
        super().run()
        assert self.output().exists(), "what super().run() wrote lies in the build directory"
        self.output().dump("above", formatter="text")


class Decorated(Named):
    @law.decorator.log
    def run(self) -> None:
        self.output().dump("decorated", formatter="text")


@pytest.mark.parametrize(
    ("cls", "text"),
    [(Own, "own"), (Mixed, "mixin"), (Below, "own"), (Above, "above"), (Decorated, "decorated")],
)
def test_run_realizes_the_task(cls: type, text: str) -> None:
    assert not cls().complete()
    assert cls().run() is None
    assert cls().complete()
    assert cls().output().load() == text


def test_run_of_what_is_there_does_nothing() -> None:
    Own().run()
    store = session().store
    before = store.by_derivation([session().view.realization(Own()).derivation])
    Own().run()
    assert store.by_derivation(list(before)) == before
    assert [len(found) for found in before.values()] == [1]


def test_a_mixin_is_left_as_it_is() -> None:
    assert not hasattr(Write.run, "__lawnix_wrapped__")
    assert Mixed.run is not Write.run


def test_a_run_of_law_stays_laws() -> None:
    class Workflow(lawnix.Task, lawnix.LocalWorkflow):
        def create_branch_map(self) -> list[int]:
            return [0]

    assert Workflow.run is luigi.Task.run or "law" in Workflow.run.__module__


def test_a_function_that_is_put_in_its_place_is_what_runs_and_counts() -> None:
    """As IPython's autoreload does, which makes another function of the one that a class has."""

    class Patched(Named):
        def run(self) -> None:
            self.output().dump("old", formatter="text")

    def run(self: luigi.Task) -> None:
        self.output().dump("new", formatter="text")

    Patched().run()
    Patched.run = run
    session().renew()
    assert not Patched().complete()
    Patched().run()
    assert Patched().output().load() == "new"


def test_attributes_of_another_function_bring_its_code() -> None:
    """As IPython's older autoreload does, which cannot change what a function closes over."""

    class Patched(Named):
        def run(self) -> None:
            self.output().dump("old", formatter="text")

    class Again(Named):
        def run(self) -> None:
            self.output().dump("new", formatter="text")

    Patched().run()
    Patched.run.__dict__.update(vars(Again.run))
    session().renew()
    assert not Patched().complete()
    Patched().run()
    assert Patched().output().load() == "new"

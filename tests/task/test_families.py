"""Two task classes of one family: luigi would take their tasks for one."""

from collections.abc import Iterator
from pathlib import Path

import law
import luigi
import pytest
from law.config import Config

import lawnix
from lawnix.errors import DuplicateFamilyError
from lawnix.task.run import plan_of
from lawnix.task.session import close_session, session


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path) -> Iterator[None]:
    config = Config.instance()
    before = (
        {option: config.get("lawnix", option) for option in config.options("lawnix")}
        if (had := config.has_section("lawnix"))
        else {}
    )
    config.update({"lawnix": {"store": str(tmp_path / "store"), "results": "none"}})
    close_session()
    yield
    close_session()
    config.remove_section("lawnix")
    if had:
        config.update({"lawnix": before})


def make(text: str, base: type = lawnix.Task) -> type:
    class Same(base):
        def output(self) -> object:
            return self.target("same.txt")

        def run(self) -> None:
            self.output().dump(text, formatter="text")

    return Same


def wrapper(*classes: type) -> luigi.Task:
    class Both(lawnix.WrapperTask):
        def requires(self) -> object:
            return [cls() for cls in classes]

    return Both()


def test_one_run_cannot_need_two_classes_of_one_name() -> None:
    with pytest.raises(DuplicateFamilyError) as raised:
        plan_of([wrapper(make("a"), make("b"))], session())
    assert raised.value.family == "Same"
    assert all("test_families" in place for place in raised.value.classes)
    assert "rename one of them" in str(raised.value)


def test_luigi_is_told_that_it_could_not_be_scheduled() -> None:
    result = luigi.build([wrapper(make("a"), make("b"))], local_scheduler=True, detailed_summary=True)
    assert result.status is luigi.execution_summary.LuigiStatusCode.SCHEDULING_FAILED


def test_a_class_may_stand_beside_the_one_that_it_is_derived_from() -> None:
    one = make("a")
    assert luigi.build([wrapper(one, make("b", one))], local_scheduler=True)


def test_a_namespace_tells_them_apart() -> None:
    one, other = make("a"), make("b")
    other.task_namespace = "other"
    assert luigi.build([wrapper(one, other)], local_scheduler=True)
    assert (one().output().load(), other().output().load()) == ("a", "b")


def test_classes_of_one_name_may_follow_each_other() -> None:
    for text in ("a", "b"):
        cls = make(text)
        assert not cls().complete()
        assert luigi.build([cls()], local_scheduler=True)
        assert cls().output().load() == text


def test_plain_law_tasks_are_left_alone() -> None:
    class Same(law.ExternalTask):
        def complete(self) -> bool:
            return True

    assert luigi.build([wrapper(make("a"), Same)], local_scheduler=True)

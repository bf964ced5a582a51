"""Parameters that are not given: while a graph is walked each class is asked once, and the answers are luigi's."""

import luigi
import pytest
from luigi.task_register import Register

import lawnix
from lawnix.task.remembered import remembered


class Counting(luigi.IntParameter):
    asked = 0

    def task_value(self, task_name: str, param_name: str) -> int:
        Counting.asked += 1
        return super().task_value(task_name, param_name)


class Many(lawnix.Task):
    given = luigi.IntParameter()
    counted = Counting(default=7)
    names = luigi.ListParameter(default=[1, [2]])
    mapping = luigi.DictParameter(default={"b": 1, "a": [2]})
    text = luigi.Parameter(default="7")
    keyword = luigi.IntParameter(default=1, positional=False)

    def output(self) -> object:
        return self.target("many.txt")

    def run(self) -> None:
        """Nothing."""


@pytest.fixture(autouse=True)
def fresh() -> None:
    Register.clear_instance_cache()
    Counting.asked = 0


CALLS = [  # the first parameter of all law tasks is log_file
    ((), {"given": 1}),
    (("x.log",), {"given": 1}),
    (("x.log", ()), {"given": 1, "keyword": 4}),
    ((), {"given": 1, "names": [], "mapping": {}, "text": "x"}),
]


@pytest.mark.parametrize(("args", "kwargs"), CALLS)
def test_a_task_is_the_same_within_and_without_a_walk(args: tuple, kwargs: dict) -> None:
    without = Many(*args, **kwargs)
    with remembered():
        assert Many(*args, **kwargs) is without
    Register.clear_instance_cache()
    with remembered():
        within = Many(*args, **kwargs)
    assert within.param_kwargs == without.param_kwargs
    assert within.task_id == without.task_id


def test_a_walk_asks_once() -> None:
    with remembered():
        for number in range(10):
            assert Many(given=number).counted == 7
    assert Counting.asked == 1
    Many(given=11)
    assert Counting.asked > 1, "outside of a walk luigi is asked each time"


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), (("x.log",), {"given": 1, "log_file": "y.log"}), ((), {"given": 1, "other": 2})],
)
def test_what_is_wrong_is_luigis_error(args: tuple, kwargs: dict) -> None:
    with pytest.raises(luigi.parameter.ParameterException) as without:
        Many(*args, **kwargs)
    with remembered(), pytest.raises(type(without.value)):
        Many(*args, **kwargs)


def test_a_default_that_cannot_be_read_is_luigis_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreadable(Many):
        def output(self) -> object:
            return self.target("unreadable.txt")

    monkeypatch.setattr(Unreadable.counted, "task_value", lambda family, name: int("x"))
    with remembered(), pytest.raises(ValueError, match="invalid literal"):
        Unreadable(given=1)


def test_a_class_that_looks_at_its_arguments_gets_them_as_they_are() -> None:
    seen: list[object] = []

    class Looking(Many):
        @classmethod
        def modify_param_args(cls, params: object, args: object, kwargs: dict) -> object:
            seen.append(dict(kwargs))
            return super().modify_param_args(params, args, kwargs)

    with remembered():
        Looking(given=1)
    assert {"given": 1} in seen
    assert all("counted" not in kwargs for kwargs in seen)


def test_the_next_walk_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with remembered():
        assert Many(given=1).counted == 7
    monkeypatch.setattr(Many.counted, "_default", 8)
    with remembered():
        assert Many(given=1).counted == 8

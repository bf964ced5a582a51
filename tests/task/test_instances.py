"""luigi's instances: while a graph is walked or a task is built, one lives as long as somebody holds it."""

import gc
import warnings
import weakref
from collections.abc import Iterator

import luigi
import pytest
from luigi.task_register import Register

import lawnix
from lawnix.task.copies import state_of
from lawnix.task.instances import Examples, passing
from lawnix.task.remembered import remembered

MANY = 1500  # more than are held for a while although nobody else holds them


class Passing(lawnix.Task):
    number = luigi.IntParameter()
    text = luigi.Parameter(default="x", significant=False)

    def output(self) -> object:
        return self.target("passing.txt")

    def run(self) -> None:
        """Nothing."""


class Foreign(luigi.Task):
    number = luigi.IntParameter()


class Hooked(Passing):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [0]


class Asking(Passing):
    def __getattr__(self, name: str) -> object:
        raise AttributeError(name)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    Register.clear_instance_cache()
    yield
    Register.clear_instance_cache()


@pytest.mark.parametrize("cls", [Passing, Foreign, Hooked, Asking])
def test_what_somebody_holds_is_what_equal_parameters_give(cls: type) -> None:
    before = cls(number=1)
    with passing(Examples()), remembered():
        held = [cls(number=number) for number in range(MANY)]
        assert held[1] is before
        assert all(cls(number=number) is task for number, task in enumerate(held))
    assert all(cls(number=number) is held[number] for number in range(0, MANY, 99)), "and so it is afterwards"


@pytest.mark.parametrize("cls", [Passing, Foreign])
def test_what_nobody_holds_passes(cls: type) -> None:
    before = weakref.ref(cls(number=-1))
    with passing(Examples()), remembered():
        made = [weakref.ref(cls(number=number)) for number in range(MANY)]
        gc.collect()
        assert sum(task() is not None for task in made) <= 1000
    gc.collect()
    assert not any(task() for task in made)
    assert before() is not None, "what was there before stays"


@pytest.mark.parametrize("cls", [Hooked, Asking])
def test_what_is_made_in_a_way_of_its_own_stays(cls: type) -> None:
    with passing(Examples()), remembered():
        made = [weakref.ref(cls(number=number)) for number in range(MANY)]
    gc.collect()
    assert all(task() is not None for task in made)


def test_what_somebody_gave_attributes_to_stays() -> None:
    with passing(Examples()), remembered():
        for number in range(MANY):
            Passing(number=number).note = number  # type: ignore[attr-defined]
        assert [Passing(number=number).note for number in range(MANY)] == list(range(MANY))  # type: ignore[attr-defined]
    assert [Passing(number=number).note for number in range(9)] == list(range(9))  # type: ignore[attr-defined]


def test_a_task_is_as_luigi_makes_it() -> None:
    made = [Passing(number=number, text=f"{number}") for number in range(3)]
    Register.clear_instance_cache()
    with passing(Examples()), remembered():
        here = [Passing(number=number, text=f"{number}") for number in range(3)]
    for one, other in zip(made, here, strict=True):
        assert one == other
        assert hash(one) == hash(other)
        assert repr(one) == repr(other)
        assert one.task_id == other.task_id
        assert one.param_kwargs == other.param_kwargs
        assert vars(one) == vars(other)
    assert here[1]._message_cache is not here[2]._message_cache


def test_a_value_of_a_strange_type_is_told_of_as_luigi_does() -> None:
    with passing(Examples()), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for number in range(3):
            Passing(number=number, text=number)
    assert [str(each.message).split('"')[3] for each in told if '"text"' in str(each.message)] == list("012")


def test_who_forgets_all_instances_meanwhile_gets_others() -> None:
    with passing(Examples()):
        held = Passing(number=1)
        Register.clear_instance_cache()
        assert Passing(number=1) is not held
        other = Passing(number=1)
    assert Passing(number=1) is other


def test_where_luigi_keeps_none_none_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Register, "_Register__instance_cache", None)
    with passing(Examples()):
        assert Passing(number=1) is not Passing(number=1)


def test_what_was_found_out_about_a_class_serves_later_builds_too() -> None:
    examples = Examples()
    with passing(examples):
        Passing(number=1)
    with passing(examples), remembered():
        made = Passing(number=2)
        assert "param_kwargs" not in state_of(made), "luigi has made it"
    assert made.param_kwargs["number"] == 2

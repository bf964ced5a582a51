"""Classes and instances: hooks, the register, the cache of instances, tasks by name."""

import law
import luigi
import pytest
from law.task.base import BaseTask
from luigi.task_register import Register


class Counted(law.Task):
    made: list[str] = []

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.made.append(cls.__name__)

    def run(self) -> None:
        """Nothing."""


def test_pythons_own_hook_is_called_once_for_each_class_before_it_is_registered() -> None:
    seen: list[tuple[str, bool]] = []

    class Hooked(Counted):
        def __init_subclass__(cls, **kwargs: object) -> None:
            super().__init_subclass__(**kwargs)
            seen.append((cls.__name__, cls in Register._reg))

    class Below(Hooked):
        """Of which Hooked is told."""

    assert seen == [("Below", False)]
    assert Counted.made.count("Hooked") == Counted.made.count("Below") == 1
    assert Below in Register._reg


def test_the_hook_may_replace_run() -> None:
    class Replacing(Counted):
        def __init_subclass__(cls, **kwargs: object) -> None:
            super().__init_subclass__(**kwargs)
            run = vars(cls)["run"]
            cls.run = lambda self: f"wrapped {run(self)}"

    class Replaced(Replacing):
        def run(self) -> str:
            return "body"

    assert Replaced().run() == "wrapped body"


def test_sets_of_excluded_parameters_are_united_over_base_classes_before_the_hook_sees_them() -> None:
    class First(Counted):
        exclude_params_identity = {"a"}
        exclude_params_req = {"x"}

    class Second(First):
        exclude_params_identity = {"b"}

    assert Second.exclude_params_identity == {"a", "b"}
    assert "x" in Second.exclude_params_req


def test_a_class_that_updates_the_register_replaces_others_of_its_family() -> None:
    def make(update: object) -> type:
        class Replaceable(Counted):
            update_register = update

        return Replaceable

    first, second = make(False), make(True)
    assert first not in Register._reg
    assert Register.get_task_cls("Replaceable") is second


def test_a_descriptor_may_decide_whether_the_register_is_updated() -> None:
    asked: list[str] = []

    class Decide:
        def __get__(self, task: object, cls: type) -> bool:
            asked.append(cls.__qualname__)
            return cls.__name__ == "Decided" and len(asked) > 1

    class Base(Counted):
        update_register = Decide()

    class Decided(Base):
        """Asked with its own name, after its module and qualified name are known."""

    assert any(name.endswith("<locals>.Decided") for name in asked)
    assert Register.get_task_cls("Decided") is Decided


def test_two_classes_of_one_family_are_ambiguous_unless_one_is_derived_from_the_other() -> None:
    def make(base: type) -> type:
        class Ambiguous(base):
            """One of two."""

        return Ambiguous

    first = make(Counted)
    derived = make(first)
    assert Register.get_task_cls("Ambiguous") is derived
    make(Counted)
    with pytest.raises(luigi.task_register.TaskClassAmbigiousException):
        Register.get_task_cls("Ambiguous")
    assert "Ambiguous" in Register.task_names()


def test_instances_are_cached_until_the_cache_is_cleared() -> None:
    one = Counted()
    cache = Register._Register__instance_cache
    assert Counted() is one
    Register.clear_instance_cache()
    assert Counted() is not one
    assert Register._Register__instance_cache is not cache, (
        "another object tells that instances were thrown away"
    )


def test_equal_instances_are_equal_and_hash_alike() -> None:
    one = Counted()
    Register.clear_instance_cache()
    assert Counted() == one
    assert hash(Counted()) == hash(one)
    assert len({one, Counted()}) == 1


class Named(law.Task):
    n = luigi.IntParameter(default=1)
    names = law.CSVParameter(default=("a", "b"))
    secret = luigi.Parameter(default="s", significant=False)
    hidden = luigi.Parameter(default="h", visibility=luigi.parameter.ParameterVisibility.HIDDEN)
    kind = luigi.ChoiceParameter(default="x", choices=["x", "y"])

    def run(self) -> None:
        """Nothing."""


def test_a_task_is_found_again_by_module_family_and_written_parameters() -> None:
    task = Named(n=3, names=("c",), secret="t", kind="y")
    again = luigi.task_register.load_task(
        task.task_module, task.get_task_family(), dict(task.to_str_params())
    )
    assert again is task


def test_parameters_are_written_as_their_serialize_does() -> None:
    written = Named(n=3).to_str_params()
    assert written["n"] == "3"
    assert written["names"] == "a,b"
    assert written["secret"] == "s"
    assert all(isinstance(value, str) for value in written.values())
    assert "secret" not in Named().to_str_params(only_significant=True)
    assert "hidden" not in Named().to_str_params(only_public=True)


def test_an_unknown_task_is_an_error() -> None:
    with pytest.raises(luigi.task_register.TaskClassNotFoundException):
        luigi.task_register.load_task(None, "NoSuchTaskAnywhere", {})


def test_an_instance_has_the_values_of_the_parameters_of_its_class() -> None:
    names = [name for name, _ in Named.get_params()]
    assert {"n", "names", "secret", "hidden", "kind"} <= set(names)
    task = Named(n=5)
    assert task.param_kwargs == {name: getattr(task, name) for name in names}


def test_get_params_may_be_answered_from_memory() -> None:
    class Remembering(Named):
        asked = 0

        @classmethod
        def get_params(cls) -> list:
            Remembering.asked += 1
            known = vars(cls).get("_known")
            if known is None:
                known = cls._known = super().get_params()
            return list(known)

    assert Remembering(n=2).n == 2
    assert Remembering(n=2).to_str_params()["n"] == "2"
    assert Remembering.asked > 1


def test_a_task_says_what_luigi_wants_to_know_of_it() -> None:
    task = Named()
    assert task.priority == 0
    assert task.process_resources() == {}
    assert task.retry_count is None
    assert task.worker_timeout is None
    assert task.task_module == __name__
    assert repr(task).startswith("Named(")


def test_a_namespace_is_part_of_the_family() -> None:
    class Spaced(Named):
        task_namespace = "space"

    assert Spaced.get_task_family() == "space.Spaced"
    assert Register.get_task_cls("space.Spaced") is Spaced


def test_laws_own_hook_for_arguments_can_be_told_from_a_users() -> None:
    assert Named.modify_param_args.__code__ is BaseTask.modify_param_args.__code__

"""What constructors put into instances; copies of branch tasks are made of it."""

import law
import luigi
import pytest
from luigi.task_register import Register


class Wide(law.LocalWorkflow):
    n = luigi.IntParameter(default=4)
    text = luigi.Parameter(default="t", significant=False)

    def create_branch_map(self) -> dict[int, str]:
        return {number: f"data {number}" for number in range(self.n)}

    def output(self) -> object:
        return law.LocalFileTarget(f"/nowhere/{self.n}/{self.branch}.txt")

    def run(self) -> None:
        """Nothing."""


LAZY = {"param_kwargs", "task_id", "_Task__hash"}


def state(task: object) -> dict[str, object]:
    return object.__getattribute__(task, "__dict__")


@pytest.fixture
def workflow() -> Wide:
    Register.clear_instance_cache()
    return Wide(n=4, branch=-1)


def test_branches_of_one_workflow_differ_in_nothing_but_what_is_made_of_the_number(workflow: Wide) -> None:
    one, two = (state(workflow.as_branch(branch=number)) for number in (1, 2))
    assert one.keys() == two.keys()
    different = {name for name in one if one[name] is not two[name] and one[name] != two[name]}
    assert different == {"branch", *LAZY}


def test_what_a_branch_holds_is_immutable_but_for_the_messages_and_the_workflow(workflow: Wide) -> None:
    held = {
        name: value
        for name, value in state(workflow.as_branch(branch=1)).items()
        if name not in LAZY and not isinstance(value, (str, int, float, bool, tuple, frozenset, type(None)))
    }
    del held["_cached_requirements"]  # a mark that there are none
    assert set(held) == {"_message_cache", "_workflow_task", "_workflow_param_names"}
    assert held["_workflow_task"] is workflow
    assert held["_workflow_param_names"] == [], "else branches are not copied"


def test_a_copy_of_a_branch_is_like_one_that_law_made(workflow: Wide) -> None:
    first, made = workflow.as_branch(branch=0), workflow.as_branch(branch=2)
    copy = Wide.__new__(Wide)
    vars(copy).update({name: value for name, value in state(first).items() if name not in LAZY})
    vars(copy).update(branch=2, _message_cache=[])
    parameters = copy.get_params()
    values = state(copy)
    values["param_kwargs"] = {name: values[name] for name, _ in parameters}
    values["task_id"] = luigi.task.task_id_str(
        copy.get_task_family(), copy.to_str_params(only_significant=True, only_public=True)
    )
    values["_Task__hash"] = hash(values["task_id"])
    assert {name: values[name] for name in LAZY} == {name: state(made)[name] for name in LAZY}
    assert copy == made
    assert hash(copy) == hash(made)
    assert copy.branch_data == made.branch_data == "data 2"
    assert copy.output().path == made.output().path
    assert copy.is_branch()
    assert copy.as_workflow() is workflow
    assert repr(copy) == repr(made)


def test_what_the_constructor_sets_is_read_as_an_attribute_of_the_instance(workflow: Wide) -> None:
    """A copy without them answers through `__getattr__`, which Python asks only for what is missing."""
    assert state(workflow).keys() >= LAZY
    assert not any(name in vars(base) for base in Wide.__mro__ for name in LAZY if name != "_Task__hash")


def test_instances_may_be_made_without_the_constructor() -> None:
    assert isinstance(Wide.__new__(Wide), Wide)


def test_the_state_can_be_read_past_laws_proxies(workflow: Wide) -> None:
    assert state(workflow)["n"] == 4
    assert state(workflow.as_branch(branch=3))["branch"] == 3


def test_a_workflow_keeps_its_branches_where_they_can_be_put(workflow: Wide) -> None:
    assert state(workflow)["_branch_map"] is None
    assert state(workflow)["_branch_tasks"] is None
    assert workflow.cache_branch_map is True
    branches = {0: workflow.as_branch(branch=0)}
    workflow._branch_tasks = branches
    assert workflow.get_branch_tasks()[0] is branches[0]
    workflow._branch_map = workflow._branch_tasks = None
    assert sorted(workflow.get_branch_tasks()) == [0, 1, 2, 3]
    assert workflow._branch_tasks is not None


def test_a_branch_knows_its_workflow_by_an_attribute(workflow: Wide) -> None:
    assert state(workflow.get_branch_tasks()[1])["_workflow_task"] is workflow


def test_parameters_of_workflows_are_listed(workflow: Wide) -> None:
    class WithParameter(law.LocalWorkflow):
        kind = law.WorkflowParameter()

        @classmethod
        def create_branch_map(cls, params: object) -> list[dict[str, str]]:
            return [{"kind": "a"}, {"kind": "b"}]

        def output(self) -> object:
            return law.LocalFileTarget("/nowhere")

        def run(self) -> None:
            """Nothing."""

    assert workflow._workflow_param_names == []
    assert WithParameter()._workflow_param_names == ["kind"]

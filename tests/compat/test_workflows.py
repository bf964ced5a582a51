"""Workflows and branches: what law forwards, whom it asks first, and what it wants to be in the way."""

import inspect
from collections.abc import Iterator

import law
import luigi
import pytest
from law.task import proxy
from law.workflow.base import BaseWorkflow
from luigi.task_register import Register

INTERACTIVE = {"print_deps", "print_status", "print_output", "remove_output", "fetch_output"}


class Source(law.Task):
    n = luigi.IntParameter(default=2)

    def output(self) -> object:
        return law.LocalFileTarget("/nowhere/source.txt")

    def run(self) -> None:
        """Nothing."""


class Branched(law.LocalWorkflow):
    n = luigi.IntParameter(default=2)

    def create_branch_map(self) -> dict[int, str]:
        return {number: f"data {number}" for number in range(self.n)}

    def workflow_requires(self) -> dict[str, object]:
        return {"source": Source.req(self)}

    def requires(self) -> object:
        return Source.req(self)

    def output(self) -> object:
        return law.LocalFileTarget(f"/nowhere/{self.branch}.txt")

    def run(self) -> str:
        return f"ran {self.branch}"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    Register.clear_instance_cache()
    yield
    Register.clear_instance_cache()


def test_a_local_workflow_is_one_without_being_told() -> None:
    workflow = Branched()
    assert isinstance(workflow, BaseWorkflow)
    assert workflow.is_workflow()
    assert workflow.effective_workflow == "local"
    assert workflow.branch == -1


def test_run_output_complete_and_requires_of_a_workflow_are_its_proxys() -> None:
    workflow = Branched()
    for name in ("run", "output", "complete", "requires"):
        assert getattr(workflow, name).__self__ is workflow.workflow_proxy, name
        assert getattr(workflow.as_branch(branch=0), name).__self__ is workflow.as_branch(branch=0), name


def test_nothing_else_is_forwarded() -> None:
    """lawnix's workflows go past law's look-up for all other attributes."""
    assert proxy._forward_workflow_attributes == {"requires", "output", "complete", "run"}
    assert proxy._forward_sandbox_attributes == {"input", "output", "run"}
    lookup = vars(proxy.ProxyAttributeTask)["__getattribute__"]
    assert list(inspect.signature(lookup).parameters) == ["self", "attr", "proxy"]
    assert Branched().__getattribute__("run", proxy=False).__self__ is Branched()
    assert issubclass(Branched, proxy.ProxyAttributeTask)


def test_what_a_workflow_requires_is_what_workflow_requires_says() -> None:
    assert dict(Branched().workflow_proxy.requires()) == {"source": Source(n=2)}


def test_branches_are_required_by_the_workflow_if_it_is_told_to() -> None:
    class Requiring(Branched):
        local_workflow_require_branches = True

    requirements = Requiring().workflow_proxy.requires()
    assert sorted(requirements) == ["branches", "source"]
    assert requirements.pop("branches")
    assert sorted(requirements) == ["source"]


def test_workflow_complete_is_asked_first_and_believed() -> None:
    answers = [True, False]

    class Asked(Branched):
        def workflow_complete(self) -> object:
            return answers.pop(0) if answers else NotImplemented

        def complete(self) -> bool:
            raise AssertionError("the complete() of the task is not asked")

    workflow = Asked()
    assert [workflow.complete(), workflow.complete(), workflow.complete()] == [True, False, False]


def test_the_output_of_a_workflow_is_a_collection_by_branch() -> None:
    class Collection(law.TargetCollection):
        """Asked for by the class attribute."""

    class Collected(Branched):
        output_collection_cls = Collection

    output = Collected().output()
    assert list(output) == ["collection"]
    assert type(output["collection"]) is Collection
    assert list(output["collection"].targets) == [0, 1]
    assert [target.path for target in output["collection"].targets.values()] == [
        "/nowhere/0.txt",
        "/nowhere/1.txt",
    ]


def test_branch_tasks_are_asked_for_without_arguments_by_the_proxy() -> None:
    asked: list[object] = []

    class Asking(Branched):
        def get_branch_tasks(self, **kwargs: object) -> object:
            asked.append(kwargs)
            return super().get_branch_tasks(**kwargs)

    Asking().output()
    assert asked == [{}]


def test_branch_data_come_from_the_map_of_the_workflow() -> None:
    branch = Branched(branch=1)
    assert branch.branch_data == "data 1"
    assert branch.branch_map == {0: "data 0", 1: "data 1"}
    assert branch.as_workflow().branch == -1
    assert branch.as_workflow().get_branch_map() == branch.branch_map


def test_acceptance_is_a_fraction_or_a_number() -> None:
    assert Branched().acceptance == 1.0
    assert Branched(acceptance=0.5).workflow_proxy.threshold(2) == 1
    assert Branched(acceptance=3).workflow_proxy.threshold(10) == 3


def test_a_condition_that_is_not_met_yet_is_named_on_the_class() -> None:
    class Later(law.LocalWorkflow):
        met = False

        @law.dynamic_workflow_condition
        def workflow_condition(self) -> bool:
            return Later.met

        @workflow_condition.create_branch_map
        def create_branch_map(self) -> dict[int, int]:
            return {0: 1, 1: 2, 2: 3}

        @workflow_condition.output
        def output(self) -> object:
            return law.LocalFileTarget(f"/nowhere/{self.branch}.txt")

        def run(self) -> None:
            """Nothing."""

    workflow = Later()
    condition = getattr(Later, "_condition_attr", None)
    assert condition is not None
    assert getattr(workflow, condition)() is False
    assert len(workflow.get_branch_tasks()) == 1, "a placeholder"
    Later.met = True
    assert getattr(workflow, condition)() is True
    workflow._branch_map = workflow._branch_tasks = None
    assert len(workflow.get_branch_tasks()) == 3
    assert getattr(Branched, "_condition_attr", None) is None


def test_parameters_that_only_say_where_come_from_law() -> None:
    """lawnix leaves out of the identity what no class of the user declares."""
    for name in ("workflow", "effective_workflow", "branch", "branches", "acceptance", "tolerance", "pilot"):
        owner = next(base for base in Branched.__mro__ if name in vars(base))
        assert owner.__module__.split(".")[0] == "law", name
    assert {name for name, _ in Branched.get_params()} > {"workflow", "branch", "n"}


# ----------------------------------------------------------------------------------- req, interactive


def test_req_hands_on_what_both_have_but_not_what_is_excluded() -> None:
    class Upper(Source):
        kept = luigi.Parameter(default="upper")
        dropped = luigi.Parameter(default="upper")
        own = luigi.Parameter(default="own", significant=False)

    class Lower(Source):
        exclude_params_req_get = {"dropped"}
        kept = luigi.Parameter(default="lower")
        dropped = luigi.Parameter(default="lower")
        own = luigi.Parameter(default="lower", significant=False)

    lower = Lower.req(Upper(n=7, own="mine"))
    assert (lower.n, lower.kept, lower.dropped, lower.own) == (7, "upper", "lower", "mine")
    assert Lower.req(Upper(n=7), n=8).n == 8
    assert Lower.req(Upper(n=7), _exclude={"n"}).n == 2
    assert set(Lower.req_params(Upper(n=7))) == {"n", "kept", "own", "log_file"} - {"log_file"} | (
        {"log_file"} & set(Lower.req_params(Upper(n=7)))
    )


def test_which_parameters_req_hands_on_depends_on_the_classes_alone() -> None:
    names = [
        set(Branched.req_params(Branched(n=n, branch=branch))) for n, branch in ((2, 0), (5, 3), (9, -1))
    ]
    assert names[0] == names[1] == names[2]


def test_req_does_not_hand_on_questions() -> None:
    assert (
        Source.exclude_params_req
        | {name for name in Source.interactive_params if name not in Source.req_params(Source())}
        >= INTERACTIVE
    )
    assert not INTERACTIVE & set(Source.req_params(Source()))


def test_a_question_is_put_to_the_task_when_it_is_made_and_ends_the_process_unless_it_says_otherwise() -> (
    None
):
    asked: list[object] = []

    class Asked(Source):
        interactive_params = [*law.Task.interactive_params, "go_on", "stop"]
        go_on = law.CSVParameter(default=(), significant=False)
        stop = law.CSVParameter(default=(), significant=False)

        def _go_on(self, args: tuple[str, ...]) -> bool:
            asked.append(args)
            return True

        def _stop(self, args: tuple[str, ...]) -> bool:
            asked.append(args)
            return False

    assert Asked(go_on=("1", "x")).go_on == ()
    assert asked == [("1", "x")]
    with pytest.raises(SystemExit) as ended:
        Asked(stop=("2",))
    assert ended.value.code in (0, None)
    assert asked[1:] == [("2",)]


def test_laws_own_questions_are_methods_with_an_underscore() -> None:
    assert set(law.Task.interactive_params) >= INTERACTIVE
    for name in law.Task.interactive_params:
        assert callable(getattr(law.Task, f"_{name}"))


def test_the_walk_for_questions_is_a_method_of_the_task() -> None:
    class Walked(Source):
        def requires(self) -> object:
            return Source.req(self)

    walked = [
        (task, list(below), depth) for task, below, depth in Walked().walk_deps(max_depth=-1, order="pre")
    ]
    assert walked == [(Walked(), [Source()], 0), (Source(), [], 1)]
    flagged = list(Walked().walk_deps(order="pre", yield_last_flag=True))
    assert [entry[3] for entry in flagged] == [True, True]


# ---------------------------------------------------------------------------- requirements in run()


def test_dynamic_requirements_hold_what_they_wrap() -> None:
    requirements = {"a": [Source(n=1), Source(n=2)]}
    wrapped = luigi.DynamicRequirements(requirements)
    assert wrapped.requirements is requirements


def test_outputs_in_the_structure_of_requirements() -> None:
    outputs = luigi.task.getpaths({"a": [Source()], "b": Source()})
    assert outputs["a"][0].path == outputs["b"].path == "/nowhere/source.txt"
    assert luigi.task.flatten({"a": [Source(n=1)], "b": Source(n=2)}) == [Source(n=1), Source(n=2)]


def test_wrappers_and_external_tasks_are_told_by_their_class() -> None:
    assert issubclass(law.WrapperTask, law.Task)
    assert issubclass(law.ExternalTask, law.Task)

    class Given(law.ExternalTask):
        def output(self) -> object:
            return law.LocalFileTarget("/nowhere")

    assert Given().run is None or Given().run is NotImplemented
    assert not issubclass(Source, luigi.WrapperTask | law.WrapperTask)


def test_a_task_with_a_sandbox_says_which_one_is_in_force() -> None:
    class Sandboxed(law.SandboxTask):
        allow_empty_sandbox = True
        valid_sandboxes = ["*"]

        def output(self) -> object:
            return law.LocalFileTarget("/nowhere")

        def run(self) -> None:
            """Nothing."""

    assert Sandboxed(sandbox=law.NO_STR).effective_sandbox == law.NO_STR
    assert Sandboxed(sandbox="bash::/nowhere.sh").effective_sandbox == "bash::/nowhere.sh"

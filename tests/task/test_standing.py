"""A run in which all stands makes no graph; a run in which something may be otherwise always does."""

import textwrap

import pytest

import lawnix.task.fallen
import lawnix.task.planned
from lawnix.task.declared import _DECIDING

TASKS = """
import datetime, functools, glob, itertools, json, random, time, uuid
from pathlib import Path

SCALE = 2
NAMES = ["a", "b"]


def label(number):
    return f"n{number}"


class Config(luigi.Config):
    scale = luigi.IntParameter(default=1)


class Source(lawnix.ExternalTask):
    def output(self):
        return law.LocalFileTarget(os.path.abspath("source.txt"))


class Leaf(lawnix.Task):
    number = luigi.IntParameter(default=7)

    def requires(self):
        return Source()

    def output(self):
        return self.target("leaf.txt")

    def run(self):
        ran(f"Leaf{self.number}")
        self.output().dump(self.input().load(formatter="text") + str(self.number), formatter="text")


class Branches(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(json.loads(Path("branches.json").read_text())))

    def requires(self):
        return {"default": Leaf(), "own": Leaf(number=SCALE * self.branch)}

    def output(self):
        return self.target(label(self.branch_data) + ".txt")

    def run(self):
        ran(f"Branches{self.branch}")
        text = "".join(each.load(formatter="text") for each in self.input().values())
        self.output().dump(text, formatter="text")


class All(lawnix.WrapperTask):
    def requires(self):
        return Branches.req(self)
"""


@pytest.fixture
def built(playground, monkeypatch):
    """A project in which `All` was built; `asked()` tells how many runs made a plan since."""

    def make_plan(*args, **kwargs):
        with (playground.root / "asked").open("a") as file:
            file.write("planned\n")
        return plan(*args, **kwargs)

    plan = lawnix.task.planned.make_plan
    for module in (lawnix.task.planned, lawnix.task.fallen):
        monkeypatch.setattr(module, "make_plan", make_plan)
    playground.tasks(TASKS)
    (playground.root / "source.txt").write_text("s")
    (playground.root / "branches.json").write_text("[1, 2, 3]")
    playground.law("run", "play.All")
    assert playground.asked() == ["planned"]
    assert playground.ran() == ["Branches0", "Branches1", "Branches2", "Leaf0", "Leaf2", "Leaf4", "Leaf7"]
    return playground


def stands(play, *arguments, task="All"):
    """Whether the run of `task` finds that all stands, without a plan."""
    said = play.law("run", f"play.{task}", *arguments)
    assert play.ran() == []
    planned = play.asked()
    assert ("nothing to build" in said.out + said.err) or planned
    return not planned


def test_a_run_in_which_nothing_changed_makes_no_plan(built):
    assert stands(built)
    said = built.law("run", "play.All")
    assert "nothing to build, 7 results are there" in said.err
    assert "1 complete ones were encountered" in said.err


def test_the_same_task_asked_for_with_other_workers_stands(built):
    assert stands(built, "--workers", "2")


def test_a_task_that_stands_for_one_branch_is_told_from_the_workflow(built):
    assert not stands(built, "--branch", "1", task="Branches")
    assert stands(built, "--branch", "1", task="Branches")
    assert not stands(built, task="Branches")
    assert stands(built, "--branch", "1", task="Branches")


def test_what_others_have_recorded_meanwhile_is_no_reason_to_plan(built):
    built.law("run", "play.Leaf", "--number", "100")
    assert built.ran() == ["Leaf100"]
    built.asked()
    assert stands(built)


def test_results_that_were_removed_from_where_people_look_are_linked_again(built):
    places = sorted((built.root / "results/Branches").glob("*/*/*.txt"))
    assert len(places) == 3
    for place in places:
        place.unlink()
    assert stands(built)
    assert sorted((built.root / "results/Branches").glob("*/*/*.txt")) == places
    assert places[0].read_text() == "s7s0"


def test_an_edit_that_means_nothing_is_no_reason_to_plan(built):
    built.edit("SCALE = 2", "# how much\nSCALE = 2\n")
    assert stands(built)


CHANGES = {
    "run() of a branch": ('ran(f"Branches{self.branch}")', 'ran(f"Branches{self.branch}"); print()', "Branches0 Branches1 Branches2"),
    "run() upstream": ("str(self.number), f", 'str(self.number) + "!", f', "Branches0 Branches1 Branches2 Leaf0 Leaf2 Leaf4 Leaf7"),
    "requires()": ("Leaf(number=SCALE * self.branch)", "Leaf(number=SCALE + self.branch)", "Branches0 Branches1 Leaf3"),
    "a constant that requires() reads": ("SCALE = 2", "SCALE = 1", "Branches1 Branches2 Leaf1"),
    "a function that output() calls": ('f"n{number}"', 'f"m{number}"', "Branches0 Branches1 Branches2"),
    "the default of a parameter upstream": ("IntParameter(default=7)", "IntParameter(default=8)", "Branches0 Branches1 Branches2 Leaf8"),
    "the format of an output": ('label(self.branch_data) + ".txt"', 'label(self.branch_data) + ".log"', "Branches0 Branches1 Branches2"),
    "a variable that is declared": ('class Branches(lawnix.Task, lawnix.LocalWorkflow):', 'class Branches(lawnix.Task, lawnix.LocalWorkflow):\n    environment = ["HOME"]', "Branches0 Branches1 Branches2"),
    "a complete() of its own": ("class Leaf(lawnix.Task):", "class Leaf(lawnix.Task):\n    def complete(self):\n        return True\n", ""),
    "a parameter that no longer decides": ("class Leaf(lawnix.Task):", 'class Leaf(lawnix.Task):\n    exclude_params_identity = {"number"}', "Branches0 Branches1 Branches2 Leaf7"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "runs"), CHANGES.values(), ids=CHANGES)
def test_an_edit_is_seen(built, old, new, runs):
    assert stands(built)
    built.edit(old, new)
    built.law("run", "play.All")
    assert built.asked() == ["planned"]
    assert " ".join(built.ran()) == runs


def _grow(play):
    (play.root / "branches.json").write_text("[1, 2, 3, 4]")


def _reorder(play):
    (play.root / "branches.json").write_text("[2, 1, 3]")


def _another_type(play):
    (play.root / "branches.json").write_text("[1, 2, 3.0]")


def _source(play):
    (play.root / "source.txt").write_text("t")


def _configure(play):
    play.configure("\n[luigi_Leaf]\nnumber: 9\n")


def _remove_object(play):
    (place,) = (each for each in play.store.glob("objects/*/*n2.txt"))
    place.unlink()


def _damage_object(play):
    (place,) = (each for each in play.store.glob("objects/*/*n2.txt"))
    place.chmod(0o644)
    place.write_text("damaged")


ALL = "Branches0 Branches1 Branches2"
EVENTS = [
    (_grow, "Branches3 Leaf6"),
    (_reorder, "Branches0 Branches1"),
    (_another_type, "Branches2"),
    (_source, f"{ALL} Leaf0 Leaf2 Leaf4 Leaf7"),
    (_configure, f"{ALL} Leaf9"),
    (_remove_object, "Branches1"),
    (_damage_object, "Branches1"),
]


@pytest.mark.parametrize(("event", "runs"), EVENTS)
def test_what_happens_outside_of_the_code_is_seen(built, event, runs):
    assert stands(built)
    event(built)
    built.law("run", "play.All")
    assert built.asked() == ["planned"]
    assert " ".join(built.ran()) == runs


def test_a_result_upstream_that_was_forgotten_is_looked_at_by_the_plan(built):
    assert stands(built)
    built.law("run", "play.Leaf", "--number", "7", "--remove-output", "0,a,y")
    built.law("run", "play.All")
    assert built.asked() == ["planned"]
    assert built.ran() == ["Leaf7"]


def test_a_parameter_of_an_upstream_task_on_the_command_line_is_seen(built):
    assert stands(built)
    built.law("run", "play.All", "--Leaf-number", "5")
    assert built.asked() == ["planned"]
    assert " ".join(built.ran()) == f"{ALL} Leaf5"
    assert stands(built)  # without it


def test_a_source_that_is_gone_is_told(built):
    assert stands(built)
    (built.root / "source.txt").unlink()
    said = built.law("run", "play.All", code=20)
    assert "source.txt" in said.err


def test_a_damaged_memo_is_as_none(built):
    import sqlite3

    with sqlite3.connect(built.store / "files.sqlite") as database:
        assert database.execute("UPDATE standing SET text = substr(text, 1, 200)").rowcount == 2
    assert not stands(built)
    assert stands(built)


# what requires() of a leaf may look at beside its parameters; each must keep it from being taken for known
ELSEWHERE = {
    "environment": 'return [Leaf(number=int(os.environ.get("N", "1")))]',
    "files": 'return [Leaf(number=len(glob.glob("*.extra")))]',
    "a file": 'return [Leaf(number=int(open("number").read()))]',
    "a path": 'return [Leaf(number=int(Path("number").read_text()))]',
    "whether a path is there": 'return [Leaf(number=int(Path("extra").exists()))]',
    "the clock": "return [Leaf(number=int(time.time()) // 10**10)]",
    "the date": "return [Leaf(number=datetime.date.today().year // 10000)]",
    "the date of a value": "return [Leaf(number=datetime.date(2000, 1, 1).today().year // 10000)]",
    "chance": "return [Leaf(number=int(random.random()))]",
    "ids": "return [Leaf(number=uuid.uuid4().int * 0)]",
    "places in memory": "return [Leaf(number=id(self) * 0)]",
    "hashes of text": 'return [Leaf(number=hash("a") * 0)]',
    "configuration": 'return [Leaf(number=law.config.get_expanded_int("other", "number", 1))]',
    "what it remembers": "STATE.append(1); return [Leaf(number=len(STATE))]",
    "a counter": "return [Leaf(number=next(COUNTER))]",
    "names that are put together": 'return [Leaf(number=getattr(self, "num" + "ber", 1))]',
    "code that is put together": 'return [Leaf(number=eval("1"))]',
    "whether something is complete": "return [Leaf(number=int(Leaf(number=50).complete()))]",
    "outputs that are there": "return [Leaf(number=int(Leaf(number=50).output().exists()))]",
    "a function that looks elsewhere": "return [Leaf(number=elsewhere())]",
    "a property that looks elsewhere": "return [Leaf(number=self.elsewhere)]",
    "a property of a value": "return [Leaf(number=Value().elsewhere)]",
    "a property of another task": "return [Leaf(number=Leaf(number=3).elsewhere)]",
    "what was imported within": "import socket; return [Leaf(number=len(socket.gethostname()) * 0)]",
    "a method under another name": "return [Leaf(number=NOW() * 0)]",
    "a module under another name": "return [Leaf(number=int(clock.time()) * 0)]",
    "a default that keeps": "return [Leaf(number=kept())]",
    "the task as a whole": "return [Leaf(number=len(vars(self)) * 0)]",
    "its own input": "return [Leaf(number=len(str(self.store_root())))]",
}

FURTHER = """
import sys
import time as clock

STATE = []
COUNTER = itertools.count()
NOW = time.time


def elsewhere():
    return len(os.listdir("."))* 0


def kept(seen=[]):
    seen.append(1)
    return len(seen)


class Value:
    @property
    def elsewhere(self):
        return elsewhere()


Leaf.elsewhere = property(lambda self: elsewhere())


class Open(lawnix.WrapperTask):
    @property
    def elsewhere(self):
        return elsewhere()

    def store_root(self):
        return law.config.get("lawnix", "store")

    def requires(self):
        BODY
"""


@pytest.mark.parametrize("body", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_requires_that_looks_elsewhere_is_asked_each_time(built, body):
    (built.root / "number").write_text("1")
    built.tasks(TASKS + FURTHER.replace("BODY", body))
    for _ in range(2):
        built.law("run", "play.Open")
        assert built.asked() == ["planned"]


# what it may speak of all the same
CLOSED = {
    "text": 'return [Leaf(number=int("1".strip().replace("1", "2")))]',
    "its parameters": "return [Leaf(number=self.size + n) for n in range(self.size)]",
    "functions of its module": "return {label(n): Leaf(number=n) for n in range(self.size)}",
    "a helper of its own": "return self.leaves()",
    "req": "return [Leaf.req(self, number=1), Branches.req(self)]",
    "only": 'return lawnix.only(Leaf(number=1), "")',
    "a list that it makes": "found = []\n        found.append(Leaf(number=1))\n        return found",
    "constants": "return [Leaf(number=CONSTANTS['a'] + Kind.ONE.value)]",
    "dates": "return [Leaf(number=self.day.year)]",
    "a generator": "yield Leaf(number=1)\n        yield Leaf(number=2)",
    "a class method of another task": "return Leaf.doubled(2)",
    "configuration of luigi's": "return [Leaf(number=Config().scale)]",
    "an enumeration and a dataclass": "return Chunked.req(self, kind=Kind.ONE, numbers=(1, 2))",
}

CLOSED_FURTHER = """
import dataclasses, enum

CONSTANTS = {"a": 1}


class Kind(enum.Enum):
    ONE = 1


@dataclasses.dataclass(frozen=True)
class Chunk:
    first: int

    def __str__(self):
        return f"a{self.first}"


class Chunked(lawnix.Task, lawnix.LocalWorkflow):
    kind = luigi.EnumParameter(enum=Kind)
    numbers = law.CSVParameter(cls=luigi.IntParameter)

    def create_branch_map(self):
        return {0: Chunk(0)}

    def output(self):
        return self.target(f"{self.branch_data}_{self.kind.value}_" + "{:.1f}.txt".format(1.0))

    def run(self):
        self.output().dump("a", formatter="text")


class Leaf(Leaf):
    @classmethod
    def doubled(cls, number):
        return cls(number=2 * number)


class Shut(lawnix.WrapperTask):
    size = luigi.IntParameter(default=3)
    day = luigi.DateParameter(default=datetime.date(2026, 1, 2))

    def leaves(self):
        return tuple(Leaf(number=number) for number in range(self.size))

    def requires(self):
        BODY
"""


@pytest.mark.parametrize("body", CLOSED.values(), ids=CLOSED)
def test_a_requires_that_speaks_of_its_parameters_is_asked_once(built, body):
    built.tasks(TASKS + CLOSED_FURTHER.replace("BODY", body))
    built.law("run", "play.Shut")
    built.ran()
    assert built.asked() == ["planned"]
    assert stands(built, task="Shut")


def test_configuration_that_a_closed_requires_reads_through_luigi_is_seen(built):
    built.tasks(TASKS + CLOSED_FURTHER.replace("BODY", CLOSED["configuration of luigi's"]))
    built.law("run", "play.Shut")
    assert built.ran() == ["Leaf1"]
    built.configure("\n[luigi_Config]\nscale: 3\n")
    built.law("run", "play.Shut")
    assert built.ran() == ["Leaf3"]


def test_a_variable_in_the_configuration_counts_by_what_it_stands_for(built, monkeypatch):
    monkeypatch.setenv("SCALE", "5")
    built.tasks(TASKS + CLOSED_FURTHER.replace("BODY", CLOSED["configuration of luigi's"]))
    built.configure("\n[luigi_Config]\nscale: $SCALE\n")
    built.law("run", "play.Shut")
    assert built.ran() == ["Leaf5"]
    built.asked()
    assert stands(built, task="Shut")
    monkeypatch.setenv("SCALE", "3")
    built.law("run", "play.Shut")
    assert built.ran() == ["Leaf3"]


HOOKS = {
    "__init__": "def __init__(self, *a, **k):\n        super().__init__(*a, **k)",
    "modify_param_values": "@classmethod\n    def modify_param_values(cls, params):\n        return params",
    "req_params": "@classmethod\n    def req_params(cls, inst, **k):\n        return super().req_params(inst, **k)",
    "__getattr__": "def __getattr__(self, name):\n        raise AttributeError(name)",
    "a parameter of its own kind": 'extra = type("Odd", (luigi.IntParameter,), {})(default=1)',
}
HOOKED = """
class Hooked(Leaf):
    HOOK

class Open(lawnix.WrapperTask):
    def requires(self):
        return Hooked(number=1)
"""


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_a_class_that_says_itself_how_its_tasks_are_made_is_asked_each_time(built, hook):
    built.tasks(TASKS + HOOKED.replace("HOOK", hook))
    for _ in range(2):
        built.law("run", "play.Open")
        assert built.asked() == ["planned"]


def test_a_default_that_is_made_when_the_class_is_counts(built, monkeypatch):
    text = textwrap.dedent("""
    class Daily(Leaf):
        day = luigi.IntParameter(default=int(os.environ["DAY"]))

    class Shut(lawnix.WrapperTask):
        def requires(self):
            return Daily(number=1)
    """)
    built.tasks(TASKS + text)
    monkeypatch.setenv("DAY", "1")
    built.law("run", "play.Shut")
    assert built.ran() == ["Leaf1"]
    built.asked()
    assert stands(built, task="Shut")
    monkeypatch.setenv("DAY", "2")
    built.law("run", "play.Shut")
    assert built.ran() == ["Leaf1"]


def test_a_global_that_create_branch_map_fills_is_no_constant(built):
    text = textwrap.dedent("""
    FILLED = []

    class Filling(lawnix.Task, lawnix.LocalWorkflow):
        def create_branch_map(self):
            FILLED[:] = [int(Path("number").read_text())]
            return {0: 0}

        def requires(self):
            return Leaf(number=FILLED[0])

        def output(self):
            return self.target("filling.txt")

        def run(self):
            ran("Filling")
            self.output().dump(self.input().load(formatter="text"), formatter="text")
    """)
    built.tasks(TASKS + text)
    for number in ("11", "12"):
        (built.root / "number").write_text(number)
        built.law("run", "play.Filling")
        assert built.ran() == ["Filling", f"Leaf{number}"]


def test_tracked_configuration_and_what_was_found_at_run_time_are_left_to_the_plan(built):
    text = textwrap.dedent("""
    class Finding(lawnix.Task):
        def output(self):
            return self.target("finding.txt")

        def run(self):
            ran("Finding")
            found = yield Leaf(number=1)
            self.output().dump(found.load(formatter="text"), formatter="text")
    """)
    built.tasks(TASKS + text)
    built.law("run", "play.Finding")
    built.ran(), built.asked()
    assert not stands(built, task="Finding")
    assert not stands(built, task="Finding")


# what a requires() or output() makes use of without naming it: text, what is edited in it, what runs then
UNNAMED = {
    "the default of a task that is complete by itself": (
        """
        class Given(lawnix.ExternalTask):
            path = luigi.Parameter(default="source.txt")

            def output(self):
                return law.LocalFileTarget(os.path.abspath(self.path))

        class Shut(Leaf):
            def requires(self):
                return Given()
        """,
        ('default="source.txt"', 'default="other.txt"'),
    ),
    "the default of a configuration": (
        """
        class Shut(lawnix.WrapperTask):
            def requires(self):
                return Leaf(number=Config().scale)
        """,
        ("IntParameter(default=1)", "IntParameter(default=3)"),
    ),
    "a constant of another task's class": (
        """
        class Parted(Leaf):
            pieces = 2

        class Shut(lawnix.WrapperTask):
            def requires(self):
                parted = Parted(number=1)
                return [Leaf(number=number) for number in range(parted.pieces)]
        """,
        ("pieces = 2", "pieces = 3"),
    ),
    "the value of a member of an enumeration": (
        """
        import enum

        class Kind(enum.Enum):
            ONE = 1

        class Shut(lawnix.WrapperTask):
            kind = luigi.EnumParameter(enum=Kind, default="ONE")

            def requires(self):
                return Leaf(number=self.kind.value)
        """,
        ("ONE = 1", "ONE = 4"),
    ),
    "how a member of an enumeration is written": (
        """
        import enum

        class Kind(enum.Enum):
            ONE = 1

            def __str__(self):
                return "one"

        class Shut(Leaf):
            kind = luigi.EnumParameter(enum=Kind, default=Kind.ONE)

            def output(self):
                return self.target(f"{self.kind}.txt")
        """,
        ('return "one"', 'return "two"'),
    ),
    "a method of branch data that an operator calls": (
        """
        import dataclasses

        @dataclasses.dataclass(frozen=True)
        class Chunk:
            first: int

            def __str__(self):
                return f"a{self.first}"

        class Shut(lawnix.Task, lawnix.LocalWorkflow):
            def create_branch_map(self):
                return {0: Chunk(0)}

            def output(self):
                return self.target(f"{self.branch_data}.txt")

            def run(self):
                ran("Shut")
                self.output().dump("a", formatter="text")
        """,
        ('f"a{self.first}"', 'f"b{self.first}"'),
    ),
    "a method of another task that an operator calls": (
        """
        class Long(Leaf):
            def __len__(self):
                return 2

        class Shut(lawnix.WrapperTask):
            def requires(self):
                return Leaf(number=len(Long(number=1)))
        """,
        ("return 2", "return 3"),
    ),
    "a task class that stands in no module": (
        """
        def made():
            class Made(Leaf):
                @classmethod
                def wanted(cls):
                    return 2
            return Made

        KINDS = {"made": made()}

        class Shut(lawnix.WrapperTask):
            def requires(self):
                return Leaf(number=KINDS["made"].wanted())
        """,
        ("return 2", "return 3"),
    ),
    "the classes that are derived from another": (
        """
        class Base(Leaf):
            number = luigi.IntParameter(default=3)

        class First(Base):
            pass

        class Shut(lawnix.WrapperTask):
            def requires(self):
                return [cls() for cls in Base.__subclasses__()]
        """,
        ("class Shut", "class Second(Base):\n    pass\n\nclass Shut"),
    ),
    "attributes in a format": (
        """
        class Shut(Leaf):
            scale = 2

            def output(self):
                return self.target("{task.scale}.txt".format(task=self))
        """,
        ("scale = 2", "scale = 3"),
    ),
    "attributes that an operator gets": (
        """
        import operator

        class Shut(Leaf):
            scale = 2

            def output(self):
                return self.target(str(operator.attrgetter("scale")(self)) + ".txt")
        """,
        ("scale = 2", "scale = 3"),
    ),
    "attributes in a pattern": (
        """
        class Shut(Leaf):
            scale = 2

            def output(self):
                match self:
                    case Leaf(scale=2):
                        return self.target("two.txt")
                return self.target("other.txt")
        """,
        ("scale = 2", "scale = 3"),
    ),
    "a metaclass": (
        """
        class Meta(type(lawnix.Task)):
            def __call__(cls, *args, **kwargs):
                return super().__call__(*args, **{**kwargs, "number": 2})

        class Made(Leaf, metaclass=Meta):
            pass

        class Shut(lawnix.WrapperTask):
            def requires(self):
                return Made()
        """,
        ('"number": 2', '"number": 3'),
    ),
    "how a task is made that is not required": (
        """
        class Made(Leaf):
            @classmethod
            def modify_param_values(cls, params):
                params["number"] = 2
                return params

        class Shut(lawnix.WrapperTask):
            def requires(self):
                return Leaf(number=Made().number)
        """,
        ('["number"] = 2', '["number"] = 3'),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "edit"), UNNAMED.values(), ids=UNNAMED)
def test_what_is_used_without_its_name_is_seen(built, text, edit):
    (built.root / "other.txt").write_text("o")
    built.tasks(TASKS + textwrap.dedent(text))
    built.law("run", "play.Shut")
    built.ran()
    assert built.asked() == ["planned"]
    built.edit(*edit)
    built.law("run", "play.Shut")
    assert built.asked() == ["planned"]


def test_the_branch_map_of_a_workflow_that_is_not_required_is_compared(built):
    text = textwrap.dedent("""
    class Listing(lawnix.Task, lawnix.LocalWorkflow):
        def create_branch_map(self):
            return dict(enumerate(json.loads(Path("branches.json").read_text())))

        def run(self):
            pass

    class Shut(lawnix.WrapperTask):
        def requires(self):
            return [Leaf(number=data) for data in Listing().branch_map.values()]
    """)
    built.tasks(TASKS + text)
    built.law("run", "play.Shut")
    built.ran(), built.asked()
    (built.root / "branches.json").write_text("[1, 11]")
    built.law("run", "play.Shut")
    assert built.ran() == ["Leaf11"]


def test_a_path_into_the_project_is_another_one_in_another_checkout(built):
    text = textwrap.dedent("""
    from lawnix.settings import read_settings
    from lawnix.task.declared import declaration_of

    HERE = Path(__file__).parent

    class Here(Leaf):
        def requires(self):
            return Leaf(number=len(str(HERE / "source.txt")))

    with open("declared", "w") as file:
        file.write(declaration_of(Here, read_settings()).digest)
    """)
    other = built.root / "other"
    other.mkdir()
    there = type(built)(other)
    (other / "source.txt").write_text("s")
    said = []
    for each in (built, there):
        each.tasks(TASKS + text)
        each.law("run", "play.Leaf")
        said.append((each.root / "declared").read_text())
    here, elsewhere = said
    assert here != elsewhere


def test_all_packages_that_say_what_a_task_does_are_compared():
    faces = (lawnix.Task, lawnix.ExternalTask, lawnix.WrapperTask, lawnix.LocalWorkflow, lawnix.Fetch)
    modules = {base.__module__ for face in faces for base in face.__mro__}
    ours = {module.split(".")[1] for module in modules if module.startswith("lawnix.")}
    assert {"task", "workflow"} <= ours <= {package.split("/")[0] for package in _DECIDING}

"""The doors that ask about tasks: plan, why, run."""

import json
import re

import pytest

CHAIN = """
class Generate(lawnix.Task):
    seed = luigi.IntParameter(default=1, description="of the generator")
    kind = luigi.ChoiceParameter(choices=["signal", "background"], default="signal")
    def output(self):
        return self.target("events.txt")
    def run(self):
        ran("Generate")
        print("generating")
        self.output().dump(f"events {self.seed}", formatter="text")

class Fit(lawnix.Task):
    seed = luigi.IntParameter(default=1)
    def requires(self):
        return Generate.req(self)
    def output(self):
        return self.target("fit.txt")
    def run(self):
        ran("Fit")
        self.output().dump(self.input().load(formatter="text").upper(), formatter="text")

class Wanting(lawnix.Task):
    mass = luigi.FloatParameter()
    def output(self):
        return self.target("out.txt")
    def run(self):
        self.output().dump("x", formatter="text")

class Circle(lawnix.Task):
    def requires(self):
        return Circle2()
    def output(self):
        return self.target("out.txt")
    def run(self):
        pass

class Circle2(Circle):
    def requires(self):
        return Circle()
"""


@pytest.fixture
def chain(playground):
    playground.tasks(CHAIN)
    return playground


def test_a_plan_for_programs_has_what_people_read(chain):
    answer = json.loads(chain.lawnix("plan", "play.Fit", "--seed", "2", "--json").out)
    assert answer["task"] == "Fit(seed=2)"
    assert answer["counts"]["build"] == 1
    assert [(e["happens"], e["family"], e["reasons"]) for e in answer["bunches"]] == [
        ("build", "Generate", ["never built"]),
        ("build later", "Fit", ["never built"]),
    ]
    assert chain.ran() == []


def test_a_plan_lists_as_many_tasks_as_wanted(chain):
    assert "Generate(seed=1" in chain.lawnix("plan", "play.Fit").out
    assert "Generate(seed=1" not in chain.lawnix("plan", "--limit", "0", "play.Fit").out


def test_why_names_what_changed(chain):
    chain.lawnix("run", "play.Fit")
    chain.edit('f"events {self.seed}"', 'f"event {self.seed}"')
    text = chain.lawnix("why", "--depth", "-1", "play.Fit").out
    assert "code of" in text
    answer = json.loads(chain.lawnix("why", "--json", "--depth", "1", "play.Fit").out)
    assert [(told["level"], told["happens"]) for told in answer["told"]] == [
        (0, "perhaps build"),
        (1, "build"),
    ]
    assert answer["told"][0]["reasons"] == ["runs if `Generate` comes out with other content"]


def test_why_shows_the_lines_of_code_that_changed_if_asked(chain):
    chain.lawnix("run", "play.Fit")
    chain.edit('f"events {self.seed}"', 'f"event {self.seed}"')
    said = chain.lawnix("why", "--diff", "--depth", "1", "play.Fit").out
    assert re.search(r"code of `Generate.run` \(play.py:\d+\) changed: −1 \+1 lines", said)
    assert re.search(r'^ +- .*f"events \{self.seed\}"', said, re.MULTILINE)
    assert re.search(r'^ +\+ .*f"event \{self.seed\}"', said, re.MULTILINE)
    assert said == chain.law("run", "play.Fit", "--why", "1,diff").out
    assert 'f"event' not in chain.lawnix("why", "--depth", "1", "play.Fit").out
    answer = json.loads(chain.lawnix("why", "--json", "--depth", "1", "play.Fit").out)
    assert answer["told"][1]["code"][0]["name"] == "Generate.run"
    assert chain.law("run", "play.Fit", "--why", "1,lines", code=2).err.count("`diff`") == 1


def test_why_tells_causes_from_what_follows(chain):
    chain.lawnix("run", "play.Fit")
    chain.edit('f"events {self.seed}"', 'f"event {self.seed}"')
    said = chain.lawnix("why", "play.Fit").out
    assert re.search(r"causes:\n +build +1 Generate: code of `Generate.run` \(play.py:\d+\) changed", said)
    assert "follow, where their inputs come out otherwise: 1 Fit" in said
    assert "1 of 2 derivations to build; perhaps 1 more" in said


def test_why_says_which_input_was_rebuilt_and_when(chain):
    chain.lawnix("run", "play.Fit")
    chain.edit('f"events {self.seed}"', 'f"event {self.seed}"')
    chain.lawnix("run", "play.Generate")
    said = chain.lawnix("why", "play.Fit").out
    assert re.search(r"input changed content \(Generate rebuilt (now|\d+ \w+ ago|a \w+ ago)\)", said)
    assert "1 of 2 derivations to build" in said


def test_why_says_what_early_cutoff_saves(chain):
    chain.lawnix("run", "play.Fit")
    chain.edit('f"events {self.seed}"', 'f"events {self.seed + 0}"')
    chain.lawnix("run", "play.Generate")
    assert "1 saved by early cutoff" in chain.lawnix("why", "play.Fit").out


def test_why_says_what_gc_removed(chain):
    configuration = chain.root / "law.cfg"
    configuration.write_text(configuration.read_text().replace("results: results", "results: none"))
    chain.lawnix("run", "play.Fit")
    for _ in range(3):
        chain.lawnix("gc", "--yes")
    assert "output removed by gc" in chain.lawnix("why", "play.Fit").out


def test_run_runs_what_law_run_runs_and_says_where_the_outputs_are(chain):
    answer = json.loads(chain.lawnix("run", "play.Fit", "--json").out)
    assert chain.ran() == ["Fit", "Generate"]
    assert answer["exit_code"] == 0
    (task,) = answer["outputs"]
    with open(task["outputs"]["fit.txt"]["location"]) as file:
        assert file.read() == "EVENTS 1"
    chain.law("run", "play.Fit")
    assert chain.ran() == []


def test_run_ends_as_law_run_does(chain):
    chain.edit('ran("Fit")', 'raise ValueError("no luck")')
    said = chain.lawnix("run", "play.Fit", code=40)
    assert "no luck" in said.err


def test_a_task_is_found_in_laws_index(chain):
    chain.configure("[modules]\nplay\n")
    chain.law("index")
    assert "1 build, 1 build later" in chain.lawnix("plan", "Fit").out
    said = chain.lawnix("plan", "Fitt", code=2)
    assert "did you mean Fit?" in said.err


@pytest.mark.parametrize("verb", ["plan", "why", "run"])
def test_an_unknown_task_is_refused_with_the_nearest(chain, verb):
    said = chain.lawnix(verb, "play.Fot", code=2)
    assert "there is no task 'play.Fot'; did you mean play.Fit" in said.err
    assert "Traceback" not in said.err


# ------------------------------------------------------ what `law run` says once lawnix is loaded, too

WRONG = [
    (["--sead", "3"], "did you mean --seed?"),
    (["--seed", "abc"], "--seed cannot be 'abc'; it takes an integer"),
    (["--seed", "1.5"], "it takes an integer"),
    (["--kind", "signl"], "one of background, signal"),
    (["--seed"], "--seed needs a value"),
    (["--Generate-seed", "x"], "--seed cannot be 'x'"),
]


@pytest.mark.parametrize(("argv", "message"), WRONG, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("door", ["law", "lawnix"])
def test_a_parameter_that_cannot_be_is_refused_with_what_can(chain, door, argv, message):
    said = getattr(chain, door)("run", "play.Generate", *argv, code=2)
    assert message in said.err
    assert "Traceback" not in said.err + said.out
    assert "usage:" not in said.err + said.out
    assert chain.ran() == []


def test_a_parameter_without_value_and_default_is_asked_for(chain):
    said = chain.law("run", "play.Wanting", code=2)
    assert "Wanting: --mass needs a value; it takes a number" in said.err


def test_the_beginning_of_a_parameters_name_is_enough_for_luigi(chain):
    chain.law("run", "play.Generate", "--see", "3")
    assert chain.ran() == ["Generate"]


def test_a_circle_is_told_without_a_traceback(chain):
    for said in (
        chain.lawnix("plan", "play.Circle", code=1),
        chain.law("run", "play.Circle", "--why", "0", code=1),
    ):
        assert "Circle()\n  requires Circle2()\n  requires Circle()" in said.err
        assert "Traceback" not in said.err


def test_a_setting_that_does_not_exist_is_told_without_a_traceback(chain):
    (chain.root / "law.cfg").write_text((chain.root / "law.cfg").read_text().replace("store:", "stoer:"))
    for said in (chain.lawnix("ls", code=1), chain.law("run", "play.Fit", "--print-status", "0", code=1)):
        assert "[lawnix] has no option 'stoer'; did you mean store" in said.err
        assert "Traceback" not in said.err


def test_an_unknown_verb_is_refused_with_the_nearest(chain):
    assert "did you mean plan?" in chain.lawnix("plann", code=2).err


def test_every_verb_has_help_with_an_example(chain):
    from lawnix.cli.main import VERBS

    for verb in VERBS:
        help_ = chain.lawnix(verb, "--help").out
        assert "Example" in help_
        assert "--json" in help_ or verb == "shell"  # which is for people


@pytest.mark.parametrize("verb", ["plan", "why", "run"])
def test_two_task_classes_of_one_family_are_named_with_their_places(chain, verb):
    other = chain.root / "other_play.py"
    other.write_text("import lawnix\n\nclass Fit(lawnix.Task):\n    pass\n")
    chain.tasks(CHAIN + "\nimport other_play\n")
    done = chain.lawnix(verb, "play.Fit", code=1)
    assert "2 task classes are called Fit: " in done.err
    assert "play.Fit (" in done.err
    assert f"other_play.Fit ({other}:3)" in done.err
    assert "Traceback" not in done.err


def test_options_may_stand_after_the_task_unless_it_has_them_itself(playground):
    playground.tasks(CHAIN.replace("mass = luigi.FloatParameter()", "depth = luigi.IntParameter(default=0)"))
    short = playground.lawnix("why", "play.Fit").out
    deep = playground.lawnix("why", "--depth", "1", "play.Fit", "--seed", "2").out
    assert "Generate" in deep
    assert len(deep) > len(short)
    for argv in (["--depth", "1", "--seed", "2"], ["--seed", "2", "--depth=1"], ["--seed=2", "--depth", "1"]):
        assert playground.lawnix("why", "play.Fit", *argv).out == deep
    assert "Wanting(depth=3)" in playground.lawnix("why", "play.Wanting", "--depth", "3").out
    assert json.loads(playground.lawnix("why", "play.Fit", "--json", "--seed", "2").out)
    assert "play.Nothing" in playground.lawnix("why", "play.Nothing", "--depth", "1", code=2).err


def test_parameters_of_required_tasks_count_as_in_law_run(chain):
    chain.lawnix("run", "play.Fit")
    chain.edit("return Generate.req(self)", "return Generate()")
    chain.lawnix("run", "play.Fit")
    said = chain.lawnix("why", "--depth", "1", "play.Fit", "--Generate-seed", "7").out
    assert "parameter `seed` 1 → 7" in said
    assert said == chain.law("run", "play.Fit", "--Generate-seed", "7", "--why", "1").out


def test_the_beginning_of_an_option_is_no_option(chain):
    said = chain.lawnix("why", "play.Fit", "--no", "3", code=2)
    assert "there is no parameter of Fit named '--no'" in said.err
    assert chain.ran() == []


BRANCHES = """
class Square(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: 3, 1: 4}
    def output(self):
        return self.target("square.json")
    def run(self):
        self.output().dump(self.branch_data ** 2, formatter="json")
"""


def test_lines_of_code_are_shown_for_a_workflow_once(playground):
    playground.tasks(BRANCHES)
    playground.lawnix("run", "play.Square")
    playground.edit("** 2", "** 3")
    said = playground.lawnix("why", "--diff", "play.Square").out
    assert said.count("+    self.output().dump(self.branch_data ** 3") == 1

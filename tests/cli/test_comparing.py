"""`lawnix diff` and `lawnix check`: what differs between two results, and what does not come out twice."""

import json

import pytest

from tests.scenarios.table import scenario

TASKS = """
import itertools
import json

class Fit(lawnix.Task):
    n = luigi.IntParameter(default=1)

    def output(self):
        return {"fit": self.target("fit.json"), "log": self.target("log.txt"), "plots": self.target("plots", type="d")}

    def run(self):
        ran("Fit")
        self.output()["fit"].dump({"mass": 91.0 + self.n, "width": 2.5}, formatter="json")
        self.output()["log"].dump("begin" + chr(10) + f"step {self.n}" + chr(10), formatter="text")
        self.output()["plots"].touch()
        self.output()["plots"].child("mass.txt", type="f").dump(f"plot {self.n}", formatter="text")

class Same(lawnix.Task):
    def output(self):
        return self.target("same.json")

    def run(self):
        ran("Same")
        order = sorted(["a", "b"], reverse=os.path.exists(os.environ["RAN"] + ".again"))
        open(os.environ["RAN"] + ".again", "w").close()
        self.output().dump({name: 1 for name in order}, formatter="json")

class Random(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: "steady", 1: "random"}

    def output(self):
        return self.target("values.json")

    def run(self):
        ran(self.branch_data)
        value = os.urandom(8).hex() if self.branch_data == "random" else "0"
        self.output().dump({"value": value, "kind": self.branch_data}, formatter="json")

class Wrong(lawnix.Task):
    def output(self):
        return self.target("wrong.txt")

    def run(self):
        if os.path.exists("wrong"):
            raise ValueError("no luck")
        self.output().dump("right", formatter="text")

class All(lawnix.Task):
    def requires(self):
        return Same()

    def output(self):
        return self.target("all.txt")

    def run(self):
        ran("All")
        found = yield Fit()
        self.output().dump(str(self.input().load(formatter="json")) + found["log"].load(formatter="text"), formatter="text")
"""


@pytest.fixture
def fits(playground):
    playground.tasks(TASKS)
    playground.lawnix("run", "play.Fit")
    playground.lawnix("run", "play.Fit", "--n", "2")
    return playground


def place(fits, name):
    return str(next(fits.root.glob(f"results/{name}")))


def test_a_diff_names_what_was_changed_and_where_it_shows(fits):
    first, second = place(fits, "Fit/n=1/fit.json"), place(fits, "Fit/n=2/fit.json")
    said = fits.lawnix("diff", first, second, code=1).out
    assert "parameter `n` 1 → 2" in said
    assert "mass" in said
    assert "width" not in said
    assert "line 2: 'step 1' → 'step 2'" in said
    assert "mass.txt: line 1: 'plot 1' → 'plot 2'" in said


def test_a_diff_may_be_read_by_programs(fits):
    first, second = place(fits, "Fit/n=1/fit.json"), place(fits, "Fit/n=2/fit.json")
    said = json.loads(fits.lawnix("diff", "--json", first, second, code=1).out)
    (ancestor,) = said["made_from"]["ancestors"]
    assert (ancestor["family"], ancestor["statements"]) == ("Fit", ["parameter `n` 1 → 2"])
    assert said["built_with"] == {}
    assert set(said["outputs"]) == {"fit.json", "log.txt", "plots"}


def test_one_result_does_not_differ_from_itself(fits):
    first = place(fits, "Fit/n=1/fit.json")
    assert "the outputs are the same" in fits.lawnix("diff", first, first).out


def test_a_change_of_code_is_told(fits):
    before = place(fits, "Fit/n=1/fit.json")
    digest = json.loads(fits.lawnix("show", "--json", before).out)[0]["realizations"][0]["digest"]
    fits.edit('"width": 2.5', '"width": 2.6')
    fits.lawnix("run", "play.Fit")
    said = fits.lawnix("diff", digest, "play.Fit", code=1).out
    assert "code of `Fit.run` changed" in said
    assert "width" in said
    assert "log.txt" not in said


def test_what_was_not_built_cannot_be_compared(fits):
    assert "run the task first" in fits.lawnix("diff", "play.Fit", "play.Same", code=1).err


def test_a_check_builds_again_and_records_nothing(fits):
    fits.ran()
    assert "1 of 1 tasks came out as they were" in fits.lawnix("check", "--times", "3", "play.Fit").out
    assert fits.ran() == ["Fit", "Fit", "Fit"]
    fits.lawnix("run", "play.Fit")
    assert fits.ran() == []


def test_what_only_looks_different_is_the_same(fits):
    fits.lawnix("run", "play.Same")
    assert "1 of 1 tasks came out as they were" in fits.lawnix("check", "play.Same").out


@scenario(
    74,
    "branches, one of which is not deterministic",
    "`lawnix check`",
    runs="both, and nothing is recorded; the place of the difference is told",
)
def test_what_does_not_come_out_twice_is_named_with_the_place(fits):
    fits.lawnix("run", "play.Random")
    said = fits.lawnix("check", "--workers", "2", "play.Random", code=1).out
    assert "branch=1" in said
    assert "branch=0" not in said
    assert "values.json comes out otherwise" in said
    assert "value" in said
    assert "kind differs" not in said
    assert "1 of 2 tasks came out as they were" in said
    told = json.loads(fits.lawnix("check", "--json", "play.Random", code=1).out)
    assert [each["same"] for each in told] == [True, False]


def test_a_check_of_all_takes_what_it_is_made_from(fits):
    fits.lawnix("run", "play.All")
    fits.ran()
    assert "1 of 1" in fits.lawnix("check", "play.All").out
    assert "3 of 3" in fits.lawnix("check", "--all", "play.All").out
    assert sorted(fits.ran()) == ["All", "All", "Fit", "Same"]


def test_a_failure_is_told(fits):
    fits.lawnix("run", "play.Wrong")
    (fits.root / "wrong").touch()
    assert "failed: ValueError: no luck" in fits.lawnix("check", "play.Wrong", code=1).out


def test_what_was_never_built_is_not_checked(fits):
    assert "run the task first" in fits.lawnix("check", "play.Wrong", code=1).err


PLOT = """
PT_MIN = 20

def select(events):
    return [pt for pt in events if pt > PT_MIN]

class Generate(lawnix.Task):
    def output(self):
        return self.target("events.json")
    def run(self):
        self.output().dump([18, 22, 30], formatter="json")

class Select(lawnix.Task):
    def requires(self):
        return Generate()
    def output(self):
        return self.target("selected.json")
    def run(self):
        self.output().dump(select(self.input().load(formatter="json")), formatter="json")

class Plot(lawnix.Task):
    def requires(self):
        return {"data": Select()}
    def output(self):
        return self.target("plot.txt")
    def run(self):
        self.output().dump("*" * len(self.input()["data"].load(formatter="json")), formatter="text")
"""


def plotted(playground):
    """Run it; the digest of the plot."""
    playground.lawnix("run", "play.Plot")
    return json.loads(playground.lawnix("show", "--json", "play.Plot").out)[0]["realizations"][0]["digest"]


def test_the_store_alone_tells_why_a_plot_is_another_than_last_months(playground):
    playground.tasks(PLOT)
    old = plotted(playground)
    playground.edit("[18, 22, 30]", "[18, 22, 15 * 2]")  # comes out as it was
    playground.edit("PT_MIN = 20", "PT_MIN = 25")
    playground.edit("[pt for pt in events if pt > PT_MIN]", "list(filter(lambda pt: pt > PT_MIN, events))")
    new = plotted(playground)
    (playground.root / "play.py").unlink()
    said = playground.lawnix("diff", "--source", old, new, code=1).out
    assert "Select: code of `play.PT_MIN` changed: 20 → 25" in said
    assert "Select: code of `play.select` changed: −1 +1 lines" in said
    assert "-    return [pt for pt in events if pt > PT_MIN]" in said
    assert "Generate: code of `Generate.run` changed" in said
    assert "plot.txt" in said
    made = json.loads(playground.lawnix("diff", "--json", old, new, code=1).out)["made_from"]
    assert [(each["family"], each["depth"]) for each in made["ancestors"]] == [("Select", 1), ("Generate", 2)]


def test_what_was_kept_on_the_way_can_be_followed_too(playground):
    playground.tasks(PLOT)
    plotted(playground)
    playground.edit("[18, 22, 30]", "[18, 22, 15 * 2]")
    playground.edit('"*" * len(', '"+" * len(')
    old = plotted(playground)  # from a Select that was kept, though it is made from another Generate now
    playground.edit("15 * 2]", "31, 32]")
    new = plotted(playground)
    said = playground.lawnix("diff", old, new, code=1).out
    assert "Generate: code of `Generate.run` changed" in said

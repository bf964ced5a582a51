"""law's magics in a real Jupyter kernel: tasks are defined in cells, run, redefined and read."""

from typing import TYPE_CHECKING

from tests.scenarios.table import scenario

if TYPE_CHECKING:
    from tests.ipython.conftest import Cell, Notebook

NUMBERS = """\
class Numbers(lawnix.Task):
    n = luigi.IntParameter(default=3)

    def output(self):
        return self.target("numbers.json")

    def run(self):
        note("Numbers")
        print("counting to", self.n)
        self.output().dump(list(range(self.n)), formatter="json")
"""

TOTAL = """\
class Total(lawnix.Task):
    def requires(self):
        return Numbers()

    def output(self):
        return self.target("total.json")

    def run(self):
        note("Total")
        self.output().dump(sum(self.input().load(formatter="json")), formatter="json")
"""

PARTS = """\
class Parts(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        with open("parts.txt") as lines:
            return dict(enumerate(lines.read().split()))

    def output(self):
        return self.target("part.txt")

    def run(self):
        note(self.branch_data)
        self.output().dump(self.branch_data.upper(), formatter="text")
"""


def test_what_a_cell_defines_is_run_and_can_be_read_afterwards(notebook: "Notebook") -> None:
    notebook.define(NUMBERS + TOTAL)
    assert notebook.value("%ilaw run Total") == "True"
    assert notebook.ran() == ["Numbers", "Total"]
    assert notebook.value("Total().output().load()") == "3"
    assert notebook.value("Numbers().output().load(formatter='json')") == "[0, 1, 2]"
    assert notebook.value("Total().complete(), Numbers(n=5).complete()") == "(True, False)"
    assert notebook.value("%ilaw run Total") == "True"
    assert notebook.ran() == []


def test_what_run_prints_appears_in_the_cell(notebook: "Notebook") -> None:
    notebook.define(NUMBERS)
    assert "counting to 3" in notebook.cell("%ilaw run Numbers").text
    assert "counting to" not in notebook.cell("%ilaw run Numbers").text


@scenario(89, "A → B in a notebook", "a cell defines A again, other content", runs="A, B")
def test_a_class_that_is_defined_again_with_another_body_runs_again(notebook: "Notebook") -> None:
    notebook.define(NUMBERS + TOTAL)
    notebook.cell("%ilaw run Total")
    notebook.ran()
    notebook.define(NUMBERS.replace("range(self.n)", "range(1, self.n + 1)"))
    assert notebook.value("Total().complete()") == "False"
    assert notebook.value("%ilaw run Total") == "True"
    assert notebook.ran() == ["Numbers", "Total"]
    assert notebook.value("Total().output().load()") == "6"


@scenario(131, "A → B in a notebook", "a cell defines A again, same content", runs="A", stays="B")
def test_what_is_downstream_of_a_new_body_runs_only_if_the_content_changed(notebook: "Notebook") -> None:
    notebook.define(NUMBERS + TOTAL)
    notebook.cell("%ilaw run Total")
    notebook.ran()
    notebook.define(NUMBERS.replace("list(range(self.n))", "[i for i in range(self.n)]"))
    assert notebook.value("%ilaw run Total") == "True"
    assert notebook.ran() == ["Numbers"]


@scenario(132, "A → B in a notebook", "the cell run again, with a comment", runs="nothing")
def test_a_class_that_is_defined_again_as_it_was_does_not_run(notebook: "Notebook") -> None:
    notebook.define(NUMBERS + TOTAL)
    notebook.cell("%ilaw run Total")
    notebook.ran()
    notebook.define("# a comment\n\n" + TOTAL.replace("class Total", "\nclass Total") + NUMBERS)
    assert notebook.value("%ilaw run Total") == "True"
    assert notebook.ran() == []


def test_a_function_that_is_defined_again_is_seen(notebook: "Notebook") -> None:
    notebook.define("def scale(n):\n    return 2 * n")
    notebook.define(NUMBERS.replace("range(self.n)", "range(scale(self.n))"))
    notebook.cell("%ilaw run Numbers")
    assert notebook.value("len(Numbers().output().load())") == "6"
    notebook.define("def scale(n):\n    return 3 * n")
    assert notebook.value("Numbers().complete()") == "False"
    assert notebook.value("%ilaw run Numbers") == "True"
    assert notebook.ran() == ["Numbers", "Numbers"]
    assert notebook.value("len(Numbers().output().load())") == "9"


def test_a_new_branch_map_is_seen(notebook: "Notebook") -> None:
    (notebook.directory / "parts.txt").write_text("a b")
    notebook.define(PARTS)
    assert notebook.value("%ilaw run Parts") == "True"
    assert notebook.ran() == ["a", "b"]
    (notebook.directory / "parts.txt").write_text("b c d")
    assert notebook.value("%ilaw run Parts") == "True"
    assert notebook.ran() == ["c", "d"]
    assert notebook.value(
        "[t.load(formatter='text') for t in Parts().output()['collection'].targets.values()]"
    ) == ("['B', 'C', 'D']")


def test_a_new_input_file_is_seen(notebook: "Notebook") -> None:
    (notebook.directory / "in.txt").write_text("1")
    notebook.define(
        "import os\n"
        "class Given(lawnix.ExternalTask):\n"
        "    def output(self):\n"
        "        return law.LocalFileTarget(os.path.abspath('in.txt'))\n"
        + TOTAL.replace("Numbers()", "Given()")
        .replace("sum(", "int(")
        .replace('load(formatter="json")', "load()")
    )
    assert notebook.value("%ilaw run Total") == "True"
    assert notebook.ran() == ["Total"]
    (notebook.directory / "in.txt").write_text("2")
    assert notebook.value("Total().complete()") == "False"
    assert notebook.value("%ilaw run Total") == "True"
    assert notebook.ran() == ["Total"]
    assert notebook.value("Total().output().load()") == "2"


def test_an_instance_that_a_variable_holds_is_as_good_as_a_new_one(notebook: "Notebook") -> None:
    notebook.define(NUMBERS + TOTAL)
    notebook.define("total = Total()")
    notebook.cell("%ilaw run Total")
    assert notebook.value("total.output().load(), total.complete()") == "(3, True)"
    assert notebook.value("luigi.build([total])") == "True"
    assert notebook.ran() == ["Numbers", "Total"]


def test_a_failure_returns_false_and_shows_the_error(notebook: "Notebook") -> None:
    notebook.define(
        NUMBERS.replace("self.output()", "raise ValueError('no luck today')\n        self.output()")
    )
    notebook.define(TOTAL)
    cell = notebook.cell("%ilaw run Total")
    assert cell.error is None
    assert cell.value == "False"
    assert "ValueError: no luck today" in cell.text
    assert "raise ValueError" in cell.text, "the author's line is shown"
    assert notebook.ran() == ["Numbers"]
    notebook.define(NUMBERS)
    assert notebook.value("%ilaw run Total") == "True"
    assert notebook.ran() == ["Numbers", "Total"]


def test_two_workers_share_the_branches(notebook: "Notebook") -> None:
    (notebook.directory / "parts.txt").write_text("a b c d e f")
    notebook.define(PARTS)
    assert notebook.value("%ilaw run Parts --workers 2") == "True"
    assert notebook.ran() == ["a", "b", "c", "d", "e", "f"]
    assert notebook.value("%ilaw run Parts --workers 2") == "True"
    assert notebook.ran() == []


def test_dynamic_requirements_may_be_defined_in_cells(notebook: "Notebook") -> None:
    notebook.define(NUMBERS)
    notebook.define(
        "class Found(lawnix.Task):\n"
        "    def output(self):\n"
        "        return self.target('found.json')\n"
        "    def run(self):\n"
        "        targets = yield [Numbers(n=n) for n in (1, 2)]\n"
        "        note('Found')\n"
        "        self.output().dump([len(t.load()) for t in targets])\n"
    )
    assert notebook.value("%ilaw run Found --workers 2") == "True"
    assert notebook.ran() == ["Found", "Numbers", "Numbers"]
    assert notebook.value("Found().output().load()") == "[1, 2]"
    assert notebook.value("%ilaw run Found") == "True"
    assert notebook.ran() == []


def test_a_class_may_be_defined_and_used_twice_in_one_cell(notebook: "Notebook") -> None:
    twice = NUMBERS + "before = Numbers().complete()\n" + NUMBERS + "print(before, Numbers().complete())"
    assert notebook.cell(twice).text == "False False\n"


def test_a_module_that_is_loaded_again_replaces_its_classes(notebook: "Notebook") -> None:
    module = notebook.directory / "shelf.py"
    module.write_text("import lawnix, luigi\nfrom __main__ import note\n" + NUMBERS)
    notebook.define("import shelf, importlib")
    assert notebook.value("%ilaw run Numbers") == "True"
    module.write_text("# longer\n" + module.read_text().replace("range(self.n)", "range(self.n + 1)"))
    notebook.cell("importlib.invalidate_caches(); importlib.reload(shelf)")
    assert notebook.value("%ilaw run Numbers") == "True"
    assert notebook.ran() == ["Numbers", "Numbers"]
    assert notebook.value("shelf.Numbers().output().load()") == "[0, 1, 2, 3]"


def test_modules_that_are_loaded_again_at_each_cell_are_seen(notebook: "Notebook") -> None:
    module = notebook.directory / "shelf.py"
    module.write_text("import lawnix, luigi\nfrom __main__ import note\n" + NUMBERS)
    notebook.define("%load_ext autoreload\n%autoreload 2\nfrom shelf import Numbers")
    assert notebook.value("%ilaw run Numbers") == "True"
    module.write_text("# longer\n" + module.read_text().replace("range(self.n)", "range(self.n + 1)"))
    assert notebook.value("Numbers().complete()") == "False"
    assert notebook.value("%ilaw run Numbers") == "True"
    assert notebook.ran() == ["Numbers", "Numbers"]
    assert notebook.value("Numbers().output().load()") == "[0, 1, 2, 3]"
    assert notebook.value("%ilaw run Numbers") == "True"
    assert notebook.ran() == []


def test_a_plan_is_printed_without_running_anything(notebook: "Notebook") -> None:
    notebook.define(NUMBERS + TOTAL)
    cell = notebook.cell("%ilaw run Total --print-plan 5")
    assert cell.error is None
    assert "Total" in cell.text
    assert "Numbers" in cell.text
    assert notebook.ran() == []


def test_the_same_store_serves_cells_and_subprocesses(notebook: "Notebook") -> None:
    (notebook.directory / "shop.py").write_text(
        "import lawnix, luigi\n"
        + NUMBERS.replace('        note("Numbers")\n', "").replace("Numbers", "Stock")
    )
    cell = notebook.cell("%law run shop.Stock --n 4")
    assert cell.error is None
    assert "counting to 4" in cell.text
    assert "This progress looks :)" in cell.text
    assert "counting to 4" not in notebook.cell("%law run shop.Stock --n 4").text
    notebook.define("import shop")
    assert notebook.value("shop.Stock(n=4).output().load()") == "[0, 1, 2, 3]"


def test_an_interrupt_leaves_kernel_and_store_in_order(notebook: "Notebook") -> None:
    notebook.define("import time")
    notebook.define(
        NUMBERS.replace("self.output()", "time.sleep(self.n)\n        self.output()").replace(
            "default=3", "default=0"
        )
    )
    interrupted = []

    def interrupt(cell: "Cell") -> None:
        if "counting to 600" in cell.text and not interrupted:
            interrupted.append(True)
            notebook.interrupt()

    cell = notebook.cell("%ilaw run Numbers --n 600 --workers 2", meanwhile=interrupt)
    assert interrupted
    assert cell.error is not None
    assert cell.error[0] == "KeyboardInterrupt"
    assert notebook.value("6 * 7") == "42"
    assert list((notebook.directory / "store/builds").iterdir()) == []
    assert notebook.value("%ilaw run Numbers") == "True"
    assert notebook.ran() == ["Numbers", "Numbers"]
    cell = notebook.cell(
        "import psutil; print([p.cmdline() for p in psutil.Process().children(recursive=True)])\n"
        "from lawnix.task.session import session\n"
        "from lawnix.store.verify import verify\n"
        "print(verify(session().store).is_clean)"
    )
    assert cell.error is None, cell.traceback
    assert cell.text == "[]\nTrue\n"

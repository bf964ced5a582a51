"""`lawnix.tracked_file()`: data files that belong to the code."""

import pytest

from tests.scenarios.table import scenario

TASKS = """
import json

TABLE = lawnix.tracked_file("table.json")
FOLDER = lawnix.tracked_file("tables")
BY_YEAR = {"2011": lawnix.tracked_file("table.json")}

def factor():
    return json.loads(TABLE.read_text())["factor"]

class Correct(lawnix.Task):
    def output(self):
        return self.target("corrected.txt")

    def run(self):
        ran("Correct")
        self.output().dump(str(2 * factor()), formatter="text")

class All(lawnix.Task):
    def output(self):
        return self.target("all.txt")

    def run(self):
        ran("All")
        self.output().dump(" ".join(sorted(path.name for path in FOLDER.iterdir())), formatter="text")

class Year(lawnix.Task):
    def output(self):
        return self.target("year.txt")

    def run(self):
        ran("Year")
        self.output().dump(BY_YEAR["2011"].read_text(), formatter="text")

class Own(lawnix.Task):
    table = lawnix.tracked_file("table.json")

    def output(self):
        return self.target("own.txt")

    def run(self):
        ran("Own")
        with open(self.table) as file:
            self.output().dump(file.read(), formatter="text")

class Neither(lawnix.Task):
    def output(self):
        return self.target("neither.txt")

    def run(self):
        ran("Neither")
        self.output().dump("neither", formatter="text")
"""


@pytest.fixture
def tables(project):
    project.write("proj/table.json", '{"factor": 3}')
    (project.root / "proj/tables").mkdir()
    project.write("proj/tables/a.txt", "a")
    project.tasks(TASKS)
    return project


@scenario(123, "A reads `lawnix.tracked_file()`", "the file's content; back", runs="A; nothing")
@pytest.mark.parametrize("task", ["Correct", "Year", "Own"])
def test_another_content_is_another_task(tables, task):
    assert tables.run(task).ran == task
    assert tables.run(task).ran == ""
    tables.write("proj/table.json", '{"factor": 4}')
    assert tables.run(task).ran == task
    assert tables.run("Neither").ran == "Neither"


@scenario(124, "A reads `lawnix.tracked_file()`", "the file touched", runs="nothing")
def test_a_touched_file_is_the_same(tables):
    tables.run("Correct")
    (tables.root / "proj/table.json").touch()
    assert tables.run("Correct").ran == ""


@pytest.mark.parametrize("change", ["other", "new", "renamed"])
def test_of_a_folder_all_files_count(tables, change):
    tables.run("All")
    folder = tables.root / "proj/tables"
    if change == "other":
        (folder / "a.txt").write_text("b")
    elif change == "new":
        (folder / "b.txt").write_text("b")
    else:
        (folder / "a.txt").rename(folder / "c.txt")
    assert tables.run("All").ran == "All"


def test_why_names_the_file(tables):
    tables.run("Correct")
    tables.write("proj/table.json", '{"factor": 4}')
    assert "code of `table.json` (proj/table.json) changed" in tables.run("Correct", "--why", "0").output


def test_a_file_that_is_not_there_is_an_error(tables):
    tables.edit('TABLE = lawnix.tracked_file("table.json")', 'TABLE = lawnix.tracked_file("tabel.json")')
    run = tables.run("Neither", code=None)
    assert run.code != 0
    assert "there is no file" in run.output
    assert "a relative path is seen from" in run.output

"""Outputs that are never the same bytes twice, and are known by what they mean."""

import pytest

from tests.scenarios.table import scenario

TASKS = """
class Events(lawnix.Task):
    def output(self):
        return self.target({name!r}{more})

    def run(self):
        ran("Events")
        values = [1.0, 2.0, 3.0]
        {write}

def first_line(path):
    return path.read_text().splitlines()[0]

def never(path):
    return object()

class Mean(lawnix.Task):
    def requires(self):
        return Events.req(self)

    def output(self):
        return self.target("mean.txt")

    def run(self):
        ran("Mean")
        assert os.path.getsize(self.input().path) > 0
        self.output().dump("2.0", formatter="text")
"""
HDF5 = """
        import h5py
        with h5py.File(self.output().path, "w", track_order=True) as file:
            file.attrs["made by"] = "first author"
            data = file.create_dataset("values", data=values, track_times=True)
"""
JSON = 'self.output().dump({"a": values, "b": "first author"}, formatter="json", indent=1)'
TEXT = 'self.output().dump("value 2.0\\n" + "made by first author", formatter="text")'


def write(project, name, code, more=""):
    project.tasks(TASKS.format(name=name, write=code.strip(), more=more))


@pytest.fixture
def events(project):
    write(project, "events.h5", HDF5)
    assert project.run("Mean").ran == "Events Mean"
    return project


@scenario(
    120,
    "A → B, a file of a format known by its meaning",
    "A writes the same another way: times, order, compression",
    runs="A",
    stays="B",
)
def test_what_only_looks_different_runs_nothing_downstream(events):
    events.edit('file.create_dataset("values"', 'file.create_dataset("values", compression="gzip"')
    assert events.run("Mean").ran == "Events"
    events.edit("track_order=True", "track_order=False")
    assert events.run("Mean").ran == "Events"
    assert events.run("Mean").ran == ""


@scenario(121, "A → B, a file of a format known by its meaning", "a value in it", runs="A, B")
@pytest.mark.parametrize(
    ("old", "new"), [("3.0]", "4.0]"), ('"values", data', '"numbers", data'), ("first author", "second")]
)
def test_what_means_something_else_does(events, old, new):
    events.edit(old, new)
    assert events.run("Mean").ran == "Events Mean"


def test_the_order_of_keys_means_nothing_in_json(project):
    write(project, "events.json", JSON)
    assert project.run("Mean").ran == "Events Mean"
    project.edit("indent=1", "indent=2, sort_keys=True")
    assert project.run("Mean").ran == "Events"


@scenario(122, 'A → B, `digest="bytes"`', "the same meaning in other bytes", runs="A, B")
def test_bytes_count_if_the_author_says_so(project):
    write(project, "events.json", JSON, ', digest="bytes"')
    assert project.run("Mean").ran == "Events Mean"
    project.edit("indent=1", "indent=2")
    assert project.run("Mean").ran == "Events Mean"


def test_an_author_may_say_what_counts(project):
    write(project, "events.txt", TEXT, ", digest=first_line")
    assert project.run("Mean").ran == "Events Mean"
    project.edit("first author", "second author")
    assert project.run("Mean").ran == "Events"
    project.edit("value 2.0", "value 3.0")
    assert project.run("Mean").ran == "Events Mean"


def test_another_function_of_the_author_is_another_task(project):
    write(project, "events.txt", TEXT, ", digest=first_line")
    assert project.run("Mean").ran == "Events Mean"
    project.edit("splitlines()[0]", "splitlines()[-1]")
    assert project.run("Mean").ran == "Events Mean"


def test_what_the_format_cannot_read_counts_by_its_bytes_and_says_so(project):
    write(project, "events.h5", 'open(self.output().path, "w").write("no HDF5")')
    run = project.run("Mean")
    assert run.ran == "Events Mean"
    assert "cannot be read as its ending promises" in run.output
    project.edit("no HDF5", "no HDF5 either")
    assert project.run("Mean").ran == "Events Mean"


@pytest.mark.parametrize(
    ("name", "how", "said"),
    [
        ("events.h5", '"content"', "digest is 'meaning', 'bytes', or a function of its path"),
        ("events.xyz", '"meaning"', "the meaning of output events.xyz is not known"),
        ("events.txt", "never", "what is digested of output events.txt"),
    ],
)
def test_a_digest_that_cannot_be_is_refused(project, name, how, said):
    write(project, name, TEXT, f", digest={how}")
    run = project.run("Mean", code=None)
    assert run.code != 0
    assert "Mean" not in run.ran
    assert said in run.output


def test_the_store_is_sound(events):
    events.edit("track_order=True", "track_order=False")
    events.run("Mean")
    assert events.verify().is_clean

"""`lawnix sandbox`: what is told of sandboxes, and what is done with the environments behind them."""

import json

import pytest

TASKS = """
class Colour(lawnix.Task, law.SandboxTask):
    sandbox = "venv::requirements.txt"

    def output(self):
        return self.target("c.txt")

    def run(self):
        import colours
        self.output().dump(colours.NAME, formatter="text")
"""


@pytest.fixture
def colours(playground, wheel):
    """A project with a sandbox in which nothing was made yet."""
    wheel(playground.root / "wheels", "colours", "1.0", "NAME = 'red'")
    wheel(playground.root / "wheels", "colours", "2.0", "NAME = 'blue'")
    pin(playground, "1.0")
    playground.tasks(TASKS)
    yield playground
    for directory in playground.store.glob("sandboxes/**/"):
        directory.chmod(0o755)


def pin(playground, version):
    (playground.root / "requirements.txt").write_text(
        f"--no-index\n--find-links wheels\ncolours=={version}\n"
    )


def sandboxes(playground):
    return json.loads(playground.lawnix("sandbox", "ls", "--json").out)


def test_what_is_made_is_listed_with_what_uses_it(colours):
    colours.lawnix("run", "play.Colour")
    pin(colours, "2.0")
    colours.lawnix("run", "play.Colour")
    assert sorted(each["parts"]["colours"] for each in sandboxes(colours)) == ["1.0", "2.0"]
    for each in sandboxes(colours):
        assert each["sandbox"] == "venv::requirements.txt"
        assert each["families"] == {"Colour": 1}
        assert each["environment"]["size"] > 0
        assert each["used"] >= each["environment"]["made"]
    assert sum(len(each["roots"]) for each in sandboxes(colours)) == 1  # of the last run
    line = colours.lawnix("sandbox", "ls").out.splitlines()[0]
    assert "venv::requirements.txt" in line
    assert "1 results" in line


def test_nothing_is_listed_where_nothing_was_made(colours):
    colours.lawnix("plan", "play.Colour")
    assert sandboxes(colours) == []


def test_a_sandbox_is_shown_by_its_name_or_digest(colours):
    colours.lawnix("run", "play.Colour")
    shown = colours.lawnix("sandbox", "show", "venv::requirements.txt").out
    (known,) = sandboxes(colours)
    for words in (
        known["digest"],
        known["environment"]["place"],
        "colours 1.0",
        "python CPython 3",
        "1 of Colour",
    ):
        assert words in shown
    assert colours.lawnix("sandbox", "show", known["digest"][:8]).out == shown
    assert known["digest"][:12] in colours.lawnix("show", "play.Colour").out
    assert (
        "did you mean venv::requirements.txt?"
        in colours.lawnix("sandbox", "show", "venv::requirement.txt", code=2).err
    )


def test_an_environment_can_be_made_before_it_is_needed(colours):
    assert "making the environment" in colours.lawnix("sandbox", "build", "venv::requirements.txt").err
    said = json.loads(colours.lawnix("sandbox", "build", "venv::requirements.txt", "--json").out)
    assert colours.root.joinpath(said["place"], "environment.json").exists()
    (known,) = sandboxes(colours)
    assert (known["digest"], known["families"]) == (said["digest"], {})
    assert "making the environment" not in colours.lawnix("run", "play.Colour").err


def test_a_bash_sandbox_has_nothing_to_be_made(colours):
    (colours.root / "setup.sh").write_text("export A=1\n")
    assert "nothing has to be made" in colours.lawnix("sandbox", "build", "bash::setup.sh").out
    assert "there is no script" in colours.lawnix("sandbox", "build", "bash::other.sh", code=1).err
    assert "cannot be had" in colours.lawnix("sandbox", "build", "nothing::other.sh", code=1).err


def test_what_is_not_used_can_be_removed(colours):
    colours.lawnix("run", "play.Colour")
    pin(colours, "2.0")
    colours.lawnix("sandbox", "build", "venv::requirements.txt")
    assert len(sandboxes(colours)) == 2
    assert "1 environments" in colours.lawnix("sandbox", "rm", "--unused", "--dry-run").out
    assert len(sandboxes(colours)) == 2
    assert "1 environments" in colours.lawnix("sandbox", "rm", "--unused").out
    (known,) = sandboxes(colours)
    assert known["parts"]["colours"] == "1.0"
    assert "0 environments" in colours.lawnix("sandbox", "rm", "--unused").out


def test_an_environment_that_is_removed_is_made_again_when_it_is_needed(colours):
    colours.lawnix("run", "play.Colour")
    colours.lawnix("sandbox", "rm", "venv::requirements.txt")
    (known,) = sandboxes(colours)
    assert known["environment"] is None
    assert known["parts"]["colours"] == "1.0"  # of that a result is known still
    colours.edit("import colours", "import colours, sys")
    assert "making the environment" in colours.lawnix("run", "play.Colour").err
    assert sandboxes(colours)[0]["environment"] is not None


def test_nothing_is_removed_while_others_use_the_store(colours):
    from lawnix.store.local import LocalStore

    colours.lawnix("run", "play.Colour")
    other = LocalStore.open(colours.store, create=False)
    try:
        assert "use" in colours.lawnix("sandbox", "rm", "venv::requirements.txt", code=1).err
    finally:
        other.close()
    assert sandboxes(colours)[0]["environment"] is not None


def test_rm_has_to_be_told_what(colours):
    colours.lawnix("run", "play.Colour")
    assert "or --unused" in colours.lawnix("sandbox", "rm", code=2).err
    assert "or --unused" in colours.lawnix("sandbox", "rm", "x", "--unused", code=2).err


def test_a_list_that_leaves_something_open_is_locked_beside_it(colours):
    (colours.root / "open.in").write_text("--no-index\n--find-links wheels\ncolours<2\n")
    colours.tasks(TASKS.replace("requirements.txt", "open.in"))
    assert "lawnix sandbox lock open.in" in colours.lawnix("run", "play.Colour", code=50).err
    said = colours.lawnix("sandbox", "lock", "open.in").out
    assert "name it as venv::open.txt" in said
    text = (colours.root / "open.txt").read_text()
    assert "colours==1.0" in text
    assert "--hash=sha256:" in text
    colours.edit("open.in", "open.txt")
    colours.lawnix("run", "play.Colour")


def test_what_cannot_be_locked_is_told(colours):
    (colours.root / "open.in").write_text("--no-index\nno-such-thing\n")
    assert "uv cannot lock it" in colours.lawnix("sandbox", "lock", "open.in", code=1).err
    assert "there is no file" in colours.lawnix("sandbox", "lock", "closed.in", code=1).err

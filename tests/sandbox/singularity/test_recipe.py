"""Images that are built from a definition file: what decides them, and that they are built once."""

import json
import os
import subprocess
import sys

import pytest

from lawnix.errors import SandboxError
from lawnix.sandbox.realized import remove
from lawnix.sandbox.singularity.recipe import _parts
from lawnix.sandbox.singularity.sandbox import SingularitySandbox
from lawnix.sandbox.spec import SandboxSpec

READY = """
import sys
from pathlib import Path
from lawnix.sandbox.singularity.sandbox import SingularitySandbox
from lawnix.sandbox.spec import SandboxSpec

SingularitySandbox(SandboxSpec("singularity", sys.argv[1]), Path(sys.argv[2])).ready()
"""


@pytest.fixture
def recipe(apptainer, tmp_path):
    """A definition file, and what it copies."""
    (tmp_path / "base").symlink_to(apptainer.directory("python3.11"))
    (tmp_path / "colour").write_text("red")
    path = tmp_path / "image.def"
    path.write_text(
        "Bootstrap: localimage\nFrom: base\n\n%files\n    colour /given/colour\n    # none\n    *.txt /given/\n\n"
        "%post\n    cat /given/colour > /made\n"
    )
    (tmp_path / "one.txt").write_text("1")
    yield path
    for record in (tmp_path / "home").glob("*/environment.json"):
        remove(record.parent)


@pytest.fixture
def sandbox(recipe, tmp_path):
    """The sandbox of that definition, as a run would look at it."""
    return lambda: SingularitySandbox(SandboxSpec("singularity", str(recipe)), tmp_path / "home")


def records(directory) -> list[dict]:
    return [json.loads(record.read_text()) for record in (directory / "home").glob("*/environment.json")]


def test_two_at_once_build_it_once_and_it_is_what_it_says(recipe, sandbox, said_in, tmp_path):
    command = [sys.executable, "-c", READY, str(recipe), str(tmp_path / "home")]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    (made,) = records(tmp_path)
    logs = list((tmp_path / "home").glob("*/log"))
    assert [log.read_text().count("$ ") for log in logs] == [1]
    program = "say([open('/made').read(), sorted(os.listdir('/given'))])"
    assert said_in(sandbox(), program) == ["red", ["colour", "one.txt"]]
    assert records(tmp_path) == [made]


@pytest.mark.parametrize(
    "change",
    [
        lambda directory: (directory / "colour").write_text("blue"),
        lambda directory: (directory / "two.txt").write_text("2"),
        lambda directory: (directory / "image.def").write_text(
            (directory / "image.def").read_text() + "    true\n"
        ),
    ],
)
def test_what_it_is_built_from_counts(sandbox, tmp_path, change):
    before = sandbox().identity()
    change(tmp_path)
    assert sandbox().identity() != before


def test_the_image_that_it_begins_from_counts_by_what_it_holds(apptainer, sandbox, tmp_path):
    before = sandbox().identity()
    (tmp_path / "base").unlink()
    (tmp_path / "base").symlink_to(apptainer.directory("busybox"))
    assert sandbox().identity() != before


def test_what_lies_beside_it_and_when_it_was_written_do_not(recipe, sandbox, tmp_path):
    before = sandbox().identity()
    (tmp_path / "other").write_text("1")
    os.utime(recipe, (1, 1))
    assert sandbox().identity() == before


def test_what_is_not_there_is_told(recipe, sandbox, tmp_path):
    (tmp_path / "colour").unlink()
    with pytest.raises(SandboxError, match="colour, which its definition copies"):
        sandbox().identity()
    recipe.write_text("Bootstrap: localimage\nFrom: nowhere.sif\n")
    with pytest.raises(SandboxError, match=r"nowhere\.sif, which its definition begins from"):
        sandbox().identity()


def test_a_build_that_fails_is_told_with_its_last_lines(recipe, sandbox):
    with recipe.open("a") as file:
        file.write("    echo not today; exit 3\n")
    with pytest.raises(SandboxError, match=r"(?s)not today"):
        sandbox().ready()


def test_an_image_of_a_registry_that_may_become_another_is_warned_of(apptainer, tmp_path, caplog):
    for name, warned in (("docker://python:3.13", True), (f"docker://python@sha256:{'0' * 64}", False)):
        caplog.clear()
        SingularitySandbox(SandboxSpec("singularity", name), tmp_path).identity()
        assert ("may become another" in caplog.text) == warned


def test_the_parts_of_a_definition():
    found = _parts(
        "# From: nothing\nbootstrap: docker\nFrom: one:1\nStage: build\n\n%files\n  'a b' /c\n  d\n%post\n  From: x\n"
        "  e /f\n\nBootstrap: library\nFrom: two\n\n%files from build\n  /g /h\n%files\n  i\n"
    )
    assert (found.bases, found.files) == ([("docker", "one:1"), ("library", "two")], ["a b", "d", "i"])

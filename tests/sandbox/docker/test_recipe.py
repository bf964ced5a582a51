"""Images that are built from a Dockerfile: what decides them, and that they are built once."""

import json
import os
import subprocess
import sys
import time
import uuid

import pytest

from lawnix.errors import SandboxError
from lawnix.sandbox.docker.recipe import REPOSITORY, _bases
from lawnix.sandbox.docker.sandbox import DockerSandbox
from lawnix.sandbox.realized import remove
from lawnix.sandbox.spec import SandboxSpec

READY = """
import sys
from pathlib import Path
from lawnix.sandbox.docker.sandbox import DockerSandbox
from lawnix.sandbox.spec import SandboxSpec

DockerSandbox(SandboxSpec("docker", sys.argv[1]), Path(sys.argv[2])).ready()
"""


@pytest.fixture
def base(docker):
    """The name of an image that can be given to another."""
    name = f"lawnix-test/{uuid.uuid4().hex}"
    docker.client.images.get(docker.pythons[0]).tag(name, "1")
    yield f"{name}:1"
    docker.client.images.remove(f"{name}:1", noprune=True)


@pytest.fixture
def recipe(docker, base, tmp_path):
    """A directory with a Dockerfile, and what that copies."""
    directory = tmp_path / "context"
    directory.mkdir()
    (directory / "Dockerfile").write_text(f"FROM {base}\nCOPY . /given\n")
    (directory / "colour").write_text("red")
    yield directory
    for record in (tmp_path / "home").glob("*/environment.json"):
        tag = json.loads(record.read_text())["parts"]["image"]
        for image in docker.client.images.list(tag):
            docker.client.images.remove(image.id, force=True)
        remove(record.parent)


@pytest.fixture
def sandbox(recipe, tmp_path):
    """The sandbox of that Dockerfile, as a run would look at it."""
    return lambda: DockerSandbox(SandboxSpec("docker", str(recipe)), tmp_path / "home")


def tagged(docker, begin: int) -> list[str]:
    """The images that were built since then."""
    events = docker.client.api.events(
        since=begin, until=int(time.time()) + 1, filters={"type": "image", "event": "tag"}, decode=True
    )
    return [name for each in events if (name := each["Actor"]["Attributes"]["name"]).startswith(REPOSITORY)]


def test_an_image_is_built_and_what_it_copies_is_in_it(sandbox, said_in):
    assert said_in(sandbox(), "say(open('/given/colour').read())") == "red"


def test_the_file_and_its_directory_are_one_sandbox(recipe, sandbox, tmp_path):
    by_file = DockerSandbox(SandboxSpec("docker", str(recipe / "Dockerfile")), tmp_path / "home")
    assert by_file.identity() == sandbox().identity()


def test_two_at_once_build_it_once(docker, recipe, tmp_path):
    begin = int(time.time())
    command = [sys.executable, "-c", READY, str(recipe), str(tmp_path / "home")]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert len([name for name in tagged(docker, begin) if name in names(tmp_path)]) == 1


def names(directory) -> list[str]:
    records = (directory / "home").glob("*/environment.json")
    return [json.loads(record.read_text())["parts"]["image"] for record in records]


def test_another_file_in_its_context_is_another_image(recipe, sandbox, said_in):
    before = sandbox().identity()
    (recipe / "colour").write_text("blue")
    assert sandbox().identity() != before
    assert said_in(sandbox(), "say(open('/given/colour').read())") == "blue"


def test_a_file_that_can_be_executed_is_another(recipe, sandbox):
    before = sandbox().identity()
    (recipe / "colour").chmod(0o755)
    assert sandbox().identity() != before


def test_times_and_the_place_do_not_count(recipe, sandbox, tmp_path):
    before = sandbox().identity()
    os.utime(recipe / "colour", (1, 1))
    assert sandbox().identity() == before
    recipe.rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").rename(recipe)
    moved = tmp_path / "moved"
    recipe.rename(moved)
    elsewhere = DockerSandbox(SandboxSpec("docker", str(moved)), tmp_path / "home")
    assert elsewhere.identity() == before


def test_what_dockerignore_names_does_not_count(recipe, sandbox, said_in):
    (recipe / ".dockerignore").write_text("# what is mine\n*.tmp\nnotes\n!kept.tmp\n")
    before = sandbox().identity()
    (recipe / "one.tmp").write_text("1")
    (recipe / "notes").mkdir()
    (recipe / "notes" / "today").write_text("1")
    assert sandbox().identity() == before
    assert "one.tmp" not in said_in(sandbox(), "say(os.listdir('/given'))")
    (recipe / "kept.tmp").write_text("1")
    assert sandbox().identity() != before


def test_another_image_to_begin_from_is_another(docker, base, sandbox):
    before = sandbox().identity()
    name, _, tag = base.partition(":")
    docker.client.images.get(docker.pythons[1]).tag(name, tag)
    assert sandbox().identity() != before


def test_an_image_that_somebody_removed_is_built_again(docker, sandbox, said_in, tmp_path):
    sandbox().ready()
    (name,) = names(tmp_path)
    docker.client.images.remove(name, force=True)
    assert said_in(sandbox(), "say(open('/given/colour').read())") == "red"


def test_a_build_that_fails_is_told_with_its_last_lines(recipe, sandbox):
    with (recipe / "Dockerfile").open("a") as file:
        file.write("RUN echo not today; exit 3\n")
    with pytest.raises(SandboxError, match=r"(?s)cannot be built.*\| not today.*returned a non-zero code: 3"):
        sandbox().ready()


def test_the_name_of_an_image_to_begin_from_that_is_nowhere_is_told(recipe, sandbox):
    (recipe / "Dockerfile").write_text("FROM lawnix-test/nobody-made-this:1\n")
    with pytest.raises(SandboxError, match="docker pull lawnix-test/nobody-made-this:1"):
        sandbox().identity()


@pytest.mark.parametrize(
    ("text", "bases"),
    [
        ("FROM one:1", ["one:1"]),
        ("# FROM no\nfrom one AS first\nFROM two\nCOPY --from=first /a /b\n", ["one", "two"]),
        ("FROM one AS first\nFROM First AS second\nCOPY --from=three --chown=1 /a /b\nCOPY --from=0 /a /b\n", ["one", "three"]),
        ("ARG NAME=one\nARG TAG\nFROM --platform=linux/amd64 ${NAME}:${TAG:-2}", ["one:2"]),
        ('ARG NAME="one"\nFROM $NAME\nARG NAME=two\nFROM $NAME', ["one"]),
        ("FROM scratch\nCOPY . /", []),
        ("FROM \\\n  # here\n  one\n", ["one"]),
    ],
)  # fmt: skip
def test_the_images_that_a_file_begins_from(text, bases):
    assert list(dict.fromkeys(_bases(text))) == bases


@pytest.mark.parametrize("text", ["", "FORM {base}\n"])
def test_a_file_that_is_no_recipe_is_told_in_the_engines_words(recipe, sandbox, text, base):
    (recipe / "Dockerfile").write_text(text.format(base=base))
    with pytest.raises(SandboxError, match=r"(?i)the Docker engine says: .*dockerfile"):
        sandbox().ready()

"""The recipes of images that are shipped with the project make what they say, of whatever image has a Python."""

import ensurepip
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

TASK = """
class Inside(lawnix.Task, law.SandboxTask):
    sandbox = "{key}"

    def output(self):
        return self.target("i.txt")

    def run(self):
        import colours

        self.output().dump(colours.NAME, formatter="text")
"""


@pytest.fixture
def shipped(project, wheel) -> Path:
    """The folder of the recipes, with a small list of packages and their wheels."""
    place = project.root / "sandboxes"
    shutil.copytree(ROOT / "sandboxes", place, ignore=shutil.ignore_patterns("wheels"))
    digest = wheel(place / "wheels", "colours", "1.0", "NAME = 'red'")
    (place / "columnar.txt").write_text(f"colours==1.0 --hash={digest}\n")
    (pip,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    shutil.copy(pip, place / "wheels")
    return place


def begins_from(recipe: Path, *edits: tuple[str, str]) -> None:
    text = recipe.read_text()
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    recipe.write_text(text)


def test_the_dockerfile_makes_an_image_with_the_packages(project, shipped, docker):
    begins_from(shipped / "Dockerfile", ("FROM python:3.11-slim-bookworm", f"FROM {docker.pythons[0]}"))
    project.tasks(TASK.format(key="docker::sandboxes/Dockerfile"))
    project.run("Inside")
    assert project.text("**/i.txt") == "red"


def test_the_definition_makes_an_image_with_the_packages(project, shipped, apptainer):
    begins_from(
        shipped / "columnar.def",
        ("Bootstrap: docker", "Bootstrap: localimage"),
        ("From: python:3.11-slim-bookworm", f"From: {apptainer.file('python3.11')}"),
    )
    project.patience *= 5  # packing the image takes a while on a machine that does something else, too
    project.tasks(TASK.format(key="singularity::sandboxes/columnar.def"))
    project.run("Inside")
    assert project.text("**/i.txt") == "red"

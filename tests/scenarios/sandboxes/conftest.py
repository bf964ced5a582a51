"""The kinds of sandboxes, each as a user's project would have it. What holds for all is told once, for each of them."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Kind:
    """A kind of sandbox.

    Attributes:
        name: As law calls it.
        make: Puts a sandbox into a project; its key, `type::name`.
        change: Makes another environment of it, under the same key.
        move: Changes what the environment does not depend on.
    """

    name: str
    make: Callable
    change: Callable
    move: Callable


def _make_bash(project) -> str:
    project.write("setup.sh", "export COLOUR=red\nsource more.sh\n")
    project.write("more.sh", "export SHAPE=round\n")
    return "bash::setup.sh"


BASH = Kind(
    "bash",
    make=_make_bash,
    change=lambda project: project.edit("round", "square", "more.sh"),
    move=lambda project: project.root.joinpath("more.sh").touch(),
)

KINDS = {"bash": BASH}


@pytest.fixture(params=sorted(KINDS))
def kind(request) -> Kind:
    """Each of the kinds; what one needs is had, or the test is skipped."""
    return KINDS[request.param]


@pytest.fixture
def key(kind, project) -> str:
    """A sandbox in the project."""
    return kind.make(project)

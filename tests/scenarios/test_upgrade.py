"""A release that digests code by another method: nothing is built again for it, and changes are seen as ever."""

import pytest

TASKS = """
def factor():
    return 3

class Make(lawnix.Task):
    n = luigi.IntParameter(default=1)

    def output(self):
        return self.target("made.txt")

    def run(self):
        ran("Make")
        # a comment
        self.output().dump(str(self.n * factor()), formatter="text")

class Use(lawnix.Task):
    def requires(self):
        return Make.req(self)

    def output(self):
        return self.target("used.txt")

    def run(self):
        ran("Use")
        self.output().dump(self.input().load(formatter="text"), formatter="text")
"""

# what comments say counts, too, which method 1 does not see
SECOND = """
import inspect
from dataclasses import replace
from lawnix.core.digest import digest
from lawnix.task import identity, upgrade
from lawnix.task.code.code import code_of

def first(cls, settings):
    return code_of(cls, track=settings.track, unknown=settings.unknown, libraries=settings.libraries).digest

def second(cls, **options):
    code = code_of(cls, **options)
    words = inspect.getsource(vars(cls)["run"].__lawnix_wrapped__)
    return replace(code, digest=digest("code 2", (code.digest + words).encode()))

upgrade.EARLIER[1] = first
upgrade.METHOD = 2
identity.code_of = second
"""

# and that they have no question marks
THIRD = (
    SECOND
    + """
def by_second(cls, settings):
    return second(cls, track=settings.track, unknown=settings.unknown, libraries=settings.libraries).digest

def third(cls, **options):
    code = second(cls, **options)
    words = inspect.getsource(vars(cls)["run"].__lawnix_wrapped__).replace("?", "")
    return replace(code, digest=digest("code 3", (code_of(cls, **options).digest + words).encode()))

upgrade.EARLIER[2] = by_second
upgrade.METHOD = 3
identity.code_of = third
"""
)


@pytest.fixture
def releases(project):
    project.tasks(TASKS)
    project.write("second.py", SECOND)
    project.write("third.py", THIRD)

    def run(release, *argv):
        prelude = {1: None, 2: project.root / "second.py", 3: project.root / "third.py"}[release]
        return project.run("Use", *argv, prelude=prelude).ran

    run.project = project
    return run


@pytest.mark.parametrize("release", [2, 3])
def test_another_method_rebuilds_nothing(releases, release):
    assert releases(1) == "Make Use"
    assert releases(release) == ""
    assert releases(release) == ""


def test_methods_that_follow_each_other_rebuild_nothing(releases):
    assert releases(1) == "Make Use"
    assert [releases(release) for release in (2, 3, 2, 1, 3)] == [""] * 5


def test_a_change_is_seen_by_the_new_method(releases):
    releases(1)
    assert releases(2) == ""
    releases.project.edit("return 3", "return 4")
    assert releases(2) == "Make Use"
    assert releases(2) == ""
    releases.project.edit("return 4", "return 3")
    assert releases(2) == ""


def test_a_change_before_the_upgrade_is_seen(releases):
    releases(1)
    releases.project.edit("return 3", "return 4")
    assert releases(2) == "Make Use"


def test_what_only_the_new_method_sees_is_a_change(releases):
    releases(1)
    assert releases(2) == ""
    releases.project.edit("# a comment", "# another comment")
    assert releases(2) == "Make"
    assert releases(2) == ""
    releases.project.edit("# another comment", "# a comment")
    assert releases(2) == ""


def test_what_was_first_built_by_the_new_method_stays_with_it(releases):
    assert releases(2) == "Make Use"
    assert releases(2) == ""
    assert releases(3) == ""
    releases.project.edit("# a comment", "# a comment?")
    assert releases(3) == "Make"  # the method by which it is known takes it for a change
    releases.project.edit("# a comment?", "# another comment")
    assert releases(3) == "Make"


def test_another_parameter_of_code_that_is_known_by_the_earlier_method_is_built_once(releases):
    releases(1)
    assert releases(2, "--Make-n", "2") == "Make Use"
    assert releases(2, "--Make-n", "2") == ""
    assert releases(2) == ""

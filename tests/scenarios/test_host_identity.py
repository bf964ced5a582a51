"""Without a sandbox, the environment of the run counts as far as [lawnix] host_identity says."""

import subprocess
import sys

import pytest

TASKS = """
class Number(lawnix.Task):
    def output(self):
        return self.target("n.txt")

    def run(self):
        ran("Number")
        self.output().dump("1", formatter="text")
"""


@pytest.fixture
def packages(project):
    """Installs something where the project finds it."""
    place = project.root / "my-packages"
    place.mkdir()
    project.tasks(TASKS)

    def install(version):
        for old in place.iterdir():
            (old / "METADATA").unlink()
            old.rmdir()
        info = place / f"colours-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: colours\nVersion: {version}\n")

    install("1.0")
    return install


def bodies(project, *argv):
    path = f"{project.root}:{project.root / 'my-packages'}:{project.environment['PYTHONPATH']}"
    return project.fresh_law("run", "proj.tasks.Number", *argv, PYTHONPATH=path)


def test_what_is_installed_does_not_count_unless_it_is_said(project, packages):
    assert bodies(project).ran == "Number"
    packages("2.0")
    assert bodies(project).ran == ""
    project.configure("lawnix", "host_identity", "python")
    assert bodies(project).ran == "Number"
    packages("3.0")
    assert bodies(project).ran == ""


def test_what_is_installed_counts_if_it_is_said(project, packages):
    project.configure("lawnix", "host_identity", "packages")
    assert bodies(project).ran == "Number"
    assert bodies(project).ran == ""  # it stands
    packages("2.0")
    assert "sandbox changed: colours 1.0 → 2.0" in bodies(project, "--why", "0").output
    assert bodies(project).ran == "Number"
    packages("1.0")
    assert bodies(project).ran == ""


def test_what_a_lock_pins_counts_and_not_its_comments(project, packages):
    project.configure("lawnix", "host_identity", "lock")
    lock = project.write("requirements.lock", "colours==1.0\nshades==1.0\n")
    assert bodies(project).ran == "Number"
    lock.write_text("shades==1.0  # of colours\ncolours==1.0\ntints==1.0 ; sys_platform == 'win32'\n")
    packages("2.0")  # the lock says what counts
    assert bodies(project).ran == ""
    lock.write_text("shades==1.1\ncolours==1.0\n")
    assert bodies(project).ran == "Number"


def test_a_lock_that_is_not_there_is_told(project, packages):
    project.configure("lawnix", "host_identity", "lock")
    run = project.run("Number", code=None)
    assert run.code != 0
    assert "there is neither uv.lock nor requirements.lock in" in run.output
    assert run.ran == ""


def test_the_version_of_python_counts_in_each_of_them(project, packages):
    asking = "import platform; {}from lawnix.task.hosted import hosted; print(hosted('{}').digest)"
    for how in ("python", "packages"):
        codes = [asking.format(patch, how) for patch in ("", "platform.python_version = lambda: '3.99.0'; ")]
        one, other = (subprocess.check_output([sys.executable, "-c", code]) for code in codes)
        assert one != other

"""Virtual environments that are made from lock files, or that were there."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lawnix.errors import SandboxError
from lawnix.sandbox.registry import sandbox_of
from lawnix.sandbox.spec import SandboxSpec

TASKS = """
class Colour(lawnix.Task, law.SandboxTask):
    sandbox = "venv::{name}"

    def output(self):
        return self.target("c.txt")

    def run(self):
        import colours
        print("body")
        self.output().dump(colours.NAME, formatter="text")
"""


@pytest.fixture
def wheels(project, wheel):
    """What can be had; the digests of the archives by version."""
    place = project.root / "wheels"
    return {
        "1.0": wheel(place, "colours", "1.0", "NAME = 'red'"),
        "2.0": wheel(place, "colours", "2.0", "NAME = 'blue'", "shades>=1"),
    }


@pytest.fixture
def offline(project, monkeypatch):
    """Installers find the wheels and nothing else."""
    monkeypatch.setenv("UV_FIND_LINKS", str(project.root / "wheels"))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(project.root / "wheels"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")


@pytest.fixture
def inside(project, monkeypatch):
    """The project is where we are."""
    monkeypatch.chdir(project.root)


def sandbox(name="requirements.txt", home="store/sandboxes", **more):
    return sandbox_of(SandboxSpec("venv", str(name), **more), Path(home).absolute())


def listed(project, text, name="requirements.txt"):
    project.write(name, f"--no-index\n--find-links wheels\n{text}\n")


def environments(project):
    return sorted(path.parent.name for path in project.store.glob("sandboxes/*/environment.json"))


# ------------------------------------------------------------------------------------ what it is


def test_comments_and_what_is_for_other_machines_change_nothing(project, wheels, inside):
    listed(project, "colours==1.0")
    before = sandbox().identity()
    listed(project, "# mine\ncolours == 1.0  # red\ncolorama==1.0 ; sys_platform == 'win32'")
    assert sandbox().identity() == before


def test_another_version_another_digest_and_another_variable_are_other_environments(project, wheels, inside):
    found = set()
    for text in ("colours==1.0", "colours==2.0", f"colours==1.0 --hash={wheels['1.0']}"):
        listed(project, text)
        found.add(sandbox().identity())
    assert len(found | {sandbox(variables=(("DEPTH", "3"),)).identity()}) == 4


def test_where_the_project_lies_changes_nothing(project, wheels, inside, tmp_path, monkeypatch):
    listed(project, "colours==1.0")
    variables = {"variables": (("HERE", str(project.root)),)}
    before = sandbox(**variables).identity()
    shutil.move(project.root, tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert sandbox(variables=(("HERE", str(tmp_path / "elsewhere")),)).identity() == before


def test_another_python_is_another_environment(project, wheels, inside, monkeypatch, tmp_path):
    listed(project, "colours==1.0")
    before = sandbox()
    identity = before.identity()
    other = tmp_path / "bin" / "python3.99"
    other.parent.mkdir()
    said = subprocess.run(
        [sys.executable, "-I", Path(__file__).parents[3] / "lawnix/sandbox/probe.py"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.replace(f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}", "3.99.1")
    other.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\n")
    other.chmod(0o755)
    monkeypatch.setattr("lawnix.sandbox.interpreter.find_uv", lambda: None)
    monkeypatch.setenv("PATH", f"{other.parent}:{os.environ['PATH']}")
    project.write(".python-version", "# ours\n3.99\n")
    after = sandbox()
    assert after.parts()["python"] == "CPython 3.99.1"
    assert before.parts()["python"] != after.parts()["python"]
    assert after.identity() != identity


def test_a_python_that_is_not_there_is_told(project, wheels, inside):
    listed(project, "colours==1.0")
    project.write(".python-version", "3.98\n")
    with pytest.raises(SandboxError, match=r"wants Python 3\.98, and there is none here; install it"):
        sandbox().identity()


@pytest.mark.parametrize("line", ["colours", "colours>=1.0", "-e ."])
def test_a_list_that_leaves_something_open_is_refused(project, wheels, inside, line):
    listed(project, line)
    with pytest.raises(SandboxError, match=f"does not pin '{line}'.*`lawnix sandbox lock requirements.txt`"):
        sandbox().identity()


# ---------------------------------------------------------------------------------- how it is made


def test_tasks_find_what_is_pinned_in_an_environment_that_is_made_once(project, wheels):
    listed(project, "colours==1.0")
    project.tasks(TASKS.format(name="requirements.txt"))
    assert "then, if" not in project.run("Colour", "--print-plan", "0").output
    assert environments(project) == []
    assert "making the environment of venv::requirements.txt" in project.run("Colour").output
    assert project.text("**/c.txt") == "red"
    project.edit("import colours", "import colours, os")
    run = project.run("Colour")
    assert "body" in run.output
    assert "making the environment" not in run.output
    assert len(environments(project)) == 1


def test_two_runs_at_once_make_it_once(project, wheels):
    listed(project, "colours==1.0")
    project.tasks(TASKS.format(name="requirements.txt"))
    runs = [project.start("run", "proj.tasks.Colour") for _ in range(2)]
    outputs = [run.wait().output for run in runs]
    assert sum("making the environment" in output for output in outputs) == 1
    assert project.text("**/c.txt") == "red"


def shim(directory, command):
    """A uv that runs a command first."""
    uv = directory / "bin" / "uv"
    uv.parent.mkdir()
    real = shutil.which("uv", path=f"{os.environ['PATH']}:{Path(sys.executable).parent}")
    uv.write_text(f'#!/bin/sh\n{command}\nexec {real} "$@"\n')
    uv.chmod(0o755)
    return uv


def test_what_was_killed_in_the_middle_is_made_anew(project, wheels, tmp_path):
    listed(project, "colours==1.0")
    project.tasks(TASKS.format(name="requirements.txt"))
    uv = shim(tmp_path, '[ "$1" = pip ] && kill -9 $PPID && kill -9 $$')
    killed = project.run("Colour", code=-9, PATH=f"{uv.parent}:{os.environ['PATH']}")
    assert "making the environment" in killed.output
    assert list(project.store.glob("sandboxes/*/venv"))
    assert environments(project) == []
    assert "making the environment" in project.run("Colour").output
    assert project.text("**/c.txt") == "red"


def test_what_cannot_be_made_is_told_before_anything_runs_with_the_end_of_the_log(project, wheels):
    listed(project, f"colours==1.0 --hash={wheels['2.0']}")
    project.tasks(TASKS.format(name="requirements.txt"))
    run = project.run("Colour", code=None)
    assert run.code != 0
    assert "the sandbox venv::requirements.txt cannot be had" in run.output
    assert "  | " in run.output
    assert "hash" in run.output.lower()
    assert "body" not in run.output
    (log,) = project.store.glob("sandboxes/*/log")
    assert str(log) in run.output
    assert environments(project) == []


def test_pip_makes_the_same_where_there_is_no_uv(project, wheels, inside, monkeypatch):
    listed(project, f"colours==1.0 --hash={wheels['1.0']}")
    identity = sandbox().identity()
    for module in ("interpreter", "virtualenv.installing"):
        monkeypatch.setattr(f"lawnix.sandbox.{module}.find_uv", lambda: None)
    with_pip = sandbox()
    assert with_pip.identity() == identity
    place = with_pip.ready()
    assert "-m pip" in (place / "log").read_text()
    said = subprocess.check_output(
        [place / "venv/bin/python", "-c", "import colours; print(colours.NAME)"], text=True
    )
    assert said == "red\n"


def test_what_packages_need_and_a_list_does_not_name_is_told(project, wheels, inside, caplog):
    listed(project, "colours==2.0")
    sandbox().ready()
    assert "colours needs shades, which venv::requirements.txt does not name" in caplog.text


def test_it_is_as_activate_leaves_it_with_the_commands_of_the_task(project, wheels):
    listed(project, "colours==1.0")
    project.tasks(TASKS.format(name="requirements.txt"))
    project.edit(
        "colours.NAME", "' '.join(os.environ[n] for n in ('VIRTUAL_ENV', 'PATH', 'BEFORE', 'AFTER'))"
    )
    project.edit(
        "    def run(self):",
        "    def sandbox_pre_setup_cmds(self):\n        return ['export BEFORE=1']\n\n"
        "    def sandbox_post_setup_cmds(self):\n        return ['export AFTER=$(dirname $VIRTUAL_ENV)']\n\n    def run(self):",
    )
    project.run("Colour")
    venv, path, before, after = project.text("**/c.txt").split()
    assert (before, after) == ("1", str(Path(venv).parent))
    assert path.split(":")[0] == f"{venv}/bin"


def test_variables_are_set_as_law_sets_them(project, wheels):
    listed(project, "colours==1.0")
    project.tasks(TASKS.format(name="requirements.txt"))
    project.edit("colours.NAME", "os.environ['PATH'] + '|' + os.environ['SAID']")
    project.edit(
        "    def run(self):",
        "    def sandbox_env(self, env):\n"
        "        return {'PATH': '/more:$PATH', 'SAID': 'a \"word\" $VIRTUAL_ENV'}\n\n    def run(self):",
    )
    project.run("Colour")
    path, said = project.text("**/c.txt").split("|")
    venv = said.removeprefix('a "word" ')
    assert Path(venv, "pyvenv.cfg").exists()
    assert path.startswith(f"/more:{venv}/bin:")


# -------------------------------------------------------------------------- what caches make of it


@pytest.fixture
def cache(project, wheels, inside, monkeypatch):
    """The cache of uv, and another environment whose files are hard links to it."""
    for name, value in cached(project).items():
        monkeypatch.setenv(name, value)
    subprocess.run(["uv", "venv", "--quiet", "mine"], check=True)
    project.write("theirs.txt", f"colours==1.0 --hash={wheels['1.0']}\n")
    install(project, "-rtheirs.txt")
    return project.root / "cache"


def cached(project):
    """The variables that have uv use that cache."""
    return {"UV_CACHE_DIR": str(project.root / "cache"), "UV_LINK_MODE": "hardlink"}


def edit_in_place(project, text):
    (module,) = project.root.glob("mine/lib/*/site-packages/colours.py")
    assert module.stat().st_nlink > 1
    module.write_text(text)


def test_what_was_edited_through_another_environment_is_told_before_anything_runs(project, wheels, cache):
    listed(project, f"colours==1.0 --hash={wheels['1.0']}")
    project.tasks(TASKS.format(name="requirements.txt"))
    edit_in_place(project, "NAME = 'edited'")
    run = project.run("Colour", code=None, **cached(project))
    assert run.code != 0
    assert "body" not in run.output
    said = " ".join(run.output.split())
    assert "what was installed of colours is not what was packed: colours.py of colours was changed" in said
    assert "uv cache clean colours" in said
    (place,) = {path.parent for path in project.store.glob("sandboxes/*/log")}
    assert [path.name for path in place.iterdir()] == ["log"]
    subprocess.run(["uv", "cache", "clean", "--quiet", "colours"], check=True)
    project.run("Colour", **cached(project))
    assert project.text("**/c.txt") == "red"


def test_what_is_gone_from_a_cache_is_told(project, wheels, cache):
    listed(project, "colours==1.0")
    (module,) = cache.glob("archive-*/*/colours.py")
    module.unlink()
    with pytest.raises(SandboxError, match=r"colours\.py of colours was removed in the installer"):
        sandbox().ready()


def test_an_edited_cache_is_told_where_nothing_can_be_fetched(project, wheels, cache, monkeypatch):
    listed(project, "colours==1.0")
    edit_in_place(project, "NAME = 'edited'")
    packed = project.root / "wheels" / "colours-1.0-py3-none-any.whl"
    uv = shim(project.root, f'case "$*" in *--no-cache*) rm -f {packed};; esac')
    monkeypatch.setenv("PATH", f"{uv.parent}:{os.environ['PATH']}")
    with pytest.raises(SandboxError, match=r"colours\.py of colours was changed in the installer"):
        sandbox().ready()
    assert not packed.exists()


def test_files_of_an_environment_are_no_links_to_a_cache_whatever_the_settings_say(project, wheels, cache):
    listed(project, "colours==1.0")
    (module,) = sandbox().ready().glob("venv/lib/*/site-packages/colours.py")
    assert (module.stat().st_nlink, module.is_symlink()) == (1, False)
    (packed,) = cache.glob("archive-*/*/colours.py")
    assert packed.stat().st_mode & 0o200


@pytest.fixture(params=["uv", "pip"])
def installer(request, monkeypatch):
    """Each of the installers."""
    if request.param == "pip":
        for module in ("interpreter", "virtualenv.installing"):
            monkeypatch.setattr(f"lawnix.sandbox.{module}.find_uv", lambda: None)
    return request.param


def test_an_archive_that_does_not_hold_what_it_says_is_taken_with_a_warning(
    project, wheels, inside, installer, caplog
):
    packed = project.root / "wheels" / "colours-1.0-py3-none-any.whl"
    repacked(packed, lambda files: files.update({"colours.py": b"NAME = 'repacked'"}))
    listed(project, "colours==1.0")
    place = sandbox().ready()
    assert "the archives of colours do not hold what they say, colours.py for one" in caplog.text
    assert imported(place) == "repacked"
    assert sorted(path.name for path in place.iterdir()) == ["environment.json", "log", "used-as", "venv"]


def test_what_installers_write_anew_and_what_two_packages_bring_is_as_it_was_packed(
    project, wheels, inside, installer, wheel, caplog
):
    def more(files):
        info = next(name for name in files if name.endswith("RECORD")).rpartition("/")[0]
        own = {
            f"{info}/entry_points.txt": b"[console_scripts]\ncolours = colours:main\n",
            f"{info.removesuffix('.dist-info')}.data/scripts/paint": b"#!python\nprint(1)\n",
            f"__pycache__/colours.{sys.implementation.cache_tag}.pyc": b"old",
            "both.py": info.encode(),
        }
        files[f"{info}/RECORD"] += b"".join(
            f"{name},{record_digest(data)},{len(data)}\n".encode() for name, data in own.items()
        )
        files.update(own)

    wheel(project.root / "wheels", "shades", "1.0", "")
    for name in ("colours", "shades"):
        repacked(project.root / "wheels" / f"{name}-1.0-py3-none-any.whl", more)
    listed(project, "colours==1.0\nshades==1.0")
    place = sandbox().ready()
    assert imported(place) == "red"
    assert (place / "venv/bin/paint").exists()
    assert "do not hold" not in caplog.text


def repacked(path, change):
    """Pack a wheel anew with other files, of which its RECORD need not know."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def record_digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def imported(place):
    code = "import colours; print(colours.NAME)"
    return subprocess.check_output([place / "venv/bin/python", "-c", code], text=True).strip()


# ------------------------------------------------------------------------------------------ projects


@pytest.fixture
def locked(project, wheels, inside, offline):
    """A project that uv has locked."""
    project.write(
        "pyproject.toml",
        """
        [project]
        name = "mine"
        version = "1"
        requires-python = ">=3.10"
        dependencies = ["colours<2"]

        [dependency-groups]
        dev = ["colours<2"]
        """,
    )
    subprocess.run(["uv", "lock", "--quiet"], check=True)
    return project


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_a_project_is_what_its_lock_pins(locked, name, monkeypatch):
    before = sandbox(name)
    assert before.parts()["colours"] == "1.0"
    lock = locked.root / "uv.lock"
    lock.write_text(f"# mine\n{lock.read_text()}")
    assert sandbox(name).identity() == before.identity()
    locked.tasks(TASKS.format(name=name))
    locked.run("Colour", UV_FIND_LINKS=os.environ["UV_FIND_LINKS"], UV_NO_INDEX="1")
    assert locked.text("**/c.txt") == "red"


def test_the_lock_of_a_project_can_be_what_the_host_is(locked, wheel):
    locked.tasks(TASKS.format(name="uv.lock").replace(", law.SandboxTask", "").replace("colours.NAME", "'1'"))
    locked.edit("        import colours\n", "")
    locked.configure("lawnix", "host_identity", "lock")
    assert "body" in locked.run("Colour").output
    lock = locked.root / "uv.lock"
    lock.write_text(f"# mine\n{lock.read_text()}")
    assert "body" not in locked.run("Colour").output
    wheel(locked.root / "wheels", "colours", "1.5", "NAME = 'pink'")
    subprocess.run(["uv", "lock", "--quiet", "--upgrade"], check=True)
    assert "body" in locked.run("Colour").output


def test_a_project_without_a_lock_or_with_an_old_one_is_refused(locked):
    locked.edit('"colours<2"]\n\n', '"colours<2", "shades"]\n\n', "pyproject.toml")
    with pytest.raises(
        SandboxError, match=r"made before pyproject\.toml asked for shades; make it anew: .* uv lock"
    ):
        sandbox("pyproject.toml").identity()
    (locked.root / "uv.lock").unlink()
    with pytest.raises(SandboxError, match=r"there is no .*uv\.lock; make it: .* uv lock"):
        sandbox("pyproject.toml").identity()


def test_a_project_says_which_python_it_works_with(locked):
    lock = locked.root / "uv.lock"
    lock.write_text(lock.read_text().replace('requires-python = ">=3.10"', 'requires-python = ">=3.98"'))
    with pytest.raises(SandboxError, match=r"wants Python >=3\.98"):
        sandbox("uv.lock").identity()


# ----------------------------------------------------------------------------- directories of others


@pytest.fixture
def directory(project, wheels, inside):
    """An environment that somebody has made."""
    subprocess.run(["uv", "venv", "--quiet", "mine"], check=True)
    install(project, "colours==1.0")
    return project.root / "mine"


def install(project, what):
    pip = ["uv", "pip", "install", "--quiet", "--no-deps", "--no-index", "--find-links", "wheels"]
    subprocess.run([*pip, "--python", "mine/bin/python", what], check=True)


def test_an_environment_that_is_there_serves_as_it_is(project, directory):
    project.tasks(TASKS.format(name="mine"))
    project.run("Colour")
    assert project.text("**/c.txt") == "red"
    assert environments(project) == []
    install(project, "colours==2.0")
    assert "sandbox changed: colours 1.0 → 2.0" in project.run("Colour", "--why", "0").output
    assert "body" in project.run("Colour").output


def test_an_environment_that_is_there_is_what_is_installed_in_it(project, directory, wheel):
    before = sandbox("mine").identity()
    assert sandbox("mine").parts()["colours"] == "1.0"
    subprocess.run(["uv", "venv", "--quiet", "other"], check=True)
    shutil.copytree(directory / "lib", project.root / "other" / "lib", dirs_exist_ok=True)
    assert sandbox("other").identity() == before
    wheel(project.root / "wheels", "colours", "1.0", "NAME = 'not red'")
    subprocess.run(
        ["uv", "pip", "uninstall", "--quiet", "--python", "mine/bin/python", "colours"], check=True
    )
    assert sandbox("mine").identity() != before
    install(project, "./wheels/colours-1.0-py3-none-any.whl")
    assert sandbox("mine").identity() != before


@pytest.mark.parametrize(
    "change",
    [
        lambda site: (site / "colours.py").write_text("NAME = 'rad'"),
        lambda site: (site / "loose.py").write_text("A = 1"),
        lambda site: (site / "colours.py").rename(site / "colors.py"),
        lambda site: (site / "colours-1.0.dist-info" / "entry_points.txt").write_text("[paint]\na = b\n"),
        lambda site: os.symlink(site.parent / "beside", site / "beside"),
    ],
    ids=["an edited file", "a module of no package", "another name", "an entry point", "a linked package"],
)
def test_what_is_done_by_hand_counts_in_it(project, directory, change):
    (site,) = directory.glob("lib/*/site-packages")
    (site.parent / "beside").mkdir()
    (site.parent / "beside" / "__init__.py").write_text("A = 1")
    before = sandbox("mine").identity()
    change(site)
    assert sandbox("mine").identity() != before


def test_what_is_done_by_hand_builds_its_tasks_again(project, directory):
    project.tasks(TASKS.format(name="mine"))
    project.run("Colour")
    (site,) = directory.glob("lib/*/site-packages")
    (site / "colours.py").write_text("NAME = 'rad'")
    assert "sandbox changed" in project.run("Colour", "--why", "0").output
    assert "body" in project.run("Colour").output
    assert project.text("**/c.txt") == "rad"


def test_its_use_and_who_has_installed_it_change_nothing(project, directory):
    before = sandbox("mine").identity()
    subprocess.run([directory / "bin/python", "-m", "compileall", "-q", directory / "lib"], check=True)
    assert list(directory.glob("lib/*/site-packages/__pycache__/colours.*"))
    assert sandbox("mine").identity() == before
    (installer,) = directory.glob("lib/*/site-packages/colours-*/INSTALLER")
    installer.write_text("somebody")
    assert sandbox("mine").identity() == before


def test_where_its_files_are_linked_to_changes_nothing(project, directory, monkeypatch):
    before = sandbox("mine").identity()
    shutil.rmtree(directory)
    monkeypatch.setenv("UV_LINK_MODE", "symlink")
    subprocess.run(["uv", "venv", "--quiet", "mine"], check=True)
    install(project, "colours==1.0")
    (module,) = directory.glob("lib/*/site-packages/colours.py")
    assert module.is_symlink()
    assert sandbox("mine").identity() == before


def test_nothing_need_be_kept_of_what_is_installed_in_it(project, directory):
    project.write("file", "")
    assert sandbox("mine", home="file/none").identity() == sandbox("mine").identity()


def test_what_is_edited_in_place_counts_in_it(project, directory):
    (site,) = directory.glob("lib/*/site-packages")
    info = site / "mine-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1\n")
    (info / "direct_url.json").write_text(
        f'{{"url": "file://{project.root}", "dir_info": {{"editable": true}}}}'
    )
    before = sandbox("mine").identity()
    project.write("mine.py", "A = 1\n")
    assert sandbox("mine").identity() != before


def test_a_directory_that_is_none_is_told(project, inside):
    with pytest.raises(SandboxError, match="proj is no virtual environment; name the file that locks one"):
        sandbox("proj").identity()

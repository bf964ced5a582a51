"""What is installed for a Python: which files count."""

import os
import sys
from dataclasses import replace

from lawnix.sandbox.interpreter import host
from lawnix.sandbox.virtualenv.installed import installed_form


def names(site, tmp_path):
    found = installed_form(replace(host(), packages=[str(site), "/nowhere/site-packages"]), tmp_path / "home")
    return [name.removeprefix("0/") for name in found[1]]


def test_links_are_followed_and_in_a_circle_no_more_than_once(tmp_path):
    site = tmp_path / "site-packages"
    for mine, other in (("one", "two"), ("two", "one")):
        (site / mine).mkdir(parents=True)
        (site / mine / f"{mine}.py").write_text("A = 1")
        os.symlink(site / other, site / mine / other)
    os.symlink(site, site / "again")
    assert names(site, tmp_path) == [
        "one/one.py",
        "one/two/one/one.py",
        "one/two/two.py",
        "two/one/one.py",
        "two/one/two/two.py",
        "two/two.py",
    ]


def test_every_file_counts_but_bytecode_and_what_installers_say_of_themselves(tmp_path):
    site = tmp_path / "site-packages"
    info = site / "one-1.dist-info"
    for place in (info, site / "__pycache__", site / "one" / "data"):
        place.mkdir(parents=True)
    for place in (
        info / "RECORD",
        info / "entry_points.txt",
        site / "__pycache__" / "one.cpython-311.pyc",
        site / "_virtualenv.py",
        site / "more.pth",
        site / "one" / "old.pyc",
        site / "one" / "data" / "factors.json",
    ):
        place.touch()
    os.symlink("/nowhere/at/all", site / "dangling.py")
    assert names(site, tmp_path) == [
        "more.pth",
        "one-1.dist-info/entry_points.txt",
        "one/data/factors.json",
        "one/old.pyc",
    ]


def test_what_else_finds_distributions_in_this_process_is_not_asked(tmp_path, monkeypatch):
    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return None

        @staticmethod
        def find_distributions(context):
            raise AssertionError("it was asked")

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    site = tmp_path / "site-packages"
    (site / "half-1.dist-info").mkdir(parents=True)
    (site / "half.py").touch()
    assert names(site, tmp_path) == ["half.py"]

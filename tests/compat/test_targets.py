"""Targets, collections and formatters: what lawnix's own are made of."""

import inspect
import os
from pathlib import Path

import law
import luigi
import pytest
from law.target.collection import SiblingFileCollectionBase
from law.target.formatter import AUTO_FORMATTER, get_formatter
from law.target.local import LocalFileSystem


class Bare:
    """All that a store target has, since it is made without law's constructor."""

    is_tmp = False
    external = False
    optional = False
    format = None
    fs = LocalFileSystem(section=None, base=os.sep)

    def __init__(self, place: Path) -> None:
        self.place = place

    @property
    def path(self) -> str:
        return str(self.place)

    @property
    def unexpanded_path(self) -> str:
        return self.path

    def _repr_pairs(self, color: bool = True) -> list[tuple[str, str]]:
        return [("name", self.place.name)]

    def _parent_args(self) -> tuple[tuple[object, ...], dict[str, object]]:
        return (), {"fs": self.fs}

    def _child_args(self, path: str, type: str) -> tuple[tuple[object, ...], dict[str, object]]:
        return (), {"fs": self.fs}

    def __del__(self) -> None:
        """luigi's would ask for more."""


class BareFile(Bare, law.LocalFileTarget):
    """A file."""


class BareDirectory(Bare, law.LocalDirectoryTarget):
    """A directory."""


@pytest.mark.parametrize(
    ("formatter", "value"), [("text", "Grüße"), ("json", {"a": [1, 2]}), ("pickle", {1, 2})]
)
def test_a_file_without_laws_constructor_is_written_and_read(
    tmp_path: Path, formatter: str, value: object
) -> None:
    target = BareFile(tmp_path / "x.dat")
    assert not target.exists()
    assert not target.complete()
    target.dump(value, formatter=formatter)
    assert target.exists()
    assert target.complete()
    assert target.load(formatter=formatter) == value


def test_a_file_without_laws_constructor_is_opened_and_localized(tmp_path: Path) -> None:
    target = BareFile(tmp_path / "x.txt")
    with target.open("w") as file:
        file.write("one")
    with target.open("r") as file:
        assert file.read() == "one"
    with target.localize("r") as local:
        assert local.load(formatter="text") == "one"
    with law.LocalFileTarget(target.path).localize("w") as local:  # a copy is made by law's constructor
        local.dump("two", formatter="text")
    assert target.load(formatter="text") == "two"
    target.touch()
    target.remove()
    assert not target.exists()


def test_a_file_without_laws_constructor_describes_itself(tmp_path: Path) -> None:
    target = BareFile(tmp_path / "x.txt")
    assert target.abspath == str(tmp_path / "x.txt")
    assert target.basename == "x.txt"
    assert target.dirname == str(tmp_path)
    assert target.ext() == "txt"
    assert target.uri() == f"file://{tmp_path}/x.txt"
    assert "name=x.txt" in repr(target)
    assert "absent" in target.status_text()
    target.dump("one", formatter="text")
    assert "existent" in target.status_text()
    assert isinstance(target.parent, law.LocalDirectoryTarget)
    assert target.parent.path == str(tmp_path)


def test_a_status_may_be_told_what_exists(tmp_path: Path) -> None:
    parameters = inspect.signature(law.LocalFileTarget.status_text).parameters
    assert list(parameters) == ["self", "max_depth", "flags", "color", "exists"]
    assert "absent" in law.LocalFileTarget("/").status_text(0, None, False, False)


def test_a_directory_without_laws_constructor_has_children(tmp_path: Path) -> None:
    directory = BareDirectory(tmp_path / "d")
    directory.touch()
    child = law.LocalDirectoryTarget(directory.path, fs=directory.fs).child("x.txt", "f")
    child.dump("one", formatter="text")
    assert directory.listdir() == ["x.txt"]
    assert directory.child("x.txt", "f").load(formatter="text") == "one"
    assert child.fs is directory.fs


def test_a_file_system_sees_every_change_through_these_methods(tmp_path: Path) -> None:
    seen: list[str] = []

    class Watching(LocalFileSystem):
        def __init__(self) -> None:
            super().__init__(section=None, base=os.sep)

    for name in ("open", "remove", "chmod", "mkdir", "copy", "move"):

        def watch(self: object, *args: object, _name: str = name, **kwargs: object) -> object:
            seen.append(_name)
            return getattr(LocalFileSystem, _name)(self, *args, **kwargs)

        setattr(Watching, name, watch)

    fs = Watching()
    file = law.LocalFileTarget(str(tmp_path / "a" / "x.txt"), fs=fs)
    assert file.fs is fs
    file.dump("one", formatter="text")
    file.copy_to(str(tmp_path / "y.txt"))
    file.move_to(str(tmp_path / "z.txt"))
    law.LocalFileTarget(str(tmp_path / "z.txt"), fs=fs).remove()
    assert {"mkdir", "copy", "move", "remove"} <= set(seen)
    seen.clear()
    with file.open("w") as stream:
        stream.write("two")
    assert "open" in seen


def test_the_signatures_that_are_overridden() -> None:
    first = {
        "open": ["self", "path", "mode"],
        "remove": ["self", "path"],
        "chmod": ["self", "path", "perm"],
        "mkdir": ["self", "path"],
        "copy": ["self", "src", "dst", "perm"],
        "move": ["self", "src", "dst"],
    }
    for name, parameters in first.items():
        assert (
            list(inspect.signature(getattr(LocalFileSystem, name)).parameters)[: len(parameters)]
            == parameters
        )
    assert LocalFileSystem.default_instance is not None


def test_laws_local_targets_are_luigis(tmp_path: Path) -> None:
    target = law.LocalFileTarget(str(tmp_path / "x"))
    assert isinstance(target, luigi.LocalTarget)
    assert isinstance(law.LocalDirectoryTarget(str(tmp_path)), luigi.LocalTarget)
    assert target.optional is False
    assert law.LocalFileTarget(str(tmp_path / "x"), optional=True).complete()


def test_formatters_are_found_by_name() -> None:
    assert AUTO_FORMATTER == "auto"
    for name in ("text", "json", "yaml", "pickle", "python", "zip", "tar", "gzip"):
        assert get_formatter(name, silent=True) is not None, name
    assert get_formatter("no such formatter", silent=True) is None


def test_a_contrib_brings_its_formatter() -> None:
    law.contrib.load("numpy")
    assert get_formatter("numpy", silent=True) is not None


def test_a_file_says_by_its_keyword_how_it_is_formatted(tmp_path: Path) -> None:
    target = law.LocalFileTarget(str(tmp_path / "x.txt"))
    target.dump([1], formatter="json")
    assert target.load(formatter="json") == [1]


# -------------------------------------------------------------------------------------- collections


def test_a_collection_keeps_its_targets_by_key_and_flat(tmp_path: Path) -> None:
    targets = {number: law.LocalFileTarget(str(tmp_path / str(number))) for number in range(3)}
    collection = law.TargetCollection(targets, threshold=2)
    assert collection.targets == targets
    assert collection._flat_target_list == list(targets.values())
    assert collection.optional_existing is None or isinstance(collection.optional_existing, bool)
    assert not collection.exists()
    for number in (0, 2):
        targets[number].dump("x", formatter="text")
    assert collection.exists(), "two of three are enough"
    assert collection.count() == 2
    assert sorted(collection.count(keys=True)[1]) == [0, 2]


def test_what_exists_in_a_collection_may_be_said_by_a_function(tmp_path: Path) -> None:
    targets = {number: law.LocalFileTarget(str(tmp_path / str(number))) for number in range(3)}

    class Told(law.FileCollection):
        def __init__(self, targets: object, **kwargs: object) -> None:
            law.TargetCollection.__init__(self, targets, **kwargs)

        def _iter_state(self, existing: object = True, **kwargs: object) -> object:
            if existing is not None and kwargs.get("exists_func") is None:
                kwargs["exists_func"] = lambda target: target is targets[1]
            return super()._iter_state(existing=existing, **kwargs)

    collection = Told(targets)
    assert list(collection.iter_existing()) == [targets[1]]
    assert list(collection.iter_missing(keys=True)) == [(0, targets[0]), (2, targets[2])]
    assert collection.count() == 1


def test_collections_of_siblings_have_a_common_base() -> None:
    assert issubclass(law.SiblingFileCollection, SiblingFileCollectionBase)
    assert issubclass(law.NestedSiblingFileCollection, SiblingFileCollectionBase)
    assert not issubclass(law.FileCollection, SiblingFileCollectionBase)

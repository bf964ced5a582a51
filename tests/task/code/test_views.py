"""Tracked views: what is handed out, what is asked, and what counts as the same answer."""

import contextlib
import copy
import enum
import pickle
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import lawnix
from lawnix.errors import UntrackedTypeError
from lawnix.task.code.project import project_of
from lawnix.task.code.reads import Tracked
from lawnix.task.code.views import Log, path_as_text, path_for_people, path_of


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """Processes that other tests have started are no pools of these builds."""
    monkeypatch.setattr("lawnix.task.code.views.has_children", lambda: False)


class Colour(enum.Enum):
    RED = 1


class Process:
    def __init__(self, name):
        self.name = name
        self.parent = None

    @property
    def label(self):
        return self.name.upper()

    def get_parent(self):
        return self.parent

    def has_parent(self, name=None):
        return self.parent is not None

    def size(self):
        return len(self.name)

    def rename(self, name):
        self.name = name

    def get_walk(self):
        yield self

    def __call__(self, name, default=None):
        return getattr(self, name, default)


def thing():
    process = Process("tt")
    process.parent = Process("top")
    process.parent.child = process  # a ring
    return {
        "a": {"b": {"c": 1, "d": [1, {"e": 2}]}, 1: "one"},
        "process": process,
        "array": np.arange(3),
        "space": SimpleNamespace(x=1, y=2),
        "colour": Colour.RED,
        "path": Path("x"),
        "none": None,
    }


class Asking:
    """What is asked of a view, and whether it would be answered alike by another thing."""

    def __init__(self, question, value=None):
        self.value = thing() if value is None else value
        self.view = lawnix.tracked(self.value, name="config")
        self.tracked = Tracked(_NoGraph(), [], project_of(Asking))
        self.log = Log(Path("/nowhere/reads"), self.tracked.look)
        with self.log:
            self.answer = question(self.view)
        self.reads = self.tracked.reads(self.log, lambda: "Task", {})

    def holds(self, change):
        change(self.value)
        later = Tracked(_NoGraph(), [], project_of(Asking))
        return not later.changed(self.reads, {})


class _NoGraph:
    parts = {}


def put(*keys, value=99):
    def change(thing):
        for key in keys[:-1]:
            thing = thing[key] if isinstance(thing, dict) else getattr(thing, key)
        if isinstance(thing, dict | list):
            thing[keys[-1]] = value
        else:
            setattr(thing, keys[-1], value)

    return change


QUESTIONS = {
    "an item": (lambda v: v["a"]["b"]["c"], put("a", "b", "c"), put("a", "b", "x")),
    "an item of a list": (lambda v: v["a"]["b"]["d"][0], put("a", "b", "d"), put("a", "b", "c")),
    "a number as a key": (lambda v: v["a"][1], put("a", 1), put("a", "1")),
    "an item that is not there": (lambda v: v.get("x"), put("x"), put("a", "x")),
    "whether there is one": (
        lambda v: "c" in v["a"]["b"],
        lambda t: t["a"]["b"].pop("c"),
        put("a", "b", "c"),
    ),
    "that it is a mapping": (lambda v: v["a"] and 1, put("a", value=3), put("a", 1)),
    "all keys": (lambda v: list(v["a"]["b"]), put("a", "b", "x"), put("a", "b", "c")),
    "how many": (lambda v: len(v["a"]["b"]), put("a", "b", "x"), put("a", "b", "c")),
    "whether it is empty": (lambda v: bool(v["a"]["b"]), put("a", "b", "x"), put("a", "b", "c")),
    "all values": (lambda v: list(v["a"]["b"].values()), put("a", "b", "c"), put("a", 1)),
    "all items": (lambda v: dict(v["a"]["b"]), put("a", "b", "c"), put("a", 1)),
    "equality": (lambda v: v["a"]["b"] == {"c": 1}, put("a", "b", "c"), put("a", 1)),
    "a copy": (lambda v: v["a"].copy(), put("a", "b", "c"), put("none")),
    "a shallow copy": (lambda v: copy.copy(v["a"]), put("a", "b", "c"), put("none")),
    "a deep copy": (lambda v: copy.deepcopy(v["a"]), put("a", "b", "c"), put("none")),
    "a pickle": (lambda v: pickle.loads(pickle.dumps(v["a"])), put("a", "b", "c"), put("none")),
    "its text": (lambda v: str(v["a"]), put("a", "b", "c"), put("none")),
    "its text in another": (lambda v: f"{v['a']}", put("a", "b", "c"), put("none")),
    "a union": (lambda v: v["a"]["b"] | {"x": 1}, put("a", "b", "c"), put("a", 1)),
    "keywords": (lambda v: dict(**v["a"]["b"]), put("a", "b", "c"), put("a", 1)),
    "an array": (lambda v: v["array"].sum(), lambda t: t["array"].__setitem__(0, 7), put("none")),
    "an attribute": (lambda v: v["space"].x, put("space", "x"), put("space", "y")),
    "an attribute that is not there": (
        lambda v: hasattr(v["space"], "z"),
        put("space", "z"),
        put("space", "y"),
    ),
    "a property": (lambda v: v["process"].label, put("process", "name", value="dy"), put("process", "z")),
    "through a ring": (lambda v: v["process"].parent.child.name, put("process", "name"), put("process", "z")),
    "a method that asks": (
        lambda v: v["process"].get_parent().name,
        put("process", "parent", "name"),
        put("process", "name"),
    ),
    "a method that asks whether": (
        lambda v: v["process"].has_parent("x"),
        put("process", "parent", value=None),
        put("process", "name"),
    ),
    "a call": (lambda v: v["process"]("name"), put("process", "name"), put("process", "parent", "name")),
    "a method that gives an iterator": (
        lambda v: next(v["process"].get_walk()),
        put("process", "parent", "name"),
        put("none"),
    ),
    "another method": (lambda v: v["process"].size(), put("process", "parent", "name"), put("none")),
    "equality of objects": (lambda v: v["process"] == 3, put("process", "parent", "name"), put("none")),
    "a hash": (lambda v: {v["process"]: 1}, put("process", "parent", "name"), put("none")),
    "a member of an enumeration": (lambda v: v["colour"], put("colour", value=3), put("none")),
    "everything": (repr, put("process", "parent", "name"), lambda t: None),
}


@pytest.mark.parametrize(("question", "change", "other"), QUESTIONS.values(), ids=QUESTIONS)
def test_an_answer_counts_and_nothing_else(question, change, other):
    assert Asking(question).holds(lambda thing: None)
    assert Asking(question).holds(other)
    assert not Asking(question).holds(change)


@pytest.mark.parametrize(("question", "change", "other"), QUESTIONS.values(), ids=QUESTIONS)
def test_an_equal_thing_in_another_place_gives_the_same_answers(question, change, other):
    del change, other
    assert Asking(question).reads == Asking(question).reads


SAME = {
    "items": lambda v: v["a"]["b"]["c"],
    "lists": lambda v: v["a"]["b"]["d"],
    "mappings": lambda v: dict(v["a"]["b"]),
    "lengths": lambda v: len(v["a"]),
    "membership": lambda v: ("a" in v, "z" in v),
    "defaults": lambda v: (v.get("none", 3), v.get("z", 3)),
    "keys that are none": lambda v: "z" in v["a"] or ("x", "y") in v["a"],
    "attributes": lambda v: v["space"].x + v["space"].y,
    "equality": lambda v: v["a"] == {"b": {"c": 1, "d": [1, {"e": 2}]}, 1: "one"},
    "pickles": lambda v: pickle.loads(pickle.dumps(v["a"])),
    "classes": lambda v: isinstance(v["process"], Process),
    "unions": lambda v: {"z": 1} | v["a"]["b"],
    "texts": lambda v: f"{v['a']} {v['a']!r} {v['path']!s}",
    "methods": lambda v: (v["process"].has_parent(), v["process"].get_parent().get_parent()),
}


@pytest.mark.parametrize("question", SAME.values(), ids=SAME)
def test_a_view_answers_as_what_is_behind_it(question):
    assert Asking(question).answer == question(thing())


def test_missing_things_are_missing():
    view = lawnix.tracked(thing())
    with pytest.raises(KeyError):
        view["x"]
    with pytest.raises(AttributeError):
        view["space"].z  # noqa: B018  # it is asked for
    with pytest.raises(TypeError):
        view["process"].rename()


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.__setitem__("a", 1),
        lambda v: v["a"].pop("b"),
        lambda v: v["a"]["b"]["d"].append(3),
        lambda v: v["a"]["b"]["d"][1].update(e=3),
        lambda v: setattr(v["space"], "x", 3),
        lambda v: delattr(v["space"], "x"),
        lambda v: v.update(a=3),
    ],
)
def test_what_is_behind_a_view_is_not_changed_through_it(change):
    value = thing()
    view = lawnix.tracked({key: value[key] for key in ("a", "space")})
    with contextlib.suppress(AttributeError, TypeError):
        change(view)
    assert value["a"] == thing()["a"]
    assert value["space"] == thing()["space"]


def test_an_ordered_dictionary_keeps_its_order():
    one = Asking(list, OrderedDict(a=1, b=2))
    assert one.answer == ["a", "b"]
    assert not one.holds(lambda thing: thing.move_to_end("a"))


def test_what_was_answered_is_kept_as_text_and_read_again():
    path = (("key", "a"), ("key", 1), ("key", None), ("attribute", "x"), ("call", ("a", 1.5), (("k", True),)))
    assert path_of(path_as_text(path)) == path
    assert path_for_people("CONFIG", path) == "CONFIG.a[1][None].x('a', 1.5, k=True)"


def test_who_asks_more_than_a_thousand_things_has_asked_for_all():
    asked = Asking(lambda v: [v[str(n)] for n in range(1500)], {str(n): n for n in range(2000)})
    assert len(asked.reads) == 1
    assert not asked.holds(put("1999"))


@pytest.mark.parametrize("value", [3, "text", [1], None, len, Colour.RED, Path("x"), np.arange(3)])
def test_what_has_no_places_in_it_cannot_be_tracked(value):
    with pytest.raises(UntrackedTypeError, match="takes mappings and objects"):
        lawnix.tracked(value)


def test_what_a_build_was_told_counts_even_if_it_changes_it_afterwards():
    def question(view):
        assert view["a"][1] == "one"
        value["a"][1] = "two"

    value = thing()
    asked = Asking(question, value)
    assert not asked.holds(lambda thing: None)
    assert asked.holds(put("a", 1, value="one"))


def test_a_view_of_a_view_is_that_view():
    view = lawnix.tracked({"a": {"b": 1}})
    assert lawnix.tracked(view) is view
    assert lawnix.tracked({"v": view})["v"] is view

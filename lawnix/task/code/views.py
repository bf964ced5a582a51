"""Configuration that counts as far as it is read: what is behind a view, and what was asked of it.

A view notes each question: the steps that lead to a place in the tracked thing, and what was asked for there. Asked
again later, the same questions tell whether what was built with the answers still holds.
"""

import json
import os
import re
import sys
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lawnix.errors import UnnamedViewError
from lawnix.store.host import has_children

if TYPE_CHECKING:
    from lawnix.core.digest import Digest

Step = tuple[Any, ...]
"""`("key", k)`, `("attribute", name)` or `("call", arguments, keywords)`."""
Note = tuple[tuple[Step, ...], str]
"""The steps to a place, and what was asked for there: `value`, `kind`, `keys` or `has`."""

Answer = tuple["Digest", str]
"""The digest of an answer, and the answer for people."""

VARIABLE: Final = "LAWNIX_READS"  # where processes that a build starts write down what they ask
_EVERYTHING: Final[Note] = ((), "value")
MOST: Final = 1000  # notes of one view; who asks more has asked for everything


class View:
    """A tracked thing.

    Attributes:
        thing: What is looked at.
        name: As the author calls it; may be empty.
        module: Where the view was made.
        is_inner: Whether a build made it, so that it follows from code and inputs.
        asked: All that this process has ever asked, builds or not.
    """

    def __init__(self, thing: Any, name: str, module: str) -> None:
        self.thing, self.name, self.module = thing, name, module
        self.is_inner = bool(_logs)
        self.asked: set[Note] = set()
        _by_place[str(id(self))] = self
        if name:
            _by_name[name] = self

    def note(self, path: tuple[Step, ...], question: str) -> None:
        """Write down that something was asked."""
        note = (path, question)
        if _logs:
            if not self.is_inner:
                _logs[-1].note(self, note)
        elif note not in self.asked and VARIABLE in os.environ and (home := self.home()):
            _append(Path(os.environ[VARIABLE]), home, note)
        if len(self.asked) <= MOST:
            self.asked.add(note)

    def home(self) -> str | None:
        """How another process finds the view: its name, or `module:variable`; None if it cannot."""
        if self.name:
            return self.name
        for variable, value in list(vars(sys.modules.get(self.module) or sys).items()):
            if view_of(value) is self:
                return f"{self.module}:{variable}"
        return None


_by_place: Final[weakref.WeakValueDictionary[str, View]] = weakref.WeakValueDictionary()
_by_name: Final[weakref.WeakValueDictionary[str, View]] = weakref.WeakValueDictionary()


def view_of(value: object) -> View | None:
    """The view that `value` is a face of, if it is one."""
    return object.__getattribute__(value, "_lawnix_view") if type(value) in faces else None


faces: Final[set[type]] = set()  # of views; `lawnix.task.code.faces` says what they are


def view_at(home: str) -> View | None:
    """The view that `View.home` called so."""
    module, _, variable = home.rpartition(":")
    if module and module in sys.modules:
        return view_of(vars(sys.modules[module]).get(variable))
    return _by_name.get(home)


class Log:
    """What one build asks of views, in this process and those that it starts."""

    def __init__(self, file: Path | str, look: Callable[[View, Note], Answer]) -> None:
        """A log; what other processes ask comes by `file`, and `look` tells the answer to a question."""
        self._file, self._look, self._process = file, look, os.getpid()
        self._notes: dict[int, tuple[View, dict[Note, Answer]]] = {}
        self._has_others = False
        self._before: str | None = None

    def note(self, view: View, note: Note) -> None:
        """Write down that something was asked of `view`, and what is answered now: the build may change it later."""
        notes = self._notes.setdefault(id(view), (view, {}))[1]
        if note not in notes and len(notes) <= MOST:
            notes[note] = self._look(view, note)
            if os.getpid() != self._process:
                _append(Path(self._file), str(id(view)), note)

    def __enter__(self) -> None:
        """Within, what is asked is noted here."""
        self._has_others = has_children()
        self._before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = str(self._file)
        _logs.append(self)

    def __exit__(self, *error: object) -> None:
        _logs.remove(self)
        if self._before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = self._before

    def asked(self) -> list[tuple[View, dict[Note, Answer]]]:
        """The views that were asked something, with all questions and answers.

        Processes that were there before the build, as a pool that is kept, do not know where to write what they ask:
        then all views count as a whole.

        Raises:
            UnnamedViewError: A process asked a view that is not here.
        """
        found = {place: (view, dict(notes)) for place, (view, notes) in self._notes.items()}
        for name, note in _appended(self._file):
            view = _by_place.get(name) or view_at(name)
            if view is None:
                raise UnnamedViewError(name)
            notes = found.setdefault(id(view), (view, {}))[1]
            if note not in notes:
                notes[note] = self._look(view, note)
        for view in list(_by_place.values()) if self._has_others else ():
            if not view.is_inner and (id(view) in found or view.home() is not None):
                found.setdefault(id(view), (view, {}))[1][_EVERYTHING] = self._look(view, _EVERYTHING)
        return list(found.values())


_logs: Final[list[Log]] = []  # of the builds that go on in this process, the innermost last


def bounded(notes: Collection[Note]) -> Collection[Note]:
    """`notes`, or the one that counts for all if there are too many."""
    return notes if len(notes) <= MOST and _EVERYTHING not in notes else [_EVERYTHING]


# --------------------------------------------------------------------------------- as they are written


def path_as_text(path: tuple[Step, ...]) -> str:
    """The steps as they are kept with a realization."""
    return json.dumps(path, separators=(",", ":"))


def path_of(text: str) -> tuple[Step, ...]:
    """The inverse of `path_as_text`."""
    steps: list[Step] = []
    for kind, *what in json.loads(text):
        if kind == "call":
            steps.append(("call", tuple(what[0]), tuple((name, value) for name, value in what[1])))
        else:
            steps.append((kind, *what))
    return tuple(steps)


def path_for_people(view: str, path: tuple[Step, ...]) -> str:
    """`CONFIG.colors.signal`."""
    words = [view]
    for step in path:
        match step:
            case ("call", arguments, keywords):
                shown = [*map(repr, arguments), *(f"{name}={value!r}" for name, value in keywords)]
                words.append(f"({', '.join(shown)})")
            case (_, str(word)) if word.isidentifier():
                words.append(f".{word}")
            case (_, word):
                words.append(f"[{word!r}]")
    return "".join(words)


def _append(file: Path, name: str, note: Note) -> None:
    line = json.dumps([name, path_as_text(note[0]), note[1]]) + "\n"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    except FileNotFoundError:
        if not file.parent.parent.is_dir():
            raise  # nobody would learn of it
        return  # that build is over; one that goes on has seen at its start that this process is there
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def _appended(file: Path | str) -> Iterator[tuple[str, Note]]:
    if not os.path.exists(file):
        return
    text = Path(file).read_text()
    for line in text.splitlines():
        name, path, question = json.loads(line)
        yield name, (path_of(path), question)


# ------------------------------------------------------------------------------------------- answers


class Failure:
    """That a question cannot be answered: the place is not there, or the object raises."""

    def __init__(self, error: Exception) -> None:
        self.kind = type(error).__name__
        self.is_missing = isinstance(error, LookupError | AttributeError)


def answer(thing: Any, note: Note) -> Any:
    """What the answer to a question is made of; a `Failure` if there is none."""
    path, question = note
    try:
        if question == "has":
            place = _follow(thing, path[:-1])
            return path[-1][1] in place
        value = _follow(thing, path)
        if question == "kind":
            return kind_of(value)
        return list(value) if question == "keys" else value
    except Exception as error:  # whatever the author's objects raise is an answer, too
        return Failure(error)


def kind_of(value: object) -> str:
    """The type of a place, for its digest."""
    return "mapping" if type(value) is dict else f"{type(value).__module__}.{type(value).__qualname__}"


def _follow(thing: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        if (view := view_of(thing)) is not None:
            thing = view.thing
        match step:
            case ("key", key):
                thing = thing[key]
            case ("attribute", name):
                thing = getattr(thing, name)
            case ("call", arguments, keywords):
                thing = thing(*arguments, **dict(keywords))
    return thing


def shown(value: Any) -> str:
    """An answer in few words."""
    if isinstance(value, Failure):
        return "missing" if value.is_missing else f"raises {value.kind}"
    if isinstance(value, Mapping) or vars(object)["__repr__"] is type(value).__repr__:
        return f"({type(value).__name__})"
    try:
        text = repr(value)
    except Exception:  # the author's own repr
        return f"({type(value).__name__})"
    if _ADDRESS.search(text):  # which is another in each process
        return f"({type(value).__name__})"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_SHOWN: Final = 60
_ADDRESS: Final = re.compile(r"\bat 0x[0-9a-fA-F]+")

"""Tasks of one class as they are kept: their parameters, as they are written, column by column."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import luigi

from lawnix.task.copies import Copies, another, are_made_by_law, state_of
from lawnix.task.parameters import written


class CannotTellError(Exception):
    """Something has to be asked; the message says what."""


class Columns:
    """The parameters of tasks of one class; one that is the same for all is written once."""

    def __init__(self, task: Any) -> None:
        """Columns for tasks like `task`, which is not added."""
        self._parameters = task.get_params()
        state = state_of(task)
        self._first = [state[name] for name, _ in self._parameters]
        self._others: dict[int, list[Any]] = {}
        self._count = 0

    def add(self, task: luigi.Task) -> int:
        """The row of a task, which is new."""
        row, self._count = self._count, self._count + 1
        state = state_of(task)
        for place, (name, _) in enumerate(self._parameters):
            value = state[name]
            if place in self._others:
                self._others[place].append(value)
            elif value is not self._first[place]:
                self._others[place] = [*[self._first[place]] * row, value]
        return row

    def drawn(self) -> Mapping[str, str | list[str]]:
        """As they are kept.

        Raises:
            CannotTellError: What is written of a value does not give it back.
        """
        return {
            name: [_text(parameter, value, name) for value in self._others[place]]
            if place in self._others
            else _text(parameter, self._first[place], name)
            for place, (name, parameter) in enumerate(self._parameters)
        }


def faithful(task: Any) -> Mapping[str, str]:
    """The parameters of a task as they are written, from which it can be made again as it is.

    Raises:
        CannotTellError: What is written of a value does not give it back.
    """
    state = state_of(task)
    return {name: _text(parameter, state[name], name) for name, parameter in task.get_params()}


def row_of(columns: Mapping[str, str | list[str]], row: int) -> dict[str, str]:
    """The parameters of one task, as they are written."""
    return {name: text if isinstance(text, str) else text[row] for name, text in columns.items()}


def tasks_in(cls: Any, columns: Mapping[str, str | list[str]], count: int) -> Iterator[Any]:
    """The tasks of a class that are kept in `columns`, in order; each is for whoever asks, and for nobody else."""
    parameters = dict(cls.get_params())
    same = {name: parameters[name].parse(text) for name, text in columns.items() if isinstance(text, str)}
    others = {name: texts for name, texts in columns.items() if not isinstance(texts, str)}
    rows = zip(
        *([parameters[name].parse(text) for text in texts] for name, texts in others.items()), strict=True
    )
    makes: Callable[..., Any] | None = None
    for values in rows if others else [()] * count:
        if makes is None:
            task = cls(**same, **dict(zip(others, values, strict=True)))
            makes = Copies(another(task), list(others)).make if are_made_by_law(cls) else None
            yield task
        else:
            yield makes(
                [parameters[name].normalize(value) for name, value in zip(others, values, strict=True)]
            )


def _text(parameter: Any, value: object, name: str) -> str:
    text = _one(str(parameter.serialize(value)))
    if written(parameter, value, name) != text:
        raise CannotTellError(f"a task cannot be made again from how {name} is written")
    return text


@lru_cache(4096)
def _one(text: str) -> str:
    """The same for all that are written alike; very many tasks may have few values."""
    return text

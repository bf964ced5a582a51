"""Parameters as they are written in a derivation: as luigi writes them, and never two values as one.

What luigi's `serialize()` writes is for the command line. It may round (a duration to its seconds), or write values of
two types alike (None and "None"). Where `parse()` does not give the value back, its digest is written behind it.
"""

import json
from typing import Any, Final

import luigi

from lawnix.core.canonical import canonical, canonical_at
from lawnix.core.digest import digest
from lawnix.errors import NoCanonicalFormError

_FAITHFUL: Final = {
    (luigi.Parameter, str),
    (luigi.IntParameter, int),
    (luigi.BoolParameter, bool),
    (luigi.FloatParameter, float),
}
"""Kinds of parameters that give back what they have written, for values of these types: the ordinary cases."""


def written(parameter: Any, value: object, where: str) -> str:
    """What stands for `value` in a derivation; `where` is said if it cannot stand there.

    Raises:
        NoCanonicalFormError: `value` has neither a canonical form nor a text that it can be read back from.
    """
    try:
        text = str(parameter.serialize(value))
        if isinstance(parameter, luigi.DictParameter):
            text = json.dumps(json.loads(text), sort_keys=True)  # the order of keys means nothing
    except (TypeError, ValueError) as error:
        raise NoCanonicalFormError(value, where) from error
    if (type(parameter), type(value)) in _FAITHFUL:
        return text
    read = _read(parameter, text)
    try:
        form = canonical_at(value, where)
    except NoCanonicalFormError:
        if type(read) is type(value) and _equal(read, value):
            return text
        raise
    return text if _has_form(read, form) else f"{text} {digest('value', form)}"


def _read(parameter: Any, text: str) -> object:
    try:
        return parameter.parse(text)
    except Exception:  # whatever the author's parameter says to what it has written itself
        return NotImplemented


def _equal(one: object, other: object) -> bool:
    try:
        return bool(one == other)
    except Exception:  # arrays and the like
        return False


def _has_form(value: object, form: bytes) -> bool:
    try:
        return canonical(value) == form
    except NoCanonicalFormError:
        return False

"""Classes whose code is digested on every Python that is there: `run()` reaches what Pythons write differently."""

import abc
import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import functools
import itertools
import math
import operator
import re
import string
import typing
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

HERE = Path(__file__).parent / "table.csv"
TABLE = {"b": [1, 2.5, None], "a": (True, b"x", 1j), "c": {1, 2, 3}, "d": frozenset("xyz")}
PATTERN = re.compile(r"\d+(?P<unit>GeV|TeV)", re.IGNORECASE | re.VERBOSE)
WHEN = [datetime.date(2024, 2, 29), datetime.timedelta(days=-1, seconds=3), datetime.timezone.utc]
EXACT = decimal.Decimal("1.50")
PROXY = MappingProxyType({"k": [1, 2]})
SPACE = SimpleNamespace(x=1, y=[SimpleNamespace(z=3)])
ORDERED = collections.OrderedDict(a=1, b=collections.Counter("aab"))
FACTORY = collections.defaultdict(list, {"a": [1]})
TEXT = string.Template("$who")
GETTERS = (operator.itemgetter(1, 2), operator.attrgetter("a.b"))
GENERIC = [list[int], dict[str, int | None], typing.Optional[int], typing.Callable[[int], str]]


class Colour(enum.Enum):
    RED = 1
    BLUE = "b"

    @property
    def shade(self):
        return f"{self.name}-{self.value!r}"


class Flag(enum.IntFlag):
    A = 1
    B = 2
    AB = A | B


@dataclasses.dataclass(frozen=True, order=True)
class Cut:
    name: str
    values: list[float] = dataclasses.field(default_factory=lambda: [1.0, 2.0])
    low: float = 0.5

    def passes(self, x: float) -> bool:
        return self.low < x < max(self.values)


class Point(typing.NamedTuple):
    x: int
    y: int = 3

    def norm(self):
        return math.hypot(*self)


class Base(abc.ABC):
    threshold = 20
    __slots__ = ("a", "__b")

    @abc.abstractmethod
    def missing(self): ...

    @classmethod
    def made(cls, *args, **kwargs):
        return cls(*args, **kwargs)

    @staticmethod
    def plain(x, /, y=None, *, z=(1, 2)):
        return x, y, z


class Derived(Base):
    def missing(self):
        return super().missing(), __class__

    def __getitem__(self, key):
        return self.threshold[key:, ::2]


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@timed
@functools.lru_cache(maxsize=None)
def cached(x, *, scale=TABLE["b"][1]):
    """Doc."""
    return x * scale


def power(n):
    return lambda x: x**n


SQUARE, CUBE = power(2), power(3)
HALF = functools.partial(operator.mul, 0.5)


@contextlib.contextmanager
def opened(path):
    try:
        yield path
    except* ValueError as group:
        raise group.exceptions[0] from None
    finally:
        print("closed")


@functools.singledispatch
def shown(x):
    return repr(x)


@shown.register
def _(x: int):
    return f"{x:>{10}d}{x!r}text{x=}"


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def matched(x):
    match x:
        case {"a": [int() | float() as first, *rest], **more} if first > 0:
            return first, rest, more
        case Point(x=0, y=y) | Cut(name=y):
            return y
        case None | True | "text" | -1 | 1 + 2j:
            return 1
        case _:
            return 0


async def gathered(xs):
    async with opened(xs) as y:
        return [await x async for x in y if (z := x)], {k: v for k, v in xs.items()}, {*xs}, (x for x in xs)


def late(x):
    import json
    from os import path as where

    global SQUARE
    del x
    return json.dumps, where.join, SQUARE


def walks(n):
    total = 0

    def inner():
        nonlocal total
        total += n
        yield from itertools.count(total)

    while n:
        n -= 1
        if n % 3:
            continue
        break
    else:
        assert total, f"{n}"
    for a, (b, *c) in zip(inner(), []):
        total @= a if b else c
    with open("x") as f, open("y"):
        f.write("é\N{GREEK SMALL LETTER MU}\x00")
    return lambda *a, k=1, **kw: (a, k, kw)


class Values:
    def run(self):
        return TABLE, PATTERN, WHEN, EXACT, PROXY, SPACE, ORDERED, FACTORY, TEXT, GETTERS, GENERIC, HERE


class Enums:
    def run(self):
        return Colour.RED.shade, Colour.BLUE, Flag.AB, Flag


class Data:
    def run(self):
        return Cut("pt").passes(3), Point(1).norm()


class Classes(Derived):
    def run(self):
        return self.made(self.plain(1)), self[3], self.missing(), Derived


class Wrapped:
    def run(self):
        return cached(3), SQUARE(3), HALF(2), shown(3), opened("x")


class Recursive:
    def run(self):
        return even(3)


class Written:
    def run(self):
        return matched(3), gathered, late(3), walks(3)


class Annotated:
    x: int = 3

    def run(self, y: "list[int]" = [], *args: int, k: float = math.pi) -> None:
        z: typing.Final = y
        w: int
        return z


class Opaque:
    a, b = 1, 2

    def run(self):
        return getattr(self, "".join(["a"]))


class Bare:
    def run(self):
        try:
            return 1_000_000**0xFF, 1e400, -0.0, 0o17, ..., NotImplemented
        except (ValueError, KeyError) as error:
            raise RuntimeError("x") from error
        except Exception:
            pass
        else:
            return 3
        finally:
            del self

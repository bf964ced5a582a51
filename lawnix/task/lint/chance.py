"""Chance and clocks: calls whose answers are others each time."""

import ast
from collections.abc import Iterator
from typing import Final

from lawnix.task.lint.finding import Finding
from lawnix.task.lint.passages import Subject
from lawnix.task.lint.words import Words, calls_in, written

_CLOCKS: Final = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "os.getpid",
        "os.uname",
        "platform.node",
        "socket.getfqdn",
        "socket.gethostname",
        "tempfile.mkdtemp",
        "tempfile.mkstemp",
        "time.ctime",
        "time.gmtime",
        "time.localtime",
        "time.monotonic",
        "time.perf_counter",
        "time.process_time",
        "time.strftime",
        "time.time",
        "time.time_ns",
    }
)
_CHANCE: Final = frozenset({"os.urandom", "random.SystemRandom", "uuid.uuid1", "uuid.uuid4"})
# without an argument, they take a seed from the system
_GENERATORS: Final = frozenset({"numpy.random.default_rng", "numpy.random.RandomState", "random.Random"})
_SEEDS: Final = {"random": "random.seed", "numpy.random": "numpy.random.seed"}
_NO_NUMBERS: Final = frozenset({"get_state", "getstate", "seed", "set_state", "setstate"})


def unseeded_random(subject: Subject) -> Iterator[Finding]:
    """Random numbers in what `run()` reaches, whose seed is nowhere set."""
    seeded = {
        name
        for passage in subject.passages
        for call in calls_in(passage.tree)
        if (name := Words(passage.module, passage.tree).name_of(call.func)) in _SEEDS.values()
    }
    for passage in subject.passages:
        words = Words(passage.module, passage.tree)
        for call in chance_in(passage.tree, words, clocks=False):
            home = (words.name_of(call.func) or "").rpartition(".")[0]
            if _SEEDS.get(home) in seeded and not _is_generator(call, words):
                continue
            what = f"{passage.name.removeprefix(f'{passage.module}.')}() asks {written(call)}"
            yield Finding("unseeded-random", what, passage.file, call.lineno)


def chance_in(tree: ast.AST, words: Words, *, clocks: bool) -> Iterator[ast.Call]:
    """Calls that ask chance, or also clocks."""
    for call in calls_in(tree):
        name = words.name_of(call.func) or ""
        home, _, last = name.rpartition(".")
        if name in _GENERATORS:
            is_chance = _is_generator(call, words)
        else:
            is_chance = (
                name in _CHANCE
                or home == "secrets"
                or (clocks and name in _CLOCKS)
                or (home in _SEEDS and last.islower() and last not in _NO_NUMBERS)
            )
        if is_chance:
            yield call


def _is_generator(call: ast.Call, words: Words) -> bool:
    """Whether it makes a generator without a seed."""
    given = [*call.args, *(each.value for each in call.keywords)]
    is_nothing = all(isinstance(each, ast.Constant) and each.value is None for each in given)
    return words.name_of(call.func) in _GENERATORS and is_nothing

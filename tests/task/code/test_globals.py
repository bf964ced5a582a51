"""What globals of each kind count for."""

import sys

import pytest

from lawnix.errors import UnknownGlobalError
from lawnix.task.code.code import code_of

HEAD = """
    import collections, dataclasses, decimal, enum, functools, logging, operator, pathlib, re, string, struct, threading
    import types, typing, uuid, datetime, fractions
    import numpy as np
    import pandas as pd

    def f(x): return x + 1
    def g(x): return x + 2
    def plus(x, y=1): return x + y

    class C:
        attribute = 1
        def method(self): return 1
        @classmethod
        def of(cls): return cls.attribute
        @staticmethod
        def static(): return 5

    @dataclasses.dataclass
    class D:
        a: int = 1
        b: list = dataclasses.field(default_factory=list)

    class N(typing.NamedTuple):
        a: int = 1

    class E(enum.Enum):
        A = 1
        B = 2

    class F(enum.Enum):
        A = 1
        def shown(self): return "a"

    class I(enum.IntFlag):
        X = 1
        Y = 2

    class Hooked:
        def __init__(self, x): self.x, self.t = x, object()
        def __lawnix_digest__(self): return {"x": self.x}

    class Lazy:
        def __init__(self, x): self.x = x
        @functools.cached_property
        def twice(self): return 2 * self.x

    class Words(dict):
        pass

    V = VALUE

    class T:
        def run(self):
            return V
    """

DIFFERENT = {
    "bytes that can change": ("bytearray(b'a')", "bytearray(b'b')"),
    "bytes that can change and others": ("bytearray(b'a')", "b'a'"),
    "slices": ("slice(1, 2)", "slice(1, 2, 1)"),
    "arrays of the standard library": (
        "__import__('array').array('i', [1])",
        "__import__('array').array('i', [2])",
    ),
    "types of such arrays": ("__import__('array').array('i', [1])", "__import__('array').array('l', [1])"),
    "views of memory": ("memoryview(b'a')", "memoryview(b'b')"),
    "polynomials": ("np.poly1d([1, 2])", "np.poly1d([1, 3])"),
    "int and float": ("1", "1.0"),
    "int and bool": ("1", "True"),
    "str and bytes": ("'a'", "b'a'"),
    "zero and minus zero": ("0.0", "-0.0"),
    "list and tuple": ("[1]", "(1,)"),
    "set and frozenset": ("{1}", "frozenset({1})"),
    "nested data": ("{'a': [1, {'b': 2}]}", "{'a': [1, {'b': 3}]}"),
    "the order of a dictionary": ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
    "keys of any type": ("{(1, 2): 3}", "{(1, 3): 3}"),
    "paths": ("pathlib.Path('a')", "pathlib.Path('b')"),
    "decimal": ("decimal.Decimal('1.0')", "decimal.Decimal('1.00')"),
    "dates": ("datetime.date(2020, 1, 1)", "datetime.date(2020, 1, 2)"),
    "ranges": ("range(3)", "range(4)"),
    "patterns": ("re.compile('a')", "re.compile('b')"),
    "flags of patterns": ("re.compile('a')", "re.compile('a', re.I)"),
    "methods of patterns": ("re.compile('a').match", "re.compile('b').match"),
    "formats": ("struct.Struct('<i')", "struct.Struct('<q')"),
    "templates": ("string.Template('a')", "string.Template('b')"),
    "functions": ("f", "g"),
    "lambdas": ("lambda x: x + 1", "lambda x: x + 2"),
    "partial functions": ("functools.partial(plus, 1)", "functools.partial(plus, 2)"),
    "the function of a partial": ("functools.partial(f, 1)", "functools.partial(g, 1)"),
    "keywords of a partial": ("functools.partial(plus, y=1)", "functools.partial(plus, y=2)"),
    "remembered functions": ("functools.lru_cache(f)", "functools.lru_cache(g)"),
    "bound methods": ("C().method", "C.of"),
    "getters": ("operator.itemgetter(1)", "operator.itemgetter(2)"),
    "functions in a list": ("[f]", "[g]"),
    "functions in a dictionary": ("{'a': f}", "{'a': g}"),
    "functions as keys": ("{f: 1}", "{g: 1}"),
    "functions in a set": ("{f}", "{g}"),
    "members of an enumeration": ("E.A", "E.B"),
    "flags": ("I.X", "I.X | I.Y"),
    "instances": ("Lazy(1)", "Lazy(2)"),
    "instances of dataclasses": ("D(1)", "D(2)"),
    "classes of instances": ("D(1)", "N(1)"),
    "named tuples": ("N(1)", "N(2)"),
    "fields of named tuples": ("collections.namedtuple('A', 'a b')", "collections.namedtuple('A', 'b a')"),
    "defaults of named tuples": (
        "collections.namedtuple('A', 'a', defaults=[1])",
        "collections.namedtuple('A', 'a', defaults=[2])",
    ),
    "simple namespaces": ("types.SimpleNamespace(a=1)", "types.SimpleNamespace(a=2)"),
    "default dictionaries": ("collections.defaultdict(list)", "collections.defaultdict(int)"),
    "ordered dictionaries": ("collections.OrderedDict(a=1)", "collections.OrderedDict(a=2)"),
    "queues": ("collections.deque([1])", "collections.deque([2])"),
    "read-only dictionaries": ("types.MappingProxyType({1: 2})", "types.MappingProxyType({1: 3})"),
    "own dictionaries": ("Words(a=1)", "Words(a=2)"),
    "hooks": ("Hooked(1)", "Hooked(2)"),
    "arrays": ("np.array([1, 2])", "np.array([1, 3])"),
    "shapes of arrays": ("np.zeros((2, 3))", "np.zeros((3, 2))"),
    "types of arrays": ("np.zeros(3, 'f4')", "np.zeros(3, 'i4')"),
    "arrays of objects": ("np.array([1, 'a'], dtype=object)", "np.array([1, 'b'], dtype=object)"),
    "arrays of functions": ("np.array([f], dtype=object)", "np.array([g], dtype=object)"),
    "masks": ("np.ma.array([1, 2], mask=[0, 1])", "np.ma.array([1, 2], mask=[1, 0])"),
    "records": ("np.zeros(2, [('a', 'f4')])", "np.zeros(2, [('b', 'f4')])"),
    "scalars of NumPy": ("np.float64(1)", "1.0"),
    "types of NumPy": ("np.dtype('f4')", "np.dtype('f8')"),
    "classes of NumPy": ("np.float32", "np.float64"),
    "functions of NumPy": ("np.sin", "np.cos"),
    "vectorized functions": ("np.vectorize(f)", "np.vectorize(g)"),
    "frames": ("pd.DataFrame({'a': [1, 2]})", "pd.DataFrame({'a': [1, 3]})"),
    "columns of frames": ("pd.DataFrame({'a': [1, 2]})", "pd.DataFrame({'b': [1, 2]})"),
    "indices of frames": ("pd.DataFrame({'a': [1]}, index=[0])", "pd.DataFrame({'a': [1]}, index=[1])"),
    "series": ("pd.Series(['a'])", "pd.Series(['b'])"),
    "generic types": ("list[int]", "list[str]"),
    "unions": ("int | str", "int | bytes"),
    "modules": ("operator", "functools"),
    "things that wrap themselves": (
        "(lambda x: (x.append(x), x.append(1)) and x)([])",
        "(lambda x: (x.append(x), x.append(2)) and x)([])",
    ),
}

SAME = {
    "sets in any order": ("{'a', 'b', 'c'}", "{'c', 'b', 'a'}"),
    "expressions of one value": ("6", "2 * 3"),
    "lines of a dictionary": ("{'a': 1}", "dict(a=1)"),
    "not a number": ("float('nan')", "float('inf') - float('inf')"),
    "loggers": ("logging.getLogger('a')", "logging.getLogger('a.b')"),
    "locks": ("threading.Lock()", "threading.Lock()"),
    "sentinels": ("object()", "object()"),
    "byte order of an array": ("np.array([1], '<i4')", "np.array([1], '>i4')"),
    "layout of an array": ("np.ones((2, 3))", "np.ones((3, 2)).T"),
    "what a hook leaves out": ("Hooked(1)", "Hooked(1)"),
    "a cached property that was read": ("Lazy(1)", "(lambda x: (x.twice, x)[1])(Lazy(1))"),
}


def _write(project, value):
    return project.write({"flat.py": HEAD.replace("VALUE", value)})


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_values_have_different_digests(project, one, other) -> None:
    first, second = (_write(project, value).code("flat:T") for value in (one, other))
    assert first.digest != second.digest
    assert first.warnings == second.warnings == ()
    assert _write(project, one).code("flat:T") == first


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_what_is_the_same_has_the_same_digest(project, one, other) -> None:
    first, second = (_write(project, value).code("flat:T") for value in (one, other))
    assert first.digest == second.digest
    assert first.warnings == ()


INSIDE = {
    "a method of an instance": ("C()", "def method(self): return 1", "def method(self): return 2"),
    "an attribute of a class": ("C", "attribute = 1", "attribute = 2"),
    "a static attribute alone": ("C.attribute", "attribute = 1", "attribute = 2"),
    "a static method alone": ("C.static", "return 5", "return 6"),
    "a field of a dataclass": ("D", "a: int = 1", "a: int = 2"),
    "the type of a field": ("D", "a: int = 1", "a: float = 1"),
    "the factory of a field": ("D", "default_factory=list", "default_factory=dict"),
    "the kind of a dataclass": ("D", "@dataclasses.dataclass\n", "@dataclasses.dataclass(frozen=True)\n"),
    "the type of a named field": ("N", "a: int = 1", "a: float = 1"),
    "the value of a member": ("E.A", "A = 1\n    B = 2", "A = 3\n    B = 2"),
    "a method of an enumeration": ("F.A", 'return "a"', 'return "b"'),
    "a function below lru_cache": ("functools.lru_cache(f)", "return x + 1", "return x + 3"),
    "a function below partial": ("functools.partial(f, 1)", "return x + 1", "return x + 3"),
    "a function in a container": ("{'a': [(f, 1)]}", "return x + 1", "return x + 3"),
    "a function below vectorize": ("np.vectorize(f)", "return x + 1", "return x + 3"),
}

OUTSIDE = {
    "a method beside a static attribute": (
        "C.attribute",
        "def method(self): return 1",
        "def method(self): return 2",
    ),
    "another member": ("E.A", "B = 2", "B = 3"),
    "the repr() that was made for a dataclass": ("D", "import numpy as np", "import numpy as np, json"),
}


@pytest.mark.parametrize(("value", "old", "new"), INSIDE.values(), ids=INSIDE)
def test_what_a_value_leads_to_counts(project, value, old, new) -> None:
    before = _write(project, value).code("flat:T")
    assert before.warnings == ()
    assert project.edit("flat.py", old, new).code("flat:T").digest != before.digest


@pytest.mark.parametrize(("value", "old", "new"), OUTSIDE.values(), ids=OUTSIDE)
def test_what_a_value_does_not_lead_to_does_not_count(project, value, old, new) -> None:
    source = HEAD.replace("            return V", f"            return {value}").replace("VALUE", "0")
    before = project.write({"flat.py": source}).code("flat:T")
    assert project.edit("flat.py", old, new).code("flat:T").digest == before.digest


def test_a_value_that_no_rule_knows_counts_by_its_type_and_is_said(project) -> None:
    code = _write(project, "iter([1])").code("flat:T")
    assert [each.kind for each in code.components if each.name == "flat.V"] == ["unknown"]
    assert code.warnings == ("flat.V is known by its type builtins.list_iterator only",)
    assert _write(project, "iter([2])").code("flat:T").digest == code.digest


@pytest.mark.parametrize(
    ("value", "change"),
    {
        "bytearray(b'a')": "V.append(1)",
        "(bytearray(b'a'),)": "V[0].append(1)",
        "__import__('array').array('i', [1])": "V[0] = 2",
        "memoryview(bytearray(b'a'))": "V[0] = 2",
        "np.poly1d([1, 2])": "V[0] = 3",
        "slice([1], 2)": "V.start.append(1)",
    }.items(),
)
def test_what_is_changed_in_place_is_seen_in_the_same_process(project, value, change) -> None:
    module = _write(project, value).load("flat")
    before = code_of(module.T)
    assert before.warnings == ()
    exec(change, vars(module))
    assert code_of(module.T).digest != before.digest


def test_a_value_that_no_rule_knows_can_be_an_error(project) -> None:
    with pytest.raises(UnknownGlobalError, match=r"flat\.V.*list_iterator"):
        _write(project, "iter([1])").code("flat:T", unknown="error")
    assert _write(project, "[1]").code("flat:T", unknown="error").warnings == ()


def test_a_value_that_no_rule_knows_can_count_by_its_pickle(project) -> None:
    code = _write(project, "iter([1])").code("flat:T", unknown="pickle")
    assert code.warnings == ()
    assert _write(project, "iter([1])").code("flat:T", unknown="pickle").digest == code.digest
    assert _write(project, "iter([2])").code("flat:T", unknown="pickle").digest != code.digest


def test_a_value_that_is_changed_after_it_was_pickled_counts_as_it_is(project) -> None:
    module = _write(project, "iter([1, 2])").load("flat")
    before = code_of(module.T, unknown="pickle")
    next(module.V)
    assert code_of(module.T, unknown="pickle").digest != before.digest


def test_a_value_without_a_pickle_counts_by_its_type(project) -> None:
    code = _write(project, "(n for n in [1])").code("flat:T", unknown="pickle")
    assert code.warnings == ("flat.V is known by its type builtins.generator only",)


def test_an_object_that_cannot_be_looked_at_stops_no_run(project) -> None:
    text = HEAD.replace(
        "    V = VALUE",
        "    class Bad(dict):\n        def items(self): raise OSError('gone')\n\n    V = Bad()",
    )
    code = project.write({"flat.py": text}).code("flat:T")
    assert "gone" in code.warnings[0]


def test_a_class_that_cannot_be_looked_at_stops_no_run(project) -> None:
    project.write(
        {
            "flat.py": """
                class Meta(type):
                    @property
                    def __mro__(cls): raise RuntimeError("gone")
                    @property
                    def __bases__(cls): raise RuntimeError("gone")
                class Bad(metaclass=Meta):
                    pass
                class T:
                    def run(self):
                        return Bad
                """
        }
    )
    assert "gone" in project.code("flat:T").warnings[0]


def test_a_proxy_that_raises_when_it_is_asked_what_it_is_stops_no_run(project) -> None:
    project.write(
        {
            "flat.py": """
                class Proxy:
                    __slots__ = ()
                    @property
                    def __class__(self): raise RuntimeError("outside of a request")
                V = Proxy()
                W = [Proxy()]
                class T:
                    def run(self):
                        return V.name, V, W
                """
        }
    )
    before = project.code("flat:T")
    assert {each.name for each in before.components} >= {"flat.V", "flat.W"}


def test_a_proxy_that_passes_for_a_function_counts_with_its_own_function(project) -> None:
    """As decorators made with wrapt do."""
    project.write(
        {
            "site-packages/proxies.py": """
                import types

                class FunctionWrapper:
                    def __init__(self, wrapped, wrapper):
                        self.__wrapped__, self._self_wrapper = wrapped, wrapper
                    __class__ = property(lambda self: types.FunctionType)
                    def __getattr__(self, name): return getattr(self.__wrapped__, name)
                    def __call__(self, *a): return self._self_wrapper(self.__wrapped__, *a)
                """,
            "p/__init__.py": "",
            "p/tasks.py": """
                from proxies import FunctionWrapper
                def outer(f, x): return f(x) + 1
                def f(x): return x + 2
                f = FunctionWrapper(f, outer)
                class T:
                    def run(self):
                        return f(3)
                """,
        }
    )
    sys.path.insert(0, str(project.root / "site-packages"))
    try:
        before = project.code("p.tasks:T")
        assert before.warnings == ()
        assert project.edit("p/tasks.py", "x + 2", "x + 3").code("p.tasks:T").digest != before.digest
        assert project.edit("p/tasks.py", "x + 3", "x + 2").code("p.tasks:T").digest == before.digest
        assert project.edit("p/tasks.py", "f(x) + 1", "f(x) + 2").code("p.tasks:T").digest != before.digest
    finally:
        sys.path.remove(str(project.root / "site-packages"))


def test_a_missing_name_is_missing_until_it_is_there(project) -> None:
    project.write({"flat.py": "class T:\n    def run(self):\n        return V\n"})
    before = project.code("flat:T")
    assert [(each.name, each.kind) for each in before.components if each.kind == "missing"] == [
        ("flat.V", "missing")
    ]
    assert project.edit("flat.py", "class T", "V = 1\nclass T").code("flat:T").digest != before.digest


def test_a_name_that_shadows_a_builtin_is_told_from_it(project) -> None:
    project.write({"flat.py": "class T:\n    def run(self):\n        return sorted([1])\n"})
    before = project.code("flat:T").digest
    project.edit("flat.py", "class T", "def sorted(x):\n    return x\n\nclass T")
    assert project.code("flat:T").digest != before


def test_a_task_in_a_global_is_known_by_its_family(project) -> None:
    text = """
        import law, luigi

        class Up(law.Task):
            n = luigi.IntParameter(default=1)
            def run(self):
                return 1

        class T(law.Task):
            kinds = [Up]
            def run(self):
                return [Up, UP, self.kinds, isinstance(3, Up)]

        UP = Up()
        """
    before = project.write({"flat.py": text}).code("flat:T")
    assert before.warnings == ()
    assert project.edit("flat.py", "return 1", "return 2").code("flat:T").digest == before.digest


def test_memory_that_run_fills_itself_does_not_count_but_its_beginning_does(project) -> None:
    text = """
        START = 3
        SEEN = {"a": START}
        COUNT = 0

        def remember(x):
            global COUNT
            COUNT += 1
            SEEN[x] = COUNT
            return SEEN

        class T:
            def run(self):
                return remember(3), len(SEEN)
        """
    module = project.write({"flat.py": text}).load("flat")
    from lawnix.task.code.code import code_of

    before = code_of(module.T)
    module.T().run()
    assert code_of(module.T) == before
    assert project.edit("flat.py", "START = 3", "START = 4").code("flat:T").digest != before.digest
    project.edit("flat.py", "START = 4", "START = 3")
    assert project.code("flat:T").digest == before.digest


def test_a_registry_that_is_filled_on_import_counts(project) -> None:
    text = """
        TOOLS = {}

        def tool(function):
            TOOLS[function.__name__] = function
            return function

        @tool
        def a(x):
            return x + 1

        class T:
            def run(self):
                return TOOLS["a"](3)
        """
    before = project.write({"flat.py": text}).code("flat:T").digest
    assert project.edit("flat.py", "x + 1", "x + 2").code("flat:T").digest != before


def test_a_mutable_default_counts_as_it_is_written(project) -> None:
    from lawnix.task.code.code import code_of

    project.write(
        {
            "flat.py": """
                def f(x, seen=[1]):
                    seen.append(x)
                    return seen

                class T:
                    def run(self):
                        return f(3)
                """
        }
    )
    module = project.load("flat")
    before = code_of(module.T)
    module.T().run()
    assert code_of(module.T) == before
    assert project.edit("flat.py", "seen=[1]", "seen=[2]").code("flat:T").digest != before.digest

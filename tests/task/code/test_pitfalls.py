"""Ways of writing Python that have misled others."""

import ast
import importlib
import importlib.util
import inspect
import linecache
import os
import subprocess
import sys

import pytest

from lawnix.task.code.code import code_of

PITFALLS = {
    "star imports": (
        {
            "p/a.py": "from p.b import *\nclass T:\n    def run(self): return f(1)\n",
            "p/b.py": "def f(x): return x + 1\n",
        },
        ("p/b.py", "x + 1", "x + 2"),
    ),
    "conditional definitions": (
        {
            "p/a.py": """
                if True:
                    def f(x): return x + 1
                else:
                    def f(x): return x + 5
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "conditional imports": (
        {
            "p/a.py": """
                try:
                    from p.b import f
                except ImportError:
                    f = None
                class T:
                    def run(self): return f(1)
                """,
            "p/b.py": "def f(x): return x + 1\n",
        },
        ("p/b.py", "x + 1", "x + 2"),
    ),
    "names assigned after the definition": (
        {"p/a.py": "class T:\n    def run(self): return f(1)\ndef g(x): return x + 1\nf = g\n"},
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "mutual recursion": (
        {
            "p/a.py": """
                def f(x): return g(x)
                def g(x): return h(x) or f(x)
                def h(x): return g(x) + 1
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "+ 1", "+ 2"),
    ),
    "recursion through a class": (
        {
            "p/a.py": """
                class A:
                    def f(self): return B().g()
                class B(A):
                    def g(self): return A, B, 1
                class T:
                    def run(self): return A().f(), T
                """
        },
        ("p/a.py", "A, B, 1", "A, B, 2"),
    ),
    "circular imports": (
        {
            "p/a.py": "import p.b\nclass T:\n    def run(self): return p.b.f(1)\ndef g(x): return x + 1\n",
            "p/b.py": "import p.a\ndef f(x): return p.a.g(x)\n",
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "names that a package passes on": (
        {
            "p/a.py": "import p\nclass T:\n    def run(self): return p.f(1)\n",
            "p/__init__.py": "from p.b import f\n",
            "p/b.py": "def f(x): return x + 1\n",
        },
        ("p/b.py", "x + 1", "x + 2"),
    ),
    "modules that load names when they are asked": (
        {
            "p/a.py": "import p\nclass T:\n    def run(self): return p.f(1)\n",
            "p/__init__.py": """
                def __getattr__(name):
                    if name == 'f':
                        from p.b import f
                        return f
                    raise AttributeError(name)
                """,
            "p/b.py": "def f(x): return x + 1\n",
        },
        ("p/b.py", "x + 1", "x + 2"),
    ),
    "lambdas on one line": (
        {"p/a.py": "f, g = lambda x: x + 1, lambda x: x + 1 - 1\nclass T:\n    def run(self): return g(1)\n"},
        ("p/a.py", "- 1", "- 2"),
    ),
    "lambdas in a class body": (
        {
            "p/a.py": """
                class T:
                    f = staticmethod(lambda x: x + 1); g = staticmethod(lambda x: x)
                    def run(self): return self.f(1)
                """
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "lambdas in a dictionary": (
        {
            "p/a.py": """
                TABLE = {'a': lambda x: x + 1, 'b': lambda x: x + 1.0}
                class T:
                    def run(self): return TABLE
                """
        },
        ("p/a.py", "x + 1.0", "x + 2.0"),
    ),
    "decorators on several lines": (
        {
            "p/a.py": """
                import functools
                @functools.lru_cache(
                    maxsize=3,
                )
                @functools.wraps(
                    len
                )
                def f(x): return x + 1
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "decorators that are objects": (
        {
            "p/a.py": """
                class D:
                    def __init__(self, f): self.f = f
                    def __call__(self, x): return self.f(x)
                @D
                def f(x): return x + 1
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "the class of decorators that are objects": (
        {
            "p/a.py": """
                class D:
                    def __init__(self, f): self.f = f
                    def __call__(self, x): return self.f(x)
                @D
                def f(x): return x + 1
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "return self.f(x)", "return -self.f(x)"),
    ),
    "arguments of decorators": (
        {
            "p/a.py": """
                def times(n):
                    def deco(f):
                        def g(x): return n * f(x)
                        return g
                    return deco
                @times(3)
                def f(x): return x
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "@times(3)", "@times(4)"),
    ),
    "decorators of libraries": (
        {
            "p/a.py": """
                import contextlib
                @contextlib.contextmanager
                def f(x): yield x + 1
                class T:
                    def run(self):
                        with f(1) as y: return y
                """
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "single dispatch": (
        {
            "p/a.py": """
                import functools
                @functools.singledispatch
                def f(x): return 1
                @f.register
                def _(x: int): return x + 1
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "compiled by numba": (
        {
            "p/a.py": """
                import numba
                @numba.njit
                def f(x): return x + 1
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "a chain of decorators": (
        {
            "p/a.py": """
                import functools
                def d(f):
                    @functools.wraps(f)
                    def g(*a): return f(*a)
                    return g
                @d
                @functools.cache
                @d
                def f(x): return x + 1
                class T:
                    def run(self): return f(1)
                """
        },
        ("p/a.py", "x + 1", "x + 2"),
    ),
    "a decorator object on a method": (
        {
            "p/a.py": """
                class D:
                    def __init__(self, f): self.f = f
                    def __get__(self, i, c): return self.f(i)
                class T:
                    k = 1
                    @D
                    def f(self): return self.k
                    def run(self): return self.f
                """
        },
        ("p/a.py", "k = 1", "k = 2"),
    ),
    "generated methods": (
        {
            "p/a.py": """
                from dataclasses import dataclass
                @dataclass(order=True)
                class D:
                    x: int
                    y: int = 1
                class T:
                    def run(self): return D(1) < D(2)
                """
        },
        ("p/a.py", "    x: int\n    y: int = 1", "    y: int\n    x: int = 1"),
    ),
    "attributes of functions": (
        {"p/a.py": "def f(x): return x\nf.cut = 1\nclass T:\n    def run(self): return f.cut\n"},
        ("p/a.py", "f.cut = 1", "f.cut = 2"),
    ),
    "constants in a nested function": (
        {
            "p/a.py": """
                K = 1
                class T:
                    def run(self):
                        def f():
                            return [lambda: K for _ in 'a']
                        return f()
                """
        },
        ("p/a.py", "K = 1", "K = 2"),
    ),
    "class bodies in a function": (
        {
            "p/a.py": """
                K = 1
                class T:
                    def run(self):
                        class A:
                            k = K
                        return A
                """
        },
        ("p/a.py", "K = 1", "K = 2"),
    ),
}


@pytest.mark.parametrize(("files", "edit"), PITFALLS.values(), ids=PITFALLS)
def test_an_edit_is_seen(project, files, edit) -> None:
    project.write({"p/__init__.py": "", **files})
    before = project.code("p.a:T")
    assert before.warnings == ()
    assert not any(each.kind in ("missing", "unknown") for each in before.components)
    assert project.code("p.a:T") == before
    assert project.edit(*edit).code("p.a:T").digest != before.digest


def test_factories_in_a_loop_are_told_apart(project) -> None:
    project.write(
        {
            "flat.py": """
                def make(n):
                    class T:
                        def run(self): return n
                    return T
                A, B, C = (make(n) for n in (1, 2, 1))
                """
        }
    )
    module = project.load("flat")
    assert code_of(module.A).digest == code_of(module.C).digest != code_of(module.B).digest


def test_classes_made_with_functions_from_outside_are_told_apart(project) -> None:
    project.write(
        {
            "flat.py": """
                f, g = (lambda self: 1), (lambda self: 2)
                A, B = (type('T', (), {'run': each}) for each in (f, g))
                """
        }
    )
    module = project.load("flat")
    assert code_of(module.A).digest != code_of(module.B).digest


def test_a_function_that_is_put_in_place_of_another_is_seen(project, monkeypatch) -> None:
    project.write(
        {
            "flat.py": """
                def f(x): return 1
                def g(x): return 2
                class T:
                    def run(self): return f(1), self.h()
                    def h(self): return 3
                """
        }
    )
    module = project.load("flat")
    before = code_of(module.T)
    with monkeypatch.context() as patch:
        patch.setattr(module, "f", module.g)
        assert code_of(module.T).digest != before.digest
    assert code_of(module.T) == before
    with monkeypatch.context() as patch:
        patch.setattr(module.T, "h", lambda self: 4)
        assert code_of(module.T).digest != before.digest
    assert code_of(module.T) == before
    with monkeypatch.context() as patch:
        patch.setattr(module.f, "__code__", module.g.__code__)
        assert code_of(module.T).digest != before.digest
    assert code_of(module.T) == before
    with monkeypatch.context() as patch:
        patch.setattr(module.f, "__defaults__", (7,))
        assert code_of(module.T).digest != before.digest
    assert code_of(module.T) == before


def test_an_instance_that_changes_is_seen(project) -> None:
    project.write(
        {
            "flat.py": """
                class C:
                    def __init__(self): self.x = [1]
                c = C()
                class T:
                    def run(self): return c
                """
        }
    )
    module = project.load("flat")
    before = code_of(module.T)
    module.c.x.append(2)
    assert code_of(module.T).digest != before.digest
    module.c.x.pop()
    assert code_of(module.T).digest == before.digest
    module.c.y = 1
    assert code_of(module.T).digest != before.digest


def test_tasks_of_one_project_share_what_they_reach_and_not_their_digests(project) -> None:
    project.write(
        {
            "flat.py": """
                def f(x): return g(x)
                def g(x): return f(x - 1)
                class A:
                    def run(self): return f(1)
                class B:
                    def run(self): return g(1)
                class C:
                    def run(self): return f(1)
                """
        }
    )
    module = project.load("flat")
    a, b, c = map(code_of, (module.A, module.B, module.C))
    assert a.digest == c.digest != b.digest
    again = project.load("flat")  # asked in another order
    assert [code_of(each) for each in (again.B, again.A)] == [b, a]


def test_asking_again_gives_the_same_object(project) -> None:
    module = project.write({"flat.py": "class T:\n    def run(self): return 1\n"}).load("flat")
    assert code_of(module.T) is code_of(module.T)


def test_a_deep_chain_of_calls_needs_no_deep_stack(project) -> None:
    functions = "".join(f"def f{number}(x): return f{number + 1}(x)\n" for number in range(3000))
    project.write(
        {"flat.py": functions + "def f3000(x): return x + 1\nclass T:\n    def run(self): return f0(1)\n"}
    )
    before = project.code("flat:T")
    assert len(before.components) == 3002
    assert project.edit("flat.py", "x + 1", "x + 2").code("flat:T").digest != before.digest


def test_a_large_ring_of_functions_has_a_digest(project) -> None:
    functions = "".join(
        f"def f{number}(x): return f{(number + 1) % 300}(x), f{number * 7 % 300}\n" for number in range(300)
    )
    project.write({"flat.py": functions + "class T:\n    def run(self): return f0(1)\n"})
    before = project.code("flat:T").digest
    assert project.code("flat:T").digest == before
    assert (
        project.edit("flat.py", "def f7(x): return", "def f7(x): return 1,").code("flat:T").digest != before
    )


def test_a_chain_of_wrapped_functions_counts_link_by_link(project) -> None:
    project.write(
        {
            "flat.py": """
                import functools

                def deco(n):
                    def around(f):
                        @functools.wraps(f)
                        def g(*a): return n, g.__wrapped__(*a)
                        return g
                    return around

                def f(x): return x + 1
                one = deco(1)(f)
                two = deco(2)(one)
                three = deco(3)(two)

                class T:
                    def run(self): return three(1)
                """
        }
    )
    before = project.code("flat:T").digest
    for old, new in (
        ("x + 1", "x + 2"),
        ("deco(1)", "deco(10)"),
        ("deco(2)", "deco(20)"),
        ("deco(3)", "deco(30)"),
    ):
        assert project.edit("flat.py", old, new).code("flat:T").digest != before
        project.edit("flat.py", new, old)
    assert project.code("flat:T").digest == before


def test_an_edit_in_a_living_session_is_not_taken_for_what_is_loaded(project) -> None:
    text = "class T:\n    def run(self):\n        return 1\n"
    module = project.write({"flat.py": text}).load("flat")
    before = code_of(module.T)
    project.write({"flat.py": "# a line above\n" + text.replace("return 1", "return 2")})
    linecache.checkcache()
    assert "return 1" not in inspect.getsource(module.T.run)  # which looks at the lines as they are now
    assert code_of(module.T).digest == before.digest  # what is loaded is what runs
    importlib.reload(module)
    assert code_of(module.T).digest != before.digest
    project.write({"flat.py": text})
    importlib.reload(module)
    assert code_of(module.T).digest == before.digest


def test_a_method_that_is_put_on_a_task_when_it_is_made_counts_with_what_makes_it(project) -> None:
    project.write(
        {
            "flat.py": """
                def helper(x): return x + 1

                class T:
                    def prepare(self):
                        self.method = lambda x: helper(x) * 2

                    def run(self):
                        self.prepare()
                        return self.method(1)
                """
        }
    )
    before = project.code("flat:T").digest
    assert project.edit("flat.py", "* 2", "* 3").code("flat:T").digest != before
    project.edit("flat.py", "* 3", "* 2")
    assert project.edit("flat.py", "x + 1", "x + 2").code("flat:T").digest != before


def test_a_universal_function_of_the_authors_counts_by_what_it_was_made_of(project) -> None:
    project.write(
        {
            "flat.py": """
                import numpy as np
                def f(x): return x + 1
                F = np.vectorize(f, otypes=[float])
                class T:
                    def run(self): return F([1]), np.add.reduce([1])
                """
        }
    )
    before = project.code("flat:T")
    assert before.warnings == ()
    assert project.edit("flat.py", "x + 1", "x + 2").code("flat:T").digest != before.digest
    project.edit("flat.py", "x + 2", "x + 1")
    assert project.edit("flat.py", "np.add", "np.multiply").code("flat:T").digest != before.digest


def test_a_variable_of_the_environment_counts_where_its_value_is_a_global(project, monkeypatch) -> None:
    project.write(
        {
            "flat.py": """
                import os
                MODE = os.environ["MODE"]
                class Early:
                    def run(self): return MODE
                class Inside:
                    def run(self): return os.environ["MODE"]
                """
        }
    )
    monkeypatch.setenv("MODE", "one")
    early, inside = (project.code(f"flat:{name}").digest for name in ("Early", "Inside"))
    monkeypatch.setenv("MODE", "two")
    assert project.code("flat:Early").digest != early
    assert project.code("flat:Inside").digest == inside  # such a task declares it: `environment = ["MODE"]`


@pytest.mark.parametrize(
    "value", ["random.random()", "time.time()", "uuid.uuid4()", "object()", "os.getpid()"]
)
def test_what_is_another_value_in_each_process_is_found_by_digesting_twice(project, value) -> None:
    project.write(
        {
            "flat.py": f"""
                import os, random, time, uuid
                VALUE = {value}
                OTHER = 3
                class T:
                    def run(self): return VALUE, OTHER
                """
        }
    )
    command = "import flat; from lawnix.task.code.code import code_of; print({c.name: c.digest for c in code_of(flat.T).components})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project.root), *sys.path])}
    said = [
        ast.literal_eval(
            subprocess.run(
                [sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(2)
    ]
    differing = {name for name in said[0] if said[0][name] != said[1][name]}
    assert differing == (set() if value == "object()" else {"flat.VALUE"})


def test_one_module_under_two_names_is_digested_alike(project) -> None:
    project.write(
        {"flat.py": "def f(x): return g(x)\ndef g(x): return x\nclass T:\n    def run(self): return f(1)\n"}
    )
    module = project.load("flat")
    before = code_of(module.T).digest
    spec = importlib.util.spec_from_file_location("other_name", module.__file__)
    other = importlib.util.module_from_spec(spec)
    sys.modules["other_name"] = other
    try:
        spec.loader.exec_module(other)
        assert code_of(other.T).digest == before
    finally:
        del sys.modules["other_name"]

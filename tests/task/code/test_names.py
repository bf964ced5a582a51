"""What a definition speaks of."""

import ast
import textwrap

import pytest

from lawnix.task.code.bytecode import names_in_code
from lawnix.task.code.names import Names
from lawnix.task.code.reader import names_in_tree


def _names(text: str) -> Names:
    return names_in_tree(ast.parse(textwrap.dedent(text)).body[0])


FREE = {
    "def f(x): return x + y": {"y"},
    "def f(x): return a.b.c(x).d": {"a.b.c"},
    "def f(x): y = 1; return y": set(),
    "def f(x): return [y for y in x if z]": {"z"},
    "def f(): return [y for y in y]": {"y"},
    "def f(x):\n def g(y=z): return x, y, w\n return g": {"w", "z"},
    "def f(x):\n global y\n y = 1": set(),
    "def f(x):\n global y\n return y": {"y"},
    "def f(x):\n class A(B):\n  y = 1\n  def g(self): return y\n return A": {"B", "y"},
    "def f(x): return (lambda y: y + z)(x)": {"z"},
    "def f(x):\n try: pass\n except E as e: return e": {"E"},
    "def f(x):\n with a as b: return b": {"a"},
    "def f(x):\n for a, (b, *c) in x: print(a, b, c)": {"print"},
    "def f(x):\n import os.path as p\n return p, os": {"os"},
    "def f(x):\n if (y := x): return y": set(),
    "def f(x):\n [y := 1 for _ in x]\n return y": set(),
    "def f(x):\n match x:\n  case [a, *b]: return a, b\n  case P(e) as g: return e, g": {"P"},
    "def f(x):\n match x:\n  case {'c': c, **d}: return c, d": set(),
    "def f(x, *y, z, **w): return x, y, z, w": set(),
    "@d\ndef f(x: A = B) -> C: return x": set(),
    "def f(x):\n y: A = B\n return y": {"B"},
    "def f(x): return f'{y:{z}} {w.v!r}'": {"y", "z", "w.v"},
    "def f(x): del y": set(),
    "def f(x): m.a = 1": {"m"},
    "def f(x): m.a += 1": {"m", "m.a"},
    "def f(x): return getattr(m, 'a')": {"getattr", "m.a"},
    "async def f(x):\n async with a as b: return [c async for c in b]": {"a"},
}


@pytest.mark.parametrize(("text", "free"), FREE.items(), ids=FREE)
def test_free_names_with_their_attributes(text, free) -> None:
    assert {".".join(chain) for chain in _names(text).free} == free


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ("a[1] = 2", {"a"}),
        ("a.append(1)", {"a"}),
        ("a[1][2].update(3)", {"a"}),
        ("del a[1]", {"a"}),
        ("a.b = 1", {"a"}),
        ("global a; a += 1", {"a"}),
        ("a = []; a.append(1)", set()),
        ("x.append(1)", set()),
        ("return a.copy()", set()),
    ],
)
def test_stored_names(body, stored) -> None:
    assert _names(f"def f(x): {body}").stored == stored


@pytest.mark.parametrize(
    ("body", "to"),
    [
        ("return g(self)", {"g"}),
        ("return m.g(1, a=self)", {"m.g"}),
        ("return [self]", {""}),
        ("x = self", {""}),
        ("return self.a(1)", set()),
        ("return isinstance(self, A) or f'{self}'", set()),
        ("return A.req(self)", set()),
        ("return (lambda self: g(self))(1)", set()),
    ],
)
def test_where_the_first_argument_is_handed(body, to) -> None:
    assert {".".join(chain) for chain in _names(f"def f(self, x): {body}").hands_on} == to


def test_imports_in_a_function_with_what_is_used_of_them() -> None:
    names = _names(
        "def f():\n import a.b\n import c as d\n from ..e import g as h\n return a.b.x, d.y.z, h.w, h"
    )
    assert {(each.module, each.level, each.chain) for each in names.imports} == {
        ("a.b", 0, ()),
        ("a", 0, ("b", "x")),
        ("c", 0, ()),
        ("c", 0, ("y", "z")),
        ("e", 2, ()),
        ("e", 2, ("g", "w")),
        ("e", 2, ("g",)),
    }


@pytest.mark.parametrize(
    "text", [each for each in FREE if not each.startswith(("def f(x): return getattr", "@d"))], ids=str
)
def test_bytecode_tells_the_names_too(text) -> None:
    space: dict[str, object] = {}
    exec(compile(text, "<none>", "exec"), space)
    roots = {chain[0] for chain in names_in_code(space["f"].__code__).free}
    assert roots >= {chain[0] for chain in _names(text).free}

"""Small functions, no two of which do the same."""

# fmt: off
# ruff: noqa
import asyncio, functools, re
from dataclasses import dataclass

def adds(x, y): return x + y
def subtracts(x, y): return x - y
def adds_otherwise(x, y): return y + x
def adds_three(x, y, z): return x + y + z
def adds_grouped(x, y, z): return x + (y + z)
def positional(x, /, y): return x + y
def keyword(x, *, y): return x + y
def many(*x): return x
def named(**x): return x
def nothing(x, y): return
def constant_one(): return 1
def constant_one_float(): return 1.0
def constant_true(): return True
def constant_text(): return '1'
def constant_bytes(): return b'1'
def constant_none_in_tuple(): return (None,)
def constant_ellipsis(): return ...
def big(): return 0XFFFF_FFFF_FFFF_FFFF
def exponent(): return 1E-5
def imaginary(): return 2J
def negative(): return -1
def text_joined(): return 'a' "b" '''c'''
def text_other(): return "a" "b" "d"
def text_raw(): return r'\d' '\n' "\u00e9\N{GREEK SMALL LETTER ALPHA}\U0001fae8"
def formatted(x): return f'{x}' "{}" f"{x!r:>{10}}"
def formatted_spec(x): return f"{x:.2f}"
def formatted_spec_other(x): return f"{x:.3f}"
def formatted_debug(x): return f"{x=}"
def formatted_nested(x): return f"{x['a']:{x['w']}.{2}f} and {f'{x}'}"
def formatted_without(x): return f"plain"
def formatted_lines(x): return (f"a{x}"
                                f"b{x}"  # a comment
                                "c")
def branches(x):
    if x: return 1
    elif x > 2:
        return 2
    else: return 3
def branches_nested(x):
    if x: return 1
    else:
        if x > 2:
            return 2
        return 3
def conditional(x): return 1 if x else 2
def loops(x):
    for a, b in x: print(a, b)
    else: return 1
def loops_without_else(x):
    for a, b in x: print(a, b)
    return 1
def whiles(x):
    while x: x -= 1; continue
def whiles_break(x):
    while x: x -= 1; break
def tries(x):
    try: return x()
    except (ValueError, TypeError) as error: return error
    except: raise
    finally: print(x)
def tries_else(x):
    try: x()
    except ValueError: pass
    else: return 2
def raises(x): raise ValueError(x) from None
def raises_plain(x): raise ValueError(x)
def asserts(x): assert x, ("message",)
def contexts(x):
    with x() as a, x() as b: return a, b
def contexts_long(x):
    with (x() as a, x() as b, x() as c): return a, b, c
async def waits(x):
    async with x as y:
        async for z in y: await z
    return [await z async for z in x]
async def waits_less(x): return await x
def generates(x): yield x
def generates_from(x): yield from x
def comprehends(x): return [a for b in x if b for a in b]
def comprehends_set(x): return {a for b in x if b for a in b}
def comprehends_dict(x): return {a: b for a, b in x}
def comprehends_lazily(x): return (a for b in x if b for a in b)
def lambdas(x): return lambda y, *z, w=3: x + y
def lambdas_other(x): return lambda y, *z, w=4: x + y
def nested(x):
    def inner(y: int = 3) -> int:
        """Inner."""
        nonlocal x
        x = y
        return x
    return inner
def nested_decorated(x):
    @functools.cache
    def inner(y=3):
        nonlocal x
        x = y
        return x
    return inner
def classes(x):
    class A:
        """A."""
        y: int
        def f(self): return x
    return A
def classes_data(x):
    @dataclass
    class A:
        y: int
        z: float = 3
    return A
def classes_data_other(x):
    @dataclass
    class A:
        y: float
        z: float = 3
    return A
def unpacks(x): a, *b = x; return [*a, *b], {**x, 'a': 1}
def unpacks_less(x): a, *b = x; return [*a, *b], {'a': 1, **x}
def slices(x): return x[1:2, ::3, ...], x[(1, 2)], x[1:,]
def slices_other(x): return x[1:3, ::3, ...], x[(1, 2)], x[1:,]
def walrus(x): return (y := x) + y
def compares(x): return 1 < x <= 2 != 3 is not None
def negates(x): return not (x in (1, 2)) and ~x or -x ** 2
def negates_other(x): return x not in (1, 2) and ~x or -x ** 2
def powers(x): return (-x) ** 2
def matrix(x, y): return x @ y // y % 2 << 1 >> 2 & 3 | 4 ^ 5
def assigns(x): x.a = x[1] = y = 3; x.b += 1; return y
def deletes(x): del (x.a, x[1])
def deletes_one(x): del (x.a)
def globals_used(x):
    global COUNT
    COUNT = x
def imports(x):
    from os import (path as p,
                    sep)
    import os.path
    return p, sep, os
def imports_other(x):
    from os import path, sep as p
    import os.path
    return p, path, os
def matches(x):
    match x:
        case 1 | 'a' | None: return 1
        case [a, *b, {'c': d, **e}] if d: return a, b, e
        case re.Pattern(pattern=p) as q: return p, q
        case -1.5 | True: return 2
        case _: return 3
def matches_other(x):
    match x:
        case 1 | 'a' | None: return 1
        case [a, *b, {'c': d, **e}] if d: return a, b, e
        case re.Pattern(pattern=p) as q: return p, q
        case -1.5 | False: return 2
        case _: return 3
def annotated(x: int, *y: 'str', z: float = 3, **w: list[int]) -> None:
    a: int = x; b: str
    a.c: int = 3
    return a, z
def documented(x):
    """A docstring
        over lines."""
    'another'
    return x
def long_sum(x):
    return (x.first_attribute_with_a_long_name + x.second_attribute_with_a_long_name + x.third_attribute_with_a_long_name
            + x.fourth_attribute_with_a_long_name)
def long_call(x):
    return x.method_with_a_long_name(x.first_attribute_with_a_long_name, x.second_attribute_with_a_long_name)[0].again(x, key=x, **x)
def stops(x):
    # only a comment
    pass

"""Names: what a definition speaks of, of the things that it does not make itself."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

Chain = tuple[str, ...]  # `np.random.default_rng` is ("np", "random", "default_rng")

_HARMLESS: Final = frozenset(
    {"format", "id", "isinstance", "len", "print", "repr", "setattr", "str", "super", "type"}
)
_LOOKING: Final = frozenset({"getattr", "hasattr"})
_MUTATORS: Final = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "update",
    }
)


@dataclass(frozen=True, slots=True)
class Import:
    """A module that a function imports itself, and what of it is used."""

    module: str
    level: int  # of a relative import
    chain: Chain  # attributes of the module; "*" for all; empty: that it is imported


@dataclass(frozen=True, slots=True)
class Names:
    """What a definition speaks of.

    Attributes:
        free: Names that it does not bind, each with the attributes that are taken from it.
        own: Attributes of its first argument.
        above: Attributes of `super()`.
        attributes: All attributes of anything.
        hands_on: What its first argument is handed to as a whole: chains, or () for what cannot be told.
        imports: What it imports itself.
        stored: Free names that it rebinds or changes.
        opaque_self: Whether it looks at its first argument in a way that hides what is read.
        opaque_module: Whether it looks at its module in such a way: `exec`, `eval`, `globals()`.
    """

    free: frozenset[Chain] = frozenset()
    own: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    hands_on: frozenset[Chain] = frozenset()
    imports: frozenset[Import] = frozenset()
    stored: frozenset[str] = frozenset()
    opaque_self: bool = False
    opaque_module: bool = False


def names_in_tree(tree: ast.AST) -> Names:
    """What `tree` speaks of.

    The decorators and defaults of a function, and all annotations, are left out: they act through objects or not at all.
    """
    return _Reader(tree).names()


@dataclass(eq=False, slots=True)
class _Scope:
    parent: "_Scope | None"
    is_class: bool = False
    is_comprehension: bool = False
    bound: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)  # declared nonlocal
    globals: set[str] = field(default_factory=set)  # declared global
    modules: dict[str, Import] = field(default_factory=dict)  # names that an import binds here


@dataclass(frozen=True, slots=True)
class _Use:
    scope: _Scope
    chain: Chain
    receiver: Chain | None = None  # the callee that is handed a whole; () for what cannot be told
    opaque: bool = False
    stores: bool = False


class _Reader:
    def __init__(self, tree: ast.AST) -> None:
        self._root = _Scope(None)
        self._scopes = [self._root]
        self._uses: list[_Use] = []
        self._attributes: set[str] = set()
        self._above: set[str] = set()
        self._imports: set[Import] = set()
        self._todo: list[tuple[ast.AST, _Scope]] = []
        self._first: str | None = None
        if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = [*tree.args.posonlyargs, *tree.args.args]
            self._first = arguments[0].arg if arguments else None
            self._function(tree, self._root)
        else:
            self._todo.append((tree, self._root))
        while self._todo:
            self._read(*self._todo.pop())

    # ------------------------------------------------------------------------------------- reading

    def _push(self, scope: _Scope, *trees: ast.AST | None) -> None:
        self._todo.extend((tree, scope) for tree in trees if tree is not None)

    def _scope(self, parent: _Scope, *, is_class: bool = False, is_comprehension: bool = False) -> _Scope:
        self._scopes.append(_Scope(parent, is_class, is_comprehension))
        return self._scopes[-1]

    def _function(self, tree: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: _Scope) -> None:
        """The inside of a function, whose scope is `scope`."""
        arguments = tree.args
        named = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]
        scope.bound.update(each.arg for each in named if each is not None)
        self._push(scope, *(tree.body if isinstance(tree.body, list) else [tree.body]))

    def _read(self, tree: ast.AST, scope: _Scope) -> None:
        match tree:
            case ast.Constant():
                pass
            case ast.Name():
                self._name(tree, scope)
            case ast.Attribute():
                self._attribute(tree, scope)
            case ast.Call():
                self._call(tree, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                if not isinstance(tree, ast.Lambda):
                    scope.bound.add(tree.name)
                    self._push(scope, *tree.decorator_list)
                self._push(scope, *tree.args.defaults, *tree.args.kw_defaults)
                self._function(tree, self._scope(scope))
            case ast.ClassDef():
                scope.bound.add(tree.name)
                self._push(scope, *tree.decorator_list, *tree.bases, *tree.keywords)
                self._push(self._scope(scope, is_class=True), *tree.body)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self._comprehension(tree, scope)
            case ast.NamedExpr(target=target, value=value):
                home = scope
                while home.is_comprehension and home.parent is not None:
                    home = home.parent
                home.bound.add(target.id)
                self._push(scope, value)
            case ast.AnnAssign(target=target, value=value):
                self._push(scope, target, value)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                scope.bound.add(name)
                self._uses.append(_Use(scope, (name,)))
                self._push(scope, value)
            case ast.Subscript(
                value=ast.Call(func=ast.Name(id="globals"), args=[]), slice=ast.Constant(value=str(name))
            ):
                self._uses.append(_Use(scope, (name,)))
            case ast.Subscript(ctx=ast.Store() | ast.Del(), value=value):
                self._change(value, scope)
                self._push(scope, value, tree.slice)
            case ast.FormattedValue(value=ast.Name(id=name)):
                self._uses.append(_Use(scope, (name,)))
                self._push(scope, tree.format_spec)
            case ast.Import() | ast.ImportFrom():
                self._import(tree, scope)
            case ast.Global(names=names):
                scope.globals.update(names)
            case ast.Nonlocal(names=names):
                scope.elsewhere.update(names)
            case _:
                if (
                    isinstance(tree, ast.ExceptHandler | ast.MatchAs | ast.MatchStar)
                    and tree.name is not None
                ):
                    scope.bound.add(tree.name)
                elif isinstance(tree, ast.MatchMapping) and tree.rest is not None:
                    scope.bound.add(tree.rest)
                self._push(scope, *ast.iter_child_nodes(tree))

    def _name(self, tree: ast.Name, scope: _Scope) -> None:
        if isinstance(tree.ctx, ast.Load):
            self._uses.append(_Use(scope, (tree.id,), receiver=()))
        else:
            scope.bound.add(tree.id)

    def _attribute(self, tree: ast.Attribute, scope: _Scope) -> None:
        base, chain = _unwind(tree)
        loads = isinstance(tree.ctx, ast.Load)
        self._attributes.update(chain if loads else chain[:-1])
        match base:
            case ast.Name(id=name):
                self._uses.append(
                    _Use(scope, (name, *chain) if loads else (name, *chain[:-1]), stores=not loads)
                )
            case ast.Call(func=ast.Name(id="super")):
                self._above.add(chain[0])
                self._push(scope, base)
            case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]):
                self._uses.append(_Use(scope, (name, "__class__", *chain)))
                self._uses.append(_Use(scope, ("type",)))
            case _:
                self._push(scope, base)

    def _call(self, tree: ast.Call, scope: _Scope) -> None:
        base, callee = _unwind(tree.func)
        chain = (base.id, *callee) if isinstance(base, ast.Name) else callee
        arguments: list[ast.expr] = [*tree.args, *(each.value for each in tree.keywords)]
        match tree:
            case ast.Call(
                func=ast.Name(id=name), args=[looked_at, ast.Constant(value=str(attribute)), *rest]
            ) if name in _LOOKING and _chain(looked_at):
                self._uses.append(_Use(scope, (*_chain(looked_at), attribute)))
                self._attributes.add(attribute)
                arguments = rest
            case ast.Call(func=ast.Name(id=name), args=[looked_at, *rest]) if (
                name in _LOOKING or name in ("dir", "vars")
            ) and _chain(looked_at):
                self._uses.append(_Use(scope, _chain(looked_at), opaque=True))
                arguments = rest
            case ast.Call(args=[ast.Constant(value=str(module)), *_]) if chain[-1:] in (
                ("import_module",),
                ("__import__",),
            ):
                self._imports.add(Import(module.lstrip("."), len(module) - len(module.lstrip(".")), ()))
        if callee and callee[-1] in _MUTATORS and isinstance(tree.func, ast.Attribute):
            self._change(tree.func.value, scope)
        is_harmless = chain in {(name,) for name in _HARMLESS} or chain[-1:] == ("req",)
        for each in arguments:
            if isinstance(each, ast.Name):
                self._uses.append(_Use(scope, (each.id,), receiver=None if is_harmless else chain))
            else:
                self._push(scope, each)
        self._push(scope, tree.func)

    def _change(self, tree: ast.expr, scope: _Scope) -> None:
        """Note that `tree[…] = …` or `tree.append(…)` changes what `tree` is."""
        while isinstance(tree, ast.Subscript):
            tree = tree.value
        if isinstance(tree, ast.Name):
            self._uses.append(_Use(scope, (tree.id,), stores=True))

    def _comprehension(
        self, tree: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: _Scope
    ) -> None:
        inner = self._scope(scope, is_comprehension=True)
        first, *others = tree.generators
        self._push(scope, first.iter)  # is evaluated outside
        self._push(inner, first.target, *first.ifs, *others)
        self._push(inner, *((tree.key, tree.value) if isinstance(tree, ast.DictComp) else (tree.elt,)))

    def _import(self, tree: ast.Import | ast.ImportFrom, scope: _Scope) -> None:
        for each in tree.names:
            bound = each.asname or each.name.partition(".")[0]
            scope.bound.add(bound)
            if isinstance(tree, ast.ImportFrom):
                scope.modules[bound] = Import(tree.module or "", tree.level, (each.name,))
                self._imports.add(Import(tree.module or "", tree.level, ()))
            else:
                scope.modules[bound] = Import(each.name if each.asname else bound, 0, ())
                self._imports.add(Import(each.name, 0, ()))

    # ----------------------------------------------------------------------------------- resolving

    def names(self) -> Names:
        """What was read, each name looked up in the scopes around it."""
        free: set[Chain] = set()
        own: set[str] = set()
        hands_on: set[Chain] = set()
        stored: set[str] = set()
        opaque_self = False
        for use in self._uses:
            home = self._home(use.scope, use.chain[0])
            if home is None:
                if use.stores:
                    stored.add(use.chain[0])
                free.add(use.chain)
            elif home is self._root and use.chain[0] == self._first:
                chain = use.chain[1:]
                chain = chain[1:] if chain[:1] == ("__class__",) else chain
                if use.opaque or chain[:1] == ("__dict__",):
                    opaque_self = True
                elif chain:
                    own.add(chain[0])
                elif use.receiver is not None:
                    hands_on.add(use.receiver)
            elif use.chain[0] in home.modules:
                module = home.modules[use.chain[0]]
                chain = (*module.chain, *use.chain[1:], *(("*",) if use.opaque else ()))
                self._imports.add(Import(module.module, module.level, chain))
        stored.update(name for scope in self._scopes for name in scope.globals & scope.bound)
        opaque_module = any(chain[0] in ("exec", "eval", "globals") for chain in free)
        return Names(
            free=frozenset(free),
            own=frozenset(own),
            above=frozenset(self._above),
            attributes=frozenset(self._attributes),
            hands_on=frozenset(hands_on),
            imports=frozenset(self._imports),
            stored=frozenset(stored),
            opaque_self=opaque_self or opaque_module,
            opaque_module=opaque_module,
        )

    def _home(self, scope: _Scope, name: str) -> _Scope | None:
        """The scope that binds `name` as seen from `scope`, or None if none does here."""
        for around in _outwards(scope):
            if name in around.globals:
                return None
            if (
                name in around.bound
                and name not in around.elsewhere
                and (around is scope or not around.is_class)
            ):
                return around
        return None


def _outwards(scope: _Scope | None) -> Iterator[_Scope]:
    while scope is not None:
        yield scope
        scope = scope.parent


def _unwind(tree: ast.expr) -> tuple[ast.expr, Chain]:
    """What `a().b.c` starts at, and the attributes that it takes from there."""
    attributes: list[str] = []
    while isinstance(tree, ast.Attribute):
        attributes.append(tree.attr)
        tree = tree.value
    return tree, tuple(reversed(attributes))


def _chain(tree: ast.expr) -> Chain:
    """`a.b.c` as a chain; () for anything else."""
    base, attributes = _unwind(tree)
    return (base.id, *attributes) if isinstance(base, ast.Name) else ()

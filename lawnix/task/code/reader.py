"""Reading: what a definition speaks of, told from its tree."""

import ast
from typing import Final

from lawnix.task.code.names import Chain, Import, Names
from lawnix.task.code.scopes import Scope, Use, home_of

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


def names_in_tree(tree: ast.AST) -> Names:
    """What `tree` speaks of.

    Decorators and defaults of a function, and all annotations, are left out: they act through objects or not at all.
    """
    return _Reader(tree).names()


class _Reader:
    def __init__(self, tree: ast.AST) -> None:
        self._root = Scope(None)
        self._scopes = [self._root]
        self._uses: list[Use] = []
        self._attributes: set[str] = set()
        self._sets: set[str] = set()
        self._above: set[str] = set()
        self._imports: set[Import] = set()
        self._todo: list[tuple[ast.AST, Scope]] = []
        self._first: str | None = None
        self._aliases: list[tuple[Scope, str, str]] = []  # names that are given what other names have
        self._defaults: set[tuple[int, str]] = set()  # arguments with defaults, by scope
        if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = [*tree.args.posonlyargs, *tree.args.args]
            self._first = arguments[0].arg if arguments else None
            self._function(tree, self._root)
        else:
            self._todo.append((tree, self._root))
        while self._todo:
            self._read(*self._todo.pop())

    # ------------------------------------------------------------------------------------- reading

    def _push(self, scope: Scope, *trees: ast.AST | None) -> None:
        self._todo.extend((tree, scope) for tree in trees if tree is not None)

    def _scope(self, parent: Scope, *, is_class: bool = False, is_comprehension: bool = False) -> Scope:
        self._scopes.append(Scope(parent, is_class, is_comprehension))
        return self._scopes[-1]

    def _function(self, tree: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> None:
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
        positional = [*arguments.posonlyargs, *arguments.args]
        optional = positional[len(positional) - len(arguments.defaults) :] + [
            argument
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        ]
        self._defaults.update((id(scope), each.arg) for each in optional)
        self._push(scope, *(tree.body if isinstance(tree.body, list) else [tree.body]))

    def _read(self, tree: ast.AST, scope: Scope) -> None:
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
            case ast.Assign(targets=targets, value=value):
                self._alias(scope, targets, value)
                self._push(scope, *targets, value)
            case ast.For(target=target, iter=value):
                self._alias(scope, [target], value)
                self._push(scope, *ast.iter_child_nodes(tree))
            case ast.AnnAssign(target=target, value=value):
                self._push(scope, target, value)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                scope.bound.add(name)
                self._uses.append(Use(scope, (name,)))
                self._push(scope, value)
            case ast.AugAssign(target=ast.Attribute(value=base, attr=name) as target, value=value):
                self._push(scope, ast.Attribute(base, name, ast.Load()), target, value)  # is read first
            case ast.Subscript(
                value=ast.Call(func=ast.Name(id="globals"), args=[]), slice=ast.Constant(value=str(name))
            ):
                self._uses.append(Use(scope, (name,)))
            case ast.Subscript(ctx=ast.Store() | ast.Del(), value=value):
                self._change(value, scope)
                self._push(scope, value, tree.slice)
            case ast.FormattedValue(value=ast.Name(id=name)):
                self._uses.append(Use(scope, (name,)))
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

    def _name(self, tree: ast.Name, scope: Scope) -> None:
        if isinstance(tree.ctx, ast.Load):
            self._uses.append(Use(scope, (tree.id,), receiver=()))
        else:
            scope.bound.add(tree.id)

    def _attribute(self, tree: ast.Attribute, scope: Scope) -> None:
        base, chain = _unwind(tree)
        loads = isinstance(tree.ctx, ast.Load)
        self._attributes.update(chain if loads else chain[:-1])
        self._sets.update(() if loads else chain)
        match base:
            case ast.Name(id=name):
                self._uses.append(
                    Use(scope, (name, *chain) if loads else (name, *chain[:-1]), stores=not loads)
                )
            case ast.Call(func=ast.Name(id="super")):
                self._above.add(chain[0])
                self._push(scope, base)
            case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]):
                self._uses.append(Use(scope, (name, "__class__", *chain)))
                self._uses.append(Use(scope, ("type",)))
            case _:
                self._push(scope, base)

    def _call(self, tree: ast.Call, scope: Scope) -> None:
        base, callee = _unwind(tree.func)
        chain = (base.id, *callee) if isinstance(base, ast.Name) else callee
        arguments: list[ast.expr] = [*tree.args, *(each.value for each in tree.keywords)]
        match tree:
            case ast.Call(
                func=ast.Name(id=name), args=[looked_at, ast.Constant(value=str(attribute)), *rest]
            ) if name in _LOOKING and chain_of(looked_at):
                self._uses.append(Use(scope, (*chain_of(looked_at), attribute)))
                self._attributes.add(attribute)
                arguments = rest
            case ast.Call(func=ast.Name(id=name), args=[looked_at, *rest]) if (
                name in _LOOKING or name in ("dir", "vars")
            ) and chain_of(looked_at):
                self._uses.append(Use(scope, chain_of(looked_at), opaque=True))
                arguments = rest
            case ast.Call(args=[ast.Constant(value=str(module)), *_]) if chain[-1:] in (
                ("import_module",),
                ("__import__",),
            ):
                self._imports.add(Import(module.lstrip("."), len(module) - len(module.lstrip(".")), ()))
        if chain[-1:] in (("setattr",), ("__setattr__",), ("delattr",), ("__delattr__",)):
            texts = [each.value for each in tree.args[:2] if isinstance(each, ast.Constant)]
            self._sets.update([each for each in texts if isinstance(each, str)] or "*")
        if callee and callee[-1] in _MUTATORS and isinstance(tree.func, ast.Attribute):
            self._change(tree.func.value, scope)
        is_harmless = chain in {(name,) for name in _HARMLESS} or chain[-1:] == ("req",)
        for each in arguments:
            if isinstance(each, ast.Name):
                self._uses.append(Use(scope, (each.id,), receiver=None if is_harmless else chain))
            else:
                self._push(scope, each)
        self._push(scope, tree.func)

    def _alias(self, scope: Scope, targets: list[ast.expr], value: ast.expr) -> None:
        """Note that names are given what is in another."""
        while isinstance(value, ast.Attribute | ast.Subscript):
            value = value.value
        if isinstance(value, ast.Name):
            names = (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))
            self._aliases += [(scope, name, value.id) for name in names]

    def _change(self, tree: ast.expr, scope: Scope) -> None:
        """Note that `tree[…] = …` or `tree.append(…)` changes what `tree` is."""
        while isinstance(tree, ast.Subscript):
            tree = tree.value
        self._sets.update(_unwind(tree)[1])
        if isinstance(tree, ast.Name):
            self._uses.append(Use(scope, (tree.id,), stores=True))

    def _comprehension(
        self, tree: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: Scope
    ) -> None:
        inner = self._scope(scope, is_comprehension=True)
        first, *others = tree.generators
        self._push(scope, first.iter)  # is evaluated outside
        self._push(inner, first.target, *first.ifs, *others)
        self._push(inner, *((tree.key, tree.value) if isinstance(tree, ast.DictComp) else (tree.elt,)))

    def _import(self, tree: ast.Import | ast.ImportFrom, scope: Scope) -> None:
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
            home = home_of(use.scope, use.chain[0])
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
        keeps = bool(stored) or any(
            self._outlives(use.scope, use.chain[0]) for use in self._uses if use.stores
        )
        opaque_module = any(chain[0] in ("exec", "eval", "globals") for chain in free)
        return Names(
            free=frozenset(free),
            own=frozenset(own),
            above=frozenset(self._above),
            attributes=frozenset(self._attributes),
            sets=frozenset(self._sets | ({"*"} if opaque_self or opaque_module else set())),
            hands_on=frozenset(hands_on),
            imports=frozenset(self._imports),
            stored=frozenset(stored),
            keeps=keeps,
            opaque_self=opaque_self or opaque_module,
            opaque_module=opaque_module,
        )

    def _outlives(self, scope: Scope, name: str) -> bool:
        """Whether what `name` is, as seen from `scope`, may be there before and after the function."""
        todo, seen = [(scope, name)], set()
        while todo:
            scope, name = todo.pop()
            home = home_of(scope, name)
            if home is None or (home is self._root and name == self._first and name in ("self", "cls")):
                return True
            if (id(home), name) in self._defaults:
                return True
            if (id(home), name) not in seen:
                seen.add((id(home), name))
                todo += [(around, other) for around, alias, other in self._aliases if alias == name]
        return False


def _unwind(tree: ast.expr) -> tuple[ast.expr, Chain]:
    """What `a().b.c` starts at, and the attributes that it takes from there."""
    attributes: list[str] = []
    while isinstance(tree, ast.Attribute):
        attributes.append(tree.attr)
        tree = tree.value
    return tree, tuple(reversed(attributes))


def chain_of(tree: ast.expr) -> Chain:
    """`a.b.c` as a chain; () for anything else."""
    base, attributes = _unwind(tree)
    return (base.id, *attributes) if isinstance(base, ast.Name) else ()

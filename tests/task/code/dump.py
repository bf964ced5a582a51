"""What digests are made from, for the corpus, as JSON: `python dump.py`, with any Python and nothing but that.

The package is read without what its `__init__` modules import, and BLAKE2 takes the place of BLAKE3, which is not of
the standard library.
"""

import ast
import hashlib
import json
import pathlib
import sys
import types

HERE = pathlib.Path(__file__).parent
TOP = HERE.parents[2]


class Digester:
    def __init__(self, data=b"", **_):
        self._digester = hashlib.blake2b(data)

    def update(self, data):
        self._digester.update(data)
        return self

    def digest(self, length=32, **_):
        return self._digester.digest()[:length]


def prepare():
    sys.dont_write_bytecode = True
    for name in ("lawnix", "lawnix.core", "lawnix.store", "lawnix.task", "lawnix.task.code"):
        package = sys.modules[name] = types.ModuleType(name)
        package.__path__ = [str(TOP.joinpath(*name.split(".")))]
    blake3 = sys.modules["blake3"] = types.ModuleType("blake3")
    blake3.blake3 = Digester
    sys.path.insert(0, str(HERE))


def dump():
    from lawnix.task.code.code import code_of
    from lawnix.task.code.normal import normal_form
    from lawnix.task.code.reader import names_in_tree

    corpus = ast.parse((HERE / "corpus.txt").read_text(encoding="utf-8"))
    functions = {each.name: each for each in corpus.body if hasattr(each, "name")}
    import corpus_tasks

    classes = {name: cls for name, cls in vars(corpus_tasks).items() if hasattr(cls, "run")}
    codes = {name: code_of(cls) for name, cls in classes.items()}
    return {
        "forms": {name: short(normal_form(each)) for name, each in functions.items()},
        "names": {
            name: short(repr(in_order(names_in_tree(each))).encode()) for name, each in functions.items()
        },
        "codes": {name: code.digest for name, code in codes.items()},
        "components": {
            name: {each.name: each.digest for each in code.components} for name, code in codes.items()
        },
        "warnings": {name: list(code.warnings) for name, code in codes.items() if code.warnings},
    }


def in_order(names):
    values = [getattr(names, name) for name in sorted(names._fields)]
    return [sorted(map(repr, each)) if isinstance(each, frozenset) else each for each in values]


def short(form):
    return hashlib.sha256(form).hexdigest()[:24]


if __name__ == "__main__":
    prepare()
    print(json.dumps(dump(), indent=1, sort_keys=True))

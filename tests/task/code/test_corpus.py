"""Functions of installed libraries: two different ones never share a form, and layout and comments change none."""

import ast
import io
import subprocess
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

import law
import luigi
import numpy as np
import pytest

import lawnix
from lawnix.task.code.normal import normal_form

FILES = [
    *sorted(Path(lawnix.__file__).parent.rglob("*.py")),
    *sorted(Path(luigi.__file__).parent.glob("*.py")),
    *(Path(law.__file__).parent / name for name in ("util.py", "parameter.py", "config.py", "task/base.py")),
    *(Path(np.__file__).parent / "lib" / name for name in ("_function_base_impl.py", "_npyio_impl.py")),
]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(text: str) -> list[Function]:
    return [each for each in ast.walk(ast.parse(text)) if isinstance(each, Function)]


def forms(text: str) -> list[bytes]:
    return [normal_form(each) for each in functions(text)]


class Bare(ast.NodeTransformer):
    """Takes away what does not count, as somebody would by hand; what is left is compared as Python writes it."""

    def visit_arg(self, node):
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node):  # as ast calls it
        self.generic_visit(node)
        node.returns = None
        self._bodies(node)
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # as ast calls it

    def visit_AnnAssign(self, node):  # as ast calls it
        self.generic_visit(node)
        return ast.Assign([node.target], node.value, lineno=1) if node.value is not None else ast.Pass()

    def generic_visit(self, node):
        super().generic_visit(node)
        self._bodies(node)
        return node

    def _bodies(self, node):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                idle = [
                    each
                    for each in body
                    if isinstance(each, ast.Pass)
                    or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
                ]
                setattr(
                    node, field, [each for each in body if each not in idle] or [ast.Pass()] if body else []
                )


def bare(function: Function) -> str:
    tree = Bare().visit(ast.parse(ast.unparse(function)).body[0])
    tree.name, tree.decorator_list = "f", []
    tree.args.defaults, tree.args.kw_defaults = [], [None] * len(tree.args.kwonlyargs)
    return ast.dump(tree)


def test_two_functions_share_a_form_only_if_they_are_written_alike():
    written = defaultdict(set)
    count = 0
    for file in FILES:
        for function in functions(file.read_text("utf-8")):
            written[normal_form(function)].add(bare(function))
            count += 1
    assert count > 2000
    assert len(written) > 1500
    assert [texts for texts in written.values() if len(texts) > 1] == []


@pytest.mark.parametrize("options", [(), ("--line-length", "60", "--preview")])
def test_layout_and_comments_change_no_form(options, tmp_path):
    before = {}
    for number, file in enumerate(FILES):
        text = file.read_text("utf-8")
        before[tmp_path / f"{number}.py"] = forms(text)
        (tmp_path / f"{number}.py").write_text(without_comments(text), "utf-8")
    ruff = str(Path(sys.executable).with_name("ruff"))
    subprocess.run([ruff, "format", "--isolated", "-q", *options, str(tmp_path)], check=True)
    changed = 0
    for path, expected in before.items():
        text = path.read_text("utf-8")
        assert "# " not in "".join(comments(text))
        assert forms(text) == expected
        changed += len(expected)
    assert changed > 2000


def comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [each.string for each in tokens if each.type == tokenize.COMMENT]


def without_comments(text: str) -> str:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return tokenize.untokenize(each for each in tokens if each.type != tokenize.COMMENT)

"""The normal form: layout does not matter, and all else does."""

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.task.code.normal import normal_form
from lawnix.task.code.reader import names_in_tree

CORPUS = Path(__file__).with_name("corpus.txt").read_text()


def _forms(text: str) -> dict[str, bytes]:
    return {
        each.name: normal_form(each)
        for each in ast.parse(text).body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _without_comments(text: str) -> str:
    tokens = [
        each for each in tokenize.generate_tokens(io.StringIO(text).readline) if each.type != tokenize.COMMENT
    ]
    return tokenize.untokenize(tokens)


def _formatted(text: str, *options: str) -> str:
    command = [str(Path(sys.executable).with_name("ruff")), "format", "--isolated", *options, "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_no_two_functions_of_the_corpus_share_a_form() -> None:
    forms = _forms(CORPUS)
    assert len(forms) > 80
    assert len(set(forms.values())) == len(forms)


@pytest.mark.parametrize(
    "options", [(), ("--line-length", "40"), ("--config", "format.quote-style='single'"), ("--preview",)]
)
def test_the_formatter_changes_no_form(options) -> None:
    text = _formatted(CORPUS, *options)
    assert text != CORPUS
    assert _forms(text) == _forms(CORPUS)


def test_comments_change_no_form() -> None:
    text = _without_comments(CORPUS)
    assert "#" not in text
    assert _forms(text) == _forms(CORPUS)


def test_unparsing_changes_no_form() -> None:
    assert _forms(ast.unparse(ast.parse(CORPUS))) == _forms(CORPUS)


def test_annotations_docstrings_and_decorators_change_no_form() -> None:
    plain = """
def f(x, y):
    z = x
    return z + y
"""
    full = """
@decorated(3)
def g(x: int, y: 'str' = 4) -> float:
    'Doc.'
    z: list[int] = x
    w: int
    return z + y
"""
    assert normal_form(ast.parse(plain).body[0]) == normal_form(ast.parse(full).body[0])


def test_the_body_of_a_data_class_keeps_its_annotations() -> None:
    one, other = (ast.parse(f"@dataclass\nclass A:\n    x: {kind}").body[0] for kind in ("int", "float"))
    assert normal_form(one) != normal_form(other)


def test_a_long_sum_is_no_deeper_than_python_allows() -> None:
    def long_sum(last):
        tree = ast.Name("x", ast.Load())
        for number in range(5000):
            tree = ast.BinOp(tree, ast.Add(), ast.Constant(number))
        return ast.BinOp(tree, ast.Add(), ast.Constant(last))

    assert normal_form(long_sum(1)) == normal_form(long_sum(1)) != normal_form(long_sum(2))
    assert names_in_tree(long_sum(1)).free == {("x",)}


_constants = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.complex_numbers(allow_nan=False),
)


@given(_constants, _constants)
def test_two_constants_have_one_form_only_if_they_are_the_same(one, other) -> None:
    same = type(one) is type(other) and repr(one) == repr(other)
    assert (normal_form(ast.Constant(one)) == normal_form(ast.Constant(other))) == same


@given(st.lists(_constants, max_size=4), st.lists(_constants, max_size=4))
def test_the_form_of_a_list_is_not_that_of_another(one, other) -> None:
    trees = [ast.List([ast.Constant(each) for each in items], ast.Load()) for items in (one, other)]
    assert (normal_form(trees[0]) == normal_form(trees[1])) == (ast.dump(trees[0]) == ast.dump(trees[1]))

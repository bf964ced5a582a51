"""The names that users meet: the public face, and the errors."""

import inspect
import re
from pathlib import Path

import lawnix
from lawnix import errors

TOP = Path(__file__).parents[2]
SOURCES = {path: path.read_text("utf-8") for path in (TOP / "lawnix").rglob("*.py")}


def classes_of_errors():
    return [
        cls for _, cls in inspect.getmembers(errors, inspect.isclass) if cls.__module__ == errors.__name__
    ]


def test_every_public_name_is_there_and_has_its_place_in_the_reference():
    page = (TOP / "docs" / "reference" / "api.md").read_text("utf-8")
    names = set(lawnix.__all__) - {"__version__", "LawnixError"}
    assert set(re.findall(r"^\.\. auto\w+:: lawnix\.(\w+)$", page, re.MULTILINE)) == names
    for name in lawnix.__all__:
        assert getattr(lawnix, name) is not None


def test_the_tree_of_errors_is_drawn_as_it_is():
    drawn, path = {}, []
    for indent, name in re.findall(r"^    ([│├└─ ]*)(\w+Error)\b", errors.__doc__, re.MULTILINE):
        path[len(indent) // 4 :] = [name]
        drawn[name] = path[-2] if len(path) > 1 else "Exception"
    assert drawn == {cls.__name__: cls.__base__.__name__ for cls in classes_of_errors()}


def test_every_error_is_raised_somewhere():
    families = {cls for cls in classes_of_errors() if cls.__subclasses__()}
    for cls in set(classes_of_errors()) - families:
        made = re.compile(rf"\b{cls.__name__}\(")
        homes = [path for path, text in SOURCES.items() if path.name != "errors.py" and made.search(text)]
        assert homes, cls

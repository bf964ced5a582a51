import importlib
import sys

import pytest

from lawnix.errors import ChangedMeanwhileError
from lawnix.task.late import LateFiles


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A file of a module that is not loaded yet."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = tmp_path / "late_module.py"
    path.write_text("value = 1\n")
    yield path
    sys.modules.pop("late_module", None)


def test_a_module_that_was_edited_before_a_build_imported_it_fails_the_build(module):
    late = LateFiles([str(module)])
    late.check("Fit")
    module.write_text("value = 12345\n")
    importlib.import_module("late_module")
    with pytest.raises(ChangedMeanwhileError, match=r"late_module\.py was changed while Fit was built"):
        late.check("Fit")


def test_what_was_imported_as_it_was_digested_may_be_edited_afterwards(module):
    late = LateFiles([str(module)])
    importlib.import_module("late_module")
    late.check("Fit")
    module.write_text("value = 12345\n")
    late.check("Fit")


def test_what_was_loaded_before_is_what_was_digested(module):
    importlib.import_module("late_module")
    late = LateFiles([str(module)])
    module.write_text("value = 12345\n")
    late.check("Fit")

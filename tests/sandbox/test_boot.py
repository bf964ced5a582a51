"""What runs first in a sandbox."""

import sys

import pytest

from lawnix.sandbox.boot import spared


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module that nothing has loaded."""
    (tmp_path / "slow_to_load").mkdir()
    (tmp_path / "slow_to_load" / "__init__.py").write_text("value = 1\n")
    (tmp_path / "slow_to_load" / "part.py").write_text("value = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "slow_to_load"
    for name in [each for each in sys.modules if each.partition(".")[0] == "slow_to_load"]:
        del sys.modules[name]


def test_a_module_is_loaded_when_somebody_asks_for_something_of_it(module):
    with spared([module], []):
        import slow_to_load as stand_in
    assert module not in sys.modules
    assert stand_in.value == 1
    import slow_to_load

    assert slow_to_load is not stand_in
    assert slow_to_load.value == 1


def test_a_module_is_loaded_when_something_of_it_is_asked_for_at_once(module):
    with spared([module], []):
        from slow_to_load import part
    assert part.value == 2
    assert sys.modules[module].part is part


def test_a_module_that_is_not_there_is_missed():
    with spared(["slow_to_load"], []), pytest.raises(ModuleNotFoundError, match="slow_to_load"):
        import slow_to_load  # noqa: F401


def test_a_module_that_nobody_needs_is_not_there_for_a_while(module):
    with spared([], [module]), pytest.raises(ModuleNotFoundError, match=module):
        import slow_to_load
    import slow_to_load

    assert slow_to_load.value == 1


def test_what_is_loaded_already_stays(module):
    import slow_to_load

    with spared([module], [module]):
        assert sys.modules[module] is slow_to_load
    assert sys.modules[module] is slow_to_load

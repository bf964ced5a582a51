import pytest

from lawnix.store.memory import MemoryStore
from tests.engine.world import World


@pytest.fixture
def store():
    memory = MemoryStore()
    yield memory
    memory.close()


@pytest.fixture
def world(store):
    return World(store)

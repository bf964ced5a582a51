"""What is kept of what is shown is the same however much is looked at at a time."""

from types import SimpleNamespace

import pytest

import lawnix.task.keeper
from lawnix.core.digest import digest
from lawnix.core.objects import ObjectPath
from lawnix.task.keeper import shown_as_kept
from lawnix.task.standing import ABSENT

ASKED = []


def sizes(paths):
    """What a store knows: nothing of every seventh object."""
    ASKED.append(len(paths))
    return {path: ord(path.digest[0]) for path in paths if ord(path.digest[0]) % 7}


HERE = SimpleNamespace(store=SimpleNamespace(trace=SimpleNamespace(sizes=sizes)))


def realization(number):
    outputs = {"a.txt": ObjectPath(digest("object", f"{number}".encode()), "a.txt")}
    if number % 3 == 0:
        outputs["b.txt"] = None
    return SimpleNamespace(digest=digest("realization", f"{number}".encode()), outputs=outputs)


SHOWN = {
    "Workflow/default": {f"Workflow/default/{number}": realization(number) for number in range(20)},
    "One/default": {"One/default": realization(21)},
    "Two/default": {"Two/default": realization(22)},
}


@pytest.mark.parametrize("some", [1, 2, 7, 20, 5000])
def test_what_is_shown_is_kept_alike_piece_by_piece(some, monkeypatch):
    ASKED.clear()
    monkeypatch.setattr(lawnix.task.keeper, "_SOME", some)
    kept = dict(shown_as_kept(SHOWN, HERE))
    assert max(ASKED) <= some
    assert list(kept) == list(SHOWN)
    for directory, part in SHOWN.items():
        said = kept[directory]
        assert said["places"] == [place.removeprefix(directory) for place in part]
        assert said["names"] == "".join(each.digest for each in part.values())
        for name, (digests, lengths) in said["outputs"].items():
            paths = [each.outputs.get(name) for each in part.values()]
            known = sizes({path for path in paths if path is not None})
            assert digests == "".join(ABSENT if path is None else path.digest for path in paths)
            assert lengths.split(" ") == [str(known.get(path, "")) for path in paths]
    assert set(kept["Workflow/default"]["outputs"]) == {"a.txt", "b.txt"}

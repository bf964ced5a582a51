"""All that is shown is kept, however much is looked at at a time."""

import itertools
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
def test_what_is_shown_is_kept_piece_by_piece(some, monkeypatch):
    ASKED.clear()
    monkeypatch.setattr(lawnix.task.keeper, "_SOME", some)
    kept = {}
    for directory, piece in shown_as_kept(SHOWN, HERE):
        kept.setdefault(directory, []).append(piece)
    assert max(ASKED) <= some
    assert list(kept) == list(SHOWN)
    for directory, part in SHOWN.items():
        rows = iter(part.items())
        for piece in kept[directory]:
            these = dict(itertools.islice(rows, len(piece["places"])))
            assert piece["places"] == [place.removeprefix(directory) for place in these]
            assert piece["names"] == "".join(each.digest for each in these.values())
            assert set(piece["outputs"]) == {name for each in these.values() for name in each.outputs}
            for name, (digests, lengths) in piece["outputs"].items():
                paths = [each.outputs.get(name) for each in these.values()]
                known = sizes({path for path in paths if path is not None})
                assert digests == "".join(ABSENT if path is None else path.digest for path in paths)
                assert lengths.split(" ") == [str(known.get(path, "")) for path in paths]
        assert not list(rows)

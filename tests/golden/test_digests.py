"""Golden digests: whoever changes one of these rebuilds the world of every user, and has to say so.

`digests.json` holds what these things were called when the format was made. If that has to change, raise
`core.derivation.FORMAT`, write the new digests (the failing test shows them) and a line in CHANGELOG.md such as

    * Format 2 of derivations and keys (golden digests `<digest of all of them>`): why, and what users will see.
"""

import datetime
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path

import numpy as np
import pytest

from lawnix.core.canonical import canonical
from lawnix.core.derivation import FORMAT, Derivation, Group, Input, OutputSpec, Source, group_content
from lawnix.core.digest import digest
from lawnix.core.objects import ObjectPath
from lawnix.core.output import Kind
from lawnix.core.realization import Realization, content_of
from lawnix.store import tree

GOLDEN = Path(__file__).with_name("digests.json")
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


class Colour(Enum):
    RED = 1


@dataclass(frozen=True)
class Cut:
    name: str
    value: float


VALUES = {
    "none": None,
    "true": True,
    "int": -12345678901234567890,
    "float": 0.1,
    "infinity": float("-inf"),
    "text": "Zürich μ",
    "surrogate": "\udcff",
    "bytes": b"\0\xff",
    "sequence": [1, 2.0, "3", [None]],
    "mapping": {"b": 1, "a": {"x": []}},
    "set": {3, "a", b"a"},
    "date": datetime.date(2024, 2, 29),
    "datetime": datetime.datetime(2024, 2, 29, 12, 30, 1, 5, tzinfo=datetime.UTC),
    "time": datetime.time(12, 30),
    "timedelta": datetime.timedelta(days=-1, seconds=2, microseconds=3),
    "decimal": Decimal("1.50"),
    "path": Path("a/b"),
    "enum": Colour.RED,
    "dataclass": Cut("pt", 20.0),
    "numpy scalar": np.float32(1.5),
    "numpy array": np.arange(6, dtype=">i4").reshape(2, 3),
    "numpy record": np.array([(1, 2.0)], dtype=[("a", "<i2"), ("b", "<f8")]),
}

CODE = digest("code", b"def run(self): ...")
HIST = Derivation("Hist", {"dataset": "zmumu"}, CODE, {}, (OutputSpec("", "hist.npz"),))
FIT = Derivation(
    label="Fit",
    parameters={"pt_min": "20", "n": "3"},
    code=CODE,
    inputs={"hist": Input(Source.DERIVATION, HIST.digest, "Hist"), "table": Input(Source.CONTENT, CODE)},
    outputs=(
        OutputSpec("value", "fit.json", formatter="json"),
        OutputSpec("plots.0", "plots", Kind.DIRECTORY, optional=True, allow_empty=True),
    ),
    branch=("7", digest("branch", canonical(7))),
    sandbox=CODE,
    environment={"SEED": "1", "UNSET": None},
    reads_parameters=True,
)
FETCH = replace(HIST, label="Fetch", fixed_output="sha256:" + "0" * 64)
DONE = Realization(
    FIT.key({"hist": CODE, "table": CODE}),
    FIT.digest,
    {"fit.json": ObjectPath(CODE, "fit.json"), "plots": None},
)


def make_tree(root: Path) -> Path:
    place = root / "tree"
    (place / "empty").mkdir(parents=True)
    (place / "sub").mkdir()
    (place / "sub" / "ä.txt").write_text("text")
    (place / "run.sh").write_text("#!/bin/sh\n")
    (place / "run.sh").chmod(0o755)
    (place / "link").symlink_to("sub/ä.txt")
    return place


def all_digests(directory: Path) -> Mapping[str, str]:
    place = make_tree(directory)
    large = directory / "large"
    large.write_bytes(b"\0" * (5 << 20))
    return {
        **{f"value: {name}": digest("value", canonical(value)) for name, value in VALUES.items()},
        "derivation: no input": HIST.digest,
        "derivation: everything": FIT.digest,
        "derivation: fixed output": FETCH.digest,
        "key: no input": HIST.key({}),
        "key: everything": FIT.key({"hist": CODE, "table": CODE}),
        "key: fixed output": FETCH.key({}),
        "lineage": FIT.lineage,
        "parameters": FIT.parameters_digest,
        "group": Group("Hists", {"0": Input(Source.DERIVATION, HIST.digest)}).digest,
        "content of a group": group_content({"0": CODE}),
        "realization": DONE.digest,
        "content of a realization": content_of(FIT.outputs, DONE),
        "tree: directory": tree.content(place).digest,
        "tree: empty directory": tree.content(place / "empty").digest,
        "tree: file": tree.content(place / "sub" / "ä.txt").digest,
        "tree: executable file": tree.content(place / "run.sh").digest,
        "tree: large file": tree.content(large).digest,
    }


def test_nothing_is_called_by_another_name_than_before(tmp_path):
    golden = json.loads(GOLDEN.read_text())
    found = all_digests(tmp_path)
    if found != golden["digests"]:
        shown = json.dumps({"format": FORMAT, "digests": found}, indent=1)
        changed = sorted(
            name for name in {**found, **golden["digests"]} if found.get(name) != golden["digests"].get(name)
        )
        pytest.fail(f"changed: {', '.join(changed)}\nread the beginning of {__file__}, then write\n{shown}")
    assert golden["format"] == FORMAT


def test_the_changelog_has_a_line_for_these_digests():
    golden = json.loads(GOLDEN.read_text())
    name = digest("golden", canonical(golden))
    line = f"Format {FORMAT} of derivations and keys (golden digests `{name}`)"
    assert line in CHANGELOG.read_text(encoding="utf-8"), f"CHANGELOG.md lacks: {line}"


def test_how_a_tree_came_about_does_not_count(tmp_path):
    first, second = make_tree(tmp_path / "a"), make_tree(tmp_path / "b")
    os.utime(second / "sub" / "ä.txt", (0, 0))
    (second / "run.sh").chmod(0o500)
    assert tree.content(first).digest == tree.content(second).digest

"""What requires() and output() return, taken apart by role and put together again."""

from collections.abc import Iterator

import law
import luigi
import pytest

from lawnix.task.structure import held, leaves, outputs_in


class Leaf(law.ExternalTask):
    n = luigi.IntParameter()

    def output(self) -> str:
        return f"output {self.n}"


A, B, C = (Leaf(n=n) for n in range(3))


@pytest.mark.parametrize(
    ("structure", "roles"),
    [
        (A, {"": A}),
        (None, {}),
        ([], {}),
        ([A, B], {"0": A, "1": B}),
        ((A, (B,)), {"0": A, "1.0": B}),
        ({"x": A, "y": {"z": B}}, {"x": A, "y.z": B}),
        ({"a.b": A, "a": {"b": B}}, {"a\\.b": A, "a.b": B}),
        ({1: [A], "1": B}, {"1.0": A, "1": B}),
        (luigi.DynamicRequirements([A]), {"0": A}),
        (law.TargetCollection({0: law.LocalFileTarget("/x")}).targets, {"0": law.LocalFileTarget("/x")}),
    ],
)
def test_every_leaf_has_a_role(structure: object, roles: dict[str, object]) -> None:
    found = dict(leaves(structure))
    assert {role: repr(leaf) for role, leaf in found.items()} == {
        role: repr(leaf) for role, leaf in roles.items()
    }


def test_a_collection_of_targets_is_taken_apart() -> None:
    targets = {3: law.LocalFileTarget("/x"), 5: law.LocalFileTarget("/y")}
    assert dict(leaves(law.TargetCollection(targets))) == {"3": targets[3], "5": targets[5]}


@pytest.mark.parametrize(
    ("structure", "outputs"),
    [
        (A, "output 0"),
        (None, []),
        ([A, B], ["output 0", "output 1"]),
        ((A, B), ("output 0", "output 1")),
        ({"x": (A,), "y": [B, {"z": C}]}, {"x": ("output 0",), "y": ["output 1", {"z": "output 2"}]}),
        (luigi.DynamicRequirements({"x": A}), {"x": "output 0"}),
    ],
)
def test_outputs_stand_where_their_tasks_stood(structure: object, outputs: object) -> None:
    assert outputs_in(structure, lambda task: task.output()) == outputs
    if structure is not None and not isinstance(structure, luigi.DynamicRequirements):
        assert outputs == luigi.task.getpaths(structure), "as luigi does it"


def test_what_can_be_looked_at_once_is_held() -> None:
    def requires() -> Iterator[Leaf]:
        yield A
        yield B

    structure = held({"x": requires(), "y": [C, (leaf for leaf in (A,))], "z": (iter([B]),)})
    for _ in range(2):
        assert list(leaves(structure)) == [("x.0", A), ("x.1", B), ("y.0", C), ("y.1.0", A), ("z.0.0", B)]
    assert held(requires()) == [A, B]
    assert held(luigi.DynamicRequirements(requires())).requirements == [A, B]
    assert held(A) is A
    assert held(None) is None

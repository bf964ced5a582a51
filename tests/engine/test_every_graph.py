"""Every graph of at most four tasks, and some larger ones, after every single change; `nox -s exhaustive` takes all up to six."""

import random

import pytest

from tests.engine.dags import canonical_form, kinds_of_graphs, sample
from tests.engine.every_graph import Checked, check
from tests.engine.model import Task

SMALL = [graph for nodes in range(1, 5) for graph in kinds_of_graphs(nodes)]
LARGE = [*sample(6, 8, seed=20), *sample(7, 8, seed=20)]


def named(graph):
    """`0-1-2.0.01`: for each task those that it reads."""
    return ".".join("".join(map(str, reads)) or "-" for reads in graph)


@pytest.mark.parametrize("graph", [*SMALL, *LARGE], ids=named)
def test_after_any_change_what_must_run_runs_and_nothing_else(graph):
    counts = check(graph)
    assert counts["code"] >= len(graph)
    assert counts["output removed"] == len(graph) ** 2


def test_there_are_as_many_kinds_of_graphs_as_are_known():
    """The number of acyclic digraphs with n unlabelled nodes, https://oeis.org/A003087."""
    assert [len(kinds_of_graphs(nodes)) for nodes in range(6)] == [1, 1, 2, 6, 31, 302]


def test_other_names_make_no_other_kind():
    chance = random.Random(3)
    for graph in sample(6, 20, seed=3):
        order = chance.sample(range(6), 6)
        renamed = dict(
            sorted((order[node], tuple(order[o] for o in reads)) for node, reads in enumerate(graph))
        )
        assert canonical_form(tuple(renamed.values())) == canonical_form(graph)


def test_it_is_noticed_if_the_engine_and_the_model_disagree():
    """A change that the model is not told of."""
    tasks = (Task(()), Task((0,)))
    checked = Checked(tasks)
    checked.build()
    checked.known.clear()
    with pytest.raises(AssertionError, match=r"tried=\[\].*not .*tried=\[0, 1\]"):
        checked.expect("nothing changed", tasks)
    checked.close()

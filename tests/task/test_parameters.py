import datetime
import types

import law
import luigi
import numpy as np
import pytest

from lawnix.errors import NoCanonicalFormError
from lawnix.task.parameters import written


@pytest.mark.parametrize(
    ("parameter", "value", "text"),
    [
        (luigi.Parameter(), "a", "a"),
        (luigi.IntParameter(), 3, "3"),
        (luigi.BoolParameter(), True, "True"),
        (luigi.FloatParameter(), 0.5, "0.5"),
        (luigi.DateParameter(), datetime.date(2024, 2, 29), "2024-02-29"),
        (luigi.DictParameter(), {"b": 1, "a": 2}, '{"a": 2, "b": 1}'),
        (law.CSVParameter(), ("a", "b"), "a,b"),
    ],
)
def test_what_can_be_read_back_is_written_as_luigi_does(parameter, value, text):
    assert written(parameter, value, "x") == text


@pytest.mark.parametrize(
    ("parameter", "one", "other"),
    [
        (law.DurationParameter(), 3600.001, 3600.0),
        (luigi.Parameter(), None, "None"),
        (luigi.Parameter(), 1, "1"),
        (law.CSVParameter(), ("a,b",), ("a", "b")),
        (luigi.ListParameter(), (1,), (True,)),
        (luigi.Parameter(), np.arange(5000), np.arange(5000) + (np.arange(5000) == 2500)),
    ],
)
def test_two_values_are_never_written_alike(parameter, one, other):
    assert written(parameter, one, "x") != written(parameter, other, "x")


def test_a_value_that_cannot_be_written_is_refused_with_the_parameters_name():
    with pytest.raises(NoCanonicalFormError, match="parameter x of Fit"):
        written(luigi.Parameter(), types.SimpleNamespace(a=1), "parameter x of Fit")

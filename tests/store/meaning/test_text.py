"""JSON and YAML: the value counts, not how it is written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.store import meaning

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def meaning_of_text(tmp_path):
    def digest(text, ending):
        path = tmp_path / f"text{ending}"
        path.write_text(text, encoding="utf-8")
        return meaning.meaning_of(path)

    return digest


@pytest.mark.parametrize(("ending", "one", "other"), [
    (".json", '{"a": 1, "b": [true, null]}', '\n{"b" : [ true,null],\t"a":1}\n'),
    (".json", '"\\u00e9\\n"', '"é\\n"'),
    (".json", "[1.50, 1e2]", "[1.5, 100.0]"),
    (".json", "[NaN, Infinity]", "[NaN,Infinity]"),
    (".yaml", "a: 1\nb: [x, y]\n", "# a comment\nb:\n- 'x'\n- \"y\"\na: 0x1\n"),
    (".yaml", "a: &x [1, 2]\nb: *x\n", "a: [1, 2]\nb: [1, 2]\n"),
    (".yaml", "t: 2024-01-01T12:00:00Z", "t: 2024-01-01 13:00:00+01:00"),
    (".yml", "--- [.nan]\n", "[.NaN]"),
])  # fmt: skip
def test_how_a_value_is_written_is_no_part_of_it(meaning_of_text, ending, one, other):
    assert meaning_of_text(one, ending) == meaning_of_text(other, ending) is not None


@pytest.mark.parametrize(("ending", "one", "other"), [
    (".json", '{"a": 1}', '{"a": 1.0}'),
    (".json", '{"a": 1}', '{"b": 1}'),
    (".json", '{"a": 1}', '{"a": true}'),
    (".json", '{"a": 1}', '{"a": "1"}'),
    (".json", "{}", "[]"),
    (".json", "[NaN]", '["NaN"]'),
    (".json", "[NaN]", "[null]"),
    (".json", "[Infinity]", "[-Infinity]"),
    (".json", "[1, 2]", "[2, 1]"),
    (".json", "[[1], 2]", "[1, [2]]"),
    (".yaml", "a: 1", "a: '1'"),
    (".yaml", "a: yes", "a: 'yes'"),
    (".yaml", "1: x", "'1': x"),
    (".yaml", "a: 2024-01-01", "a: '2024-01-01'"),
    (".yaml", "a: {b: 1, 2: 3}", "a: {b: 1, 2: 4}"),
    (".yaml", "- a\n- b", "--- a\n--- b"),
    (".yaml", "a: !!set {x, y}", "a: [x, y]"),
])  # fmt: skip
def test_a_change_is_seen(meaning_of_text, ending, one, other):
    first, second = meaning_of_text(one, ending), meaning_of_text(other, ending)
    assert None not in {first, second}
    assert first != second


@given(one=values, other=values)
def test_two_json_files_mean_the_same_only_if_they_are_read_as_the_same(tmp_path_factory, one, other):
    place = tmp_path_factory.mktemp("json")
    (place / "one.json").write_text(json.dumps(one), encoding="utf-8")
    (place / "other.json").write_text(
        json.dumps(other, indent=3, ensure_ascii=False), encoding="utf-8", errors="surrogatepass"
    )
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (meaning.meaning_of(place / "one.json") == meaning.meaning_of(place / "other.json")) == same


@pytest.mark.parametrize(("ending", "text"), [
    (".json", '{"a": 1, "a": 2}'),
    (".json", '{"b": {"a": 1, "a": 1}}'),
    (".json", "[" * 200_000),
    (".json", "[" * 200_000 + "]" * 200_000),
    (".json", "1" * 10_000),
    (".yaml", "a: 1\na: 2\n"),
    (".yaml", "- {b: 1, 'b': 2}\n"),
    (".yaml", "a: !!python/object/apply:os.getcwd []\n"),
    (".yaml", "&x [*x]\n"),
    (".yaml", "[" * 5_000),
    (".yaml", "a: b: c\n"),
])  # fmt: skip
def test_what_has_no_one_meaning_is_refused(meaning_of_text, ending, text):
    assert meaning_of_text(text, ending) is None


def test_a_bomb_of_aliases_is_as_small_as_its_text(meaning_of_text):
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert meaning_of_text("\n".join(lines), ".yaml") is not None


def test_more_text_than_fits_is_refused(meaning_of_text, monkeypatch):
    assert meaning_of_text("[1]", ".json") is not None
    monkeypatch.setattr("lawnix.store.meaning.text._LARGEST_JSON", 2)
    assert meaning_of_text("[1]", ".json") is None

"""The physics of the dimuon analysis, on events made by hand and on a few simulated ones."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from tasks.dimuon.physics import (
    classifier,
    corrections,
    datasets,
    generation,
    histograms,
    limit,
    peak,
    plots,
    randomness,
    report,
    selection,
)
from tasks.dimuon.physics.datasets import NOMINAL, PSEUDODATA, Sample, Variation

DRELL_YAN, TOP = datasets.BACKGROUNDS[0], datasets.BACKGROUNDS[3]
TABLE = Path(corrections.__file__).with_name(corrections.TABLE).read_text()


@pytest.fixture(scope="module")
def scale_factors():
    return corrections.muon_id(corrections.correction_set(tomllib.loads(TABLE)))


def events_of(*muons, repeat=1):
    """Collisions that all have these muons, each (pt, eta, phi, charge)."""
    columns = dict(zip(("pt", "eta", "phi", "charge"), np.array(muons, "f4").T, strict=True))
    one = ak.zip(columns)
    mu = ak.unflatten(ak.concatenate([one] * repeat), len(muons))
    zeros = np.zeros(repeat, "f4")
    return ak.zip({"mu": mu, "met_x": zeros, "met_y": zeros}, depth_limit=1)


def peaked(mass, *, events=20_000, resolution=1.5, fraction=0.95):
    """A histogram that holds exactly what the model of the peak expects."""
    import hist

    axis = hist.axis.Regular(60, *selection.Z_WINDOW, name="mass")
    expected = events * np.diff(peak.cumulative(axis.edges, mass, resolution, 1.5, fraction, 20.0))
    filled = hist.Hist(axis, storage=hist.storage.Weight())
    filled.fill(axis.centers, weight=expected)
    filled.view().variance = expected
    return filled


def tails(signal_events, background_events=10.0, observed=None):
    """Merged histograms with flat tails: `observed` stands for the pseudo-data, by default the background alone."""
    edges = (150.0, 300.0, 600.0, 1500.0)

    def filled(events):
        import hist

        weightings = hist.axis.StrCategory(["nominal", "id_up", "id_down"], name="weighting")
        tail = hist.Hist(weightings, hist.axis.Variable(edges, name="mass"), storage=hist.storage.Weight())
        for weighting, factor in (("nominal", 1.0), ("id_up", 1.02), ("id_down", 0.98)):
            tail.fill(weighting, [200.0, 400.0, 800.0], weight=np.array(events) * factor)
        return {"tail": tail}

    each = background_events * np.array([1.0, 0.3, 0.1])
    templates = {
        dataset.name: {variation.name: filled(each / 6) for variation in datasets.VARIATIONS}
        for dataset in datasets.BACKGROUNDS
    }
    signal = {
        variation.name: filled([0.0, 0.1 * signal_events, 0.9 * signal_events])
        for variation in datasets.VARIATIONS
    }
    return {
        **templates,
        PSEUDODATA: {"nominal": filled(each if observed is None else observed)},
        limit.SIGNAL: signal,
    }


# ------------------------------------------------------------------------------ datasets


def test_no_two_datasets_share_a_name_or_random_seeds():
    known = (*datasets.BACKGROUNDS, *datasets.SIGNALS.values())
    assert len({dataset.name for dataset in known}) == len(known)
    assert len({chunk.seed for chunk in datasets.chunks(1.0)}) == len(datasets.chunks(1.0)) == 14


def test_chunks_share_the_events_of_their_dataset():
    by_dataset = {}
    for chunk in datasets.chunks(0.5):
        by_dataset[chunk.dataset.name] = by_dataset.get(chunk.dataset.name, 0) + chunk.events
    assert by_dataset["dy"] == 6_000
    assert by_dataset["zp300"] == 400


def test_one_more_mass_leaves_all_other_samples_as_they_are(monkeypatch):
    before = datasets.samples(), datasets.shapes(), datasets.chunks(1.0)
    monkeypatch.setitem(datasets.SIGNALS, 1300, datasets.zprime(1300, number=12))
    after = datasets.samples(), datasets.shapes(), datasets.chunks(1.0)
    assert [len(new) - len(old) for old, new in zip(before, after, strict=True)] == [5, 5, 1]
    for old, new in zip(before, after, strict=True):
        assert all(each in new for each in old)


def test_loading_the_tasks_loads_no_heavy_library():
    code = "import sys, tasks.dimuon; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "tasks.dimuon.summary" in loaded.split()
    heavy = {"awkward", "numpy", "pythia8mc", "pyhf", "matplotlib", "sklearn", "iminuit", "uproot", "hist"}
    assert not heavy & set(loaded.split())


# ------------------------------------------------------------------------------ random numbers, events


def test_random_numbers_belong_to_their_key_alone():
    first = randomness.generator("smear", "dy", 0).random(3)
    other = randomness.generator("smear", "dy", 1).random(3)
    assert list(randomness.generator("smear", "dy", 0).random(3)) == list(first)
    assert list(first) != list(other)


def test_events_depend_on_the_seed_and_on_no_simulation_before():
    def muons(dataset, seed):
        events, meta = generation.simulate(dataset, seed=seed, events=40)
        return ak.to_list(events.mu), meta

    alone = muons(DRELL_YAN, 1001)
    muons(TOP, 4001)
    assert muons(DRELL_YAN, 1001) == alone
    assert muons(DRELL_YAN, 1002) != alone


def test_a_pair_of_muons_comes_with_most_drell_yan_events():
    events, meta = generation.simulate(DRELL_YAN, seed=5, events=100)
    assert meta["events"] == len(events) == 100
    assert ak.sum(ak.num(events.mu) == 2) > 95
    assert 1_000 < meta["cross_section"] < 3_000  # pb


def test_a_setting_that_the_generator_does_not_know_is_named():
    wrong = datasets.Dataset("wrong", 99, ("Unknown:setting = on",), events=1)
    with pytest.raises(ValueError, match=r"dataset wrong.*Unknown:setting = on"):
        generation.simulate(wrong, seed=1, events=1)


def test_pseudodata_grow_with_the_luminosity():
    small, meta = generation.pseudodata([TOP], luminosity=1.0, scale=1.0)
    large, _ = generation.pseudodata([TOP], luminosity=20.0, scale=1.0)
    assert meta["truth"] == {"ttbar": len(small)}
    assert len(large) > 5 * len(small) > 0


# ------------------------------------------------------------------------------ corrections, selection


def test_white_space_and_comments_in_the_table_change_nothing():
    spacious = "\n\n# a comment\n" + TABLE.replace(", ", " ,   ")
    assert spacious != TABLE
    assert corrections.correction_set(tomllib.loads(spacious)) == corrections.correction_set(
        tomllib.loads(TABLE)
    )


def test_scale_factors_are_those_of_the_table(scale_factors):
    assert scale_factors.evaluate("nominal", 35.0, 1.0) == pytest.approx(0.977)
    assert scale_factors.evaluate("id_up", 35.0, 1.0) == pytest.approx(0.987)
    assert scale_factors.evaluate("id_down", 5_000.0, 2.2) == pytest.approx(
        0.963
    )  # the last bin reaches further


@pytest.mark.parametrize(
    ("muons", "selected"),
    [
        ([(50, 0.1, 0.0, 1), (40, -0.3, 3.0, -1)], True),
        ([(50, 0.1, 0.0, 1), (40, -0.3, 3.0, 1)], False),  # equal charges
        ([(20, 0.1, 0.0, 1), (19, -0.3, 3.0, -1)], False),  # no hard muon
        ([(50, 0.1, 0.0, 1), (10, -0.3, 3.0, -1)], False),  # a soft one
        ([(50, 0.1, 0.0, 1), (40, 2.5, 3.0, -1)], False),  # out of reach
        ([(50, 0.1, 0.0, 1)], False),
    ],
)
def test_two_hard_muons_of_opposite_charge_make_a_dimuon(muons, selected, scale_factors):
    events = events_of(*muons, repeat=200)
    dimuons, cutflow = selection.select(events, Sample("dy", 0, NOMINAL), scale_factors, data=False)
    assert cutflow["all"] == 200
    assert len(dimuons) == cutflow["opposite charges"]
    assert len(dimuons) == (pytest.approx(200 * 0.96**2, abs=15) if selected else 0)


def test_a_variation_of_the_scale_moves_every_mass_by_it(scale_factors):
    events = events_of((50, 0.1, 0.0, 1), (40, -0.3, 3.0, -1), repeat=100)
    nominal, up = (
        selection.select(events, Sample("dy", 0, variation), scale_factors, data=False)[0]
        for variation in (NOMINAL, Variation("scale_up", scale=0.002))
    )
    assert len(nominal) == len(up) > 50
    assert ak.to_numpy(up.mass) == pytest.approx(1.002 * ak.to_numpy(nominal.mass), rel=1e-5)


def test_simulation_is_weighted_and_data_are_not(scale_factors):
    events = events_of((50, 0.1, 0.0, 1), (40, -0.3, 3.0, -1), repeat=100)
    simulated, _ = selection.select(events, Sample("dy", 0, NOMINAL), scale_factors, data=False)
    data, _ = selection.select(events, Sample(PSEUDODATA, 0, NOMINAL), scale_factors, data=True)
    assert ak.to_numpy(simulated.weight_nominal) == pytest.approx(0.987 * 0.983)
    assert {"weight_id_up", "weight_id_down"} < set(simulated.fields)
    assert not [name for name in data.fields if name.startswith("weight")]


# ------------------------------------------------------------------------------ histograms, classifier


def test_all_events_of_a_dataset_together_weigh_cross_section_times_luminosity():
    metas = [{"events": 300, "cross_section": 10.0}, {"events": 100, "cross_section": 14.0}]
    assert histograms.normalisation(metas, 5.0) * 400 == pytest.approx(11.0 * 5.0)
    assert histograms.normalisation([], 5.0) == 1.0


def test_histograms_hold_the_weights_of_the_dimuons():
    dimuons = ak.zip({"mass": np.array([91.0, 92.0, 500.0]), "weight_nominal": np.array([0.5, 1.0, 2.0])})
    filled = histograms.masses([dimuons[:1], dimuons[1:]], 10.0)
    assert filled["peak"].values().sum() == pytest.approx(15.0)
    assert filled["peak"].variances().sum() == pytest.approx(125.0)
    assert filled["tail"].values().sum() == pytest.approx(20.0)
    assert filled["spectrum"].values().sum() == pytest.approx(35.0)


def test_histograms_come_back_from_json_as_they_were():
    dimuons = ak.zip({"mass": np.array([91.0, 250.0]), "weight_nominal": np.array([0.5, 1.0])})
    nested = {"dy": {"nominal": histograms.masses([dimuons])}}
    text = histograms.to_json(nested)
    assert histograms.from_json(text) == nested
    assert histograms.to_json(histograms.from_json(text)) == text


def test_a_total_adds_datasets_and_keeps_weightings_apart():
    merged = tails(2.0, background_events=6.0)
    summed = histograms.total(merged, ["dy", "ww"], "tail")
    assert summed.values() == pytest.approx([2.0, 0.6, 0.2])
    raised = histograms.total(merged, ["dy"], "tail", weighting="id_up")
    assert raised.values() == pytest.approx([1.02, 0.306, 0.102])


def test_the_classifier_learns_and_its_seed_decides_how():
    random = np.random.default_rng(1)

    def dimuons(shift):
        names = ("pt", "dphi", "met", "pt1", "pt2")
        return ak.zip({name: random.normal(shift, 1, 400).astype("f4") for name in names})

    samples = {
        "ttbar": [dimuons(1.0)],
        "ww": [dimuons(1.0)],
        "dy": [dimuons(0.0)],
        "dytautau": [dimuons(0.0)],
    }
    model, metrics = classifier.train(samples, seed=3)
    again, _ = classifier.train(samples, seed=3)
    other, _ = classifier.train(samples, seed=4)
    assert metrics["auc"] > 0.85
    assert all(np.array_equal(model[name], again[name]) for name in model)
    assert not np.array_equal(model["weights0"], other["weights0"])
    assert (
        classifier.score(model, samples["ttbar"][0]).mean() > classifier.score(model, samples["dy"][0]).mean()
    )


# ------------------------------------------------------------------------------ the peak


def test_the_model_of_the_peak_rises_from_zero_to_one():
    low, high = selection.Z_WINDOW
    values = peak.cumulative(np.linspace(low, high, 200), 91.0, 1.5, 1.5, 0.9, 20.0)
    assert values[0] == 0
    assert values[-1] == pytest.approx(1)
    assert (np.diff(values) > 0).all()


@pytest.mark.parametrize("mass", [90.2, 91.2, 92.0])
def test_the_fit_finds_the_mass_that_was_put_in(mass):
    result = peak.fit(peaked(mass), random=randomness.generator("test", mass), restarts=2)
    assert result["valid"]
    assert result["mass"]["value"] == pytest.approx(mass, abs=0.01)
    assert 0.01 < result["mass"]["error"] < 0.1
    assert result["events"]["value"] == pytest.approx(20_000, rel=1e-3)


def test_where_a_fit_starts_does_not_decide_where_it_ends():
    first, second = (
        peak.fit(peaked(91.2), random=randomness.generator("start", start), restarts=3) for start in (1, 2)
    )
    assert first["mass"]["value"] == pytest.approx(second["mass"]["value"], abs=1e-3)


def test_calibration_takes_off_what_simulation_shows():
    def fitted(mass, error, events):
        return {"mass": {"value": mass, "error": error}, "events": {"value": events, "error": 10.0}}

    simulation = {
        "nominal": fitted(peak.Z_MASS + 0.1, 0.04, 500.0),
        "scale_up": fitted(91.5, 0.04, 500.0),
        "scale_down": fitted(91.1, 0.04, 500.0),
    }
    result = peak.calibrated(fitted(91.4, 0.03, 1_000.0), simulation)
    assert result["mass"] == pytest.approx({"value": 91.3, "error": 0.05, "scale": 0.2})
    assert result["bias"]["value"] == pytest.approx(0.1)
    assert result["ratio"] == pytest.approx({"value": 2.0, "error": 0.02})


# ------------------------------------------------------------------------------ limits


@pytest.fixture(scope="module")
def ordinary_limit():
    return limit.limit(limit.workspace(tails(6.0)))


def test_the_limit_is_where_the_confidence_falls_to_five_percent(ordinary_limit):
    import pyhf

    workspace = pyhf.Workspace(limit.workspace(tails(6.0)))
    model = workspace.model(
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    )
    level = pyhf.infer.hypotest(ordinary_limit["observed"], workspace.data(model), model, test_stat="qtilde")
    assert float(level) == pytest.approx(0.05, abs=0.002)


def test_expected_limits_rise_and_the_median_is_observed_without_fluctuation(ordinary_limit):
    expected = ordinary_limit["expected"]
    assert expected == sorted(expected)
    assert ordinary_limit["observed"] == pytest.approx(expected[2], rel=0.05)


def test_a_stronger_signal_is_excluded_at_a_lower_strength(ordinary_limit):
    stronger = limit.limit(limit.workspace(tails(12.0)))
    assert stronger["observed"] == pytest.approx(ordinary_limit["observed"] / 2, rel=0.05)


def test_an_excess_weakens_the_limit(ordinary_limit):
    excess = limit.limit(limit.workspace(tails(6.0, observed=[10.0, 3.0, 5.0])))
    assert excess["observed"] > 1.5 * ordinary_limit["observed"]
    assert excess["expected"][2] == pytest.approx(ordinary_limit["expected"][2], rel=0.25)


# ------------------------------------------------------------------------------ figures, report


def test_a_figure_is_written_as_the_same_bytes_twice(tmp_path):
    results = [
        {
            "mass": mass,
            "observed": mass / 900,
            "expected": [mass / 900 * factor for factor in (0.3, 0.6, 1, 2, 4)],
        }
        for mass in (300, 900, 1100)
    ]
    for name in ("a.png", "b.png"):
        plots.limits(results, plots.beam(5.0)).savefig(tmp_path / name, dpi=50, metadata={"Software": None})
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_both_reports_have_every_table_and_figure():
    parts = [report.Section("On <muons>", "Text & more.", [("name", "events"), ("dy", "7,971")], "mass")]
    markdown = report.markdown(parts, {"mass": "mass.png"})
    assert "| name | events |\n| --- | ---: |\n| dy | 7,971 |" in markdown
    assert "![On <muons>](mass.png)" in markdown
    page = report.html(parts, {"mass": b"image"})
    assert "<h2>On &lt;muons&gt;</h2>" in page
    assert "<td>dy</td><td>7,971</td>" in page
    assert "data:image/png;base64,aW1hZ2U=" in page
    assert "http" not in page  # it needs no other page


def test_numbers_of_a_dataset_are_plain_json():
    _, meta = generation.simulate(TOP, seed=1, events=5)
    assert json.loads(json.dumps(meta)) == meta

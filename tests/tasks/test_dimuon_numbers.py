"""The dimuon analysis from end to end: `law run dimuon.Report` arrives at the published and measured numbers."""

import json

import pytest


@pytest.fixture(scope="module")
def results(analysis):
    return analysis.place / "results"


@pytest.fixture(scope="module")
def numbers(results):
    return json.loads(next(results.rglob("numbers.json")).read_text())


def agrees(number, value, error):
    """Within a fifth of its error, and the error within a tenth."""
    assert number["value"] == pytest.approx(value, abs=error / 5)
    assert number["error"] == pytest.approx(error, rel=0.1)


def test_pseudodata_are_exactly_these(numbers):
    pseudodata = numbers["pseudodata"]
    assert pseudodata["events"] == 8_272
    assert pseudodata["luminosity"] == 5.0
    assert pseudodata["truth"] == {
        "dy": 7_971,
        "dy_m150": 36,
        "dytautau": 221,
        "ttbar": 37,
        "ww": 4,
        "wz": 3,
    }


def test_the_selection_leaves_exactly_these(numbers):
    assert numbers["cutflow"]["all"] == 8_272
    assert numbers["cutflow"]["Z window"] == 2_524


def test_the_z_mass_in_pseudodata_is_fitted_and_calibrated(numbers):
    fitted = numbers["peak"]
    calibrated = fitted["calibrated"]
    assert fitted["data"]["valid"]
    agrees(fitted["data"]["mass"], 91.300, 0.097)
    agrees(calibrated["bias"], -0.014, 0.076)
    agrees(calibrated["mass"], 91.314, 0.123)
    agrees(calibrated["ratio"], 1.041, 0.021)
    assert calibrated["mass"]["scale"] == pytest.approx(0.198, rel=0.1)


def test_the_injected_mass_is_found(numbers):
    mass = numbers["peak"]["calibrated"]["mass"]
    assert abs(mass["value"] - 91.279) < 2 * mass["error"]


def test_the_z_mass_in_collisions_of_2010(numbers):
    collisions = numbers["opendata"]["collisions"]
    assert collisions["cutflow"] == {"all": 500, "selected": 494, "Z window": 458}
    agrees(collisions["fit"]["mass"], 90.83, 0.19)
    assert collisions["fit"]["chi2"] == pytest.approx(32.3, abs=0.3)
    assert collisions["fit"]["degrees"] == 24
    assert abs(collisions["fit"]["mass"]["value"] - 91.188) < 2 * collisions["fit"]["mass"]["error"]


def test_the_z_mass_in_simulated_collisions_of_cms(numbers):
    agrees(numbers["opendata"]["simulation"]["fit"]["mass"], 90.99, 0.11)


def test_the_classifier_tells_top_quarks_from_z_bosons(numbers):
    assert 0.95 < numbers["classifier"]["auc"] < 1


@pytest.mark.parametrize(
    ("mass", "observed", "expected"),
    [
        (300, 0.035, 0.047),
        (500, 0.218, 0.182),
        (700, 0.403, 0.435),
        (900, 0.99, 1.06),
        (1100, 2.10, 2.22),
    ],
)
def test_limits_on_the_strength_of_a_zprime(numbers, mass, observed, expected):
    limits = {limit["mass"]: limit for limit in numbers["limits"]}
    assert limits[mass]["observed"] == pytest.approx(observed, rel=0.1)
    assert limits[mass]["expected"][2] == pytest.approx(expected, rel=0.1)
    assert limits[mass]["expected"] == sorted(limits[mass]["expected"])


def test_the_report_has_its_numbers_and_figures(results):
    report = next(results.rglob("report"))
    names = {path.name for path in report.iterdir()}
    figures = {
        f"{name}.{kind}"
        for name in ("spectrum", "peak", "opendata", "scores", "limits")
        for kind in ("png", "pdf")
    }
    assert names == figures | {"report.md", "report.html"}
    text = (report / "report.md").read_text()
    assert "8,272 pseudo-data events" in text
    assert "excluded up to about 900 GeV" in text
    page = (report / "report.html").read_text()
    assert page.count('src="data:image/png;base64,') == 5
    assert all((report / name).stat().st_size > 10_000 for name in figures)

"""The dimuon analysis from end to end: `law run dimuon.Report` arrives at the published and measured numbers."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("pythia8mc")

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """A finished run: its numbers, and the directory of its report."""

    numbers: dict
    report: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("dimuon")
    environment = {
        **os.environ,
        "LAW_HOME": str(place),
        "LAW_CONFIG_FILE": str(ROOT / "law.cfg"),
        "LAW__lawnix__store": str(place / "store"),
        "LAW__lawnix__results": str(place / "results"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }

    def law(*arguments):
        command = [str(Path(sys.executable).with_name("law")), *arguments]
        done = subprocess.run(
            command, env=environment, cwd=place, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-5_000:]

    law("index")
    law("run", "dimuon.Report", "--workers", "2")
    numbers = next((place / "results").rglob("numbers.json"))
    report = next((place / "results").rglob("report"))
    return Run(json.loads(numbers.read_text()), report)


def agrees(number, value, error):
    """Within a fifth of its error, and the error within a tenth."""
    assert number["value"] == pytest.approx(value, abs=error / 5)
    assert number["error"] == pytest.approx(error, rel=0.1)


def test_pseudodata_are_exactly_these(run):
    pseudodata = run.numbers["pseudodata"]
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


def test_the_selection_leaves_exactly_these(run):
    assert run.numbers["cutflow"]["all"] == 8_272
    assert run.numbers["cutflow"]["Z window"] == 2_524


def test_the_z_mass_in_pseudodata_is_fitted_and_calibrated(run):
    fitted = run.numbers["peak"]
    calibrated = fitted["calibrated"]
    assert fitted["data"]["valid"]
    agrees(fitted["data"]["mass"], 91.300, 0.097)
    agrees(calibrated["bias"], -0.014, 0.076)
    agrees(calibrated["mass"], 91.314, 0.123)
    agrees(calibrated["ratio"], 1.041, 0.021)
    assert calibrated["mass"]["scale"] == pytest.approx(0.198, rel=0.1)


def test_the_injected_mass_is_found(run):
    mass = run.numbers["peak"]["calibrated"]["mass"]
    assert abs(mass["value"] - 91.279) < 2 * mass["error"]


def test_the_z_mass_in_collisions_of_2010(run):
    collisions = run.numbers["opendata"]["collisions"]
    assert collisions["cutflow"] == {"all": 500, "selected": 494, "Z window": 458}
    agrees(collisions["fit"]["mass"], 90.83, 0.19)
    assert collisions["fit"]["chi2"] == pytest.approx(32.3, abs=0.3)
    assert collisions["fit"]["degrees"] == 24
    assert abs(collisions["fit"]["mass"]["value"] - 91.188) < 2 * collisions["fit"]["mass"]["error"]


def test_the_z_mass_in_simulated_collisions_of_cms(run):
    agrees(run.numbers["opendata"]["simulation"]["fit"]["mass"], 90.99, 0.11)


def test_the_classifier_tells_top_quarks_from_z_bosons(run):
    assert 0.95 < run.numbers["classifier"]["auc"] < 1


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
def test_limits_on_the_strength_of_a_zprime(run, mass, observed, expected):
    limits = {limit["mass"]: limit for limit in run.numbers["limits"]}
    assert limits[mass]["observed"] == pytest.approx(observed, rel=0.1)
    assert limits[mass]["expected"][2] == pytest.approx(expected, rel=0.1)
    assert limits[mass]["expected"] == sorted(limits[mass]["expected"])


def test_the_report_has_its_numbers_and_figures(run):
    names = {path.name for path in run.report.iterdir()}
    figures = {
        f"{name}.{kind}"
        for name in ("spectrum", "peak", "opendata", "scores", "limits")
        for kind in ("png", "pdf")
    }
    assert names == figures | {"report.md", "report.html"}
    text = (run.report / "report.md").read_text()
    assert "8,272 pseudo-data events" in text
    assert "excluded up to about 900 GeV" in text
    page = (run.report / "report.html").read_text()
    assert page.count('src="data:image/png;base64,') == 5
    assert all((run.report / name).stat().st_size > 10_000 for name in figures)

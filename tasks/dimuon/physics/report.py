"""The report: every number with the one it is to agree with, and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from tasks.dimuon.physics.peak import Z_MASS

_PUBLISHED_Z_MASS = "91.188 ± 0.002"  # GeV (Particle Data Group)
_INJECTED_SCALE = 1.001  # of the muon momenta in the pseudo-data, see selection.py
_STYLE = """
body { font: 17px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
h1, h2 { line-height: 1.2; font-weight: 600 } h2 { margin-top: 2.5rem }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .25rem .9rem; border-bottom: 1px solid #ddd }
th { text-align: left } td + td, th + th { text-align: right; font-variant-numeric: tabular-nums }
img { width: 100%; max-width: 36rem; display: block; margin: 1rem auto }
"""


@dataclass(frozen=True)
class Section:
    """A part of the report: some text, perhaps a table (its first row is the head), perhaps a figure by name."""

    title: str
    text: str
    table: Sequence[Sequence[str]] = ()
    figure: str = ""


def sections(numbers: Mapping[str, Any]) -> Iterator[Section]:
    """The report on `numbers`: `pseudodata`, `cutflow`, `peak`, `opendata`, `classifier`, `limits`."""
    pseudodata, peak, opendata = numbers["pseudodata"], numbers["peak"], numbers["opendata"]
    mass = peak["calibrated"]["mass"]
    yield Section(
        "Dimuons",
        f"{pseudodata['events']:,} pseudo-data events ({pseudodata['luminosity']:g} pb⁻¹ at 13 TeV) "
        f"leave {numbers['cutflow']['opposite charges']:,} dimuons, "
        f"{numbers['cutflow']['Z window']:,} of them between 76 and 106 GeV.",
        [("process", "events"), *((name, f"{events:,}") for name, events in pseudodata["truth"].items())],
        "spectrum",
    )
    yield Section(
        "The mass of the Z boson",
        "A Breit-Wigner function smeared by a Crystal Ball function is fitted to the peak. Fits to simulation tell "
        "what the fit is off by; it is subtracted. The pseudo-data were made with muon momenta that are 0.1 % too "
        "large, and the fit has to find that.",
        [
            ("", "GeV"),
            ("fitted", _measured(peak["data"]["mass"])),
            ("off by, in simulation", _measured(peak["calibrated"]["bias"])),
            ("corrected", f"{_measured(mass)} ± {mass['scale']:.3f} (muon scale)"),
            ("injected", f"{Z_MASS * _INJECTED_SCALE:.3f}"),
        ],
        "peak",
    )
    yield Section(
        "The mass of the Z boson in real collisions",
        f"The same fit on open data of CMS: {opendata['collisions']['cutflow']['selected']} pairs of muons from "
        "7 TeV collisions of 2010, and a simulated sample.",
        [
            ("", "GeV"),
            ("CMS 2010", _measured(opendata["collisions"]["fit"]["mass"])),
            ("CMS simulation", _measured(opendata["simulation"]["fit"]["mass"])),
            ("Particle Data Group", _PUBLISHED_Z_MASS),
        ],
        "opendata",
    )
    yield Section(
        "Dimuons with neutrinos",
        "A small neural network tells dimuons from top quarks and W bosons from those of the Z boson; the area under "
        f"its ROC curve is {numbers['classifier']['auc']:.3f}.",
        figure="scores",
    )
    yield Section(
        "Limits on a Z' boson",
        f"Signal strengths above these are excluded at 95 % confidence. {_excluded(numbers['limits'])}",
        [
            ("mass [GeV]", "observed", "expected"),
            *(
                (str(limit["mass"]), f"{limit['observed']:.3f}", f"{limit['expected'][2]:.3f}")
                for limit in numbers["limits"]
            ),
        ],
        "limits",
    )


def markdown(parts: Sequence[Section], figures: Mapping[str, str]) -> str:
    """The report as Markdown; `figures` are links by name."""
    lines = ["# Two muons", ""]
    for part in parts:
        lines += [f"## {part.title}", "", part.text, ""]
        if part.table:
            head, *rows = part.table
            rule = ["---"] + ["---:"] * (len(head) - 1)
            lines += [f"| {' | '.join(row)} |" for row in (head, rule, *rows)] + [""]
        if part.figure:
            lines += [f"![{part.title}]({figures[part.figure]})", ""]
    return "\n".join(lines)


def html(parts: Sequence[Section], figures: Mapping[str, bytes]) -> str:
    """The report as one page that needs no other file; `figures` are PNG images by name."""
    from base64 import b64encode

    body = ["<h1>Two muons</h1>"]
    for part in parts:
        body += [f"<h2>{escape(part.title)}</h2>", f"<p>{escape(part.text)}</p>"]
        if part.table:
            head, *rows = part.table
            body += ["<table>", _row(head, "th"), *(_row(row, "td") for row in rows), "</table>"]
        if part.figure:
            image = b64encode(figures[part.figure]).decode()
            body.append(f'<img alt="{escape(part.title)}" src="data:image/png;base64,{image}">')
    return "\n".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Two muons</title>',
            f"<style>{_STYLE}</style>",
            *body,
            "</html>",
            "",
        ]
    )


def _measured(number: Mapping[str, float]) -> str:
    return f"{number['value']:.3f} ± {number['error']:.3f}"


def _excluded(limits: Sequence[Mapping[str, Any]]) -> str:
    """Up to which mass a signal of strength 1 is excluded, on straight lines between the logarithms."""
    import numpy as np

    masses, strengths = [limit["mass"] for limit in limits], [limit["observed"] for limit in limits]
    if not min(strengths) < 1 < max(strengths):
        return ""
    mass = np.interp(0, np.log(strengths), masses)
    return f"A Z' with the couplings of the Z is excluded up to about {round(mass, -1):.0f} GeV."


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

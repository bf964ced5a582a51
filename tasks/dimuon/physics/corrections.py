"""Scale factors of the muon identification, from the table that people edit to the one that programs read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from correctionlib.highlevel import Correction
    from correctionlib.schemav2 import MultiBinning

TABLE = "muon_id.toml"
_SHIFTS = {"nominal": 0, "id_up": +1, "id_down": -1}


def correction_set(table: Mapping[str, Any]) -> str:
    """The scale factors of `table`, nominal and shifted by their uncertainty, as correctionlib JSON."""
    from correctionlib import schemav2

    def shifted(shift: int) -> MultiBinning:
        values = [
            round(value + shift * table["uncertainty"], 6) for row in table["scale_factor"] for value in row
        ]
        return schemav2.MultiBinning(
            nodetype="multibinning",
            inputs=["pt", "abseta"],
            edges=[_floats(table["pt"]), _floats(table["abseta"])],
            content=values,
            flow="clamp",
        )

    keys = [schemav2.CategoryItem(key=name, value=shifted(shift)) for name, shift in _SHIFTS.items()]
    correction = schemav2.Correction(
        name="muon_id",
        version=1,
        inputs=[
            schemav2.Variable(name="weighting", type="string"),
            schemav2.Variable(name="pt", type="real"),
            schemav2.Variable(name="abseta", type="real"),
        ],
        output=schemav2.Variable(name="scale_factor", type="real"),
        data=schemav2.Category(nodetype="category", input="weighting", content=keys),
    )
    corrections = schemav2.CorrectionSet(schema_version=2, corrections=[correction])
    return corrections.model_dump_json(exclude_unset=True, indent=1)


def muon_id(text: str) -> Correction:
    """The scale factors that `correction_set` wrote; evaluates (weighting, pt, abseta)."""
    import correctionlib

    return correctionlib.CorrectionSet.from_string(text)["muon_id"]


def _floats(values: Sequence[float]) -> list[float]:
    return [float(value) for value in values]

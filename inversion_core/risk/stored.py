"""What the comparisons that ship with the product measured: their runs, and what they say of each control."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inversion_core.choices import Exposure
from inversion_core.compare.matrix import Cell, Matrix, Place
from inversion_core.compare.telling import estimate, number
from inversion_core.compare.verdict import Verdict
from inversion_core.errors import DataUnusable, UnknownName
from inversion_core.risk.coverage import Ran
from inversion_core.risk.product import (
    ACCESS_TIERS,
    MONITOR,
    PSEUDONYMS,
    QUERY_BUDGET,
    access_level,
    gathered,
)
from inversion_core.settings import ASSETS

FOLDER = ASSETS / "evidence" / "compare"
SWITCHES = {
    "access": ACCESS_TIERS, "query_budget": QUERY_BUDGET, "monitor": MONITOR, "pseudonyms": PSEUDONYMS,
}  # fmt: skip
"""What a row of a sweep can change of the exposure -> the operation that this is."""


@dataclass(frozen=True, eq=False)
class Stored:
    """A stored comparison; `controls`: title of a row -> ids of the controls it switches on."""

    name: str
    title: str
    matrix: Matrix
    best: Mapping[Place, Cell]
    controls: Mapping[str, frozenset[str]]
    scenarios: Mapping[Place, Mapping[str, Any]]


@dataclass(frozen=True)
class Measured:
    """What one row of a comparison says of a control.

    `verdicts`: verdict -> number of attacks; `strongest`: the cell where most came back, of all attackers
    who met the control; `bare`: the same attack without it. None where no attack had access.
    """

    comparison: str
    title: str
    row: str
    verdicts: Mapping[Verdict, int]
    strongest: Cell | None
    bare: Cell | None

    @property
    def sentence(self) -> str:
        """Tell the strongest attack with interval, the same without the control, guessing and the cost."""
        cell, bare = self.strongest, self.bare
        if cell is None or cell.score is None or bare is None:
            return "No attack had access any more."
        assert cell.value is not None and cell.low is not None and cell.high is not None
        told = f"{cell.column}{_knows(cell)}: {estimate(cell.score, cell.value, cell.low, cell.high)}"
        if bare.value is not None and bare.low is not None and bare.high is not None:
            told += f", without it {estimate(cell.score, bare.value, bare.low, bare.high)}"
        if cell.baseline is not None:
            told += f", by guessing {number(cell.score, cell.baseline)}"
        told += f"; n = {cell.n:,}, {len(cell.seeds)} seeds."
        if cell.accuracy is not None and bare.accuracy is not None:
            accuracies = (number("accuracy", one.accuracy or 0) for one in (cell, bare))
            told += " The model is right in {} of new cases, without it in {}.".format(*accuracies)
        return told


def comparisons(folder: Path = FOLDER) -> tuple[Stored, ...]:
    """Return the stored comparisons by name; raises DataUnusable for one that is damaged."""
    return tuple(_read(path) for path in sorted(folder.glob("*/comparison.json")))


def of_comparisons(stored: tuple[Stored, ...]) -> tuple[Ran, ...]:
    """Return the runs behind the finished cells of comparisons."""
    return tuple(run for one in stored for run in _runs(one))


def measured(stored: tuple[Stored, ...]) -> dict[str, tuple[Measured, ...]]:
    """Return id of a control -> what each row that switches it on came to, in the order of comparisons."""
    found: dict[str, tuple[Measured, ...]] = {}
    for one in stored:
        for row, controls in one.controls.items():
            if (said := _row(one, row)) is not None:
                for control in controls:
                    found[control] = (*found.get(control, ()), said)
    return found


@lru_cache(maxsize=32)
def _read(path: Path) -> Stored:
    try:
        kept = json.loads(path.read_text())
        matrix = Matrix.model_validate(kept["matrix"])
        scenarios = {(one["row"], one["column"], one["attacker"]): one["scenario"] for one in kept["cells"]}
        controls = {row: frozenset(gathered(_switched(made))) for row, made in kept["made"]["rows"].items()}
    except (OSError, ValueError, KeyError, TypeError, ValidationError, UnknownName) as error:
        raise DataUnusable(
            f"stored comparisons are read from assets/evidence/compare/{path.parent.name}, which is damaged "
            f"or of an earlier version ({type(error).__name__}); restore it from the repository"
        ) from error
    return Stored(path.parent.name, kept["title"], matrix, matrix.strongest(), controls, scenarios)


def _switched(made: Mapping[str, Any]) -> list[str]:
    return [one["name"] for one in made["defences"]] + [
        operation for name, operation in SWITCHES.items() if made["exposure"].get(name)
    ]


def _runs(one: Stored) -> list[Ran]:
    found = []
    for place, cell in one.best.items():
        scenario = one.scenarios.get(place)
        if cell.state != "done" or scenario is None:
            continue
        controls = frozenset() if cell.untouched else one.controls.get(cell.row, frozenset())
        level = access_level(Exposure.model_validate(scenario.get("exposure", {})))
        found += [
            Ran(
                scenario["attack"]["name"],
                level.id,
                controls,
                cell.attacker == "adaptive",
                seed.run_id,
                one.name,
            )
            for seed in cell.seeds
            if seed.run_id is not None
        ]
    return found


def _row(one: Stored, row: str) -> Measured | None:
    """Return what a row says; None where its comparison has nothing to hold it against."""
    if one.matrix.undefended is None:
        return None
    cells = [cell for cell in one.best.values() if cell.row == row and not cell.untouched]
    verdicts = Counter(cell.verdict for cell in cells if cell.verdict is not None)
    met = [cell for cell in cells if cell.pooled is not None]
    strongest = max(met, key=lambda cell: cell.value or 0.0, default=None)
    bare = one.best.get((one.matrix.undefended, strongest.column, "naive")) if strongest else None
    return Measured(one.name, one.title, row, verdicts, strongest, bare)


def _knows(cell: Cell) -> str:
    return ", who knows the control" if cell.attacker == "adaptive" else ""

"""How a comparison was made, in its own bundle: what each row and each attacker is, by component.

Kept so that whoever reads a stored matrix later finds rows by what they are and not by what they are called.
"""

from collections.abc import Sequence
from typing import Any

from inversion_core.choices import Choice
from inversion_core.defences.base import TrainingDefence
from inversion_core.metrics.intervals import wilson
from inversion_core.registry import find
from inversion_core.store.runs import RunStore
from inversion_core.sweeps.cell import Cell
from inversion_core.sweeps.spec import Row, Sweep


def made(sweep: Sweep, cells: Sequence[Cell], store: RunStore) -> dict[str, Any]:
    """Return seeds, rows, attackers and the accuracy of each row's target as plain values.

    Parameters stand with their defaults. An accuracy is that of the target of the row's first run, with its
    interval over the held-out photos or records; outputs that a service then changes are not in it.
    """
    return {
        "seeds": list(sweep.seeds),
        "retrain": sweep.retrain,
        "rows": {row.title: _row(row) for row in sweep.rows},
        "attackers": _attackers(cells),
        "accuracy": _accuracies(cells, store),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "defences": [_defence(one) for one in row.defences],
        "target": row.target.name,
        "exposure": row.exposure.model_dump(mode="json", exclude_defaults=True),
    }


def _defence(choice: Choice) -> dict[str, Any]:
    kind = find("defences", choice.name)
    return {
        "name": choice.name,
        "params": kind(**choice.params).params.model_dump(mode="json"),
        "changes": "training" if issubclass(kind, TrainingDefence) else "outputs",
    }


def _attackers(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Return what each attacker of each column runs, once each."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for cell in cells:
        if cell.scenarios:
            attack = cell.scenarios[0].make_attack()
            params = attack.params.model_dump(mode="json")
            found.setdefault(
                (cell.column, cell.attacker, cell.variant), {"name": attack.name, "params": params}
            )
    names = ("column", "attacker", "variant")
    return [dict(zip(names, place, strict=True)) | {"attack": attack} for place, attack in found.items()]


def _accuracies(cells: Sequence[Cell], store: RunStore) -> dict[str, dict[str, float]]:
    firsts: dict[str, str] = {}
    for cell in cells:
        if cell.scenarios and cell.row not in firsts:
            firsts[cell.row] = cell.scenarios[0].key()
    records = store.runs_of_keys(firsts.values())
    found = {}
    for row, key in firsts.items():
        card = ((record.result if (record := records.get(key)) else None) or {}).get("target", {})
        if (photos := card.get("test_photos")) and (accuracy := card.get("test_accuracy")) is not None:
            low, high = wilson(accuracy * photos, photos)
            found[row] = {"value": accuracy, "low": low, "high": high, "n": photos}
    return found

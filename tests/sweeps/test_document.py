"""The document on defences is what the command writes; a bundle keeps how it was made, and claims read it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inversion_core import shipping
from inversion_core.compare.expectations import Finding, Seen, Study, evaluate
from inversion_core.compare.literature import CLAIMS
from inversion_core.compare.matrix import CellRuns, Matrix, Run, build
from inversion_core.errors import DataUnusable
from inversion_core.metrics.intervals import wilson
from inversion_core.settings import ASSETS
from inversion_core.sweeps.cell import Cell
from inversion_core.sweeps.cells import expand
from inversion_core.sweeps.document import document
from inversion_core.sweeps.made import made
from inversion_core.sweeps.spec import read_sweep
from tests.sweeps.specs import grid

STORED = ASSETS / "evidence" / "compare"
VICTIMS = 24


class Kept:
    """A store in which every run is done; a target has 1000 held-out photos and is right on 990."""

    def runs_of_keys(self, keys: Any) -> dict[str, Any]:
        """Return a record for every key."""
        card = {"test_photos": 1000, "test_accuracy": 0.99}
        return {key: SimpleNamespace(result={"target": card}) for key in keys}


def ended(cell: Cell, hits: int) -> CellRuns:
    """Return a cell whose runs all recovered so many of the victims."""
    low, high = wilson(hits, VICTIMS)
    score = {"name": "evaluator-top1", "value": hits / VICTIMS, "n": VICTIMS, "baseline": 0.01}
    terms = {"metric_version": 1, "data_version": 1, "dataset": "d", "victims": "v", "evaluator": "e"}
    result = {
        "scores": [score | {"low": low, "high": high}],
        "target": {"test_accuracy": 0.99},
        "terms": terms,
    }
    runs = [
        Run(run_id=one.key(), state="done", scenario=one.model_dump(mode="json"), result=result)
        for one in cell.scenarios
    ]
    given = (
        "row", "column", "attacker", "variant", "reason", "shut_out", "stands", "note", "changes",
        "undefended",
    )  # fmt: skip
    return CellRuns(**{name: getattr(cell, name) for name in given}, runs=tuple(runs))


def measured(spec: str, hits: int) -> tuple[Matrix, dict[str, Any]]:
    """Return the matrix of a sweep in which everybody recovers so many, and how it was made."""
    sweep = read_sweep(spec)
    cells = expand(sweep)
    return build(sweep.name, [ended(cell, hits) for cell in cells]), made(sweep, cells, Kept())  # type: ignore[arg-type]


def bundle(folder: Path, matrix: Matrix, how: dict[str, Any]) -> None:
    """Write what the document reads of a bundle."""
    folder.mkdir(parents=True)
    kept = {"title": matrix.name, "matrix": matrix.model_dump(mode="json"), "made": how}
    (folder / "comparison.json").write_text(json.dumps(kept))


def test_the_document_in_the_repository_is_what_the_command_writes() -> None:
    assert shipping.DOCUMENT.read_text() == document(STORED), "run `python -m inversion_core.shipping docs`"


def test_the_command_writes_the_document_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping, "DOCUMENT", tmp_path / "defences.md")
    shipping.PARTS["docs"]()
    assert (tmp_path / "defences.md").read_text() == document(STORED)


def test_how_a_bundle_was_made_has_defaults_and_what_each_defence_changes() -> None:
    sweep = read_sweep(
        json.dumps(grid(columns=[{"title": "api", "attack": {"name": "nes-latent"}, "adapts": True}]))
    )
    how = made(sweep, expand(sweep), Kept())  # type: ignore[arg-type]
    assert json.loads(json.dumps(how)) == how
    assert how["rows"]["none"] == {"defences": [], "target": None, "exposure": {}}
    (rounding,), (smoothing,) = (how["rows"][title]["defences"] for title in ("one decimal", "smoothing"))
    assert (rounding["changes"], smoothing["changes"]) == ("outputs", "training")
    assert smoothing["params"]["alpha"] == -0.05, "the default is written down"
    assert how["rows"]["labels only"]["exposure"] == {"access": "labels"}
    attacks = {(one["attacker"], one["variant"]): one["attack"]["name"] for one in how["attackers"]}
    assert attacks == {("naive", ""): "nes-latent", ("adaptive", "by the labels alone"): "brep-mi"}
    assert list(how["accuracy"]) == [row.title for row in sweep.rows], "in the order of the rows"
    assert how["accuracy"]["none"]["low"] == pytest.approx(wilson(990, 1000)[0])
    assert how["seeds"] == [0, 1]


@pytest.mark.parametrize(
    "path", sorted((ASSETS / "sweeps").glob("people-cnn*.json")), ids=lambda path: path.stem
)
def test_a_shipped_sweep_measures_the_claims(path: Path) -> None:
    """All but what no attacker there does, and, where all are equally accurate, what accuracy decides."""
    matrix, how = measured(path.read_text(), 12)
    findings = evaluate(Study.of(matrix, how), CLAIMS)
    missing = [one.claim.text for one in findings if one.seen is Seen.NOT_MEASURED]
    privacy = [text for text in missing if text.startswith("Differentially private")]
    assert len(privacy) == (0 if "privacy" in path.read_text() else 2)
    assert [text for text in missing if text not in privacy] == [
        "The more accurate a model, the more it gives away: the most accurate against the least.",
        "Noise decided by the picture is not undone by sending the same picture again.",
    ]
    alike = {Seen.NOT_SEEN, Seen.EXPECTED, Seen.NOT_MEASURED}
    assert {one.seen for one in findings} == alike, "equal values contradict nothing"
    same = [one for one in findings if one.seen is Seen.EXPECTED]
    assert same and all(one.claim.direction == "the same" for one in same)


def row_of(findings: tuple[Finding, ...], start: str) -> str:
    """Return the row that decided the claim which starts like this."""
    return next(one.here.row for one in findings if one.here and one.claim.text.startswith(start))


def test_the_strictest_row_of_a_shipped_sweep_is_meant() -> None:
    private, findings = (
        evaluate(Study.of(*measured((ASSETS / "sweeps" / f"{name}.json").read_text(), 12)), CLAIMS)
        for name in ("people-cnn-gn", "people-cnn")
    )
    assert row_of(private, "Differentially private") == "Differential privacy, epsilon 1"
    assert row_of(findings, "A small query budget") == "Rate limit, 120 rows a minute, two minutes"
    assert row_of(findings, "Rounding") == "Rounding, 1 decimal"
    assert row_of(findings, "Noise drawn anew") == "Noise, fresh"
    assert row_of(findings, "Noise decided by the picture is undone") == "Noise, by picture"


def test_the_document_tells_values_intervals_people_and_seeds(tmp_path: Path) -> None:
    bundle(tmp_path / "toy", *measured(json.dumps(grid()), 12))
    text = document(tmp_path)
    low, high = wilson(12, VICTIMS)
    estimate = f"50 % ({100 * low:.0f} % to {100 * high:.0f} %)"
    assert f"| none | 99.0 % | naive: {estimate} | naive: {estimate} |" in text
    assert f"| naive: does not apply<br>adaptive: {estimate}" in text
    assert "**not seen here**: Negative label smoothing" not in text, "no column of that attack"
    assert f"smoothing: {estimate}; none: {estimate}" not in text
    assert f"one decimal: {estimate}; none: {estimate} (api, n = 24, 2 seeds)." in text
    assert "- Victims: 24, the same in every cell; seeds 0, 1, each target trained once." in text
    assert "- A monitor blocks too late: by then" in text.split("Not measured here:")[1]


def test_a_bundle_of_an_earlier_version_is_told_in_a_sentence(tmp_path: Path) -> None:
    matrix, how = measured(json.dumps(grid()), 12)
    bundle(tmp_path / "old", matrix, how)
    file = tmp_path / "old" / "comparison.json"
    kept = json.loads(file.read_text())
    del kept["made"]
    file.write_text(json.dumps(kept))
    with pytest.raises(DataUnusable, match=r"old/comparison.json, which is damaged or of an earlier version"):
        document(tmp_path)
    file.write_text("{")
    with pytest.raises(DataUnusable, match="write it again"):
        document(tmp_path)

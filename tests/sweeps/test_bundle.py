"""A finished sweep, kept and read back as the Compare page reads it."""

import json
from pathlib import Path

import pytest

from inversion_core.jobs.work import play
from inversion_core.store.runs import RunStore
from inversion_core.sweeps import utility as measuring
from inversion_core.sweeps.bundle import write_bundle
from inversion_core.sweeps.cells import expand, scenarios_of
from inversion_core.sweeps.spec import read_sweep
from pages.ui import comparison
from tests.sweeps.specs import tiny


def test_a_sweep_is_kept_with_what_each_row_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "TIMED", 2)
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts"))
    sweep = read_sweep(json.dumps(tiny(tmp_path / "photos", steps=3, seeds=1)))
    for scenario in scenarios_of(expand(sweep)):
        run_id, _ = store.create(scenario, "ada")
        play(run_id, store)
    write_bundle(sweep, store, tmp_path / "kept" / "tiny")
    monkeypatch.setattr(comparison, "FOLDER", tmp_path / "kept")
    kept = comparison.load("tiny")
    assert list(kept.utility) == [row.title for row in sweep.rows] == list(kept.matrix.rows)
    bare, rounded, smoothed = kept.utility.values()
    cell = kept.best["none", "weights", "naive"]
    assert cell.accuracy == bare.accuracy.value, "the plane and the table tell the same accuracy"
    assert rounded.distortion is not None and rounded.distortion > 0 == bare.distortion
    assert (rounded.trained_anew, smoothed.trained_anew) == (False, True)
    assert rounded.training_seconds == bare.training_seconds
    store.close()

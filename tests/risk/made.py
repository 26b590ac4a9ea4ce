"""Assessments and finished runs of made numbers, for tests of what is concluded from them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from inversion_core import exhibits
from inversion_core.metrics.intervals import wilson
from inversion_core.risk.assessment import Assessment
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from inversion_core.values import State

PEOPLE = 40
ROUNDED = [{"name": "rounding", "params": {"decimals": 2}}]
CONTEXT = {
    "purpose": "opens a door",
    "owner": "Example Ltd",
    "data": "face",
    "people": 100,
    "class_is_person": True,
    "audience": "authenticated",
    "rate_limited": True,
    "logged": True,
    "no_control": "the people are made up, nobody outside the training was needed",
}


def scenario(attack: str = "nes-latent", *, seed: int = 0, **parts: Any) -> Scenario:
    """Return a scenario of the made system; `parts` replace its keys."""
    whole = {
        "target": {"name": "cnn"},
        "exposure": {"access": "scores"},
        "attack": {"name": attack},
        "victims": list(range(PEOPLE)),
        "seed": seed,
    }
    return Scenario.model_validate(whole | parts)


def assessment(scenarios: Iterable[Scenario], **parts: Any) -> Assessment:
    """Return an assessment of a target whose scores are rounded; `parts` replace its keys."""
    whole = {
        "name": "Door",
        "system": {"target": {"name": "cnn"}, "exposure": {"access": "scores", "defences": ROUNDED}},
        "context": CONTEXT,
        "scenarios": [one.model_dump(mode="json") for one in scenarios],
    }
    return Assessment.model_validate(whole | parts)


def finished(
    of: Scenario, hits: int, *, accuracy: float | None = 0.9, recovered: Iterable[int] = ()
) -> RunRecord:
    """Return a finished run in which the judge named `hits` of the people, or those in `recovered`."""
    named = set(recovered) or set(range(hits))
    share = len(named) / PEOPLE
    low, high = wilson(len(named), PEOPLE)
    result = {
        "scores": [
            {
                "name": "attribute-accuracy", "value": 0.6, "low": 0.5, "high": 0.7, "n": PEOPLE,
                "baseline": 0.49, "control": 0.8, "better": "higher", "rulers": {},
            },
            {
                "name": "evaluator-top1", "value": share, "low": low, "high": high, "n": PEOPLE,
                "baseline": 0.01, "control": 1.0, "better": "higher", "rulers": {},
            }
        ],
        "target": {
            "test_accuracy": accuracy, "test_photos": 1000 if accuracy else 0, "sha256": "a" * 64, "key": "k",
            "dataset": "people", "photos_per_class": 20.0, "train_photos": 2000, "parameters": 800_000,
            "defences": [],
        },
        "evaluator_accuracy": 1.0,
        "queries": 1200,
        "victims": [
            {"class": place, "name": f"Person {place}", "evaluator_rank": 1 if place in named else 7}
            for place in range(PEOPLE)
        ],
        "ledger": [{"used": "the scores the API releases", "amount": "1,200 rows"}],
        "terms": {"metric_version": 1, "data_version": 1},
        "versions": {"torch": "2.13.0"},
        "seconds": {"attack": 1.0},
    }  # fmt: skip
    return RunRecord(
        id=of.key()[:32], key=of.key(), scenario=of, owner="o", owners=("o",), state=State.DONE, phase="",
        step=0, total=0, loss=None, note="", error="", log="", attempt=1, losses=0, worker="",
        cancelling=False, created=1.0, started=1.0, finished=2.0, heartbeat=2.0, label="",
        result_json=json.dumps(result),
    )  # fmt: skip


def runs(*records: RunRecord) -> Mapping[str, RunRecord]:
    """Return the records by the keys of their scenarios."""
    return {one.key: one for one in records}


def stored(exhibit: str, attack: str, **params: Any) -> list[RunRecord]:
    """Return shipped runs of an attack with these parameters against the open system."""
    return [
        run
        for run in exhibits.stored(exhibit).runs()
        if run.scenario.attack.name == attack and run.scenario.target.name == "cnn"
        if not run.scenario.target.params and not run.scenario.exposure.defences
        if run.scenario.exposure.access == "scores"
        if all(run.scenario.attack.params.get(name) == value for name, value in params.items())
    ]


def unrated_runs() -> list[RunRecord]:
    """Return a run of three membership attacks, and of a theft with three seeds."""
    found = [stored("membership", name)[0] for name in ("lira", "loss-threshold", "rmia")]
    return found + stored("extraction", "knockoff", queries=3000)

"""csmia and lomia on Adult beside an imputer and a rule that never asks the model: who is married?

    .venv/bin/python -m tests.benchmarks.adult [--targets mlp decision-tree] [--seeds 0 1 2]

Trains on the 35,222 records of Mehnaz et al. (USENIX Security 2022) and attacks each of them. The imputer is
fitted on the 10,000 others, which are also the control, attacked fold by fold. The rule "income above 50K, so
married" must give the counts known from the file, or nothing here is to be trusted. Runs come from
adult.json, which `python -m inversion_core run` takes as well; file paths in it are relative to the
repository.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from inversion_core.datasets.base import TableDataset
from inversion_core.execute import execute
from inversion_core.metrics.base import TableMetric
from inversion_core.metrics.residual_over_imputation import CONTROL, MEMORY, RISK
from inversion_core.metrics.verdict import verdict
from inversion_core.registry import metrics_of
from inversion_core.scenario import Scenario, read_scenario
from inversion_core.settings import ROOT
from inversion_core.store.runs import RunStore
from inversion_core.tables import Guesses, Records, TableTruth
from inversion_core.values import State

SCENARIO = Path(__file__).with_suffix(".json")
ATTACKS = {"csmia": "scores", "lomia": "labels"}
RICH, MARRIED = ">50K", "Married"
KNOWN = {"TP": 7565, "TN": 17121, "FP": 1208, "FN": 9328}
"""Counts of the rule on the 35,222, from the file with a text tool."""
SHOWN = {
    "attribute-precision": "precision",
    "attribute-recall": "recall",
    "attribute-accuracy": "accuracy",
    "attribute-f1": "F1",
    "attribute-gmean": "G-mean",
    "attribute-mcc": "MCC",
}
RESIDUAL = "residual-over-imputation"


def main() -> None:
    """Run everything in a store of its own, print a table and, last, the numbers as JSON."""
    options = _options()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        # Nothing trained before is used, nothing trained here is kept.
        os.environ["INVERSION_DATA_FOLDER"] = folder
        rule = _rule(_scenario("mlp", "csmia", 0))
        runs = list(_runs(options))
    for run in runs:
        _print(run, rule)
    print(json.dumps({"rule": rule, "runs": runs}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--targets", nargs="+", default=["mlp", "decision-tree"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    return parser.parse_args()


def _scenario(target: str, attack: str, seed: int) -> Scenario:
    base = json.loads(SCENARIO.read_text())
    changes = {"target": {"name": target}, "attack": {"name": attack}, "seed": seed}
    return read_scenario(json.dumps(base | changes | {"exposure": {"access": ATTACKS[attack]}}))


def _rule(scenario: Scenario) -> dict[str, Any]:
    """Return the scores of the rule on both files; stops where its counts are not the known ones."""
    dataset = scenario.make_dataset()
    assert isinstance(dataset, TableDataset)
    levels = dataset.columns[dataset.sensitive].levels
    assert levels is not None
    married, rich = levels.index(MARRIED), dataset.classes.index(RICH)

    def guesses(records: Records) -> Guesses:
        says = torch.where(records.labels == rich, married, 1 - married)
        return Guesses(records.inputs[:, dataset.sensitive].long(), _sure(says), _sure(says))

    members = guesses(dataset.train())
    counts = _counts(members.values == married, members.beliefs.argmax(1) == married)
    if counts != KNOWN:
        raise SystemExit(f"the rule must give {KNOWN}, it gives {counts}; the table is not read as it is")
    truth = TableTruth(members, guesses(dataset.held_out()), levels, 1 - married, positive=married)
    scores: dict[str, Any] = {}
    for name, kind in metrics_of(TableMetric).items():
        metric = kind()
        assert isinstance(metric, TableMetric)
        score = metric.score(truth, torch.Generator().manual_seed(0))
        scores[name] = {"value": score.value, "control": score.control}
    return {"counts": counts, "scores": scores}


def _sure(values: Tensor) -> Tensor:
    return one_hot(values, 2).float()


def _counts(truth: Tensor, guess: Tensor) -> dict[str, int]:
    told = {"TP": truth & guess, "TN": ~truth & ~guess, "FP": ~truth & guess, "FN": truth & ~guess}
    return {name: int(who.sum()) for name, who in told.items()}


def _runs(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield the result of each run; what a target was trained for one attack serves the other."""
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(f"sqlite:///{folder}/runs.sqlite", f"{folder}/artifacts")
        for seed in options.seeds:
            for target in options.targets:
                for attack in ATTACKS:
                    run_id, _ = store.create(_scenario(target, attack, seed), "benchmark")
                    record = execute(run_id, store)
                    if record.state is not State.DONE:
                        raise SystemExit(f"{attack} on {target} ended as {record.state}: {record.error}")
                    assert record.result is not None
                    yield _told(record.result) | {"target": target, "attack": attack, "seed": seed}
        store.close()


def _told(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scores": {score["name"]: score for score in result["scores"]},
        "confusion": result["confusion"],
        "cases": result["cases"],
        "groups": result["groups"],
        "seconds": result["seconds"],
        "accuracy": [result["target"]["train_accuracy"], result["target"]["test_accuracy"]],
        "verdict": verdict(result).sentence,
    }


def _print(run: Mapping[str, Any], rule: Mapping[str, Any]) -> None:
    train, test = run["accuracy"]
    print(
        f"\n{run['attack']} on {run['target']} (seed {run['seed']}; accuracy {train:.3f} on its records, "
        f"{test:.3f} on others); attack {run['seconds']['attack']:.2f} s, metrics "
        f"{run['seconds']['metrics']:.1f} s"
    )
    print(f"{'per cent':34}" + "".join(f"{word:>11}" for word in SHOWN.values()))
    scores = run["scores"]
    rows = {
        "attack": [scores[name]["value"] for name in SHOWN],
        "imputer": [scores[name]["baseline"] for name in SHOWN],
        "income rule": [rule["scores"][name]["value"] for name in SHOWN],
        "attack, never trained on": [scores[name]["control"] for name in SHOWN],
        "imputer, never trained on": [
            scores[name]["rulers"]["without the model, records it never saw"] for name in SHOWN
        ],
        "income rule, never trained on": [rule["scores"][name]["control"] for name in SHOWN],
    }
    for name, values in rows.items():
        print(f"{name:34}" + "".join(f"{100 * value:11.2f}" for value in values))
    residual = scores[RESIDUAL]
    told = residual["rulers"]
    print(f"residual over imputation {_interval(residual['value'], residual['low'], residual['high'])}")
    for name in (CONTROL, MEMORY, RISK):
        print(f"  {name} {_interval(told[name], told[f'{name}, low'], told[f'{name}, high'])}")
    print("  " + ", ".join(f"case {one['case']}: {one['n']:,} records" for one in run["cases"]))
    print(f"  {run['verdict']}")


def _interval(value: float, low: float, high: float) -> str:
    return f"{100 * value:+.2f} points (95 % {100 * low:+.2f} to {100 * high:+.2f})"


if __name__ == "__main__":
    main()

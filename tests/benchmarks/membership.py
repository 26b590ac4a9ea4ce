"""LiRA, RMIA and a loss threshold on Adult: who was trained on?

    .venv/bin/python -m tests.benchmarks.membership [--targets mlp decision-tree] [--seeds 0 1 2]

Half of the 35,222 records of Mehnaz et al. (USENIX Security 2022) train the target, the others are asked
about as records it never saw; sixteen shadow models are trained on random halves of all. A tree of ten levels
and one grown until it knows its records by heart stand beside each other, as do two forests. Prints the area
under the curve and the share of members named at the finest false positive rate 5,000 others support, with
intervals, and last the numbers as JSON.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.execute import execute
from inversion_core.metrics.membership import BLIND
from inversion_core.metrics.membership_tpr import RATE
from inversion_core.scenario import Scenario
from inversion_core.settings import ROOT
from inversion_core.store.runs import RunStore
from inversion_core.values import Access, State

DATA = "../shared/data/tabular/miai/Adult_35222.csv"
OPTIONS = {"label": "income", "sensitive": "marital", "positive": "Married", "train_share": 0.5}
TARGETS = {
    "mlp": TargetChoice(name="mlp"),
    "decision-tree": TargetChoice(name="decision-tree"),
    "decision-tree by heart": TargetChoice(name="decision-tree", params={"max_depth": 64}),
    "random-forest": TargetChoice(name="random-forest", params={"trees": 25, "min_leaf": 20}),
    "random-forest by heart": TargetChoice(name="random-forest", params={"trees": 25, "max_depth": 64}),
}
ATTACKS = {
    "loss-threshold": Choice(name="loss-threshold"),
    "lira": Choice(name="lira", params={"shadows": 16}),
    "lira offline": Choice(name="lira", params={"shadows": 16, "variant": "offline"}),
    "rmia": Choice(name="rmia", params={"shadows": 16}),
}
AUC, FEW = "membership-auc", "membership-tpr-at-fpr"


def main() -> None:
    """Run everything in a store of its own and print it."""
    options = _options()
    os.chdir(ROOT)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        # Nothing trained before is used, nothing trained here is kept.
        os.environ["INVERSION_DATA_FOLDER"] = folder
        for row in _runs(options, folder):
            rows.append(row)
            _print(row)
    print(json.dumps(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), choices=list(TARGETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    return parser.parse_args()


def _runs(options: argparse.Namespace, folder: str) -> Iterator[dict[str, Any]]:
    """Yield the result of each run; the shadow models of one attack serve the others."""
    store = RunStore(f"sqlite:///{folder}/runs.sqlite", f"{folder}/artifacts")
    for seed in options.seeds:
        for target in options.targets:
            for attack, choice in ATTACKS.items():
                scenario = Scenario(
                    dataset=DatasetChoice(name="table", path=DATA, options={**OPTIONS, "seed": seed}),
                    target=TARGETS[target],
                    exposure=Exposure(access=Access.SCORES),
                    attack=choice,
                    seed=seed,
                )
                record = execute(store.create(scenario, "benchmark")[0], store)
                if record.state is not State.DONE:
                    raise SystemExit(f"{attack} on {target} ended as {record.state}: {record.error}")
                assert record.result is not None
                yield {"target": target, "attack": attack, "seed": seed, **_told(record.result)}
    store.close()


def _told(result: Mapping[str, Any]) -> dict[str, Any]:
    card = result["target"]
    return {
        "scores": {score["name"]: score for score in result["scores"]},
        "accuracy": [card["train_accuracy"], card["test_accuracy"]],
        "seconds": result["seconds"],
    }


def _print(row: Mapping[str, Any]) -> None:
    area, few = row["scores"][AUC], row["scores"][FEW]
    train, test = row["accuracy"]
    print(
        f"{row['target']:24} seed {row['seed']}  {row['attack']:14} accuracy {train:.3f} / {test:.3f}  "
        f"AUC {area['value']:.3f} ({area['low']:.3f} to {area['high']:.3f}; "
        f"blind {area['rulers'][BLIND]:.3f})  "
        f"TPR at {100 * few['rulers'][RATE]:.2g} % FPR {100 * few['value']:.2f} % "
        f"({100 * few['low']:.2f} to {100 * few['high']:.2f})  {sum(row['seconds'].values()):.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()

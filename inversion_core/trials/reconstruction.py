"""One trial on a published model of a table: each victim's row is rebuilt by somebody who knows all the
others.

With noise, each victim meets a release of its own: one draw of the noise for all would make their errors
alike, and the interval would speak of that draw.
"""

import math
from collections.abc import Generator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from inversion_core.attacks.base import Attack
from inversion_core.datasets.base import TableDataset
from inversion_core.defences.gaussian_mechanism import GaussianMechanism
from inversion_core.metrics.rebuilt_row import RowMetric, RowTruth
from inversion_core.registry import metrics_of
from inversion_core.released import Coding, Database, Release, level_of
from inversion_core.samplers import ReleaseOracle
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.targets.base import TargetCard
from inversion_core.targets.closed_form import ReleasedTarget
from inversion_core.trials.driver import Driver
from inversion_core.values import Knowledge, Progress

SHOWN = 12
"""Rows that are told in full."""
USEFUL = 50
"""Releases by which the accuracy behind the noise is told."""
PART = 25

Shared = tuple[Tensor, Tensor]


def play(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    """Return the result of a scenario."""
    bench = _Bench(scenario)
    driver.drive("target", bench.publish())
    guesses = driver.drive("attack", bench.attacked(scenario.make_attack()))
    scores = driver.drive("metrics", bench.judged(guesses))
    return {
        "family": scenario.family().value,
        "claim": scenario.make_attack().claim.value,
        "seconds": driver.seconds,
        "queries": len(bench.victims),
        "target": bench.card().model_dump(mode="json"),
        "ledger": [
            {"used": "the published model", "amount": "its numbers"},
            {"used": "rows of everybody else", "amount": f"{len(bench.everybody.labels) - 1:,} rows"},
            {"used": "the row of the victim", "amount": "none"},
        ],
        "scores": scores,
        "by_queries": [],
        "remarks": [],
        "evaluator_accuracy": None,
        "victims": [],
        "noise": bench.noise,
        "common": bench.common,
        "rows": bench.told(guesses),
    }


class _Bench:
    """Publishes, lets the adversary compute, and compares."""

    def __init__(self, scenario: Scenario) -> None:
        dataset, target = scenario.make_dataset(), scenario.make_target()
        assert isinstance(dataset, TableDataset) and isinstance(target, ReleasedTarget)
        self.scenario, self.dataset, self.target = scenario, dataset, target
        members, others = dataset.train(), dataset.held_out()
        coding = Coding(dataset.columns, *_bounds(others.inputs))
        self.everybody = Database(coding.features(members.inputs), members.labels, coding)
        self.others: Shared = (coding.features(others.inputs), others.labels)
        self.common = (others.labels.bincount().max() / len(others)).item()
        count = len(members)
        self.victims = list(range(count)) if scenario.victims == "all" else list(scenario.victims)
        defences = [one for one in scenario.training_defences() if isinstance(one, GaussianMechanism)]
        self.defence = defences[0] if defences else None
        self.noise = self.defence.noise(target.sensitivity(len(dataset.columns))) if self.defence else 0.0

    def publish(self) -> Generator[Progress, None, None]:
        """Fit the model, and tell how well it does behind its noise."""
        yield Progress(1, 2, math.nan, note="fitting the model")
        self.exact = self.target.learnt(self.everybody.features, self.everybody.labels, self._classes)
        yield Progress(2, 2, math.nan, note="asking it about people it never saw")
        releases = [self._release(f"use {k}") for k in range(USEFUL if self.defence else 1)]
        self.accuracy = _mean(self._right(one, *self.others) for one in releases)
        known = self.everybody.features, self.everybody.labels
        self.train_accuracy = _mean(self._right(one, *known) for one in releases)

    def attacked(self, attack: Attack) -> Generator[Progress, None, Tensor]:
        """Return the guess about each victim: (V, F)."""
        found = []
        for number, victim in enumerate(self.victims):
            oracle = ReleaseOracle(self._release(f"victim {victim}"), (len(self.everybody.labels),))
            known = Knowledge(torch.tensor([victim]), database=self.everybody.without(victim))
            steps = attack.run(oracle, known, torch_rng(self.scenario.seed, "attack", attack.name))
            found.append((yield from steps).samples)
            if number % PART == 0:
                note = f"rebuilding row {number + 1} of {len(self.victims)}"
                yield Progress(number + 1, len(self.victims), math.nan, note=note)
        return torch.cat(found)

    def judged(self, guesses: Tensor) -> Generator[Progress, None, list[dict[str, Any]]]:
        """Return the scores."""
        yield Progress(1, 1, math.nan, note="comparing with the true rows")
        others = Database(*self.others, self.everybody.coding)
        self.guess = _typical(others)
        # Of all rows, the victim's among them: in a table with as many of each level, whoever is left out has
        # the rarer one, and a guess from the known rows would always miss.
        without = {"typical of other people": self.guess, "typical of all rows": _typical(self.everybody)}
        truth = RowTruth(self.everybody.features[self.victims], guesses, without, self.everybody.coding)
        return [asdict(kind().score(truth)) for kind in metrics_of(RowMetric).values()]

    def told(self, guesses: Tensor) -> list[dict[str, Any]]:
        """Return the first rows in words: true, rebuilt, and guessed without the model."""
        coding = self.everybody.coding
        return [
            {
                "row": victim,
                "columns": [column.name for column in coding.columns],
                "truth": _words(self.everybody.features[victim], coding),
                "rebuilt": _words(guesses[place], coding),
                "guess": _words(self.guess, coding),
            }
            for place, victim in enumerate(self.victims[:SHOWN])
        ]

    def card(self) -> TargetCard:
        """Return what is known of the published model."""
        promise = self.defence.params if self.defence else None
        return TargetCard(
            key="",
            dataset=self.dataset.name,
            target=self.target.name,
            defences=[one.model_dump(mode="json") for one in self.scenario.target.defences],
            input_shape=(len(self.dataset.columns),),
            class_count=self._classes,
            train_photos=len(self.everybody.labels),
            photos_per_class=len(self.everybody.labels) / self._classes,
            train_accuracy=self.train_accuracy,
            test_accuracy=self.accuracy,
            test_photos=len(self.others[1]),
            epsilon=promise.epsilon if promise else None,
            delta=promise.delta if promise else None,
            parameters=sum(part.numel() for part in self.exact.numbers.values()),
            seconds=0.0,
            columns=tuple(column.name for column in self.dataset.columns),
        )

    @property
    def _classes(self) -> int:
        return len(self.dataset.classes)

    def _release(self, stream: str) -> Release:
        """Return what is published; with noise, a release of its own for each stream."""
        if self.defence is None:
            return self.exact
        rng = torch_rng(self.scenario.seed, "release", stream)
        known = self.everybody
        return self.target.noisy(self.exact, known.features, known.labels, self.noise, rng)

    def _right(self, release: Release, features: Tensor, labels: Tensor) -> float:
        return (self.target.scores(release, features).argmax(1) == labels).double().mean().item()


def _bounds(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the public bounds of each column: what is seen among people outside the training."""
    low = rows.nan_to_num(math.inf).min(0).values.double()
    high = rows.nan_to_num(-math.inf).max(0).values.double()
    return low, torch.where(high > low, high, low + 1)


def _typical(known: Database) -> Tensor:
    """Return the commonest level or the median of each column, as features (F,)."""
    guess = known.features.median(0).values
    for (start, stop), column in zip(known.coding.spans(), known.coding.columns, strict=True):
        if column.levels is not None:
            guess[start:stop] = 0
            guess[start + int(known.features[:, start:stop].sum(0).argmax())] = 1
    return guess


def _words(row: Tensor, coding: Coding) -> list[str]:
    told = []
    for place, ((start, stop), column) in enumerate(zip(coding.spans(), coding.columns, strict=True)):
        if column.levels is not None:
            level = int(level_of(row[None, start:stop]))
            told.append(column.levels[level] if level >= 0 else "missing")
        else:
            reach = coding.high[place] - coding.low[place]
            told.append(f"{(coding.low[place] + row[start] * reach).item():.4g}")
    return told


def _mean(values: Generator[float, None, None]) -> float:
    found = list(values)
    return sum(found) / len(found)

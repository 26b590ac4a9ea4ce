"""One trial on a property of the training data: many models are trained with known shares of a group,
attacked, and the guessed share held against the true one.

The targets learn from the private records, the adversary's shadow models from other people's.
"""

import math
from collections.abc import Generator
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor

from inversion_core.attacks.property_inference import PropertyInference
from inversion_core.datasets.base import TableDataset
from inversion_core.metrics.group_share import ShareMetric, ShareTruth
from inversion_core.registry import metrics_of
from inversion_core.released import Shadows
from inversion_core.scenario import Scenario
from inversion_core.seeds import derive, torch_rng
from inversion_core.tables import Records
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import learn
from inversion_core.targets.train import accuracy
from inversion_core.trials.driver import Driver
from inversion_core.trials.oracle import SEEN, open_for
from inversion_core.values import Knowledge, Progress

SHARES = (0.2, 0.5, 0.8)
"""Of the group among the training data of the targets."""
LOWEST, HIGHEST = 0.1, 0.9
"""Between which the adversary draws the shares of the shadow models."""


def play(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    """Return the result of a scenario."""
    bench = _Bench(scenario)
    targets = driver.drive("target", bench.trained())
    shadows = driver.drive("shadows", bench.shadows())
    truth = driver.drive("attack", bench.attacked(targets, shadows))
    params = bench.attack.params
    spent = params.probes * params.targets
    return {
        "family": scenario.family().value,
        "claim": bench.attack.claim.value,
        "seconds": driver.seconds,
        "queries": spent,
        "target": bench.card(targets),
        "ledger": [
            {"used": SEEN[scenario.exposure.access], "amount": f"{params.probes:,} rows through each model"},
            {"used": "records of other people", "amount": f"{len(bench.others):,} records"},
            {"used": "models of the attacker's own", "amount": f"{params.shadows} with known shares"},
            {"used": "records the model learnt from", "amount": "none"},
        ],
        "scores": [asdict(kind().score(truth)) for kind in metrics_of(ShareMetric).values()],
        "by_queries": [],
        "remarks": [],
        "evaluator_accuracy": None,
        "victims": [],
        "group": {"column": params.column, "level": params.level},
        "models": [
            {"share": round(share, 4), "guess": round(guess, 4)}
            for share, guess in zip(truth.shares.tolist(), truth.guesses.tolist(), strict=True)
        ],
    }


class _Bench:
    """Trains what is attacked and what the adversary learns from."""

    def __init__(self, scenario: Scenario) -> None:
        dataset, attack = scenario.make_dataset(), scenario.make_attack()
        assert isinstance(dataset, TableDataset) and isinstance(attack, PropertyInference)
        self.scenario, self.dataset, self.attack = scenario, dataset, attack
        self.place = [column.name for column in dataset.columns].index(attack.params.column)
        levels = dataset.columns[self.place].levels
        assert levels is not None, "the scenario was checked: the column is categorical"
        self.code = levels.index(attack.params.level)
        self.members, self.others = dataset.train(), dataset.held_out()
        order = torch.randperm(len(self.others), generator=torch_rng(scenario.seed, "probes"))
        self.probes = self.others.inputs[order[: attack.params.probes]]
        self.theirs = self.others.rows(order[attack.params.probes :])
        self.spent: list[tuple[float, float]] = []

    def trained(self) -> Generator[Progress, None, list[tuple[float, Target]]]:
        """Return (share, target) for every model attacked."""
        found = []
        count = self.attack.params.targets
        for number in range(count):
            share = SHARES[number % len(SHARES)]
            rows = self._drawn(self.members, share, f"target {number}")
            found.append((share, (yield from self._learnt(self.members, rows, "target", number, count))))
        return found

    def shadows(self) -> Generator[Progress, None, Shadows]:
        """Return what the adversary's own models answer, behind the same defences."""
        seen, shares = [], []
        count = self.attack.params.shadows
        drawn = torch.rand(count, generator=torch_rng(self.scenario.seed, "shares"))
        for number in range(count):
            share = LOWEST + (HIGHEST - LOWEST) * drawn[number].item()
            rows = self._drawn(self.theirs, share, f"shadow {number}")
            model = yield from self._learnt(self.theirs, rows, "shadow", number, count)
            oracle = open_for(self.scenario, model, self.scenario.output_defences(), budgeted=False)
            seen.append(oracle.answers(self.probes))
            shares.append(share)
        return Shadows(self.probes, torch.stack(seen), torch.tensor(shares))

    def attacked(
        self, targets: list[tuple[float, Target]], shadows: Shadows
    ) -> Generator[Progress, None, ShareTruth]:
        """Return the guesses beside the truth, and those of who learnt from mixed-up shares."""
        rng = torch_rng(self.scenario.seed, "attack", self.attack.name)
        mixed = torch.randperm(len(shadows.shares), generator=torch_rng(self.scenario.seed, "mixed"))
        blind = replace(shadows, shares=shadows.shares[mixed])
        guesses: list[Tensor] = []
        blinded: list[Tensor] = []
        for number, (_, target) in enumerate(targets):
            yield Progress(number + 1, len(targets), math.nan, note=f"attacking model {number + 1}")
            for knows, kept, budgeted in ((shadows, guesses, True), (blind, blinded, False)):
                oracle = open_for(self.scenario, target, self.scenario.output_defences(), budgeted=budgeted)
                known = Knowledge(torch.zeros(1, dtype=torch.long), shadows=knows)
                kept.append((yield from self.attack.run(oracle, known, rng)).samples[0, 0])
        return ShareTruth(
            torch.tensor([share for share, _ in targets]),
            torch.stack(guesses),
            torch.stack(blinded),
            shadows.shares.mean().item(),
        )

    def card(self, targets: list[tuple[float, Target]]) -> dict[str, Any]:
        """Return what the models attacked have in common; their accuracy is the mean."""
        right = sum(accuracy(target, self.others) for _, target in targets) / len(targets)
        return {
            "target": self.scenario.target.name,
            "dataset": self.dataset.name,
            "defences": [one.model_dump(mode="json") for one in self.scenario.target.defences],
            "train_photos": self.attack.params.rows,
            "train_accuracy": None,
            "test_accuracy": right,
            "epsilon": self.promised[0],
            "delta": self.promised[1],
            "class_count": len(self.dataset.classes),
        }

    promised: tuple[float | None, float | None] = (None, None)
    """Epsilon and delta of who was drawn most often, in the worst protected of the models attacked; None
    without a promise, which a delta of 1 is not.
    """

    def _learnt(
        self, pool: Records, rows: Tensor, kind: str, number: int, count: int
    ) -> Generator[Progress, None, Target]:
        """Return a model trained on these rows (N,) of the pool."""
        yield Progress(number + 1, count, math.nan, note=f"training {kind} model {number + 1} of {count}")
        choice = self.scenario.target
        named = self.scenario.make_target()
        seed = derive(self.scenario.seed, kind, str(number)) % 2**31
        target = type(named)(**{**choice.params, "seed": seed})
        _, guarantees = yield from learn(
            target,
            self.dataset,
            pool.rows(rows),
            self.scenario.training_defences(),
            per_person=int(rows.bincount().max()),
        )
        target.network = getattr(target.network, "_module", target.network).eval()
        if kind == "target" and (private := guarantees.get("dp-sgd")):
            self.spent.append((private["person_epsilon"], private["person_delta"]))
            vain = any(delta >= 1 for _, delta in self.spent)
            self.promised = (None, None) if vain else max(self.spent)
        return target

    def _drawn(self, pool: Records, share: float, stream: str) -> Tensor:
        """Return places (N,) in the pool drawn with replacement, a share of them of the group."""
        rng = torch_rng(self.scenario.seed, "property", stream)
        rows = self.attack.params.rows
        of_group = pool.inputs[:, self.place] == self.code
        wanted = round(share * rows)
        picked = [_some(of_group, wanted, rng), _some(~of_group, rows - wanted, rng)]
        return torch.cat(picked)[torch.randperm(rows, generator=rng)]


def _some(which: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Return `count` places where `which` holds, with repetition."""
    places = which.nonzero().flatten()
    return places[torch.randint(len(places), (count,), generator=rng)]

"""One trial on a table: whose sensitive value is guessed, and who could have guessed it without the model.

The same attack runs a second time on records the target never saw. Where the adversary owns auxiliary
records these are the same rows, so the second run is cross-fitted: each fifth of them is attacked with the
other four as auxiliary data, and so is the imputer's guess about them.
"""

import math
from collections.abc import Generator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from inversion_core.attacks.base import Attack
from inversion_core.datasets.base import TableDataset
from inversion_core.metrics.base import TableMetric
from inversion_core.metrics.imputations import imputed
from inversion_core.metrics.records import describe_records, records_csv
from inversion_core.registry import metrics_of
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.tables import Clue, Guesses, Records, TableKnowledge, TableTruth
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.trials.driver import Driver
from inversion_core.trials.oracle import SEEN, open_for
from inversion_core.trials.released import released_accuracy
from inversion_core.values import Knowledge, Progress, Reconstruction

FOLDS = 5


def play(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    """Return the result of a scenario; the guesses go to the store as `records.csv`."""
    dataset = scenario.make_dataset()
    assert isinstance(dataset, TableDataset)
    target = driver.drive("target", obtain(dataset, scenario.make_target(), scenario.training_defences()))
    members, others = dataset.train(), dataset.held_out()
    victims = _victims(scenario, len(members))
    bench = _Bench(scenario, dataset, target)
    oracle = open_for(scenario, target, scenario.output_defences())
    known = bench.knowledge(members.rows(victims), others)
    attack = scenario.make_attack()
    rng = torch_rng(scenario.seed, "attack", attack.name)
    found = driver.drive("attack", attack.run(oracle, Knowledge(victims, table=known), rng))
    judged = driver.drive("metrics", bench.judge(attack, found, known, members.rows(victims)))
    truth: TableTruth = judged.pop("truth")
    driver.keep("records.csv", records_csv(found, truth))
    defences = scenario.output_defences()
    honest = released_accuracy(scenario, target, defences, others)
    return {
        "released": driver.drive("released", honest) if defences else None,
        "seconds": driver.seconds,
        "queries": oracle.spent,
        "target": target.card.model_dump(mode="json"),
        "ledger": bench.ledger(oracle.spent, known),
        **judged,
    }


def _victims(scenario: Scenario, count: int) -> Tensor:
    return torch.arange(count) if scenario.victims == "all" else torch.tensor(list(scenario.victims))


class _Bench:
    """Prepares what the adversary knows, and judges what they found against those who did not ask."""

    def __init__(self, scenario: Scenario, dataset: TableDataset, target: Target) -> None:
        self.scenario = scenario
        self.dataset = dataset
        self.target = target
        self.side = scenario.knowledge()

    def knowledge(self, victims: Records, others: Records) -> TableKnowledge:
        """Return what is known about `victims`, `others` being the auxiliary records and the public ones."""
        columns, sensitive = self.dataset.columns, self.dataset.sensitive
        unknown = tuple(place for place, one in enumerate(columns) if one.name in self.side.unknown)
        clues = self.side.clues
        theirs = Records(_blank(others.inputs, unknown), others.labels)
        return TableKnowledge(
            columns=columns,
            sensitive=sensitive,
            records=_blank(victims.inputs, (sensitive, *unknown)),
            unknown=unknown,
            labels=victims.labels if Clue.TRUE_LABEL in clues else None,
            marginals=self._marginals(others) if Clue.MARGINALS in clues else None,
            confusion=self._confusion(others) if Clue.MARGINALS in clues else None,
            auxiliary=theirs if Clue.AUXILIARY in clues else None,
        )

    def judge(
        self, attack: Attack, found: Reconstruction, known: TableKnowledge, victims: Records
    ) -> Generator[Progress, None, dict[str, Any]]:
        """Return the part of the result that needs the truth; yields between its parts."""
        others = self.dataset.held_out()
        levels = self.dataset.columns[self.dataset.sensitive].levels
        assert levels is not None
        yield Progress(1, 4, math.nan, note="guessing without the model")
        guessed = imputed(known, others, torch_rng(self.scenario.seed, "imputer"))
        truth = TableTruth(
            members=Guesses(self._values(victims), found.samples, guessed, found.cases),
            control=(yield from self._control(attack, others)),
            levels=levels,
            common=int(self._marginals(others).argmax()),
            positive=self.dataset.positive,
            groups=self._groups(victims),
        )
        scores = []
        kinds = metrics_of(TableMetric)
        for number, (name, kind) in enumerate(kinds.items()):
            yield Progress(3 + number, 3 + len(kinds), math.nan, note="scoring the guesses")
            scores.append(asdict(kind().score(truth, torch_rng(self.scenario.seed, "metric", name))))
        return {"scores": scores, "truth": truth, **describe_records(found, truth)}

    def _control(self, attack: Attack, others: Records) -> Generator[Progress, None, Guesses]:
        """Attack the records the target never saw, with an oracle of their own."""
        order = torch.randperm(len(others), generator=torch_rng(self.scenario.seed, "folds"))
        beliefs = torch.zeros(len(others), len(self.dataset.columns[self.dataset.sensitive].levels or ()))
        guessed, cases = torch.zeros_like(beliefs), torch.zeros(len(others), dtype=torch.long)
        has_cases = False
        for fold in range(FOLDS):
            yield Progress(2, 4, math.nan, note=f"attacking records it never saw, part {fold + 1} of {FOLDS}")
            mine = torch.arange(len(order)) % FOLDS == fold
            rows, rest = order[mine], order[~mine]
            known = self.knowledge(others.rows(rows), others.rows(rest))
            rng = torch_rng(self.scenario.seed, "control", attack.name, str(fold))
            oracle = open_for(self.scenario, self.target, self.scenario.output_defences())
            found = yield from attack.run(oracle, Knowledge(torch.arange(len(rows)), table=known), rng)
            beliefs[rows] = found.samples
            guesser = torch_rng(self.scenario.seed, "imputer", str(fold))
            guessed[rows] = imputed(known, others.rows(rest), guesser)
            if found.cases is not None:
                cases[rows], has_cases = found.cases, True
        return Guesses(self._values(others), beliefs, guessed, cases if has_cases else None)

    def _values(self, records: Records) -> Tensor:
        return records.inputs[:, self.dataset.sensitive].long()

    def _marginals(self, others: Records) -> Tensor:
        """Return how common each sensitive value is among people the target never saw: (V,)."""
        levels = self.dataset.columns[self.dataset.sensitive].levels
        counts = self._values(others).bincount(minlength=len(levels or ())).float()
        return counts / counts.sum()

    def _confusion(self, others: Records) -> Tensor:
        """Return the confusion matrix a model card would publish: (K, K), true class by row."""
        count = len(self.dataset.classes)
        seen = self.target.predict(others.inputs).argmax(1)
        table = (others.labels * count + seen).bincount(minlength=count * count).view(count, count).float()
        return table / table.sum(1, keepdim=True).clamp_min(1)

    def _groups(self, victims: Records) -> dict[str, list[str]]:
        told: dict[str, list[str]] = {}
        for place in self.dataset.grouping:
            column = self.dataset.columns[place]
            assert column.levels is not None, "records are grouped by categorical columns"
            codes = victims.inputs[:, place]
            told[column.name] = [
                "missing" if code != code else column.levels[int(code)] for code in codes.tolist()
            ]
        return told

    def ledger(self, spent: int, known: TableKnowledge) -> list[dict[str, str]]:
        """Return what the adversary used, in words a reader without ML follows."""
        rows = [
            {"used": SEEN[self.scenario.exposure.access], "amount": f"{spent:,} rows through the model"},
            {
                "used": "the other columns of each victim",
                "amount": f"{len(known.columns) - 1 - len(known.unknown)} of {len(known.columns) - 1}",
            },
        ]
        if known.labels is not None:
            rows.append({"used": "the true label of each victim", "amount": f"{len(known.labels):,} labels"})
        if known.marginals is not None:
            rows.append(
                {"used": "how common each sensitive value is, and the confusion matrix", "amount": "known"}
            )
        if known.auxiliary is not None:
            rows.append(
                {"used": "complete records of other people", "amount": f"{len(known.auxiliary):,} records"}
            )
        rows.append({"used": "sensitive values of the victims", "amount": "none"})
        return rows


def _blank(inputs: Tensor, places: tuple[int, ...]) -> Tensor:
    """Return a copy with some columns made unknown."""
    copy = inputs.clone()
    copy[:, list(places)] = math.nan
    return copy

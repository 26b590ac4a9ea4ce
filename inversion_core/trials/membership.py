"""One trial of membership: were these records trained on, and could one tell without the model?

dataset -> target -> candidates -> shadow models of the adversary's -> oracle -> attack -> metrics. What the
adversary is assumed to have: each candidate with its true label, records of the same distribution to train
shadow models on (candidates among them, not knowing which the target saw), the target's recipe, and the
defences of the answers, through which the shadow models are asked too.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from inversion_core.attacks.shadow_models import AT_ONCE, ShadowAttack
from inversion_core.datasets.base import Dataset, PhotoDataset
from inversion_core.defences.base import LearntDefence, OutputDefence
from inversion_core.learnt import defences_of
from inversion_core.membership import MembershipKnowledge, MembershipTruth, Privacy, Sample
from inversion_core.metrics.blind import told_apart
from inversion_core.metrics.membership import MembershipMetric
from inversion_core.metrics.membership_curve import curve, surest
from inversion_core.registry import metrics_of
from inversion_core.scenario import Scenario
from inversion_core.seeds import derive, torch_rng
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.trials import shadows
from inversion_core.trials.candidates import Pool, gather
from inversion_core.trials.driver import Driver
from inversion_core.trials.oracle import SEEN, open_for
from inversion_core.values import Knowledge, Modality, Progress, Reconstruction

SHOWN = 12
"""Candidates the attack is surest of that are named in the result."""


@dataclass(frozen=True, eq=False)
class _Shadows:
    """Shadow models and the halves (S, P) they were trained on."""

    models: list[Target]
    inside: Tensor


def play(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    """Return the result of a scenario; photos the attack is surest of go to the store as one sheet."""
    dataset, defences = scenario.make_dataset(), scenario.training_defences()
    pool = gather(scenario, dataset, defences)
    target = driver.drive("target", obtain(dataset, scenario.make_target(), defences, split=pool.split))
    released = _defences(scenario, dataset, target, driver)
    own = driver.drive("shadows", _own(scenario, dataset, pool))
    known = driver.drive("comparing", _known(scenario, pool, own, released))
    attack = scenario.make_attack()
    oracle = open_for(scenario, target, released)
    places = torch.arange(len(pool.candidates))
    steps = attack.run(
        oracle, Knowledge(places, membership=known), torch_rng(scenario.seed, "attack", attack.name)
    )
    found = driver.drive("attack", steps)
    judged = driver.drive("metrics", _judge(scenario, dataset, pool, target, found))
    if isinstance(dataset, PhotoDataset):
        rows = pool.candidates[[row["candidate"] for row in judged["surest"]]]
        driver.keep_sheet("surest-sheet", pool.inputs[rows])
    return {
        "family": scenario.family().value,
        "claim": attack.claim.value,
        "seconds": driver.seconds,
        "queries": oracle.spent,
        "target": target.card.model_dump(mode="json"),
        "ledger": _ledger(scenario, pool, own, oracle.spent),
        "by_queries": [],
        "evaluator_accuracy": None,
        "victims": [],
        "shadows": _told(own),
        **judged,
    }


def _defences(scenario: Scenario, dataset: Dataset, target: Target, driver: Driver) -> list[OutputDefence]:
    """Return the defences of the answers; those that learn do so first, which takes its time."""
    made = scenario.output_defences()
    if isinstance(dataset, PhotoDataset) and any(isinstance(one, LearntDefence) for one in made):
        return driver.drive("defences", defences_of(scenario, dataset, target))
    return made


def _own(scenario: Scenario, dataset: Dataset, pool: Pool) -> Generator[Progress, None, _Shadows]:
    """Train the adversary's models, none for an attack that needs none."""
    attack = scenario.make_attack()
    count = attack.params.shadows if isinstance(attack, ShadowAttack) else 0
    inside = shadows.halves(len(pool), count, shadows.rng_of(scenario.seed))
    if not isinstance(attack, ShadowAttack):
        return _Shadows([], inside)
    models = yield from shadows.trained(
        pool,
        inside,
        dataset,
        scenario.make_target(),
        scenario.training_defences(),
        attack.params.shadow_epochs,
    )
    return _Shadows(models, inside)


def _known(
    scenario: Scenario, pool: Pool, own: _Shadows, released: Sequence[OutputDefence]
) -> Generator[Progress, None, MembershipKnowledge]:
    """Ask every shadow model, behind the defences of the target's answers, about every record."""
    samples = []
    for places in (pool.candidates, pool.population):
        inputs, answers = pool.floats(places), []
        for number, model in enumerate(own.models, start=1):
            yield Progress(number, len(own.models), math.nan, note=f"asking shadow model {number}")
            oracle = open_for(scenario, model, released, budgeted=False)
            with torch.no_grad():
                answers.append(torch.cat([oracle.scores(part) for part in inputs.split(AT_ONCE)]))
        scores = torch.stack(answers) if answers else torch.zeros(0, len(places), 0)
        samples.append(Sample(inputs, pool.labels[places], scores, own.inside[:, places]))
    return MembershipKnowledge(*samples)


def _judge(
    scenario: Scenario, dataset: Dataset, pool: Pool, target: Target, found: Reconstruction
) -> Generator[Progress, None, dict[str, Any]]:
    """Return the part of the result that needs the truth."""
    candidates, people = pool.candidates, torch.arange(len(pool.candidates))
    members, labels = pool.member[candidates], pool.labels[candidates]
    yield Progress(1, 2, math.nan, note="telling members apart without the model")
    blind = told_apart(
        pool.floats(candidates), labels, members, derive(scenario.seed, "membership", "blind") % 2**32
    )
    if dataset.modality is Modality.IMAGE:
        people = labels
    card = target.card
    privacy = None
    if card.epsilon is not None and card.delta is not None:
        privacy = Privacy(card.epsilon, card.delta)
    truth = MembershipTruth(found.samples[:, 0].double(), members, people, blind, privacy)
    yield Progress(2, 2, math.nan, note="scoring the beliefs")
    kinds = metrics_of(MembershipMetric)
    scores = [
        asdict(kind().score(truth, torch_rng(scenario.seed, "metric", name))) for name, kind in kinds.items()
    ]
    return {
        "scores": scores,
        "curve": curve(truth),
        "surest": [
            {"candidate": place, "name": dataset.classes[int(labels[place])], **row}
            for place, row in surest(truth, SHOWN, torch_rng(scenario.seed, "membership", "surest"))
        ],
        "remarks": _remarks(pool, found),
    }


def _remarks(pool: Pool, found: Reconstruction) -> list[str]:
    remarks = list(found.remarks)
    if pool.split is not None:
        remarks.append(
            "in this data the people held out differ from the members at a glance, so the target was trained "
            "on a random half of the members and the other half are those it never saw"
        )
    return remarks


def _told(own: _Shadows) -> dict[str, Any]:
    """Return how many shadow models there were, and how much of their own data they know by heart."""
    cards = [model.card for model in own.models]
    return {
        "count": len(cards),
        "records": cards[0].train_photos if cards else 0,
        "train_accuracy": _mean([card.train_accuracy for card in cards]),
        "test_accuracy": _mean([card.test_accuracy for card in cards]),
        "seconds": round(sum(card.seconds for card in cards), 1),
    }


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _ledger(scenario: Scenario, pool: Pool, own: _Shadows, spent: int) -> list[dict[str, str]]:
    """Return what the adversary used, in words a reader without ML follows."""
    half = len(pool.candidates) // 2
    rows = [
        {"used": SEEN[scenario.exposure.access], "amount": f"{spent:,} rows through the model"},
        {
            "used": "the records asked about, with their true labels",
            "amount": f"{2 * half:,}, half of them trained on",
        },
    ]
    if own.models:
        rows += [
            {
                "used": "records of the same kind to train models on, those asked about among them",
                "amount": f"{len(pool):,} records, not known which the target saw",
            },
            {
                "used": "models of the target's kind, trained by the attacker",
                "amount": f"{len(own.models)}, each on a random half",
            },
        ]
    if spent > 2 * half:
        amount = f"{len(pool.population):,} records"
        rows.append({"used": "records known not to be trained on", "amount": amount})
    rows.append({"used": "who was trained on", "amount": "none"})
    return rows

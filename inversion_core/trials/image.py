"""One trial on pictures: who is recovered, how like them, and who they are.

dataset -> target (+ training defences) -> oracle (exposure + output defences) -> attack -> metrics.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from inversion_core import pictures
from inversion_core.attacks.base import Attack
from inversion_core.channels.private import reached
from inversion_core.datasets.base import PhotoDataset
from inversion_core.defences.base import LearntDefence, OutputDefence
from inversion_core.learnt import defences_of
from inversion_core.metrics.base import LikenessMetric
from inversion_core.metrics.by_queries import success_by_queries
from inversion_core.metrics.victims import describe_victims
from inversion_core.oracles import Exposed
from inversion_core.priors.base import ImagePrior
from inversion_core.priors.catalogue import load_prior
from inversion_core.registry import metrics_of
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.serving.monitored import Monitored, taught
from inversion_core.targets.base import RemoteTarget, Target
from inversion_core.targets.catalogue import obtain
from inversion_core.trials.channel import measured
from inversion_core.trials.driver import Driver
from inversion_core.trials.inputs import Inputs, gather, released, set_aside
from inversion_core.trials.oracle import SEEN, open_for
from inversion_core.trials.released import released_accuracy
from inversion_core.truth import build_truth
from inversion_core.values import Access, Claim, Knowledge, Progress, Reconstruction, Truth


@dataclass(frozen=True, eq=False)
class Carried:
    """What a trial on pictures came to: its `result`, what the attack `found`, and the `truth` about it."""

    result: dict[str, Any]
    found: Reconstruction
    truth: Truth


def play(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    """Return the result of a scenario; pictures go to the store as they come."""
    return carry(scenario, driver).result


def carry(scenario: Scenario, driver: Driver) -> Carried:
    """Carry a trial out, for those that judge more than likeness."""
    dataset = scenario.make_dataset()
    assert isinstance(dataset, PhotoDataset)
    victims = range(len(dataset.classes)) if scenario.victims == "all" else scenario.victims
    classes = torch.tensor(list(victims))
    target = driver.drive("target", obtain(dataset, scenario.make_target(), scenario.training_defences()))
    attack = scenario.make_attack()
    aside = set_aside(dataset) if attack.claim is Claim.INPUT else None
    # For the people who watch; nothing of it reaches the attack.
    driver.keep_sheet("original-sheet", (aside.originals if aside else dataset.portraits()).inputs[classes])
    defences = _defences(scenario, dataset, target, driver)
    watched = _watched(scenario, dataset, target, driver)
    with reached(scenario.exposure.channel, target) as channel:
        asked = channel or watched or target
        known = _known(scenario, dataset, channel or target, classes, aside, defences, driver)
        oracle = open_for(scenario, asked, defences)
        steps = attack.run(oracle, known, torch_rng(scenario.seed, "attack", attack.name))
        found = driver.drive("attack", steps, frames=True)
        told = {} if channel is None else measured(channel, target, dataset, driver)
    driver.keep_sheet("reconstruction-sheet", pictures.to_bytes(found.samples))
    judged, truth = driver.drive("metrics", _judge(found, dataset, target, scenario.seed, aside))
    honest = released_accuracy(scenario, target, defences, dataset.held_out())
    result = {
        "claim": attack.claim.value,
        "released": driver.drive("released", honest) if defences else None,
        "seconds": driver.seconds,
        "queries": oracle.spent,
        "target": target.card.model_dump(mode="json"),
        "ledger": _ledger(scenario, target, oracle.spent, known, watched),
        **judged,
        **told,
    }
    return Carried(result, found, truth)


def _defences(
    scenario: Scenario, dataset: PhotoDataset, target: Target, driver: Driver
) -> list[OutputDefence]:
    """Return the defences of the answers; those that learn do so first, which takes its time."""
    made = scenario.output_defences()
    if not any(isinstance(one, LearntDefence) for one in made):
        return made
    return driver.drive("defences", defences_of(scenario, dataset, target))


def _watched(scenario: Scenario, dataset: PhotoDataset, target: Target, driver: Driver) -> Monitored | None:
    """Return the target behind a key that is watched, None where nobody watches."""
    if not scenario.exposure.monitor:
        return None
    return Monitored(target, driver.drive("monitor", taught(dataset, target)))


def _known(
    scenario: Scenario,
    dataset: PhotoDataset,
    target: Exposed,
    classes: Tensor,
    aside: Inputs | None,
    defences: Sequence[OutputDefence],
    driver: Driver,
) -> Knowledge:
    """Return what the adversary brings along."""
    attack = scenario.make_attack()
    known = Knowledge(classes, _prior(attack, dataset, target))
    if attack.needs_public:
        wanted: int = getattr(attack.params, "public_photos")  # noqa: B009  (parameters differ by attack)
        known = replace(known, public=driver.drive("public", gather(dataset, wanted)))
    if aside is None:
        return known
    # What the victims' own use of the system made of their photos; no row of the adversary's.
    theirs = open_for(scenario, target, defences, budgeted=False)
    photos = aside.originals.inputs[classes]
    if attack.needs is Access.TEMPLATES:
        return replace(known, templates=theirs.templates(photos.float() / 255))
    return replace(known, observed=released(theirs, photos))


def _prior(attack: Attack, dataset: PhotoDataset, target: Exposed) -> ImagePrior | None:
    wanted = getattr(attack.params, "prior", None)
    return load_prior(wanted, dataset.name, target.input_shape) if wanted else None


def _judge(
    reconstruction: Reconstruction, dataset: PhotoDataset, target: Target, seed: int, aside: Inputs | None
) -> Generator[Progress, None, tuple[dict[str, Any], Truth]]:
    """Return the part of the result that needs the truth, and the truth; yields between metrics."""
    truth = yield from build_truth(dataset, target)
    if aside is not None:
        truth = replace(truth, originals=aside.originals, held_out=aside.held_out)
    kinds = metrics_of(LikenessMetric)
    scores = []
    for number, (name, kind) in enumerate(kinds.items(), start=1):
        yield Progress(number, len(kinds) + 1, math.nan, note="scoring the likeness")
        metric = kind()
        if metric.problem(truth) is None:
            scores.append(asdict(metric.score(reconstruction, truth, torch_rng(seed, "metric", name))))
    yield Progress(len(kinds) + 1, len(kinds) + 1, math.nan, note="describing the victims")
    names = [dataset.classes[victim] for victim in reconstruction.classes.tolist()]
    judged = {
        "scores": scores,
        "by_queries": success_by_queries(reconstruction, truth),
        "remarks": list(reconstruction.remarks),
        "evaluator_accuracy": truth.evaluator_accuracy,
        "victims": describe_victims(reconstruction, truth, names),
    }
    return judged, truth


def _ledger(
    scenario: Scenario, target: Target, spent: int, known: Knowledge, watched: Monitored | None
) -> list[dict[str, str]]:
    """Return what the adversary used, in words a reader without ML follows."""
    rows = [
        {"used": SEEN[scenario.exposure.access], "amount": f"{spent:,} rows through the model"},
        {"used": "rows a victim", "amount": f"{spent / len(known.classes):,.0f} on average"},
        {"used": "the query budget", "amount": _budget(scenario.exposure.query_budget, spent)},
        {"used": "the index of each victim's class", "amount": f"of {target.class_count} classes"},
    ]
    if isinstance(known.prior, ImagePrior):
        rows.append({"used": "a picture prior", "amount": f"learnt from {known.prior.card.origin}"})
    if known.public is not None:
        amount = f"{len(known.public):,} photos of people who are not in the data"
        rows.append({"used": "public photos", "amount": amount})
    if known.observed is not None:
        amount = f"{len(known.observed):,} answers"
        rows.append({"used": "what the API answered about one photo of each victim", "amount": amount})
    if known.templates is not None:
        amount = f"{len(known.templates):,} templates"
        rows.append({"used": "the stored template of one photo of each victim", "amount": amount})
    if scenario.exposure.channel.hides:
        rows.append({"used": "the key that decrypts the answers", "amount": "their own, as every client has"})
    if watched is not None:
        rows.append({"used": "a key that a monitor watched", "amount": watched.told()})
    if isinstance(target, RemoteTarget):
        rows += target.ledger()
    rows.append({"used": "private photos, names or attributes", "amount": "none"})
    return rows


def _budget(budget: int | None, spent: int) -> str:
    """Return in words what is left of a query budget."""
    return "none was set" if budget is None else f"{budget - spent:,} of {budget:,} rows left"

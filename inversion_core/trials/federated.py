"""One trial on a federated round: which private photos can be redrawn from what the server sees.

dataset -> network (trained or fresh) -> clients' updates (+ defences) -> attack -> pairing -> metrics.
"""

import math
from collections.abc import Generator
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inversion_core import pictures
from inversion_core.choices import FederatedRound
from inversion_core.datasets.base import PhotoDataset
from inversion_core.defences.base import UpdateDefence
from inversion_core.federated import Played, draw, play_round, sent, untrained
from inversion_core.federated_file import read
from inversion_core.metrics.identified_share import ranks
from inversion_core.metrics.image_similarity import luminance, psnr
from inversion_core.metrics.redrawn import Redrawing, RedrawnMetric, paired
from inversion_core.metrics.ssim import WINDOW, ssim
from inversion_core.oracles import GradientOracle
from inversion_core.priors.base import ImagePrior
from inversion_core.priors.catalogue import load_prior
from inversion_core.registry import metrics_of
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.trials.driver import Driver
from inversion_core.values import Knowledge, Photos, Progress, Reconstruction

SEEN = "the updates of a federated round"


def play(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    """Return the result of a scenario; pictures go to the store as they come."""
    dataset, setting = scenario.make_dataset(), scenario.federated()
    assert isinstance(dataset, PhotoDataset)
    defences = scenario.update_defences()
    target = network_of(scenario, dataset, driver)
    private, places = private_photos(scenario, dataset)
    driver.keep_sheet("original-sheet", private.inputs)
    if setting.updates is None:
        steps = play_round(target.network, private, setting)
        messages = driver.drive("round", steps)
    else:
        messages = read(Path(setting.updates), scenario)
    updates = sent(messages, private.labels, setting, defences, scenario.seed)
    played = Played(private, places, updates)
    oracle = GradientOracle(
        target,
        played.updates,
        steps=setting.local_steps,
        rate=setting.learning_rate,
        budget=scenario.exposure.query_budget,
    )
    attack = scenario.make_attack()
    # Whose photos they are is what the attack is about: it is told no class but those that came along.
    wanted = getattr(attack.params, "prior", None)
    prior = load_prior(wanted, dataset.name, target.input_shape) if wanted else None
    known = Knowledge(torch.empty(0, dtype=torch.int64), prior)
    search = attack.run(oracle, known, torch_rng(scenario.seed, "attack", attack.name))
    redrawing = in_order(driver.drive("attack", search, frames=True), played, dataset.train(), setting)
    driver.keep_sheet("reconstruction-sheet", pictures.to_bytes(redrawing.samples))
    scores = driver.drive("metrics", _judge(redrawing, scenario.seed))
    told = assumptions(setting, played, defences, len(redrawing.gallery))
    return {
        "family": scenario.family().value,
        "claim": attack.claim.value,
        "seconds": driver.seconds,
        "queries": oracle.spent,
        "target": target.card.model_dump(mode="json"),
        "assumptions": told,
        "ledger": _ledger(told, defences, oracle.spent, prior),
        "scores": scores,
        "by_queries": [],
        "remarks": [],
        "evaluator_accuracy": None,
        "victims": describe(redrawing, dataset.classes),
    }


def network_of(scenario: Scenario, dataset: PhotoDataset, driver: Driver) -> Target:
    """Return the target whose network the server sends out, trained or fresh."""
    target = scenario.make_target()
    if scenario.federated().trained:
        return driver.drive("target", obtain(dataset, target))
    return untrained(target, dataset, scenario.seed)


def private_photos(scenario: Scenario, dataset: PhotoDataset) -> tuple[Photos, Tensor]:
    """Return the photos of all clients and their places among the training photos."""
    classes = range(len(dataset.classes)) if scenario.victims == "all" else scenario.victims
    return draw(dataset, scenario.federated(), classes, scenario.seed)


def in_order(found: Reconstruction, played: Played, gallery: Photos, setting: FederatedRound) -> Redrawing:
    """Return what was redrawn, each beside its original: paired within each update."""
    samples = found.samples.detach().float().nan_to_num(0.0).clamp(0, 1)
    originals = played.private.floats()
    ends = torch.tensor([0, *(len(update) for update in played.updates)]).cumsum(0).tolist()
    places = torch.cat(
        [begin + paired(samples[begin:end], originals[begin:end]) for begin, end in pairwise(ends)]
    )
    updates = torch.arange(len(played.updates)).repeat_interleave(len(played.updates[0]))
    guessed = None if setting.labels_known else found.classes[places]
    return Redrawing(samples[places], played.private, played.places, gallery, updates, guessed)


def assumptions(
    setting: FederatedRound, played: Played, defences: list[UpdateDefence], gallery: int
) -> dict[str, Any]:
    """Return what the result holds under: an attack on updates is worth no more than its assumptions."""
    return {
        "private photos": gallery,
        "clients": setting.clients,
        "photos per client": setting.photos,
        "updates seen": len(played.updates),
        "photos per update": len(played.updates[0]),
        "local steps": setting.local_steps,
        "learning rate": setting.learning_rate,
        "network": "trained" if setting.trained else "untrained",
        "labels known": setting.labels_known,
        "batch statistics sent": setting.buffers_sent,
        "source of the updates": "simulated" if setting.updates is None else "a federation elsewhere",
        "defences": [one.name for one in defences],
    }


def describe(redrawing: Redrawing, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return one row a photo; the judge of this family is the gallery, and its rank that of the original."""
    originals = redrawing.originals.floats()
    difference = redrawing.samples - originals
    places = ranks(redrawing.errors, redrawing.places).tolist()
    decibels = psnr(difference.square().flatten(1).mean(1)).tolist()
    furthest = difference.abs().flatten(1).amax(1).tolist()
    others = psnr(redrawing.between.gather(1, redrawing.closest_other[:, None])[:, 0]).tolist()
    large = min(originals.shape[-2:]) >= WINDOW
    rows = []
    for place, label in enumerate(redrawing.originals.labels.tolist()):
        pair = (luminance(side[place, None]) for side in (redrawing.samples, originals))
        rows.append(
            {
                "class": label,
                "name": names[label],
                "family": None,
                "update": int(redrawing.updates[place]),
                "evaluator_rank": places[place],
                "evaluator_probability": None,
                "target_probability": None,
                "confidence": None,
                "ssim": round(ssim(*pair).item(), 6) if large else None,
                "psnr": round(decibels[place], 3),
                "closest_other": round(others[place], 3),
                "largest_error": float(f"{furthest[place]:.3g}"),
                "attributes": {},
            }
        )
    return rows


def _judge(redrawing: Redrawing, seed: int) -> Generator[Progress, None, list[dict[str, Any]]]:
    kinds = metrics_of(RedrawnMetric)
    scores = []
    for number, (name, kind) in enumerate(kinds.items(), start=1):
        yield Progress(number, len(kinds), math.nan, note="comparing with the originals")
        metric = kind()
        if metric.problem(redrawing) is None:
            scores.append(asdict(metric.score(redrawing, torch_rng(seed, "metric", name))))
    return scores


def _ledger(
    told: dict[str, Any], defences: list[UpdateDefence], spent: int, prior: ImagePrior | None
) -> list[dict[str, str]]:
    """Return what the adversary used, in words a reader without ML follows."""
    each = (
        f"each the sum over {told['photos per update']} photos"
        if told["photos per update"] > 1
        else "of one photo each"
    )
    rows = [
        {"used": SEEN, "amount": f"{told['updates seen']}, {each}"},
        {"used": "the network that was sent out", "amount": f"{told['network']}, a copy"},
        {"used": "tries on that copy", "amount": f"{spent:,} rows through the model"},
        {"used": "the labels of the photos", "amount": "known" if told["labels known"] else "none, read off"},
        {
            "used": "the statistics of batch normalisation",
            "amount": "sent along" if told["batch statistics sent"] else "none",
        },
        {
            "used": "how clients train",
            "amount": f"{told['local steps']} steps at a rate of {told['learning rate']:g}, no dropout",
        },
    ]
    rows += [
        {"used": f"what {one.title.lower()} promises", "amount": promise}
        for one in defences
        if (promise := one.promise(told["clients"]))
    ]
    if prior is not None:
        rows.append({"used": "a picture prior", "amount": f"learnt from {prior.card.origin}"})
    rows.append({"used": "private photos or names", "amount": "none"})
    return rows

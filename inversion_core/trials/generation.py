"""One trial on a generative model: what it was trained on, taken from what it draws or writes."""

import math
from collections.abc import Generator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from inversion_core import pictures
from inversion_core.datasets.base import PhotoDataset
from inversion_core.datasets.notes import ALPHABET, DIGITS, Notes
from inversion_core.metrics.exposure import SecretMetric, SecretTruth, by_copies
from inversion_core.metrics.exposure import exposure as exposure_of
from inversion_core.metrics.extracted import (
    CopyMetric,
    CopyTruth,
    apart,
    copied,
    nearest,
    ratios,
    threshold,
)
from inversion_core.registry import metrics_of
from inversion_core.samplers import SampleOracle, TextOracle
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.targets.character_model import CharacterModel, Writer
from inversion_core.targets.generator import obtain_generator
from inversion_core.targets.photo_generator import Denoiser, PhotoGenerator, shrunk
from inversion_core.trials.driver import Driver
from inversion_core.values import Knowledge, Modality, Progress, Reconstruction

QUALITY = 200
"""Samples by which it is told how well the generator covers photos it has not seen."""


def play(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    """Return the result of a scenario."""
    if scenario.modality() is Modality.TEXT:
        return _play_text(scenario, driver)
    return _play_photos(scenario, driver)


def _play_text(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    dataset, recipe = scenario.make_dataset(), scenario.make_target()
    assert isinstance(dataset, Notes) and isinstance(recipe, CharacterModel)
    target = driver.drive("target", obtain_generator(dataset, recipe, scenario.training_defences()))
    network = target.network
    assert isinstance(network, Writer)
    chosen = range(dataset.victim_count()) if scenario.victims == "all" else scenario.victims
    canaries, copies = dataset.canaries(), dataset.copies()
    exposure = scenario.exposure
    oracle = TextOracle(network.next_scores, ALPHABET, exposure.access, exposure.query_budget)
    known = Knowledge(torch.tensor(list(chosen)), prompts=tuple(canaries[one][0] for one in chosen))
    attack = scenario.make_attack()
    found = driver.drive("attack", attack.run(oracle, known, torch_rng(scenario.seed, "attack", attack.name)))
    truth = SecretTruth(
        found.samples,
        torch.tensor([int(canaries[one][1]) for one in chosen]),
        torch.tensor([copies[one] for one in chosen]),
    )
    with torch.no_grad():
        held_out = network(dataset.held_out().inputs).mean().item()
    bits = exposure_of(truth.rankings, truth.secrets).tolist()
    result = _frame(scenario, driver, target.card.model_dump(mode="json"), oracle.spent) | {
        "scores": [asdict(kind().score(truth)) for kind in metrics_of(SecretMetric).values()],
        "remarks": [],
        "by_copies": by_copies(truth),
        "held_out_bits": held_out / math.log(2),
        "secrets": [
            {
                "prompt": canaries[one][0],
                "true": canaries[one][1],
                "likeliest": f"{int(truth.rankings[place].argmax()):0{DIGITS}d}",
                "copies": copies[one],
                "bits": round(bits[place], 3),
            }
            for place, one in enumerate(chosen)
        ],
    }
    result["ledger"] = [
        {"used": "how likely the model finds each next character", "amount": f"{oracle.spent:,} contexts"},
        {"used": "what is written before each code", "amount": f"{len(known.prompts)} beginnings"},
        {"used": "the codes", "amount": "none"},
    ]
    return result


def _play_photos(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    dataset, recipe = scenario.make_dataset(), scenario.make_target()
    assert isinstance(dataset, PhotoDataset) and isinstance(recipe, PhotoGenerator)
    target = driver.drive("target", obtain_generator(dataset, recipe, scenario.training_defences()))
    network = target.network
    assert isinstance(network, Denoiser)
    oracle = SampleOracle(network.sample, network.shape, scenario.exposure.query_budget)
    attack = scenario.make_attack()
    rng = torch_rng(scenario.seed, "attack", attack.name)
    found = driver.drive(
        "attack", attack.run(oracle, Knowledge(torch.empty(0, dtype=torch.long)), rng), frames=True
    )
    judged = driver.drive("metrics", _judge_photos(scenario, dataset, target, found, driver))
    return _frame(scenario, driver, target.card.model_dump(mode="json"), oracle.spent) | judged


def _judge_photos(
    scenario: Scenario, dataset: PhotoDataset, target: PhotoGenerator, found: Reconstruction, driver: Driver
) -> Generator[Progress, None, dict[str, Any]]:
    """Return the part of the result that needs the truth; keeps the candidates beside the nearest photos."""
    yield Progress(1, 3, math.nan, note="looking for copies")
    network = target.network
    assert isinstance(network, Denoiser)
    truth = _truth(scenario, dataset, target, found.samples)
    scores = [asdict(kind().score(truth)) for kind in metrics_of(CopyMetric).values()]
    places = nearest(truth.candidates, truth.training)
    shape = (-1, *network.shape)
    driver.keep_sheet("candidate-sheet", pictures.to_bytes(found.samples))
    driver.keep_sheet("nearest-sheet", pictures.to_bytes(truth.training[places].view(shape)))
    of_control = nearest(truth.candidates, truth.control)
    driver.keep_sheet("control-sheet", pictures.to_bytes(truth.control[of_control].view(shape)))
    yield Progress(2, 3, math.nan, note="judging what it draws")
    samples = network.sample(QUALITY, torch_rng(scenario.seed, "quality")).flatten(1)
    copies = copied(truth.candidates, truth.training, truth.calibration)
    params = target.params
    return {
        "scores": scores,
        "remarks": list(found.remarks),
        "threshold": threshold(truth.training, truth.calibration),
        "false_positives": 1 / (len(truth.calibration) + 1),
        "coverage": apart(truth.calibration, samples).min(1).values.mean().item(),
        "collection": {
            "photos": params.photos,
            "duplicated": params.duplicated,
            "duplicates": params.duplicates,
            "trained_on": target.card.train_photos,
        },
        "candidates": [
            {
                "copy": copy,
                "photo": place,
                "repeated": place < truth.repeated,
                "ratio": round(ratio, 4),
                "confidence": round(sure, 4),
            }
            for copy, place, ratio, sure in zip(
                copies.tolist(),
                places.tolist(),
                ratios(truth.candidates, truth.training).tolist(),
                found.confidence.tolist(),
                strict=True,
            )
        ],
    }


def _truth(
    scenario: Scenario, dataset: PhotoDataset, target: PhotoGenerator, candidates: Tensor
) -> CopyTruth:
    network = target.network
    assert isinstance(network, Denoiser)
    training = target.distinct(dataset).floats()
    held_out = dataset.held_out()
    others = shrunk(held_out.inputs).flatten(1).float() / 255
    order = torch_rng(target.params.seed, "control")
    mixed = others[torch.randperm(len(others), generator=order)]
    size = min(len(training), len(others) // 2)
    return CopyTruth(
        candidates=candidates.flatten(1),
        training=training.flatten(1),
        control=mixed[:size],
        calibration=mixed[size:],
        best=network.decode(network.encode(training)).flatten(1),
        repeated=target.params.duplicated,
    )


def _frame(scenario: Scenario, driver: Driver, card: dict[str, Any], spent: int) -> dict[str, Any]:
    """Return what every result has."""
    return {
        "family": scenario.family().value,
        "claim": scenario.make_attack().claim.value,
        "seconds": driver.seconds,
        "queries": spent,
        "target": card,
        "ledger": [
            {"used": "what the generator draws", "amount": f"{spent:,} samples"},
            {"used": "private photos, names or copies", "amount": "none"},
        ],
        "by_queries": [],
        "evaluator_accuracy": None,
        "victims": [],
    }

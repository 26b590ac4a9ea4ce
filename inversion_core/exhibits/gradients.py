"""What updates of a federated round give away: redrawn photos, and what noise, pruning, larger batches and
secure aggregation do about them.
"""

from typing import Any

from inversion_core.choices import Choice, Exposure, FederatedRound, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.values import Access

SEEDS = (0, 1, 2)
BATCHES = (1, 4, 8)
SIGMAS = (0.0001, 0.001, 0.01, 0.1)
RATIOS = (0.5, 0.9, 0.99, 0.999)
CLIENTS = (1, 2, 4, 8, 16)
SEARCH = Choice(name="inverting-gradients", params={"prior": "auto", "steps": 200})
PIXELS = Choice(name="inverting-gradients", params={"steps": 1000})
SEARCHED_SIGMAS = (0.001, 0.01, 0.1)
SEARCHED_RATIOS = (0.9, 0.99, 0.999)
ANALYTIC = Choice(name="analytic-gradient")
LINEAR = TargetChoice(name="softmax")
DENSE = TargetChoice(name="mlp", params={"hidden": 500})
CONVOLUTIONAL = TargetChoice(name="cnn-gn")


def scenarios() -> tuple[Scenario, ...]:
    """Return the runs that ship."""
    return (*exact(), *batches(), *aggregated(), *noisy(), *pruned(), *trained(), *searched())


def exact() -> list[Scenario]:
    """Return the analytic attack on updates of one photo."""
    return [_one(ANALYTIC, TargetChoice(name="mlp"), seed=seed, clients=8) for seed in SEEDS]


def batches() -> list[Scenario]:
    """Return the search on updates of one photo and of several."""
    return [_one(SEARCH, CONVOLUTIONAL, clients=8 // photos, photos=photos) for photos in BATCHES]


def searched() -> list[Scenario]:
    """Return the search under defences, on a trained network, and without a prior."""
    defences = [
        *(Choice(name="gradient-noise", params={"sigma": sigma}) for sigma in SEARCHED_SIGMAS),
        *(Choice(name="gradient-pruning", params={"ratio": ratio}) for ratio in SEARCHED_RATIOS),
    ]
    return [
        _one(SEARCH, CONVOLUTIONAL, clients=8, trained=True),
        _one(PIXELS, CONVOLUTIONAL, clients=8),
        *(_one(SEARCH, CONVOLUTIONAL, one, clients=8) for one in defences),
    ]


def aggregated() -> list[Scenario]:
    """Return the analytic attack on the sum of more and more clients, of a network as it is and linear."""
    return [
        _one(ANALYTIC, target, Choice(name="secure-aggregation"), clients=clients)
        for target in (DENSE, LINEAR)
        for clients in CLIENTS
    ]


def noisy() -> list[Scenario]:
    """Return the analytic attack on updates with more and more noise."""
    return [
        _one(ANALYTIC, LINEAR, Choice(name="gradient-noise", params={"sigma": sigma}), clients=8)
        for sigma in SIGMAS
    ]


def pruned() -> list[Scenario]:
    """Return the analytic attack on updates with less and less left."""
    return [
        _one(ANALYTIC, LINEAR, Choice(name="gradient-pruning", params={"ratio": ratio}), clients=8)
        for ratio in RATIOS
    ]


def trained() -> list[Scenario]:
    """Return the analytic attack on updates of a fresh network and of a trained one, alone and in sums."""
    alone = [_one(ANALYTIC, LINEAR, clients=8, trained=one) for one in (False, True)]
    summed = [
        _one(ANALYTIC, LINEAR, Choice(name="secure-aggregation"), clients=clients, trained=True)
        for clients in CLIENTS
    ]
    return [*alone, *summed]


def _one(attack: Choice, target: TargetChoice, *defences: Choice, seed: int = 0, **setting: Any) -> Scenario:
    return Scenario(
        target=target,
        exposure=Exposure(access=Access.GRADIENTS, defences=defences, round=FederatedRound(**setting)),
        attack=attack,
        seed=seed,
    )

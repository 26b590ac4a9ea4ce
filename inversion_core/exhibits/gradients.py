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
DEEP = Choice(name="deep-leakage", params={"iterations": 100})
BLURS = (0.001, 0.01, 0.1, 1.0)
"""Noise of local differential privacy, in lengths to which an update is clipped."""
STEPS = (5, 20)
LINEAR = TargetChoice(name="softmax")
DENSE = TargetChoice(name="mlp", params={"hidden": 500})
CONVOLUTIONAL = TargetChoice(name="cnn-gn")
NORMALISED = TargetChoice(name="cnn")


def scenarios() -> tuple[Scenario, ...]:
    """Return the runs that ship."""
    return (
        *exact(),
        *batches(),
        *aggregated(),
        *noisy(),
        *pruned(),
        *trained(),
        *searched(),
        *knowing(),
        *private(),
        *averaged(),
        *assumed(),
        *leaked(),
    )


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


def knowing() -> list[Scenario]:
    """Return the search of who knows the defence."""
    pruned = [Choice(name="gradient-pruning", params={"ratio": ratio}) for ratio in SEARCHED_RATIOS[1:]]
    noise = Choice(name="gradient-noise", params={"sigma": SEARCHED_SIGMAS[-1]})
    return [
        *(_one(_with(SEARCH, only_sent=True), CONVOLUTIONAL, one, clients=8) for one in pruned),
        _one(_with(SEARCH, total_variation=2.0), CONVOLUTIONAL, noise, clients=8),
    ]


def private() -> list[Scenario]:
    """Return the analytic attack and the search on updates that each client clips and blurs."""
    defences = [Choice(name="local-dp", params={"noise": noise}) for noise in BLURS]
    return [
        *(_one(ANALYTIC, LINEAR, one, clients=8) for one in defences),
        *(_one(SEARCH, CONVOLUTIONAL, one, clients=8) for one in defences[:2]),
    ]


def averaged() -> list[Scenario]:
    """Return the analytic attack and the search on clients that make several steps."""
    exact = [_one(ANALYTIC, LINEAR, clients=8, local_steps=steps) for steps in STEPS]
    return [*exact, _one(SEARCH, CONVOLUTIONAL, clients=4, local_steps=STEPS[0])]


def assumed() -> list[Scenario]:
    """Return the attacks on a server that is not told the labels, or is sent the statistics of batches."""
    return [
        _one(ANALYTIC, LINEAR, clients=8, labels_known=False),
        _one(SEARCH, CONVOLUTIONAL, clients=2, photos=4, labels_known=False),
        *(_one(SEARCH, NORMALISED, clients=2, photos=4, buffers_sent=sent) for sent in (False, True)),
    ]


def leaked() -> list[Scenario]:
    """Return the first of these attacks, on a smooth network, with labels known and read off."""
    return [_one(DEEP, DENSE, clients=4, labels_known=known) for known in (True, False)]


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


def _with(attack: Choice, **params: Any) -> Choice:
    return attack.model_copy(update={"params": {**attack.params, **params}})


def _one(attack: Choice, target: TargetChoice, *defences: Choice, seed: int = 0, **setting: Any) -> Scenario:
    return Scenario(
        target=target,
        exposure=Exposure(access=Access.GRADIENTS, defences=defences, round=FederatedRound(**setting)),
        attack=attack,
        seed=seed,
    )

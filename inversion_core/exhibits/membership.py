"""Membership inference: which records a model was trained on, told from its scores.

Targets from one that learns by heart to one trained with differential privacy. On `people` one seed and
eight shadow models of fewer passes than the target, since each is a network of its own; on `clinic` sixteen,
and three seeds for trees. Against private trainings only the threshold is run, whose bound holds for any
attack.
"""

from collections.abc import Iterator
from typing import Any

from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.values import Access

FEW = {"shadows": 8, "shadow_epochs": 12}
MANY = {"shadows": 16}
SEEDS = (0, 1, 2)
PRIVATE_PHOTOS = (Choice(name="frozen-layers"), Choice(name="dp-sgd", params={"epsilon": 8}))
TWO_DECIMALS = Choice(name="rounding", params={"decimals": 2})


def scenarios() -> tuple[Scenario, ...]:
    """Return the runs that ship."""
    return (*_photos(), *_records())


def _photos() -> Iterator[Scenario]:
    yield _asked("people", "cnn", "rmia", FEW)
    yield _asked("people", "cnn", "lira", FEW)
    yield _asked("people", "cnn", "lira", {"variant": "offline", **FEW})
    yield _asked("people", "cnn", "loss-threshold")
    yield _asked("people", "cnn", "lira", {"floor": 0.005, **FEW}, output=(TWO_DECIMALS,))
    yield _asked("people", "cnn", "loss-threshold", output=(TWO_DECIMALS,))
    yield _asked("people", "cnn-gn", "loss-threshold")
    yield _asked("people", "cnn-gn", "loss-threshold", training=PRIVATE_PHOTOS)


def _records() -> Iterator[Scenario]:
    for seed in SEEDS:
        for target in ("decision-tree", "random-forest"):
            yield _asked("clinic", target, "loss-threshold", seed=seed)
            yield _asked("clinic", target, "lira", MANY, seed=seed)
            yield _asked("clinic", target, "rmia", MANY, seed=seed)
    yield _asked("clinic", "mlp", "loss-threshold")
    yield _asked("clinic", "mlp", "lira", MANY)
    yield _asked("clinic", "mlp", "rmia", MANY)
    for epsilon in (1, 8):
        private = (Choice(name="dp-sgd", params={"epsilon": epsilon}),)
        yield _asked("clinic", "mlp", "loss-threshold", training=private)


def _asked(
    dataset: str,
    target: str,
    attack: str,
    params: dict[str, Any] | None = None,
    *,
    training: tuple[Choice, ...] = (),
    output: tuple[Choice, ...] = (),
    seed: int = 0,
) -> Scenario:
    """Return the scenario of an attack that sees the scores."""
    return Scenario(
        dataset=DatasetChoice(name=dataset),
        target=TargetChoice(name=target, defences=training),
        exposure=Exposure(access=Access.SCORES, defences=output),
        attack=Choice(name=attack, params=params or {}),
        seed=seed,
    )

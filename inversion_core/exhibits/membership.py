"""Membership inference: which records a model was trained on, told from its scores.

Targets from one that learns by heart to one trained with differential privacy. On `people` one seed and
eight shadow models of fewer passes than the usual target, since each is a network of its own; beside it
stands a target of as few passes, which the attacker's models match. On `clinic` sixteen, and three seeds for
trees. Against private trainings only the threshold is run; the bound drawn there holds for any attack.
"""

from collections.abc import Iterator
from typing import Any

from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.values import Access

SHADOW_PASSES = 12
FEW = {"shadows": 8, "shadow_epochs": SHADOW_PASSES}
MANY = {"shadows": 16}
SEEDS = (0, 1, 2)
PRIVATE_PHOTOS = (Choice(name="frozen-layers"), Choice(name="dp-sgd", params={"epsilon": 8}))
TWO_DECIMALS = Choice(name="rounding", params={"decimals": 2})


def scenarios() -> tuple[Scenario, ...]:
    """Return the runs that ship."""
    return (*_photos(), *_records())


def _photos() -> Iterator[Scenario]:
    for passes in ({"epochs": SHADOW_PASSES}, {}):
        yield _asked("people", "cnn", "lira", FEW, target_params=passes)
        yield _asked("people", "cnn", "lira", {"variant": "offline", **FEW}, target_params=passes)
        yield _asked("people", "cnn", "rmia", FEW, target_params=passes)
        yield _asked("people", "cnn", "loss-threshold", target_params=passes)
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
    target_params: dict[str, Any] | None = None,
    training: tuple[Choice, ...] = (),
    output: tuple[Choice, ...] = (),
    seed: int = 0,
) -> Scenario:
    """Return the scenario of an attack that sees the scores."""
    return Scenario(
        dataset=DatasetChoice(name=dataset),
        target=TargetChoice(name=target, params=target_params or {}, defences=training),
        exposure=Exposure(access=Access.SCORES, defences=output),
        attack=Choice(name=attack, params=params or {}),
        seed=seed,
    )

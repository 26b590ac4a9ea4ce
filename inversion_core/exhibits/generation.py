"""Generative models: a diffusion model that draws photos it learnt by heart.

The same collection with photos gathered once, eight and forty times; with the repetitions removed; and trained
with differential privacy.
"""

from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.values import Access

SEEDS = (0, 1, 2)
PRIVATE = Choice(name="dp-sgd", params={"epsilon": 8.0, "batch_size": 512, "epochs": 150})
PHOTOS: dict[str, tuple[int, tuple[Choice, ...]]] = {
    "40 copies": (40, ()),
    "40 copies, deduplicated": (40, (Choice(name="deduplication"),)),
    "40 copies, differentially private": (40, (PRIVATE,)),
    "8 copies": (8, ()),
}
"""What was done -> copies of the photos gathered repeatedly, and defences of the training."""


def scenarios() -> tuple[Scenario, ...]:
    """Return the runs that ship."""
    return tuple(photos(title, seed) for title in PHOTOS for seed in SEEDS)


def photos(title: str, seed: int) -> Scenario:
    """Return the run of one row of PHOTOS."""
    duplicates, defences = PHOTOS[title]
    return Scenario(
        target=TargetChoice(
            name="photo-generator", params={"duplicates": duplicates, "seed": seed}, defences=defences
        ),
        exposure=Exposure(access=Access.LABELS),
        attack=Choice(name="generator-extraction"),
        seed=seed,
    )

"""Generative models: a diffusion model that draws photos it learnt by heart, a language model that writes
secrets.

Each as it is, with the repetitions removed, and trained with differential privacy.
"""

from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.values import Access

SEEDS = (0, 1, 2)
UNDEFENDED, DEDUPLICATED, PRIVATE = "as gathered", "deduplicated", "differentially private"
ALONE = Choice(name="deduplication")
PHOTOS: dict[str, tuple[Choice, ...]] = {
    UNDEFENDED: (),
    DEDUPLICATED: (ALONE,),
    PRIVATE: (Choice(name="dp-sgd", params={"epsilon": 8.0, "batch_size": 128, "epochs": 60}),),
}
"""What was done to the training of the photo generator -> defences."""
NOTES: dict[str, tuple[Choice, ...]] = {
    UNDEFENDED: (),
    DEDUPLICATED: (ALONE,),
    PRIVATE: (Choice(name="dp-sgd", params={"epsilon": 8.0, "batch_size": 256, "epochs": 10}),),
}
"""The same for the language model."""


def scenarios() -> tuple[Scenario, ...]:
    """Return the runs that ship."""
    return (
        *(photos(title, seed) for title in (UNDEFENDED, DEDUPLICATED) for seed in SEEDS),
        photos(PRIVATE, 0),
        *(notes(title, seed) for title in NOTES for seed in SEEDS),
    )


def photos(title: str, seed: int) -> Scenario:
    """Return the run of one row of PHOTOS."""
    return Scenario(
        target=TargetChoice(
            name="photo-generator", params={"duplicates": 40, "seed": seed}, defences=PHOTOS[title]
        ),
        exposure=Exposure(access=Access.LABELS),
        attack=Choice(name="generator-extraction"),
        seed=seed,
    )


def notes(title: str, seed: int) -> Scenario:
    """Return the run of one row of NOTES; another seed has other notes and other secrets."""
    return Scenario(
        dataset=DatasetChoice(name="notes", options={"seed": seed}),
        target=TargetChoice(name="character-model", params={"seed": seed}, defences=NOTES[title]),
        exposure=Exposure(access=Access.SCORES),
        attack=Choice(name="canary-exposure"),
        seed=seed,
    )

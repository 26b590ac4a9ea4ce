"""Asking a picture several times: rows are counted, noise is averaged, and one time is what it always was."""

import pytest
import torch
from torch import Tensor

from inversion_core.attacks.black_box import Copies, Search
from inversion_core.attacks.brep_mi import BrepMI
from inversion_core.attacks.nes_latent import NESLatent
from inversion_core.defences.output_noise import OutputNoise
from inversion_core.oracles import ScoreOracle
from tests.attacks.toy import PEOPLE, PatternPrior, PatternTarget, attack


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def search(repeats: int, jitter: int = 0, **noise: object) -> Search:
    defences = [OutputNoise(**noise)] if noise else []
    oracle = ScoreOracle(PatternTarget(), defences=defences, rng=rng(3))
    return Search(oracle, PatternPrior(), torch.arange(PEOPLE), 100, Copies(repeats, jitter, rng(4)))


def asked(one: Search, latents: Tensor, answer: object = None) -> Tensor:
    steps = one.ask(latents, answer or one.oracle.scores)  # type: ignore[arg-type]
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def test_every_time_a_picture_is_asked_is_a_row_and_the_plan_knows() -> None:
    one = search(repeats=4)
    assert one.left == 100 * PEOPLE // 4
    asked(one, one.strangers(30, rng()))
    assert one.spent == 120 and one.left == (100 * PEOPLE - 120) // 4


def test_the_mean_of_equal_answers_is_the_answer() -> None:
    latents = search(1).strangers(300, rng())
    assert torch.allclose(asked(search(5), latents), asked(search(1), latents), atol=1e-6)


def error(one: Search) -> float:
    latents = one.strangers(200, rng())
    return (asked(one, latents) - asked(search(1), latents)).square().mean().sqrt().item()


def test_fresh_noise_shrinks_with_the_root_of_the_times_asked() -> None:
    noise = {"sigma": 0.01, "fresh": True}
    assert 0.3 < error(search(9, **noise)) / error(search(1, **noise)) < 0.5


def test_noise_fixed_by_the_picture_yields_to_copies_that_differ_by_a_grey_level() -> None:
    noise = {"sigma": 0.02, "fresh": False}
    once = error(search(1, **noise))
    assert error(search(9, **noise)) == pytest.approx(once, rel=1e-4), "the same picture tells nothing more"
    assert error(search(9, jitter=1, **noise)) < 0.6 * once


def test_jitter_stays_within_its_grey_levels_and_leaves_the_first_copy() -> None:
    images = torch.rand(3, 1, 8, 8, generator=rng())
    copies = Copies(3, 2, rng()).made(images)
    assert torch.equal(copies[:3], images) and not torch.equal(copies[3:6], images)
    assert (copies[3:] - images.repeat(2, 1, 1, 1)).abs().max() <= 2 / 255 + 1e-6
    assert copies.min() >= 0 and copies.max() <= 1


def test_the_commonest_label_counts() -> None:
    one = search(repeats=3)
    told = iter([torch.tensor([1, 4, 2, 1, 4, 3, 0, 2, 3])])
    assert asked(one, one.strangers(3, rng()), lambda _: next(told)).tolist() == [1, 4, 3]


@pytest.mark.parametrize("kind", [NESLatent, BrepMI])
def test_repeats_stay_within_the_plan(kind: type) -> None:
    oracle = ScoreOracle(PatternTarget())
    attack(kind(queries=200, repeats=3, jitter=1), oracle)
    assert 100 * PEOPLE < oracle.spent <= 200 * PEOPLE


def test_scores_below_the_floor_are_all_alike_to_the_search() -> None:
    made = NESLatent(queries=300, pairs=8, floor=0.05)
    oracle = ScoreOracle(PatternTarget(), defences=[OutputNoise(sigma=0.01)])
    _, found = attack(made, oracle)
    assert PatternTarget().predict(found.samples).argmax(1).tolist() == list(range(PEOPLE))

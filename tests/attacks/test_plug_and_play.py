"""Plug & Play: its losses against closed forms, and the walk through a prior whose answer is known."""

import math

import pytest
import torch
from torch import Tensor, nn

from inversion_core.attacks.plug_and_play import (
    PlugAndPlay,
    cropped,
    cross_entropy,
    margin,
    poincare,
    random_crops,
)
from inversion_core.oracles import WhiteBox
from inversion_core.values import Knowledge, Progress, Reconstruction


class ColourPrior:
    """Draws a plain picture whose colour is the person and whose brightness is the photo."""

    latent_size, person_size, image_shape = 4, 3, (3, 8, 8)

    def decode(self, latents: Tensor) -> Tensor:
        colour = torch.sigmoid(latents[:, :3] + 0.2 * latents[:, 3:])
        return colour[:, :, None, None].expand(-1, 3, 8, 8)


class ColourTarget:
    """Tells three people apart by which colour channel is the strongest."""

    input_shape, class_count = (3, 8, 8), 3

    def __init__(self) -> None:
        self.network = nn.Sequential(nn.AvgPool2d(8), nn.Flatten(), nn.Linear(3, 3))
        linear = self.network[2]
        assert isinstance(linear, nn.Linear)
        linear.weight.data, linear.bias.data = 6 * torch.eye(3), torch.zeros(3)

    def predict(self, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return self.network(inputs).softmax(1)


def attack(seed: int = 0, **params: object) -> tuple[list[Progress], Reconstruction]:
    # Three latents and one light bulb of a target: a weak pull to the middle suits them.
    steps = PlugAndPlay(**{"pool": 40, "plausibility": 0.3, **params}).run(
        WhiteBox(ColourTarget()),
        Knowledge(torch.tensor([2, 0]), ColourPrior()),
        torch.Generator().manual_seed(seed),
    )
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as stop:
            return seen, stop.value


def test_poincare_distance_matches_the_formula_worked_by_hand() -> None:
    logits, classes = torch.tensor([[3.0, 1.0]], dtype=torch.float64), torch.tensor([0])
    gap = (0.75 - 0.9999) ** 2 + 0.25**2
    expected = math.acosh(1 + 2 * gap / ((1 - (0.75**2 + 0.25**2)) * (1 - 0.9999**2)))
    assert poincare(logits, classes).item() == pytest.approx(expected, rel=1e-9)


def test_poincare_distance_falls_as_the_logits_near_the_corner() -> None:
    rows = torch.tensor([[0.1, 1.0, 1.0], [1.0, 1.0, 1.0], [5.0, 1.0, 1.0], [50.0, 1.0, 1.0]])
    distances = poincare(rows, torch.zeros(4, dtype=torch.long))
    assert (distances.diff() < 0).all()


def test_margin_is_how_far_the_best_other_class_is_ahead() -> None:
    logits = torch.tensor([[1.0, 4.0, 2.0], [1.0, 4.0, 2.0]])
    assert margin(logits, torch.tensor([1, 0])).tolist() == [-2.0, 3.0]


def test_margin_keeps_a_gradient_where_the_probability_is_saturated() -> None:
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    (slope,) = torch.autograd.grad(margin(logits, torch.tensor([0])).sum(), logits)
    (flat,) = torch.autograd.grad(cross_entropy(logits, torch.tensor([0])).sum(), logits)
    assert slope.abs().sum() == 2 and flat.abs().sum() == 0


def test_a_crop_of_nothing_changes_nothing() -> None:
    images = torch.rand(3, 3, 16, 16)
    assert torch.allclose(cropped(images, random_crops(3, 0.0, torch.Generator())), images, atol=1e-5)


def test_a_crop_stays_inside_the_picture() -> None:
    ramp = torch.linspace(0, 1, 32).expand(5, 1, 32, 32)
    seen = cropped(ramp, random_crops(5, 0.3, torch.Generator().manual_seed(3)))
    assert seen.min() >= 0 and seen.max() <= 1
    spread = (seen[..., -1] - seen[..., 0]).mean(dim=(1, 2))
    assert ((spread > 0.65) & (spread < 1)).all()


@pytest.mark.parametrize("loss", ["margin", "cross-entropy", "poincare"])
def test_every_loss_finds_the_strongest_colour(loss: str) -> None:
    _, found = attack(loss=loss, steps=30)
    assert found.samples.mean(dim=(2, 3)).argmax(1).tolist() == [2, 0]
    assert (found.confidence > 0.6).all()


def test_the_result_is_shown_in_the_average_photo() -> None:
    _, found = attack(steps=5)
    assert found.samples.shape == (2, 3, 8, 8)
    assert torch.equal(found.samples, found.samples[:, :, :1, :1].expand(-1, -1, 8, 8))


def test_equal_seeds_give_equal_bytes_and_another_seed_does_not() -> None:
    first, again, other = (attack(seed, steps=4)[1].samples for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_the_first_progress_shows_a_picture_for_every_victim() -> None:
    seen, _ = attack(steps=3)
    assert seen[0].best is not None and seen[0].best.shape == (2, 3, 8, 8)
    assert [p.step for p in seen] == sorted(p.step for p in seen) and seen[-1].step == seen[-1].total


def test_rows_spent_are_pool_steps_and_checks() -> None:
    oracle = WhiteBox(ColourTarget())
    run = PlugAndPlay(pool=40, candidates=3, steps=16, checks=4).run(
        oracle, Knowledge(torch.tensor([0, 1]), ColourPrior()), torch.Generator()
    )
    for _ in run:
        pass
    optimised = 2 * (3 * 2 + 1 * 14)  # three candidates for an eighth of the steps, then one
    assert oracle.spent == 40 + optimised + 2 * 3 * 2 + 2 * 1 * 4


class SumTarget(ColourTarget):
    """Ends in something else than a linear layer: shows no features."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(*self.network, nn.Identity())


@pytest.mark.parametrize("target", [ColourTarget, SumTarget])
def test_random_faces_teach_a_start_that_is_the_person_already(target: type[ColourTarget]) -> None:
    steps = PlugAndPlay(pool=400, steps=1, learning_rate=1e-6).run(
        WhiteBox(target()), Knowledge(torch.arange(3), ColourPrior()), torch.Generator().manual_seed(0)
    )
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            drawn = stop.value.samples.mean(dim=(2, 3))
            break
    assert drawn.argmax(1).tolist() == [0, 1, 2]
    # Ridge regression of a colour on colours: the wanted channel up, the two others down alike.
    assert (drawn.diagonal() > 0.6).all() and (drawn[~torch.eye(3, dtype=torch.bool)] < 0.5).all()

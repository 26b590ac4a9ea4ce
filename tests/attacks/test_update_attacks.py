"""Attacks on updates in a world small enough to know the answer."""

from typing import Any

import pytest
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from inversion_core.attacks.analytic_gradient import AnalyticGradient
from inversion_core.attacks.deep_leakage import DeepLeakage
from inversion_core.attacks.inverting_gradients import InvertingGradients, cosine, feature_loss, variation
from inversion_core.attacks.update_attack import UpdateAttack, labels_of
from inversion_core.errors import AccessDenied, QueryBudgetExceeded
from inversion_core.oracles import GradientOracle, WhiteBox
from inversion_core.targets.architectures import CNN, MLP, CNNGroupNorm, Softmax
from inversion_core.updates import Update, as_sent_out, local_update
from inversion_core.values import Access, Claim, Family, Knowledge, Reconstruction
from tests.attacks.toy import finish

SHAPE, CLASSES = (1, 8, 8), 10
ATTACKS = [
    pytest.param(AnalyticGradient(rounds=12), id="analytic-gradient"),
    pytest.param(DeepLeakage(iterations=40), id="deep-leakage"),
    pytest.param(InvertingGradients(steps=40), id="inverting-gradients"),
]
each_attack = pytest.mark.parametrize("made", ATTACKS)


class World:
    """A fresh network and clients with random photos."""

    input_shape, class_count = SHAPE, CLASSES

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def predict(self, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return self.network(inputs).softmax(1)


def world(kind: str = "mlp") -> World:
    made = {"mlp": MLP(hidden=40), "softmax": Softmax(), "cnn": CNNGroupNorm(width=8)}
    with torch.random.fork_rng():
        torch.manual_seed(3)
        if kind == "smooth":
            return World(
                nn.Sequential(
                    nn.Conv2d(1, 8, 3, padding=1), nn.Sigmoid(), nn.Flatten(), nn.Linear(512, CLASSES)
                )
            )
        if kind == "normalised":
            return World(
                nn.Sequential(
                    nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Tanh(), nn.Flatten(), nn.Linear(144, CLASSES)
                )
            )
        return World(made[kind].build(SHAPE, CLASSES))


def photos(count: int, seed: int = 0) -> Tensor:
    """Return smooth random pictures."""
    coarse = torch.rand(count, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    return nn.functional.interpolate(coarse, size=(8, 8), mode="bilinear")


def opened(
    of: World, labels: list[list[int]], *, steps: int = 1, known: bool = True, **settings: Any
) -> tuple[GradientOracle, Tensor]:
    """Return the server's side of a round of clients with these labels, and all photos."""
    pictures = photos(sum(map(len, labels)))
    ends, updates = 0, []
    for own in labels:
        inputs, truth = pictures[ends : ends + len(own)], torch.tensor(own)
        ends += len(own)
        change, statistics = local_update(as_sent_out(of.network), inputs, truth, steps, 0.05)
        updates.append(Update(change, statistics, 1, len(own), truth if known else None))
    return GradientOracle(of, updates, steps=steps, rate=0.05, **settings), pictures


def redrawn(made: UpdateAttack, oracle: GradientOracle, seed: int = 0) -> Reconstruction:
    return finish(made.run(oracle, Knowledge(torch.empty(0)), torch.Generator().manual_seed(seed)))[1]


def worst(found: Tensor, truth: Tensor) -> float:
    """Return the largest error of any pixel, the photos paired."""
    cost = (found[None] - truth[:, None]).square().flatten(2).mean(2)
    _, places = linear_sum_assignment(cost.numpy())
    return (found[places] - truth).abs().max().item()


@pytest.mark.parametrize("kind", ["mlp", "softmax"])
@pytest.mark.parametrize("steps", [1, 5])
def test_the_analytic_attack_is_exact_for_one_photo(kind: str, steps: int) -> None:
    oracle, truth = opened(world(kind), [[4], [7]], steps=steps, known=False)
    found = redrawn(AnalyticGradient(), oracle)
    assert worst(found.samples, truth) < 1e-5
    assert found.classes.tolist() == [4, 7] and found.confidence.min() > 0.999


@pytest.mark.parametrize("kind", ["mlp", "softmax"])
def test_the_analytic_attack_takes_several_photos_of_a_fresh_network_apart(kind: str) -> None:
    oracle, truth = opened(world(kind), [[4, 7, 1]])
    found = redrawn(AnalyticGradient(), oracle)
    assert worst(found.samples, truth) < 1e-3 and found.confidence.min() > 0.999


def test_two_photos_of_one_class_cannot_be_told_apart_by_a_linear_network_and_the_attack_says_so() -> None:
    oracle, truth = opened(world("softmax"), [[4, 4]])
    assert worst(redrawn(AnalyticGradient(), oracle).samples, truth) > 0.05


def test_the_analytic_attack_names_networks_it_cannot_read() -> None:
    assert AnalyticGradient().incompatible(MLP) is None
    assert "'cnn' begins otherwise" in (AnalyticGradient().incompatible(CNN) or "")
    oracle, _ = opened(world("cnn"), [[1]])
    with pytest.raises(AccessDenied, match="first dense layer"):
        redrawn(AnalyticGradient(), oracle)


@pytest.mark.parametrize("labels", ["recovered", "searched"])
def test_deep_leakage_finds_the_photo_of_a_smooth_network(labels: str) -> None:
    oracle, truth = opened(world("smooth"), [[6]], known=False)
    found = redrawn(DeepLeakage(iterations=200, labels=labels), oracle)
    assert worst(found.samples, truth) < 0.02 and found.classes.tolist() == [6]


def test_inverting_gradients_finds_the_photos_of_a_smooth_network() -> None:
    oracle, truth = opened(world("smooth"), [[6], [2, 3]], known=False)
    found = redrawn(InvertingGradients(steps=300, step_size=0.05, total_variation=0.001), oracle)
    assert (found.samples[:1] - truth[:1]).abs().mean() < 0.03
    assert found.classes[0] == 6 and sorted(found.classes[1:].tolist()) == [2, 3]
    assert worst(found.samples[1:], truth[1:]) < 0.35 and found.confidence.min() > 0.99


def test_inverting_gradients_goes_through_the_local_steps_of_fedavg() -> None:
    oracle, truth = opened(world("smooth"), [[6]], steps=4)
    found = redrawn(InvertingGradients(steps=200, step_size=0.05, total_variation=0.001), oracle)
    assert (found.samples - truth).abs().mean() < 0.05 and oracle.spent == 200 * 4


def test_statistics_that_were_sent_are_explained_too() -> None:
    oracle, _ = opened(world("normalised"), [[6]])
    with_statistics = redrawn(InvertingGradients(steps=60, statistics=10.0), oracle)
    without = redrawn(InvertingGradients(steps=60, statistics=0.0), oracle)

    def distance(found: Reconstruction) -> float:
        update = oracle.updates[0]
        _, statistics = oracle.would_send(update, found.samples, update.labels)
        return (statistics[0] - update.statistics[0]).norm().item()

    assert distance(with_statistics) < distance(without)


@pytest.mark.parametrize("true", [[3], [3, 8, 1, 0], [3, 3, 8, 3]])
def test_labels_are_read_off_the_last_layer(true: list[int]) -> None:
    for kind in ("mlp", "cnn"):
        oracle, _ = opened(world(kind), [true], known=False)
        assert sorted(labels_of(oracle.updates[0], 1).tolist()) == sorted(true)


def test_without_a_bias_the_rows_of_the_weights_tell_the_label() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 20), nn.Sigmoid(), nn.Linear(20, CLASSES, bias=False))
    oracle, _ = opened(World(network), [[9]], known=False)
    assert labels_of(oracle.updates[0], 1).tolist() == [9]


def test_known_labels_are_taken_as_they_are() -> None:
    update = Update((torch.zeros(3),), (), 1, 2, torch.tensor([2, 0]))
    assert labels_of(update, 1).tolist() == [2, 0]


def test_the_cosine_is_one_for_the_same_direction_and_can_leave_out_what_was_not_sent() -> None:
    seen = (torch.tensor([3.0, 0.0]), torch.tensor([4.0]))
    assert cosine((torch.tensor([6.0, 0.0]), torch.tensor([8.0])), seen).item() == pytest.approx(1)
    other = (torch.tensor([3.0, 5.0]), torch.tensor([4.0]))
    assert cosine(other, seen).item() == pytest.approx(25 / (5 * 50**0.5))
    assert cosine(other, seen, only_sent=True).item() == pytest.approx(1)


def test_the_slope_of_the_cosine_is_the_one_differences_tell() -> None:
    network = as_sent_out(world("cnn").network).double()
    truth, label = photos(1).double(), torch.tensor([6])
    seen, _ = local_update(network, truth, label, 1, 0.05)

    def alike(pictures: Tensor) -> Tensor:
        return cosine(local_update(network, pictures, label, 1, 0.05, differentiable=True)[0], seen)

    assert torch.autograd.gradcheck(alike, photos(1, seed=1).double().requires_grad_(), eps=1e-7, atol=1e-4)


def test_the_last_layer_gives_the_features_of_one_photo_away() -> None:
    network = as_sent_out(world("smooth").network)
    truth, label = photos(1), torch.tensor([6])
    seen, _ = local_update(network, truth, label, 1, 0.05)
    features = network[:-1](truth)
    assert torch.allclose(seen[-2][6] / seen[-1][6], features[0], atol=1e-5)
    assert feature_loss(seen, seen, label).item() == 0
    change, _ = local_update(network, photos(1, seed=1), label, 1, 0.05)
    other = network[:-1](photos(1, seed=1))
    wanted = (other - features).square().sum() / features.square().sum()
    assert feature_loss(change, seen, label).item() == pytest.approx(wanted.item(), rel=1e-3)
    assert feature_loss(change[:-1], seen[:-1], label).item() == 0


class Coarse:
    """A prior that draws what `photos` draws: 4 x 4 latents, enlarged."""

    latent_size, person_size, image_shape = 16, 16, SHAPE

    def decode(self, latents: Tensor) -> Tensor:
        return nn.functional.interpolate(latents.sigmoid().view(-1, 1, 4, 4), size=(8, 8), mode="bilinear")


def test_a_prior_of_such_pictures_finds_what_pixels_alone_do_not() -> None:
    oracle, truth = opened(world("smooth"), [[6]])

    def error(knowledge: Knowledge, **params: Any) -> float:
        steps = InvertingGradients(steps=60, **params).run(
            oracle, knowledge, torch.Generator().manual_seed(0)
        )
        seen, found = finish(steps)
        assert [one.step for one in seen] == sorted(one.step for one in seen)
        assert seen[-1].step == seen[-1].total
        return (found.samples - truth).square().mean().item()

    nobody = torch.empty(0)
    alone, with_prior = error(Knowledge(nobody)), error(Knowledge(nobody, Coarse()), prior="auto")
    assert with_prior < 0.004 and with_prior < alone / 5


def test_total_variation_is_the_mean_difference_of_neighbours() -> None:
    picture = torch.tensor([[0.0, 1.0], [0.5, 0.5]])[None, None]
    assert variation(picture).item() == pytest.approx(0.5 + 0.5)


@each_attack
def test_progress_counts_over_all_updates_and_shows_every_photo(made: UpdateAttack) -> None:
    oracle, _ = opened(world(), [[1], [2]])
    seen, found = finish(made.run(oracle, Knowledge(torch.empty(0)), torch.Generator().manual_seed(0)))
    steps = [progress.step for progress in seen]
    assert steps == sorted(steps) and steps[-1] == seen[-1].total
    assert all(one.best is not None and one.best.shape == (2, *SHAPE) for one in seen)
    assert found.samples.shape == (2, *SHAPE) and not found.samples.requires_grad
    assert found.samples.min() >= 0 and found.samples.max() <= 1
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


@each_attack
def test_equal_seeds_give_equal_bytes_and_torch_is_left_alone(made: UpdateAttack) -> None:
    untouched = torch.manual_seed(5).get_state()
    first, again = (redrawn(made, opened(world(), [[1, 2]])[0], seed=7).samples for _ in range(2))
    assert torch.equal(first, again) and torch.equal(torch.get_rng_state(), untouched)


@each_attack
def test_the_weights_alone_hold_no_update(made: UpdateAttack) -> None:
    with pytest.raises(AccessDenied, match="updates need gradients"):
        next(made.run(WhiteBox(world()), Knowledge(torch.empty(0)), torch.Generator()))


@each_attack
def test_the_budget_is_a_wall(made: UpdateAttack) -> None:
    oracle, _ = opened(world(), [[1, 2]], budget=1)
    with pytest.raises(QueryBudgetExceeded):
        redrawn(made, oracle)


@each_attack
def test_it_describes_itself_and_what_it_claims(made: UpdateAttack) -> None:
    kind = type(made)
    assert (kind.family, kind.needs, kind.claim) == (Family.GRADIENTS, Access.GRADIENTS, Claim.INPUT)
    fields = kind.Params.model_fields
    assert kind.reference and all((field.description or "").endswith(".") for field in fields.values())

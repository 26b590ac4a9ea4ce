"""Output defences by closed forms, and what every one of them says of itself."""

import math

import pytest
import torch
from torch import Tensor, nn

from inversion_core.defences.base import Defence, OutputDefence, answered
from inversion_core.defences.by_input import generators
from inversion_core.defences.label_only import LabelOnly
from inversion_core.defences.output_noise import OutputNoise
from inversion_core.defences.purifier import Purifier, purifier_loss
from inversion_core.defences.randomised_smoothing import RandomisedSmoothing
from inversion_core.defences.rounding import Rounding
from inversion_core.defences.temperature import Temperature
from inversion_core.defences.top_k import TopK
from inversion_core.oracles import LabelOracle, ScoreOracle
from inversion_core.registry import every
from inversion_core.targets.architectures import CNN
from inversion_core.targets.table_mlp import TableMLP
from inversion_core.values import Access, Progress

CLASSES, PIXELS = 12, 8


class Linear:
    """Eight pixels in, twelve classes out."""

    input_shape, class_count = (1, 2, 4), CLASSES

    def __init__(self) -> None:
        self.network = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, CLASSES))
        self.network[1].weight.data = 3 * torch.randn(CLASSES, PIXELS, generator=rng(1))
        self.network[1].bias.data.zero_()
        self.asked = 0

    def predict(self, inputs: Tensor) -> Tensor:
        self.asked += len(inputs)
        with torch.no_grad():
            return self.network(inputs).softmax(1)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def photos(count: int, seed: int = 0) -> Tensor:
    return torch.randint(0, 256, (count, 1, 2, 4), generator=rng(seed)) / 255


def purifier() -> Purifier:
    made = Purifier(passes=60, code=8)
    for _ in made.learn(Linear().predict(photos(1500, 9)), rng(2)):
        pass
    return made


def defences() -> list[OutputDefence]:
    """Return one of every output defence."""
    return [
        Rounding(decimals=1), TopK(k=2), LabelOnly(), Temperature(), OutputNoise(), OutputNoise(fresh=True),
        RandomisedSmoothing(copies=5), purifier(),
    ]  # fmt: skip


EVERY = pytest.mark.parametrize("defence", defences(), ids=lambda one: f"{one.name} {one.params}")


def test_every_output_defence_has_its_case() -> None:
    kinds = {kind for kind in every("defences") if issubclass(kind, OutputDefence)}
    assert {type(one) for one in defences()} == kinds


@EVERY
def test_rows_add_up_to_one_where_that_is_said_and_hold_nothing_negative(defence: OutputDefence) -> None:
    released = ScoreOracle(Linear(), defences=[defence]).scores(photos(40))
    assert released.shape == (40, CLASSES) and released.isfinite().all() and (released >= 0).all()
    sums = released.sum(1)
    assert torch.allclose(sums, torch.ones(40), atol=1e-5) is defence.renormalises


@EVERY
def test_labels_stay_exactly_where_that_is_said(defence: OutputDefence) -> None:
    inputs = photos(3000, 4)
    same = torch.equal(
        LabelOracle(Linear(), defences=[defence]).labels(inputs), LabelOracle(Linear()).labels(inputs)
    )
    assert same is (Access.LABELS in defence.untouched)


@EVERY
def test_who_holds_weights_or_templates_sees_the_same(defence: OutputDefence) -> None:
    assert {Access.WHITE_BOX, Access.TEMPLATES} <= set(defence.untouched)
    assert Access.SCORES not in defence.untouched


@EVERY
def test_a_picture_is_one_row_whatever_is_asked_inside(defence: OutputDefence) -> None:
    oracle = ScoreOracle(Linear(), budget=7, defences=[defence])
    oracle.scores(photos(7))
    assert oracle.spent == 7


@EVERY
def test_a_question_may_be_cut_into_portions(defence: OutputDefence) -> None:
    whole, cut = (ScoreOracle(Linear(), defences=[defence], rng=rng(5)) for _ in range(2))
    inputs = photos(9)
    assert torch.allclose(
        whole.scores(inputs), torch.cat([cut.scores(part) for part in inputs.split(4)]), atol=1e-6
    )


@EVERY
def test_neither_scores_nor_inputs_are_changed_in_place(defence: OutputDefence) -> None:
    inputs, scores = photos(5), Linear().predict(photos(5))
    kept = inputs.clone(), scores.clone()
    defence.answer(lambda asked: scores if asked is inputs else Linear().predict(asked), inputs, rng())
    assert torch.equal(inputs, kept[0]) and torch.equal(scores, kept[1])


@pytest.mark.parametrize("kind", [kind for kind in every("defences") if issubclass(kind, Defence)])
def test_every_defence_describes_itself_and_its_parameters(kind: type[Defence]) -> None:
    assert kind.title and kind.reference and len(kind.summary()) > 30
    assert all(field.description for field in kind.Params.model_fields.values())
    if issubclass(kind, OutputDefence):
        told = " ".join((kind.__doc__ or "").split())
        assert "with the weights" in told and "stored templates" in told
        assert ("sees labels alone is not touched" in told) is (Access.LABELS in kind.untouched)
        assert "up to one" in told or "sum to one" in told


def test_the_first_defence_is_the_nearest_to_the_model() -> None:
    scores = torch.tensor([[0.46, 0.44, 0.10]])
    both = [Rounding(decimals=1), LabelOnly()]
    assert answered(lambda _: scores, both, photos(1), rng()).tolist() == [[1, 0, 0]]
    rounded = answered(lambda _: scores, both[:1], photos(1), rng())
    assert torch.allclose(rounded, torch.tensor([[0.5, 0.4, 0.1]]))


def test_label_only_is_a_one_at_the_winner_and_the_lower_class_wins_a_tie() -> None:
    released = LabelOnly().release(torch.tensor([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4]]), rng())
    assert torch.equal(released, torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 10.0])
def test_temperature_is_the_softmax_of_divided_logits(temperature: float) -> None:
    logits = torch.randn(20, 7, generator=rng())
    released = Temperature(temperature=temperature).release(logits.softmax(1), rng())
    assert torch.allclose(released, (logits / temperature).softmax(1), atol=1e-6)
    assert torch.equal(released.argsort(1), logits.argsort(1))


def test_temperature_undone_by_its_inverse_gives_the_scores_back() -> None:
    scores = torch.randn(20, 7, generator=rng()).softmax(1)
    flat = Temperature(temperature=4).release(scores, rng())
    assert torch.allclose(Temperature(temperature=0.25).release(flat, rng()), scores, atol=1e-5)


def test_temperature_leaves_zeros_and_never_divides_by_them() -> None:
    scores = torch.tensor([[0.0, 0.0, 0.0], [0.0, 1e-30, 2e-30], [0.0, 0.2, 0.8]])
    for temperature in (0.05, 1000.0):
        released = Temperature(temperature=temperature).release(scores, rng())
        assert (
            not released[:, 0].any() and not released[0].any() and released[1:].sum(1).allclose(torch.ones(2))
        )


def noisy(fresh: bool, sigma: float = 0.02) -> ScoreOracle:
    return ScoreOracle(Linear(), defences=[OutputNoise(sigma=sigma, fresh=fresh)], rng=rng(6))


def test_deterministic_noise_is_equal_for_equal_pictures_and_does_not_average_out() -> None:
    oracle, picture = noisy(fresh=False), photos(1)
    answers = oracle.scores(picture.repeat(50, 1, 1, 1))
    assert (answers == answers[0]).all()
    assert not torch.allclose(answers.mean(0), Linear().predict(picture)[0], atol=2e-3)
    assert torch.equal(oracle.scores(torch.cat([photos(3, 8), picture]))[3], answers[0]), "whatever is around"


def test_another_picture_another_secret_and_another_purpose_have_other_noise() -> None:
    def first(inputs: Tensor, seed: int, purpose: str) -> float:
        return torch.randn(1, generator=generators(inputs, rng(seed), purpose)[0]).item()

    picture, secret = photos(1), rng(3)
    changed = picture.clone()
    changed[0, 0, 0, 0] = (changed[0, 0, 0, 0] * 255 + 1) % 256 / 255
    drawn = [first(picture, 3, "a"), first(changed, 3, "a"), first(picture, 4, "a"), first(picture, 3, "b")]
    assert len(set(drawn)) == 4
    torch.randn(5, generator=secret)  # what was drawn before does not matter, only the seed does
    assert torch.randn(1, generator=generators(picture, secret, "a")[0]).item() == drawn[0]


def test_fresh_noise_averages_out() -> None:
    picture = photos(1)
    clean = torch.full((1, CLASSES), 1 / CLASSES)
    defence = OutputNoise(sigma=0.01, fresh=True)  # so small that nothing is cut off at 0
    answers = defence.answer(lambda asked: clean.repeat(len(asked), 1), picture.repeat(4000, 1, 1, 1), rng())
    assert answers.std(0).mean() > 0.005
    # The error of a mean is the spread of one answer through the root of their number.
    assert (answers.mean(0) - clean[0]).abs().max() < 4 * 0.01 / math.sqrt(4000)


def test_noise_is_cut_at_zero_and_scaled_and_its_size_is_sigma() -> None:
    clean = torch.full((2000, CLASSES), 1 / CLASSES)
    defence, inputs = OutputNoise(sigma=0.5), photos(2000)
    released = defence.release(clean, rng())
    assert released is clean, "the input matters, so scores alone are left as they are"
    answers = defence.answer(lambda asked: clean, inputs, rng())
    cut = (answers == 0).float().mean().item()
    assert math.isclose(cut, _below(-(1 / CLASSES) / 0.5), abs_tol=0.01)


def test_labels_may_change_under_noise_by_the_gaussian_distribution() -> None:
    gap, sigma, count = 0.1, 0.1, 6000
    clean = torch.tensor([[0.5 + gap / 2, 0.5 - gap / 2]]).repeat(count, 1)
    inputs = torch.arange(count).view(-1, 1, 1, 1) / 255
    answers = OutputNoise(sigma=sigma).answer(lambda asked: clean, inputs, rng())
    turned = (answers.argmax(1) == 1).float().mean().item()
    # The difference of two scores has noise of sigma sqrt(2).
    assert math.isclose(turned, _below(-gap / (sigma * math.sqrt(2))), abs_tol=0.02)


class Step:
    """Class 1 where the mean of the pixels is above a half."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, inputs: Tensor) -> Tensor:
        self.asked += 1
        above = inputs.flatten(1).mean(1) > 0.5
        return torch.stack([~above, above], 1).float()


def test_smoothing_of_a_linear_model_is_the_gaussian_distribution() -> None:
    sigma, copies = 0.3, 1000
    inputs = torch.tensor([0.4, 0.5, 0.55]).view(3, 1, 1, 1).expand(3, 1, 2, 2)
    model = Step()
    shares = RandomisedSmoothing(copies=copies, sigma=sigma).answer(model, inputs, rng())
    assert model.asked == copies
    for share, mean in zip(shares[:, 1].tolist(), (0.4, 0.5, 0.55), strict=True):
        # The mean of four pixels has noise of sigma / 2.
        assert math.isclose(share, _below((mean - 0.5) / (sigma / 2)), abs_tol=0.06)


def test_shares_are_whole_votes_and_equal_pictures_get_equal_ones() -> None:
    defence = RandomisedSmoothing(copies=7, sigma=0.5)
    shares = defence.answer(Linear().predict, photos(20), rng())
    assert torch.allclose(shares * 7, (shares * 7).round(), atol=1e-5)
    assert torch.equal(defence.answer(Linear().predict, photos(20), rng()), shares)
    assert not torch.equal(defence.answer(Linear().predict, photos(20), rng(1)), shares)


def test_smoothing_is_for_pictures() -> None:
    assert RandomisedSmoothing().incompatible(CNN) is None
    assert "adds noise to pixels, 'mlp' reads records" in str(RandomisedSmoothing().incompatible(TableMLP))


def test_the_loss_of_the_purifier_is_the_papers() -> None:
    logits, scores = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[0.9, 0.1], [0.3, 0.7]])
    made = torch.softmax(logits, 1)
    by_hand = [
        sum((made[row, k] - scores[row, k]) ** 2 for k in range(2)) - 0.2 * math.log(made[row, row])
        for row in range(2)
    ]
    assert math.isclose(purifier_loss(logits, scores, 0.2).item(), sum(by_hand).item() / 2, rel_tol=1e-5)


def test_the_purifier_keeps_labels_and_loses_what_is_peculiar() -> None:
    made, scores = purifier(), Linear().predict(photos(500, 3))
    released = made.release(scores, rng())
    assert (released.argmax(1) == scores.argmax(1)).float().mean() > 0.9
    # Two answers with one label are told apart less than before.
    same = scores.argmax(1) == scores.argmax(1).mode().values
    assert released[same].std(0).sum() < 0.8 * scores[same].std(0).sum()


def test_a_purifier_learns_the_same_from_the_same_and_tells_how_far_it_is() -> None:
    scores, before = Linear().predict(photos(100)), torch.random.get_rng_state()
    one, two = Purifier(passes=3), Purifier(passes=3)
    told = list(one.learn(scores, rng(1)))
    for _ in two.learn(scores, rng(1)):
        pass
    assert torch.equal(one.release(scores, rng()), two.release(scores, rng()))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert [step.step for step in told] == [1, 2, 3] and all(isinstance(step, Progress) for step in told)


def _below(value: float) -> float:
    """Return the standard normal distribution."""
    return 0.5 * (1 + math.erf(value / math.sqrt(2)))

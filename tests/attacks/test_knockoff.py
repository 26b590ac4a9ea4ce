"""Stealing a copy: what it learns, what it costs, and that the search goes on without another question."""

import pytest
import torch

from inversion_core.attacks.knockoff import FEWEST, Knockoff
from inversion_core.attacks.student import Architecture, Copy, learn
from inversion_core.errors import AccessDenied
from inversion_core.oracles import LabelOracle, ScoreOracle, TemplateOracle
from inversion_core.values import Knowledge, Stolen
from tests.attacks.toy import PEOPLE, SHAPE, PatternPrior, PatternTarget, finish
from tests.steps import finish as carried


def stolen(oracle, *, seed: int = 0, photos: int = 40, **params) -> tuple[list, Stolen]:
    rng = torch.Generator().manual_seed(seed)
    latents = torch.randn(photos, PatternPrior.latent_size, generator=torch.Generator().manual_seed(9))
    public = (PatternPrior().decode(latents) * 255).round().to(torch.uint8)
    known = Knowledge(torch.arange(PEOPLE), PatternPrior(), public=public)
    settings = {"architecture": "linear", "queries": 400, "steps": 150, "learning_rate": 1e-2}
    made = Knockoff(**{**settings, "pool": 50, "search": 15, **params})
    return finish(made.run(oracle, known, rng))


def agreement(found: Stolen) -> float:
    latents = torch.randn(500, PatternPrior.latent_size, generator=torch.Generator().manual_seed(77))
    unseen = PatternPrior().decode(latents)
    same = found.copy(unseen).argmax(1) == PatternTarget().predict(unseen).argmax(1)
    return same.float().mean().item()


@pytest.mark.parametrize("kind", [ScoreOracle, LabelOracle])
def test_a_copy_answers_as_the_model_does_and_gives_the_people_away(kind: type) -> None:
    oracle = kind(PatternTarget())
    seen, found = stolen(oracle)
    assert agreement(found) > 0.8
    assert PatternTarget().predict(found.samples).argmax(1).tolist() == list(range(PEOPLE))
    assert oracle.spent == 400
    steps = [progress.step for progress in seen]
    assert steps[0] == 1 and steps == sorted(steps) and steps[-1] == seen[-1].total


def test_more_questions_make_a_better_copy() -> None:
    few, many = (agreement(stolen(ScoreOracle(PatternTarget()), queries=count)[1]) for count in (20, 800))
    assert many > few + 0.05


def test_convolutions_learn_too() -> None:
    _, found = stolen(ScoreOracle(PatternTarget()), architecture="convolutions", width=8, learning_rate=3e-3)
    assert agreement(found) > 0.5


def test_the_wall_ends_the_questions_and_the_copy_is_made_of_what_came_back() -> None:
    oracle = ScoreOracle(PatternTarget(), budget=100)
    _, found = stolen(oracle)
    assert oracle.spent == 100
    assert found.remarks == ("the query budget ended the questions after 100 of 400 rows",)
    assert agreement(found) > 1.5 / PEOPLE


def test_too_few_answers_teach_nothing_and_that_is_said() -> None:
    oracle = ScoreOracle(PatternTarget(), budget=FEWEST - 1)
    seen, found = stolen(oracle)
    assert "teach nothing" in found.remarks[0] and not found.confidence.any()
    assert found.samples.shape == (PEOPLE, *SHAPE) and seen[-1].step == seen[-1].total


def test_equal_seeds_give_equal_bytes_whatever_the_global_generator() -> None:
    oracles = [ScoreOracle(PatternTarget()) for _ in range(2)]  # made first: a new layer draws its weights
    torch.manual_seed(1)
    first = stolen(oracles[0], seed=3)[1]
    untouched = torch.manual_seed(2).get_state()
    again = stolen(oracles[1], seed=3)[1]
    assert torch.equal(first.samples, again.samples) and torch.equal(torch.get_rng_state(), untouched)


def test_less_than_labels_is_refused() -> None:
    with pytest.raises(AccessDenied):
        stolen(TemplateOracle(PatternTarget()))


def test_it_can_be_stopped_after_any_step() -> None:
    oracle = ScoreOracle(PatternTarget())
    known = Knowledge(torch.arange(PEOPLE), PatternPrior(), public=torch.zeros(0, *SHAPE, dtype=torch.uint8))
    steps = Knockoff().run(oracle, known, torch.Generator())
    next(steps)
    steps.close()
    assert oracle.spent == 0


def test_a_student_finds_the_answers_of_a_linear_model() -> None:
    rng = torch.Generator().manual_seed(0)
    questions = (torch.rand(600, *SHAPE, generator=rng) * 255).round().to(torch.uint8)
    answers = PatternTarget().predict(questions.float() / 255)
    copy = Copy(Architecture.LINEAR, SHAPE, PEOPLE, 8, rng)
    before = (copy.predict(questions.float() / 255) - answers).abs().mean()
    carried(learn(copy, questions, answers, steps=300, learning_rate=1e-2, rng=rng))
    assert (copy.predict(questions.float() / 255) - answers).abs().mean() < before / 3

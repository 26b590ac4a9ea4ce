"""Attacks on systems that are no classifiers: they find what was put there, and nothing where nothing is."""

from itertools import product

import pytest
import torch
from torch import Tensor

from inversion_core.attacks.canary_exposure import CanaryExposure
from inversion_core.attacks.database_reconstruction import DatabaseReconstruction, _parted, _Prior, _sampled
from inversion_core.attacks.generator_extraction import GeneratorExtraction
from inversion_core.attacks.property_inference import PropertyInference
from inversion_core.errors import AccessDenied
from inversion_core.oracles import ScoreOracle
from inversion_core.released import Coding, Database, Release, Shadows
from inversion_core.samplers import ReleaseOracle, SampleOracle, TextOracle
from inversion_core.tables import Column
from inversion_core.targets.closed_form import LogisticRegression, NaiveBayes, ReleasedTarget
from inversion_core.values import Access, Knowledge
from tests.attacks.toy import PatternTarget, finish

NOBODY = Knowledge(torch.empty(0, dtype=torch.long))
COLUMNS = (Column("colour", ("red", "green", "blue"), (0, 1, 2)), Column("age", None, (30.0,)))


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def parrot(count: int, rng: torch.Generator) -> torch.Tensor:
    """Draw noise, and one time in ten nearly the same picture."""
    drawn = torch.rand(count, 3, 6, 6, generator=rng)
    often = torch.arange(count) % 10 == 0
    drawn[often] = 0.25 + 0.02 * drawn[often]
    return drawn


def test_what_is_drawn_again_and_again_is_the_surest_candidate_and_returned_once() -> None:
    attack = GeneratorExtraction(samples=300, candidates=5)
    _, found = finish(attack.run(SampleOracle(parrot, (3, 6, 6)), NOBODY, rng()))
    assert found.samples.shape == (5, 3, 6, 6)
    assert (found.samples[0] - 0.26).abs().max() < 0.01 and found.confidence[0] > 0.9
    assert found.confidence[1:].max() < 0.5


def test_the_budget_ends_the_drawing() -> None:
    oracle = SampleOracle(parrot, (3, 6, 6), budget=500)
    finish(GeneratorExtraction(samples=2000).run(oracle, NOBODY, rng()))
    assert oracle.spent == 500


def test_every_code_is_ranked_by_the_product_of_its_digits() -> None:
    alphabet = "0123456789:"
    weights = torch.arange(1.0, 12.0)
    table = (weights / weights.sum()).double()
    oracle = TextOracle(lambda contexts: table.expand(len(contexts), -1), alphabet)
    found = CanaryExposure(digits=2).ranking(oracle, ":")
    wanted = (table[:10, None] * table[None, :10]).log().flatten()
    assert torch.allclose(found, wanted) and oracle.spent == 11


def test_text_alone_tells_no_probabilities() -> None:
    oracle = TextOracle(lambda contexts: contexts, "0123456789", Access.LABELS)
    try:
        oracle.next_scores(torch.zeros(1, 1))
    except AccessDenied as error:
        assert "need scores" in str(error)
    else:
        raise AssertionError("labels released probabilities")


def everybody() -> Database:
    made = rng()
    rows = torch.stack([torch.randint(3, (80,), generator=made).float(), torch.rand(80, generator=made)], 1)
    coding = Coding(COLUMNS, torch.zeros(2).double(), torch.ones(2).double())
    return Database(coding.features(rows), torch.randint(2, (80,), generator=made), coding)


def test_the_missing_row_is_computed_exactly_from_both_models() -> None:
    known = everybody()
    for model in (NaiveBayes(), LogisticRegression(strength=3.0)):
        release = model.learnt(known.features, known.labels, 2)
        for row in (0, 17, 79):
            knows = Knowledge(torch.tensor([row]), database=known.without(row))
            _, found = finish(DatabaseReconstruction().run(ReleaseOracle(release, (80,)), knows, rng()))
            assert (found.samples[0] - known.features[row]).abs().max() < 1e-6, model.name
            assert found.classes.tolist() == [int(known.labels[row])]


def test_under_much_noise_the_guess_is_what_is_common_among_the_others() -> None:
    known = everybody()
    for model in (NaiveBayes(), LogisticRegression()):
        exact = model.learnt(known.features, known.labels, 2)
        release = model.noisy(exact, known.features, known.labels, 1e6, rng())
        others = known.without(5)
        knows = Knowledge(torch.tensor([5]), database=others)
        _, found = finish(DatabaseReconstruction().run(ReleaseOracle(release, (80,)), knows, rng()))
        level = others.features[:, :3].sum(0).argmax()
        assert found.samples[0, :3].argmax() == level, model.name
        assert abs(found.samples[0, 3] - others.features[:, 3].median()) < 0.1, model.name


@pytest.mark.parametrize("noise", [0.02, 0.3, 3.0])
@pytest.mark.parametrize("kind", ["usual", "the only blue one", "gaps"])
@pytest.mark.parametrize("model", [NaiveBayes(), LogisticRegression(strength=100)], ids=["bayes", "logistic"])
def test_beliefs_behind_noise_are_those_of_trying_every_row(
    model: ReleasedTarget, kind: str, noise: float
) -> None:
    """Balle et al., section 4: the posterior of an adversary who knows the mechanism, here by enumeration and
    a model fitted with each row.
    """
    draws = torch.Generator().manual_seed(3)
    columns = (Column("colour", ("red", "green", "blue"), (0, 1, 2)), Column("size", ("s", "l"), (0, 1)))
    coding = Coding(columns, torch.zeros(2), torch.ones(2))
    cells = torch.stack([torch.randint(0, top, (40,), generator=draws).float() for top in (3, 2)], 1)
    labels = (cells[:, 0] + torch.randn(40, generator=draws) > 1).long()
    if kind == "the only blue one":
        cells[:, 0] = cells[:, 0].clamp(max=1)
        cells[7, 0] = 2
    if kind == "gaps":
        cells[::5, 0] = torch.nan
    whole = Database(coding.features(cells), labels, coding)
    known = whole.without(7)
    exact = model.learnt(whole.features, whole.labels, 2)
    release = model.noisy(exact, whole.features, whole.labels, noise, draws)
    prior = _Prior.of(known, 2)
    if isinstance(model, NaiveBayes):
        beliefs, label = _parted(release, known, prior)
    else:
        beliefs, label = _sampled(release, known, prior, draws)
    colours = len(prior.values[0])
    assert colours == (4 if kind == "gaps" else 3)
    weights = torch.empty(colours, 2, 2, dtype=torch.float64)
    for colour, size, side in product(range(colours), range(2), range(2)):
        row = coding.features(torch.tensor([[float(colour) if colour < 3 else torch.nan, float(size)]]))
        features = torch.cat([known.features, row])
        sides = torch.cat([known.labels, torch.tensor([side])])
        told = _evidence(model, release, features, sides)
        chances = prior.chances[0][side, colour] + prior.chances[1][side, size] + prior.labels[side]
        weights[colour, size, side] = told + chances
    shares = weights.flatten().softmax(0).view(colours, 2, 2)
    close = {"abs": 1e-6} if isinstance(model, NaiveBayes) else {"abs": 0.05}
    assert beliefs[0].tolist() == pytest.approx(shares.sum((1, 2)).tolist(), **close)
    assert beliefs[1].tolist() == pytest.approx(shares.sum((0, 2)).tolist(), **close)
    assert label.tolist() == pytest.approx(shares.sum((0, 1)).tolist(), **close)


def _evidence(model: ReleasedTarget, release: Release, features: Tensor, labels: Tensor) -> Tensor:
    """Return the log-likelihood of what was published if these were all rows, up to a constant."""
    if isinstance(model, LogisticRegression):
        fitted = model.learnt(features, labels, 2).numbers["weights"]
        return -((release.numbers["weights"] - fitted) / release.noise).square().sum() / 2
    counts, means, variances = (release.numbers[name] for name in ("counts", "means", "variances"))
    members = torch.nn.functional.one_hot(labels, 2).double().T
    squares = counts[:, None] * (variances + means.square())
    away = torch.cat(
        [
            counts - members.sum(1),
            (counts[:, None] * means - members @ features).flatten(),
            (squares - members @ features.square()).flatten(),
        ]
    )
    cut = torch.cat([counts <= 1, torch.zeros(means.numel()).bool(), (variances <= 1e-3).flatten()])
    normal = torch.distributions.Normal(0.0, release.noise)
    below = torch.stack([normal.cdf(one).clamp_min(1e-300).log() for one in away])
    return torch.where(cut, below, -(away / release.noise).square() / 2).sum()


def test_a_share_that_the_answers_follow_is_read_off_them() -> None:
    oracle = ScoreOracle(PatternTarget())
    probes = torch.rand(4, *oracle.input_shape, generator=rng())
    own = oracle.scores(probes)
    shares = torch.linspace(0.1, 0.9, 41)
    # Shadow answers move away from the target's own as their share moves away from one half.
    answers = torch.stack([own * torch.exp(3 * (share - 0.5)) for share in shares])
    knows = Knowledge(torch.zeros(1, dtype=torch.long), shadows=Shadows(probes, answers, shares))
    _, found = finish(PropertyInference().run(oracle, knows, rng()))
    assert abs(found.samples.item() - 0.5) < 0.02

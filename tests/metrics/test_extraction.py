"""Agreement and divergence of a stolen copy: by hand, against scipy, and at their ends."""

import numpy as np
import pytest
import torch
from scipy import stats

from inversion_core.metrics.extraction import Answers, ExtractionAgreement, ExtractionDivergence, divergence
from inversion_core.metrics.extraction_verdict import extraction_verdict
from inversion_core.metrics.finding import Finding
from inversion_core.metrics.intervals import mean, wilson
from inversion_core.values import Claim, Family


def corners(labels: list[int], classes: int = 4) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor(labels), classes).float()


def answers(copy: list[int], model: list[int], apart: list[int]) -> Answers:
    return Answers(corners(copy), corners(model), corners(apart), torch.arange(len(copy)))


def test_agreement_is_counted_against_the_model_not_the_truth() -> None:
    found = ExtractionAgreement().score(answers([0, 1, 1, 0], [0, 1, 1, 3], [0, 1, 2, 3]), torch.Generator())
    assert (found.value, found.n, found.baseline, found.control) == (0.75, 4, 0.5, 0.75)
    assert (found.low, found.high) == wilson(3, 4)
    assert found.rulers == {"the copy names the person": 0.5, "the model names the person": 0.75}


def test_divergence_is_that_of_scipy() -> None:
    rng = np.random.default_rng(0)
    p, q = (torch.from_numpy(rng.dirichlet(np.ones(6), 20)) for _ in range(2))
    wanted = [stats.entropy(one, other) for one, other in zip(p.numpy(), q.numpy(), strict=True)]
    assert divergence(p, q).numpy() == pytest.approx(np.array(wanted))


def test_the_same_answers_are_no_distance_apart_and_a_sure_mistake_is_finite() -> None:
    same = ExtractionDivergence().score(answers([0, 1], [0, 1], [0, 1]), torch.Generator())
    wrong = ExtractionDivergence().score(answers([1, 0], [0, 1], [0, 1]), torch.Generator())
    assert same.value == same.control == 0 and same.better == "lower"
    assert 10 < wrong.value < 20 and same.baseline == pytest.approx(np.log(2))


def test_ten_photos_of_a_person_that_fare_alike_are_one_case() -> None:
    told = answers([0, 1, 1, 0], [0, 1, 1, 3], [0, 1, 2, 3])
    ten = Answers(*(part.repeat_interleave(10, 0) for part in vars(told).values()))
    agreed = ExtractionAgreement().score(ten, torch.Generator())
    assert agreed.n == 40 and (agreed.low, agreed.high) != wilson(30, 40)
    assert agreed.high - agreed.low > 0.9 * (wilson(3, 4)[1] - wilson(3, 4)[0])
    apart = ExtractionDivergence().score(ten, torch.Generator())
    each = divergence(told.model, told.copy)
    assert (apart.low, apart.high) == pytest.approx(mean(each, (0.0, float("inf"))))


def result(agreed: float, low: float, known: float, judged_low: float) -> dict:
    return {
        "family": Family.EXTRACTION.value,
        "claim": Claim.MODEL.value,
        "queries": 3000,
        "target": {"dataset": "people"},
        "ledger": [{"used": "the scores the API releases", "amount": "3,000 rows"}],
        "scores": [
            {"name": "extraction-agreement", "value": agreed, "low": low, "n": 1000, "baseline": 0.012},
            {
                "name": "evaluator-top1", "value": known, "low": judged_low, "high": 1.0, "n": 25,
                "baseline": 0.01, "control": 1.0,
            },
        ],
    }  # fmt: skip


def test_the_sentence_tells_of_the_copy_then_of_the_people() -> None:
    told = extraction_verdict(result(0.8, 0.78, 0.92, 0.75))
    assert told.finding is Finding.COPIED and told.finding.succeeded
    assert told.sentence == (
        "From the scores this model releases, an attacker made a copy with 3,000 questions: on 1,000 photos "
        "neither had seen it names the person the model names in 80% (naming always the same one gives 1%); "
        "in what was read off the copy, with no further question, an "
        "independent judge recognises 23 of 25 people."
    )
    nobody = extraction_verdict(result(0.8, 0.78, 0.0, 0.0))
    assert "read nobody beyond guessing off the copy (0 of 25" in nobody.sentence


def test_a_copy_no_better_than_one_name_is_none() -> None:
    told = extraction_verdict(result(0.02, 0.011, 0.0, 0.0))
    assert told.finding is Finding.NOTHING and "made no copy" in told.sentence
    assert any("cannot be copied" in limit for limit in told.not_shown)

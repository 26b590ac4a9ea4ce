"""Guess the sensitive value without the model: learnt from records of other people, with what the adversary
knows and nothing more.

An attack on a table shows a leak only where it beats this guess (Jayaraman and Evans, "Are attribute
inference attacks just imputation?", CCS 2022), so the guess must be as good as it cheaply can be. Boosted
trees of two sizes, logistic regression of two strengths, their means, and how common each value is compete by
log loss on records held back; the winner learns from all of them. Left out: a search over further settings.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from torch import Tensor

from inversion_core.metrics.imputer_models import (
    Booleans,
    Codes,
    Commonness,
    Floats,
    Model,
    boosting,
    regression,
)
from inversion_core.settings import settings
from inversion_core.tables import Records, TableKnowledge

FEWEST = 20
"""Records from which something beyond how common each value is may be learnt."""
MOST = 50_000
"""Records learnt from; of more, as many are drawn at random."""
FOLDS = 4
MANY = 2_000
"""Records from which on one fold held back tells the models apart."""
HELD_BACK = 2_000
PART = 100_000
"""Victims guessed at a time."""
LEAST = 1e-6
"""Probability below which a log loss stops growing."""
TEAMS = ((0,), (1,), (2,), (3,), (4,), (1, 3), (2, 4))
"""Which of the models (in the order of `_models`) guess together, by the mean of their probabilities."""


def impute(knowledge: TableKnowledge, others: Records, rng: torch.Generator) -> Tensor:
    """Return (N, V) probabilities learnt from `others` with exactly the adversary's columns and clues.

    The guess rests on the columns that are neither sensitive nor unknown, and on the label if the adversary
    knows the victims'. Records of `others` without a sensitive value are left aside. With fewer than FEWEST
    records, a single value or no column to go by, the guess is how common each value is among `others`; every
    value is as likely where there is no record at all.
    """
    count = knowledge.value_count
    learnt = _usable(others, knowledge.sensitive, count, rng)
    view = _View(knowledge)
    x, y = view(learnt.inputs, learnt.labels), learnt.inputs[:, knowledge.sensitive].long().numpy()
    folds = torch.randperm(len(y), generator=rng).numpy()
    seed = int(torch.randint(2**31 - 1, (1,), generator=rng))
    models = _models(count, view.categorical, seed)
    with threadpool_limits(settings().threads):
        team = [model.fit(x, y) for model in _best(models, x, y, folds)]
        guessed = [np.mean([model.guess(part) for model in team], axis=0) for part in view.victims()]
    return torch.from_numpy(np.concatenate(guessed)).float()


class _View:
    """What of a record the guess may rest on."""

    def __init__(self, knowledge: TableKnowledge) -> None:
        hidden = {knowledge.sensitive, *knowledge.unknown}
        self.knowledge = knowledge
        self.places = [place for place in range(len(knowledge.columns)) if place not in hidden]
        named = [knowledge.columns[place].levels is not None for place in self.places]
        self.categorical: Booleans = np.array(named + [True] * (knowledge.labels is not None), dtype=bool)

    def __call__(self, inputs: Tensor, labels: Tensor | None) -> Floats:
        """(N, C) and (N,) -> (N, F); the labels are looked at only if the adversary knows the victims'."""
        seen = inputs[:, self.places].double()
        if self.knowledge.labels is not None and labels is not None:
            seen = torch.cat([seen, labels[:, None].double()], 1)
        return seen.numpy()

    def victims(self) -> Iterator[Floats]:
        """Yield the victims' rows, PART at a time."""
        rows, labels = self.knowledge.records, self.knowledge.labels
        for start in range(0, max(len(rows), 1), PART):
            some = slice(start, start + PART)
            yield self(rows[some], None if labels is None else labels[some])


def _usable(others: Records, sensitive: int, count: int, rng: torch.Generator) -> Records:
    values = others.inputs[:, sensitive]
    places = torch.nonzero((values >= 0) & (values < count))[:, 0]
    if len(places) > MOST:
        places = places[torch.randperm(len(places), generator=rng)[:MOST]]
    return others.rows(places)


def _models(count: int, categorical: Booleans, seed: int) -> list[Callable[[], Model]]:
    """Return how to make each of the competing models."""
    return [
        lambda: Commonness(count),
        lambda: regression(count, categorical, strength=0.1),
        lambda: regression(count, categorical, strength=1.0),
        lambda: boosting(count, categorical, leaves=4, rounds=50, seed=seed),
        lambda: boosting(count, categorical, leaves=15, rounds=100, seed=seed),
    ]


def _best(makers: list[Callable[[], Model]], x: Floats, y: Codes, order: Codes) -> list[Model]:
    """Return the models, not yet fitted, that together guess records they have not seen best."""
    if len(y) < FEWEST or x.shape[1] == 0 or len(np.unique(y)) < 2:
        return [makers[0]()]
    losses = np.zeros(len(TEAMS))
    for held in _folds(order):
        guessed = [make().fit(x[~held], y[~held]).guess(x[held]) for make in makers]
        losses += [_loss(np.mean([guessed[one] for one in team], axis=0), y[held]) for team in TEAMS]
    return [makers[one]() for one in TEAMS[int(losses.argmin())]]


def _folds(order: Codes) -> Iterator[Booleans]:
    """Yield masks of the records to hold back: every fourth once, or HELD_BACK where that many are few."""
    if len(order) > MANY:
        yield order < min(HELD_BACK, len(order) // FOLDS)
        return
    for fold in range(FOLDS):
        yield order % FOLDS == fold


def _loss(probabilities: Floats, y: Codes) -> float:
    """Return the summed log loss."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(y)), y], LEAST)).sum())

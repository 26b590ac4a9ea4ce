"""The last row: who knows all of a table but one row computes that row from the published model.

Balle, Cherubin and Hayes, "Reconstructing training data with informed adversaries" (IEEE S&P 2022): section 3
for models published as they are, which is exact for generalised linear models with an intercept and for
models made of sums; behind noise the adversary of section 4, who knows the mechanism and answers with what
its own posterior makes the best guess.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.errors import AccessDenied
from inversion_core.oracles import Oracle
from inversion_core.released import (
    LEAST_COUNT,
    LEAST_VARIANCE,
    LOGISTIC,
    Coding,
    Database,
    Release,
    level_of,
    with_one,
)
from inversion_core.samplers import ReleaseOracle
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction

GRID = 401
"""Values a continuous column is thought to take, evenly over its public range."""
ROWS, SWEEPS = 64, 8
NEWTON, FIXED_POINT, HALVINGS = 25, 8, 45


class DatabaseReconstruction(Attack):
    """Subtract everybody else from the published numbers; what remains is the missing row.

    Naive Bayes: the class with one row more than is known has the sum of the known rows plus the missing one.
    Logistic regression: at the optimum all gradients and the penalty add to nothing, so that what is missing
    is the gradient of the missing row, a multiple of its features whose last one is 1.

    Where noise was added the adversary knows how much, holds each column to be as common as among the known
    rows of a class, and answers with the likeliest level and the median that the noise leaves: exactly for
    naive Bayes, whose numbers part by column, and by sampling for logistic regression, whose weights move by
    one Newton step a row.

    Departure from ART's attack of this name: solved, where it searches numerically.
    """

    name = "database-reconstruction"
    title = "The last row, from everybody else's"
    reference = "Balle, Cherubin and Hayes, IEEE S&P 2022"
    family = Family.RECONSTRUCTION
    needs = Access.WHITE_BOX
    modality = Modality.TABLE
    claim = Claim.INPUT

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return the features (1, F) in [0, 1] of the missing row, its label as `classes`; `confidence` is
        the share of the row that the adversary expects to be right.
        """
        known = knowledge.database
        if not isinstance(oracle, ReleaseOracle) or known is None:
            raise AccessDenied(
                f"{self.name} reads a published model and all rows but one; choose naive-bayes or "
                "logistic-regression"
            )
        release = oracle.release()
        yield Progress(1, 1, 0.0, note="subtracting everybody else")
        logistic = release.kind == LOGISTIC
        if not release.noise:
            row, label = (_from_gradients if logistic else _from_sums)(release, known)
            return Reconstruction(row.clamp(0, 1)[None], torch.tensor([label]), torch.ones(1))
        prior = _Prior.of(known, 2 if logistic else len(release.numbers["counts"]))
        beliefs, labels = _sampled(release, known, prior, rng) if logistic else _parted(release, known, prior)
        row, sure = prior.best(beliefs)
        return Reconstruction(row[None], labels.argmax()[None], sure[None])


def _from_sums(release: Release, known: Database) -> tuple[Tensor, int]:
    """Return the missing row (F,) of naive Bayes without noise, and its label."""
    counts, sums, _ = _left(release, known)
    label = int(counts.argmax())
    return sums[label], label


def _from_gradients(release: Release, known: Database) -> tuple[Tensor, int]:
    """Return the same of logistic regression, from the condition that the objective is at its optimum."""
    weights, strength = release.numbers["weights"], release.numbers["strength"]
    rows = with_one(known.features)
    left = -weights / strength - rows.T @ ((rows @ weights).sigmoid() - known.labels)
    return left[:-1] / left[-1], int(left[-1] < 0)  # (p - y) times the missing row and its 1


@dataclass(frozen=True, eq=False)
class _Prior:
    """What the known rows say of one more: `labels` (K,) log-probabilities and, a column, the `values`
    (V, W) it can take as features and their log-probabilities `chances` (K, V) in each class.
    """

    labels: Tensor
    values: tuple[Tensor, ...]
    chances: tuple[Tensor, ...]
    coding: Coding

    @classmethod
    def of(cls, known: Database, classes: int) -> "_Prior":
        """Count, with one more row a class that could be anything."""
        values, chances = [], []
        for (start, stop), column in zip(known.coding.spans(), known.coding.columns, strict=True):
            if column.levels is None:
                own = torch.linspace(0, 1, GRID, dtype=torch.float64)[:, None]
                codes = (known.features[:, start] * (GRID - 1)).round().long()
            else:
                own = torch.cat([torch.eye(width := stop - start), torch.zeros(1, width)]).double()
                codes = level_of(known.features[:, start:stop]) % len(own)
                if not (codes == width).any():  # nobody lacks it
                    own = own[:width]
            counts = torch.zeros(classes, len(own), dtype=torch.float64)
            counts.index_put_((known.labels, codes), torch.ones((), dtype=torch.float64), accumulate=True)
            counts += 1 / len(own)
            values.append(own)
            chances.append((counts / counts.sum(1, keepdim=True)).log())
        frequent = known.labels.bincount(minlength=classes).double() + 1
        return cls((frequent / frequent.sum()).log(), tuple(values), tuple(chances), known.coding)

    def best(self, beliefs: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the likeliest level or the median of each column, given how much (V,) each value is
        believed, as features (F,), and the share of the row that is right by these beliefs.
        """
        parts, right = [], []
        for column, values, belief in zip(self.coding.columns, self.values, beliefs, strict=True):
            if column.levels is None:
                place = int((belief.cumsum(0) < 0.5).sum())
                right.append(1 - (belief * (values[:, 0] - values[place, 0]).abs()).sum())
            else:
                place = int(belief.argmax())
                right.append(belief[place])
            parts.append(values[place])
        return torch.cat(parts), torch.stack(right).mean()


def _left(release: Release, known: Database) -> tuple[Tensor, Tensor, Tensor]:
    """Return what everybody else does not explain of the counts (K,), sums and sums of squares (K, F) of
    naive Bayes.
    """
    counts, means, variances = (release.numbers[name] for name in ("counts", "means", "variances"))
    members = torch.nn.functional.one_hot(known.labels, len(counts)).double().T
    sums = counts[:, None] * means
    squares = counts[:, None] * (variances + means.square())
    return (
        counts - members.sum(1),
        sums - members @ known.features,
        squares - members @ known.features.square(),
    )


def _parted(release: Release, known: Database, prior: _Prior) -> tuple[list[Tensor], Tensor]:
    """Return how much each value of each column and each label (K,) is believed after a noisy naive Bayes:
    given the label, every column has noise of its own.
    """
    counts, sums, squares = _left(release, known)
    # Of what was cut to its smallest value it is known that it lay there or below.
    few = release.numbers["counts"] <= LEAST_COUNT
    flat = release.numbers["variances"] <= LEAST_VARIANCE
    by_label = torch.stack(
        [_likely(counts, mine, release.noise, few).sum() for mine in torch.eye(len(counts))]
    )
    by_value = []
    for (start, stop), values, chances in zip(known.coding.spans(), prior.values, prior.chances, strict=True):
        own = torch.stack([sums[:, start:stop], squares[:, start:stop]], 1)[:, None]  # (K, 1, 2, W)
        cut = torch.stack([torch.zeros_like(flat), flat], 1)[:, None, :, start:stop]
        told = torch.stack([values, values.square()], 1)[None]  # (1, V, 2, W)
        # The row is in one class; the others have noise alone.
        without = _likely(own, torch.zeros_like(told), release.noise, cut).sum((2, 3))
        likely = chances + _likely(own, told, release.noise, cut).sum((2, 3))
        by_label = by_label + likely.logsumexp(1) + without[:, 0].sum() - without[:, 0]
        by_value.append(likely.softmax(1))
    labels = (prior.labels + by_label).softmax(0)
    return [labels @ one for one in by_value], labels


def _likely(seen: Tensor, told: Tensor, noise: float, cut: Tensor) -> Tensor:
    """Return the log-likelihood of each number, up to a constant; one that was `cut` was `seen` or less."""
    away = (seen - told) / noise
    return torch.where(cut, torch.special.log_ndtr(away), -away.square() / 2)


def _sampled(
    release: Release, known: Database, prior: _Prior, rng: torch.Generator
) -> tuple[list[Tensor], Tensor]:
    """Return the same after a noisy logistic regression, by sequential Monte Carlo: rows drawn from the prior
    meet the likelihood little by little, those that fit are multiplied, and each is drawn anew column by
    column. The beliefs are the mean of the conditional probabilities of the last sweeps.
    """
    cloud = _Cloud(_Movement(release, known), prior, rng)
    trust, beliefs = 0.0, cloud.sweep(0.0)
    while trust < 1:
        trust = cloud.select(trust)
        beliefs = cloud.sweep(trust)
    for _ in range(SWEEPS):
        beliefs = [total + one for total, one in zip(beliefs, cloud.sweep(1.0), strict=True)]
    *columns, labels = (one / one.sum() for one in beliefs)
    return columns, labels


class _Cloud:
    """Rows that the missing one may be: `labels` (N,), `codes` (N,) of the value of each column, `features`
    (N, F + 1).
    """

    def __init__(self, likely: "_Movement", prior: _Prior, rng: torch.Generator) -> None:
        self.likely, self.prior, self.rng = likely, prior, rng
        self.labels = _drawn(prior.labels.expand(ROWS, -1), rng)
        self.codes = [_drawn(chances[self.labels], rng) for chances in prior.chances]
        drawn = [values[code] for values, code in zip(prior.values, self.codes, strict=True)]
        self.features = with_one(torch.cat(drawn, 1))

    def sweep(self, trust: float) -> list[Tensor]:
        """Draw each column and the label anew, given the others and the likelihood to the power `trust`;
        return the mean probability (V,) of each column's values on the way, and of the labels (K,).
        """
        seen = []
        spans = self.prior.coding.spans()
        for place, (span, values) in enumerate(zip(spans, self.prior.values, strict=True)):
            told = self.likely(self.features, span, values, self.labels[:, None])
            chance = trust * told + self.prior.chances[place][self.labels]
            self.codes[place] = _drawn(chance, self.rng)
            self.features[:, slice(*span)] = values[self.codes[place]]
            seen.append(chance.softmax(1).mean(0))
        own = [chances[:, code].T for chances, code in zip(self.prior.chances, self.codes, strict=True)]
        told = torch.cat([self.whole(torch.full((1, 1), label)) for label in (0, 1)], 1)
        chance = trust * told + self.prior.labels + torch.stack(own).sum(0)
        self.labels = _drawn(chance, self.rng)
        return [*seen, chance.softmax(1).mean(0)]

    def select(self, trust: float) -> float:
        """Multiply the rows that fit and return the new trust: as much more as leaves the weight spread over
        half of the rows.
        """
        told = self.whole(self.labels[:, None])[:, 0]
        low, high = trust, 1.0
        if _effective((1 - trust) * told) < ROWS / 2:
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                spread = _effective((middle - trust) * told) >= ROWS / 2
                low, high = (middle, high) if spread else (low, middle)
        kept = torch.multinomial(((high - trust) * told).softmax(0), ROWS, True, generator=self.rng)
        self.labels, self.features = self.labels[kept], self.features[kept]
        self.codes = [code[kept] for code in self.codes]
        return high

    def whole(self, labels: Tensor) -> Tensor:
        """Return the log-likelihood (N, 1) of the rows as they are, with `labels` (N, 1)."""
        return self.likely(self.features, (0, 0), torch.zeros(1, 0, dtype=torch.float64), labels)


def _effective(weights: Tensor) -> float:
    """Return over how many rows log-weights (N,) are spread, after Kish."""
    shares = weights.softmax(0)
    return 1 / shares.square().sum().item()


class _Movement:
    """How likely the published weights are when one more row is there.

    It moves the optimum of the known rows by one Newton step: the inverse of the curvature, times the row,
    times how far off the answer about it is afterwards.
    """

    def __init__(self, release: Release, known: Database) -> None:
        self.without, curvature = _optimum(with_one(known.features), known.labels, release)
        self.reach = torch.linalg.inv(curvature)
        self.square = self.reach @ self.reach
        self.seen = self.reach @ (release.numbers["weights"] - self.without)
        self.noise = release.noise

    def __call__(self, rows: Tensor, span: tuple[int, int], values: Tensor, labels: Tensor) -> Tensor:
        """Return the log-likelihood (N, V), up to a constant, of rows (N, F + 1) with each of `values`
        (V, W) in the features of `span` instead of their own; `labels` (N, 1).
        """
        rest = rows.clone()
        rest[:, slice(*span)] = 0
        answers = _linear(self.without, rest, span, values)
        leverage = _quadratic(self.reach, rest, span, values)
        pull = _off_by(answers, leverage, labels)
        length, along = _quadratic(self.square, rest, span, values), _linear(self.seen, rest, span, values)
        return (2 * pull * along - pull.square() * length) / (2 * self.noise**2)


def _off_by(answers: Tensor, leverage: Tensor, labels: Tensor) -> Tensor:
    """Return how far off the answers are once the row is there: the root of p = y - sigmoid(a + h p), which
    lies between y - 1 and y and is the only one.
    """
    pull = labels - answers.sigmoid()
    if leverage.max() < 1:  # a contraction by four at least
        for _ in range(FIXED_POINT):
            pull = labels - (answers + leverage * pull).sigmoid()
        return pull
    low = (labels - 1.0).expand_as(answers)
    high = labels.to(answers).expand_as(answers)
    for _ in range(HALVINGS):
        pull = (low + high) / 2
        over = pull > labels - (answers + leverage * pull).sigmoid()
        low, high = torch.where(over, low, pull), torch.where(over, pull, high)
    return (low + high) / 2


def _linear(weights: Tensor, rest: Tensor, span: tuple[int, int], values: Tensor) -> Tensor:
    """Return the product of each row, values put in, with `weights` (F + 1,): (N, V)."""
    return (rest @ weights)[:, None] + values @ weights[slice(*span)]


def _quadratic(form: Tensor, rest: Tensor, span: tuple[int, int], values: Tensor) -> Tensor:
    """Return the symmetric `form` (F + 1, F + 1) of each row, values put in: (N, V)."""
    across, own = rest @ form, form[slice(*span), slice(*span)]
    mixed = across[:, slice(*span)] @ values.T
    return (across * rest).sum(1)[:, None] + 2 * mixed + (values @ own * values).sum(1)


def _optimum(rows: Tensor, labels: Tensor, release: Release) -> tuple[Tensor, Tensor]:
    """Return the weights (F + 1,) that the known rows alone lead to, and the curvature there, by Newton's
    method.
    """
    strength = release.numbers["strength"]
    weights = torch.zeros(rows.shape[1], dtype=torch.float64)
    penalty = torch.eye(len(weights), dtype=torch.float64) / strength
    for _ in range(NEWTON):
        answers = (rows @ weights).sigmoid()
        curvature = rows.T @ (rows * (answers * (1 - answers))[:, None]) + penalty
        slope = rows.T @ (answers - labels) + weights / strength
        weights = weights - torch.linalg.solve(curvature, slope)
    return weights, curvature


def _drawn(chances: Tensor, rng: torch.Generator) -> Tensor:
    """(N, V) log-probabilities up to a constant -> (N,) places."""
    return torch.multinomial(chances.softmax(1), 1, generator=rng)[:, 0]

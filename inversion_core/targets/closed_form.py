"""Models that are published as a few numbers: Gaussian naive Bayes and logistic regression, by scikit-learn.

Both see rows as features in [0, 1] with public bounds, so that what one row changes is bounded. With the
Gaussian mechanism naive Bayes is computed from noisy counts, sums and sums of squares (Vaidya et al., 2013),
and logistic regression gets noise on its weights (Chaudhuri, Monteleoni and Sarwate, JMLR 2011, with
Gaussian noise). Neighbouring tables differ in one row that is there or not.
"""

import math
from abc import abstractmethod
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from inversion_core.datasets.base import Dataset
from inversion_core.errors import TargetUnavailable
from inversion_core.released import LEAST_COUNT, LEAST_VARIANCE, LOGISTIC, NAIVE_BAYES, Release, with_one
from inversion_core.targets.base import Target
from inversion_core.values import Family, Modality

SMALLEST_VARIANCE = 1e-9
"""scikit-learn's var_smoothing, as a share of the largest variance of a feature."""


class ReleasedTarget(Target):
    """A model of tables whose parameters are published."""

    modality = Modality.TABLE
    families: ClassVar[tuple[Family, ...]] = (Family.RECONSTRUCTION,)
    by_gradients = False
    per_sample_gradients = False

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Raise TargetUnavailable; there is no network here."""
        raise TargetUnavailable(
            f"{self.name} is a few numbers and no network; attack it with database-reconstruction"
        )

    @abstractmethod
    def learnt(self, features: Tensor, labels: Tensor, classes: int) -> Release:
        """(N, F), (N,) -> what is published without any protection."""

    @abstractmethod
    def sensitivity(self, columns: int) -> float:
        """Return by how much one row of so many columns can change what noise is added to, in Euclidean
        length.
        """

    @abstractmethod
    def noisy(
        self, exact: Release, features: Tensor, labels: Tensor, noise: float, rng: torch.Generator
    ) -> Release:
        """Return what is published instead of `exact` with Gaussian noise of standard deviation `noise`."""

    @abstractmethod
    def scores(self, release: Release, features: Tensor) -> Tensor:
        """(M, F) -> (M, K) log-probabilities up to a constant."""


class NaiveBayes(ReleasedTarget):
    """Gaussian naive Bayes: how many rows each class has, and mean and variance of each feature there."""

    name = "naive-bayes"
    title = "Naive Bayes (published means)"

    def learnt(self, features: Tensor, labels: Tensor, classes: int) -> Release:
        """Fit scikit-learn's GaussianNB."""
        from sklearn.naive_bayes import GaussianNB

        model = GaussianNB(var_smoothing=SMALLEST_VARIANCE).fit(features.numpy(), labels.numpy())
        numbers = {"counts": model.class_count_, "means": model.theta_, "variances": model.var_}
        return Release(NAIVE_BAYES, {name: torch.from_numpy(part) for name, part in numbers.items()})

    def sensitivity(self, columns: int) -> float:
        """One row adds 1 to a count and, a column, at most 1 to the sums and 1 to the sums of squares."""
        return math.sqrt(1 + 2 * columns)

    def noisy(
        self, exact: Release, features: Tensor, labels: Tensor, noise: float, rng: torch.Generator
    ) -> Release:
        """Return means and variances computed from noisy statistics."""
        members = torch.nn.functional.one_hot(labels, len(exact.numbers["counts"])).double().T  # (K, N)
        true = members.sum(1), members @ features, members @ features.square()
        counts, sums, squares = (
            one + noise * torch.randn(one.shape, generator=rng, dtype=torch.float64) for one in true
        )
        counts = counts.clamp_min(LEAST_COUNT)
        means = sums / counts[:, None]
        variances = (squares / counts[:, None] - means.square()).clamp_min(LEAST_VARIANCE)
        return Release(NAIVE_BAYES, {"counts": counts, "means": means, "variances": variances}, noise)

    def scores(self, release: Release, features: Tensor) -> Tensor:
        """Return the joint log-likelihood."""
        counts, means, variances = (release.numbers[name] for name in ("counts", "means", "variances"))
        away = (features[:, None] - means).square() / variances + variances.log()
        return counts.log() - counts.sum().log() - away.sum(2) / 2


class LogisticRegression(ReleasedTarget):
    """Logistic regression between two classes: one weight a feature, the intercept among them penalised."""

    name = "logistic-regression"
    title = "Logistic regression (published weights)"

    class Params(Target.Params):
        """How strongly the data count against the penalty."""

        strength: float = Field(1.0, gt=0, le=1e4, description="scikit-learn's C; more trusts the data more.")

    params: Params

    def objection(self, dataset: Dataset) -> str | None:
        """Refuse data of more than two classes."""
        if len(dataset.classes) == 2:
            return None
        return (
            f"{self.name} tells two classes apart, {dataset.name!r} has {len(dataset.classes)}; choose "
            "naive-bayes"
        )

    def learnt(self, features: Tensor, labels: Tensor, classes: int) -> Release:
        """Fit scikit-learn's LogisticRegression to its optimum."""
        from sklearn.linear_model import LogisticRegression as Regression

        model = Regression(
            C=self.params.strength, fit_intercept=False, solver="newton-cholesky", tol=1e-12, max_iter=200
        )
        model.fit(with_one(features).numpy(), labels.numpy())
        strength = torch.tensor(self.params.strength, dtype=torch.float64)
        return Release(LOGISTIC, {"weights": torch.from_numpy(model.coef_[0]), "strength": strength})

    def sensitivity(self, columns: int) -> float:
        """The objective is 1-strongly convex and one row adds a gradient of at most C sqrt(columns + 1)."""
        return self.params.strength * math.sqrt(columns + 1)

    def noisy(
        self, exact: Release, features: Tensor, labels: Tensor, noise: float, rng: torch.Generator
    ) -> Release:
        """Return the optimum with noise on every weight."""
        weights = exact.numbers["weights"]
        added = noise * torch.randn(weights.shape, generator=rng, dtype=torch.float64)
        return Release(LOGISTIC, {**exact.numbers, "weights": weights + added}, noise)

    def scores(self, release: Release, features: Tensor) -> Tensor:
        """Return the logits, 0 for the first class."""
        logit = with_one(features) @ release.numbers["weights"]
        return torch.stack([torch.zeros_like(logit), logit], 1)

"""The models that compete to guess a value without the attacked model; all answer for every value.

Boosting: Ke et al., "LightGBM", NeurIPS 2017, as scikit-learn's histogram gradient boosting; categorical
columns are split by level and a missing cell is a place of its own. Regression sees levels as columns of 0
and 1 and numbers by their rank, so that long tails do no harm.
"""

import warnings
from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, QuantileTransformer

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Booleans = NDArray[np.bool_]

MOST_LEVELS = 250
"""Levels of a column told apart; rarer ones count as one. Boosting has room for 255."""
MOST_TREES = 300
"""Trees of a boosted model: one a round for two values, V a round for more."""
QUANTILES = 100


class Model(ABC):
    """Learn how likely each of `count` values is."""

    def __init__(self, count: int) -> None:
        self.count = count

    @abstractmethod
    def fit(self, x: Floats, y: Codes) -> Self:
        """Learn from records (N, F) with values (N,)."""

    @abstractmethod
    def guess(self, x: Floats) -> Floats:
        """(N, F) -> probabilities (N, V)."""


class Commonness(Model):
    """How common each value is, whoever is asked about."""

    def fit(self, x: Floats, y: Codes) -> Self:
        """Count the values."""
        counts = np.bincount(y, minlength=self.count)
        self.shares = counts / len(y) if len(y) else np.full(self.count, 1 / self.count)
        return self

    def guess(self, x: Floats) -> Floats:
        """Answer the same for everybody."""
        return np.tile(self.shares, (len(x), 1))


class Learner(Model):
    """A scikit-learn classifier, answering for values it has not met as well."""

    def __init__(self, count: int, estimator: Any) -> None:
        super().__init__(count)
        self.estimator = estimator

    def fit(self, x: Floats, y: Codes) -> Self:
        """Learn; where there is a single value, that it is the only one."""
        self.met = np.unique(y)
        self.empty = np.isnan(x).all(0)
        if len(self.met) > 1:
            with warnings.catch_warnings():
                # An unfinished regression competes like any other: held-back records judge it. And fewer
                # records than quantiles are no mishap.
                warnings.simplefilter("ignore", ConvergenceWarning)
                warnings.filterwarnings("ignore", message="n_quantiles")
                self.estimator.fit(self._filled(x), y)
        return self

    def guess(self, x: Floats) -> Floats:
        """Answer 0 for values not met."""
        told = np.zeros((len(x), self.count))
        if len(x):
            told[:, self.met] = self.estimator.predict_proba(self._filled(x)) if len(self.met) > 1 else 1.0
        return told

    def _filled(self, x: Floats) -> Floats:
        """Return a copy in which columns nobody had a value in when learning are all alike."""
        copy: Floats = np.where(self.empty, 0.0, x)
        return copy


def boosting(count: int, categorical: Booleans, *, leaves: int, rounds: int, seed: int) -> Model:
    """Return boosted trees; many values get fewer and larger rounds."""
    fewer = min(rounds, max(10, MOST_TREES // count))
    named, numbers = np.flatnonzero(categorical), np.flatnonzero(~categorical)
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=MOST_LEVELS
    )
    trees = HistGradientBoostingClassifier(
        learning_rate=min(0.3, 0.1 * rounds / fewer),
        max_iter=fewer,
        max_leaf_nodes=leaves,
        categorical_features=np.arange(len(categorical)) < len(named),
        early_stopping=False,
        random_state=seed,
    )
    columns = make_column_transformer((encoder, named), ("passthrough", numbers))
    return Learner(count, make_pipeline(columns, trees))


def regression(count: int, categorical: Booleans, *, strength: float) -> Model:
    """Return logistic regression; `strength` is the inverse of the ridge penalty."""
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MOST_LEVELS)
    ranks = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(n_quantiles=QUANTILES, subsample=None),
    )
    columns = make_column_transformer(
        (levels, np.flatnonzero(categorical)), (ranks, np.flatnonzero(~categorical))
    )
    return Learner(count, make_pipeline(columns, LogisticRegression(C=strength, max_iter=200)))

"""The contracts of a metric: one number, with an interval, an n and a baseline."""

from abc import abstractmethod
from typing import ClassVar

import torch

from inversion_core.component import Component
from inversion_core.tables import TableTruth
from inversion_core.values import Modality, Reconstruction, Score, Truth

METRIC_VERSION = 1
"""Raised when a metric gives another number for the same reconstruction, so that numbers of two versions are
never put side by side.
"""


class Metric(Component):
    """One headline number."""

    modality: ClassVar[Modality | None] = None


class LikenessMetric(Metric):
    """One headline number about reconstructed pictures."""

    modality = Modality.IMAGE

    def problem(self, truth: Truth) -> str | None:
        """Say why this metric cannot be computed on this truth, or None when it can."""
        return None

    @abstractmethod
    def score(self, reconstruction: Reconstruction, truth: Truth, rng: torch.Generator) -> Score:
        """Return the score of all reconstructions together."""


class TableMetric(Metric):
    """One headline number about guessed sensitive values.

    `baseline` is the imputer that never asked the model; `control` the same attack on records the target
    never saw; `rulers` hold the most common value and the subgroups and cases.
    """

    modality = Modality.TABLE

    @abstractmethod
    def score(self, truth: TableTruth, rng: torch.Generator) -> Score:
        """Return the score of all guesses together."""

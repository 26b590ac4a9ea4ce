"""The contract of a metric: one number, with an interval, an n and a baseline."""

from abc import abstractmethod

import torch

from inversion_core.component import Component
from inversion_core.values import Reconstruction, Score, Truth


class Metric(Component):
    """One headline number about a reconstruction."""

    def problem(self, truth: Truth) -> str | None:
        """Say why this metric cannot be computed on this truth, or None when it can."""
        return None

    @abstractmethod
    def score(self, reconstruction: Reconstruction, truth: Truth, rng: torch.Generator) -> Score:
        """Return the score of all reconstructions together."""

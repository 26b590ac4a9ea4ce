"""Label accuracy: how many labels of the private photos were read off the updates."""

import torch
from torch import Tensor

from inversion_core.metrics.glossary import explain
from inversion_core.metrics.intervals import wilson
from inversion_core.metrics.redrawn import Redrawing, RedrawnMetric
from inversion_core.values import Score

DRAWS = 1000
"""Blind guesses of which the mean is the baseline."""


class LabelAccuracy(RedrawnMetric):
    """Share of the labels behind the updates that the attack read off them, whatever their order.

    A label that several photos of an update share counts as often as it was found, at most as often as it is
    there. `baseline` guesses each label blindly from those of all private photos.
    """

    name = "label-accuracy"
    title = explain("label-accuracy").title
    reference = "Zhao, Mopuri and Bilen, 2020, https://arxiv.org/abs/2001.02610"

    def problem(self, redrawing: Redrawing) -> str | None:
        """Refuse labels that were known beforehand."""
        return "label-accuracy is about labels that were not known" if redrawing.guessed is None else None

    def score(self, redrawing: Redrawing, rng: torch.Generator) -> Score:
        """Return the share with a Wilson interval."""
        assert redrawing.guessed is not None, "asked only where labels were read off"
        truth, updates = redrawing.originals.labels, redrawing.updates
        hits = found(redrawing.guessed, truth, updates)
        labels = redrawing.gallery.labels
        draws = torch.randint(len(labels), (DRAWS, len(truth)), generator=rng)
        blind = sum(found(labels[draw], truth, updates) for draw in draws) / DRAWS
        low, high = wilson(hits, len(truth))
        return Score(
            name=self.name,
            value=hits / len(truth),
            low=low,
            high=high,
            n=len(truth),
            baseline=blind / len(truth),
            control=1.0,
            better="higher",
        )


def found(guessed: Tensor, truth: Tensor, updates: Tensor) -> int:
    """Return how many labels are in both, update by update, repeated ones as often as in both."""
    size = int(torch.maximum(guessed, truth).max()) + 1
    both = [
        (updates * size + labels).bincount(minlength=(int(updates.max()) + 1) * size)
        for labels in (guessed, truth)
    ]
    return int(torch.minimum(*both).sum())

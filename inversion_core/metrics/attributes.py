"""Which visible traits of the victim can be read off the recovered picture: hair, skin, glasses, beard, ...

Guessing the commonest value of each trait is right surprisingly often, without any model; only what lies
above it was learnt from the model. See Mehnaz et al., "Are your sensitive attributes private?", USENIX
Security 2022, for how accuracy without that baseline misleads. Left out: traits a reader cannot see.
"""

from collections import Counter
from collections.abc import Mapping

import torch
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import LikenessMetric
from inversion_core.metrics.closest_photo import pictures
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.recognition import control_photos
from inversion_core.values import Reconstruction, Score, Truth


class AttributeAccuracy(LikenessMetric):
    """Share of the victims' named traits that are read correctly off the recovered pictures.

    Every victim and every trait counts the same. `baseline`: always guessing the commonest value among the
    private classes; `control`: the same reader on held-out photos; rulers: each trait, and its commonest
    value.
    """

    name = "attribute-accuracy"
    title = explain("attribute-accuracy").title

    def problem(self, truth: Truth) -> str | None:
        """Refuse data whose traits nobody named, or nobody can read."""
        if not truth.attributes or truth.read_attributes is None:
            return f"{self.name} needs named attributes and a reader of them, this data has none"
        return None

    def score(self, reconstruction: Reconstruction, truth: Truth, rng: torch.Generator) -> Score:
        """Return the mean over victims with a t interval."""
        assert truth.attributes is not None
        classes = reconstruction.classes
        right = agreement(read(pictures(reconstruction), truth), truth.attributes, classes)
        commonest = {
            name: [commonest_value(values)] * len(classes) for name, values in truth.attributes.items()
        }
        guessed = agreement(commonest, truth.attributes, classes)
        real = control_photos(classes, truth)
        control = agreement(read(real.floats(), truth), truth.attributes, real.labels)
        per_victim = right.mean(1)
        low, high = intervals.mean(per_victim, (0.0, 1.0))
        rulers = {}
        for place, name in enumerate(truth.attributes):
            rulers[name] = right[:, place].mean().item()
            rulers[f"{name}, commonest value"] = guessed[:, place].mean().item()
        return Score(
            name=self.name,
            value=per_victim.mean().item(),
            low=low,
            high=high,
            n=len(classes),
            baseline=guessed.mean().item(),
            control=control.mean().item(),
            better="higher",
            rulers=rulers,
        )


def read(images: Tensor, truth: Truth) -> dict[str, list[str]]:
    """(N, C, H, W) in [0, 1] -> attribute -> N values."""
    assert truth.read_attributes is not None
    with torch.inference_mode():
        return truth.read_attributes(images)


def agreement(guesses: Mapping[str, list[str]], truth: Mapping[str, list[str]], classes: Tensor) -> Tensor:
    """Return (N, A): 1 where the guess for a victim is the value of its class; A in the order of `truth`."""
    columns = [
        [float(guess == values[label]) for guess, label in zip(guesses[name], classes.tolist(), strict=True)]
        for name, values in truth.items()
    ]
    return torch.tensor(columns, dtype=torch.float64).T


def commonest_value(values: list[str]) -> str:
    """Return the most frequent value; of equally frequent ones the first in the alphabet."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))

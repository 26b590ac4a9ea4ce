"""Synthetic portraits: a person is a vector of identity factors, a photo is that person in a view.

A procedural renderer instead of photographs: nobody's likeness is needed to show how a model gives its
training people away, and the truth about every person (hair, glasses, ...) is known exactly. Rendering is
deterministic: the same vectors give the same bytes, however they are batched.
Left out: bodies, objects, hard shadows.
"""

from inversion_core.datasets.portrait.attributes import describe
from inversion_core.datasets.portrait.factors import FACTORS, NEUTRAL_VIEW, VIEWS, Factor
from inversion_core.datasets.portrait.photo import CHUNK, SIZE, render
from inversion_core.datasets.portrait.sampling import sample_identities, sample_views

__all__ = [
    "CHUNK",
    "FACTORS",
    "NEUTRAL_VIEW",
    "SIZE",
    "VIEWS",
    "Factor",
    "describe",
    "render",
    "sample_identities",
    "sample_views",
]

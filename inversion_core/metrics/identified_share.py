"""Identified share: how many redrawn photos point at the very photo they came from."""

import torch
from torch import Tensor

from inversion_core.metrics.glossary import explain
from inversion_core.metrics.intervals import wilson
from inversion_core.metrics.redrawn import MEAN_PHOTO, Redrawing, RedrawnMetric, errors
from inversion_core.values import Score


class IdentifiedShare(RedrawnMetric):
    """Share of redrawn photos whose nearest photo, among all private ones, is the very original.

    The image identifiability precision of Yin et al. (CVPR 2021), with pixels as the measure: nearest is the
    least squared error. `baseline` is that of blind picks (`blind`), `control` the original itself, which
    misses only where the same photo is there twice. The ruler is what the mean photo of all gets.
    """

    name = "identified-share"
    title = explain("identified-share").title
    reference = "Yin et al., CVPR 2021, https://arxiv.org/abs/2104.07586"

    def score(self, redrawing: Redrawing, rng: torch.Generator) -> Score:
        """Return the share with a Wilson interval."""
        places, gallery = redrawing.places, redrawing.gallery.inputs
        hits = int(named(redrawing.errors, places).sum())
        low, high = wilson(hits, len(places))
        of_mean = errors(redrawing.mean_photo[None], gallery).expand(len(places), -1)
        return Score(
            name=self.name,
            value=hits / len(places),
            low=low,
            high=high,
            n=len(places),
            baseline=blind(redrawing),
            control=named(redrawing.between, places).double().mean().item(),
            better="higher",
            rulers={MEAN_PHOTO: named(of_mean, places).double().mean().item()},
        )


def blind(redrawing: Redrawing) -> float:
    """Return the share of blind picks, different photos out of the gallery, that hit: of whoever knows as
    much without the updates, and so picks among the photos of the known labels where those were known.

    Picks are paired like what was redrawn, so a pick hits where it is any of the n photos of its update, or
    of its update and label, out of the G it is one of: n in G. That is the most they hit: it supposes that
    the pairing, which is of the least error in all, brings every pick that is an original to that very one.
    """
    gallery, labels = redrawing.gallery.labels, redrawing.originals.labels
    if redrawing.guessed is not None:  # labels were not known
        gallery, labels = torch.zeros_like(gallery), torch.zeros_like(labels)
    counts = gallery.bincount()
    expected = 0.0
    for update in redrawing.updates.unique():
        own = labels[redrawing.updates == update].bincount(minlength=len(counts))
        expected += (own.square().double() / counts.clamp_min(1)).sum().item()
    return expected / len(labels)


def named(distances: Tensor, places: Tensor) -> Tensor:
    """(N, G) and (N,) -> (N,) bool: whether the nearest is the original; a tie with another is none."""
    return ranks(distances, places) == 1


def ranks(distances: Tensor, places: Tensor) -> Tensor:
    """Return the place of each original among the gallery by distance, 1 the nearest; ties count against."""
    own = distances.gather(1, places[:, None])
    return (distances <= own).sum(1)

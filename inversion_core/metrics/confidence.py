"""Whether a model is as often right as it says it is sure, and how far a defence moves what it says.

Calibration error: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks" (ICML 2017),
section 2. Brier score: Brier, "Verification of forecasts expressed in terms of probability" (Monthly Weather
Review, 1950), summed over the classes as there. Departures: confidence is the highest released number even
where a defence leaves rows that do not add up to one; a confidence of 0 is counted in the lowest bin, and one
above 1 in the highest.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

BINS = 15


def calibration_error(scores: Tensor, labels: Tensor) -> float:
    """(N, K), (N,) -> the expected calibration error in [0, 1]: |share right - mean confidence|, averaged
    over 15 bins of equal width, each as heavy as the cases in it. N is at least 1.
    """
    confidence, named = scores.max(1)
    # Bin m is ((m - 1) / 15, m / 15], as in the paper.
    places = ((confidence * BINS).ceil().long() - 1).clamp(0, BINS - 1)
    surplus = (named == labels).double() - confidence.double()
    bins = torch.zeros(BINS, dtype=torch.double).index_add(0, places, surplus)
    return bins.abs().sum().item() / len(labels)


def brier(scores: Tensor, labels: Tensor) -> float:
    """(N, K), (N,) -> the mean squared distance from the right answer, in [0, 2] for probabilities."""
    right = F.one_hot(labels, scores.shape[1])
    return (scores.double() - right).square().sum(1).mean().item()


def distortion(released: Tensor, bare: Tensor) -> float:
    """(N, K) twice -> the mean L1 distance between the rows, in [0, 2] for probabilities."""
    return (released.double() - bare.double()).abs().sum(1).mean().item()

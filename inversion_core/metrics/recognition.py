"""What the target and the independent evaluator see in the recovered pictures, and in real photos of the same
people.

Several metrics read the same answers; they are computed once for a reconstruction and forgotten with it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from inversion_core.metrics.closest_photo import pictures
from inversion_core.values import Photos, Reconstruction, Truth

CONTROL_PHOTOS = 3
"""Held-out photos of each victim that stand for a perfect recovery; more would only narrow the control."""


@dataclass(frozen=True, eq=False)
class Recognition:
    """Probabilities of recovered pictures (N, K) and of held-out photos (M, K), and the classes wanted; the
    target's are NaN where it is not asked.
    """

    classes: Tensor
    evaluator: Tensor
    target: Tensor
    real_classes: Tensor
    real_evaluator: Tensor
    real_target: Tensor


_RECOGNISED: WeakKeyDictionary[Reconstruction, tuple[Truth, Recognition]] = WeakKeyDictionary()


def recognise(reconstruction: Reconstruction, truth: Truth) -> Recognition:
    """Ask evaluator and target about every recovered picture and about held-out photos of its victim."""
    known = _RECOGNISED.get(reconstruction)
    if known is not None and known[0] is truth:
        return known[1]
    recovered = pictures(reconstruction)
    real = control_photos(reconstruction.classes, truth)
    evaluator = answers(truth.evaluator, recovered)
    recognition = Recognition(
        classes=reconstruction.classes,
        evaluator=evaluator,
        target=_ask_target(truth, recovered, evaluator.shape[1]),
        real_classes=real.labels,
        real_evaluator=answers(truth.evaluator, real.floats()),
        real_target=_ask_target(truth, real.floats(), evaluator.shape[1]),
    )
    _RECOGNISED[reconstruction] = truth, recognition
    return recognition


def control_photos(classes: Tensor, truth: Truth) -> Photos:
    """Return the first CONTROL_PHOTOS held-out photos of each of `classes`."""
    labels = truth.held_out.labels
    places = torch.cat([(labels == label).nonzero().flatten()[:CONTROL_PHOTOS] for label in classes])
    return Photos(truth.held_out.inputs[places], labels[places])


def ranks(probabilities: Tensor, classes: Tensor) -> Tensor:
    """(N, K) and (N,) -> (N,): place of the wanted class, 1 = first.

    Ties count against the attack, and an answer that is no number is the last place: a judge who cannot
    decide has recognised nobody.
    """
    answers = probabilities.nan_to_num(nan=-1.0)
    wanted = answers.gather(1, classes[:, None])
    return (answers >= wanted).sum(1)


def _ask_target(truth: Truth, images: Tensor, classes: int) -> Tensor:
    """Return the target's answers, no numbers where it runs elsewhere and is not asked for the metrics."""
    return (
        torch.full((len(images), classes), math.nan)
        if truth.target is None
        else answers(truth.target, images)
    )


def answers(judge: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Return a judge's probabilities (N, K) for pictures (N, C, H, W), asked in chunks."""
    with torch.inference_mode():
        answers = torch.cat([judge(chunk).float() for chunk in images.split(256)])
    return answers.clone()

"""Differentially private training: clip each photo's gradient, add noise, account for it.

Abadi et al., "Deep learning with differential privacy" (CCS 2016), through Opacus; the only importer of
Opacus.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from pydantic import Field
from torch.utils.data import DataLoader

from inversion_core.component import Component
from inversion_core.defences.base import Training, TrainingDefence


class DPSGD(TrainingDefence):
    """Bound what any single photo can change, and prove it with an epsilon.

    Poisson sampling, per-sample clipping, Gaussian noise fitted to the wanted epsilon, PRV accountant. The
    epsilon is per photo: for a person with k photos it is k times that, at a delta of k e^((k-1) epsilon)
    delta (Dwork and Roth 2014, section 2.3), which the card says. Settings that were chosen by the accuracy
    they gave cost epsilon too: what other trainings on the same photos told is not in this number. Fewer
    trained parameters need less noise for the same accuracy: put `frozen-layers` before it. Departures from
    the paper: the optimiser is the target's own (AdamW) instead of plain SGD; the guarantee does not depend
    on it.
    """

    name = "dp-sgd"
    title = "Differentially private training"
    reference = "Abadi et al., CCS 2016"
    for_generators = True

    class Params(TrainingDefence.Params):
        """The promise and how it is bought."""

        epsilon: float = Field(
            8.0, gt=0, le=1000, description="Privacy loss allowed for one photo over the training."
        )
        delta: float = Field(
            1e-5, gt=0, lt=1, description="Chance that the bound does not hold; below 1 / photos."
        )
        max_grad_norm: float = Field(
            1.0, gt=0, description="Length to which each photo's gradient is clipped."
        )
        batch_size: int = Field(
            512, ge=1, le=4096, description="Expected photos in a step; larger needs less noise."
        )
        epochs: int = Field(20, ge=1, le=1000, description="Passes over the photos; each costs privacy.")

    params: Params

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse trees, and networks that mix the samples of a batch."""
        if reason := super().incompatible(target):
            return reason
        if getattr(target, "per_sample_gradients", False):
            return None
        return (
            f"dp-sgd needs a gradient for each photo, {target.name!r} mixes photos in batch normalisation; "
            "choose cnn-gn, mlp or softmax"
        )

    def objection(self, defences: Sequence[TrainingDefence]) -> str | None:
        """Refuse what would break the guarantee: losses that mix photos, data chosen by other data, and later
        changes of the network.
        """
        mixing = [one.name for one in defences if one.mixes_samples]
        if mixing:
            return (
                f"dp-sgd bounds what each photo adds to a sum, the loss of {mixing[0]} takes all photos of a "
                f"batch together; remove {mixing[0]} or dp-sgd"
            )
        chosen = [one.name for one in defences if one.chooses_by_others]
        if chosen:
            return (
                f"dp-sgd bounds what one photo or record changes, {chosen[0]} lets one decide which others "
                f"are learnt from; remove {chosen[0]} or dp-sgd, or set distance 0 for exact copies alone"
            )
        late = [one.name for one in defences[defences.index(self) + 1 :] if one.changes_network]
        if late:
            return (
                f"dp-sgd takes the network and its optimiser as they are, {late[0]} changes them after it; "
                f"list {late[0]} before dp-sgd"
            )
        return None

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training with Opacus's network, optimiser and Poisson-sampled batches.

        Augmentation is left out: one photo seen in several guises in a step would need clipping as one.
        """
        from opacus import PrivacyEngine

        dataset = training.batches.dataset  # type: ignore[attr-defined]
        batches = DataLoader(dataset, batch_size=min(self.params.batch_size, len(dataset)), generator=rng)
        with warnings.catch_warnings():
            # Opacus warns that its noise is not cryptographically secure; runs here must be repeatable.
            warnings.simplefilter("ignore")
            engine = PrivacyEngine(accountant="prv", secure_mode=False)
            network, optimiser, private = engine.make_private_with_epsilon(
                module=training.network,
                optimizer=training.optimiser,
                data_loader=batches,
                target_epsilon=self.params.epsilon,
                target_delta=self.params.delta,
                epochs=self.params.epochs,
                max_grad_norm=self.params.max_grad_norm,
                poisson_sampling=True,
                noise_generator=rng,
            )
        self._engine, self._batches = engine, private
        return replace(
            training,
            network=network,
            optimiser=optimiser,
            batches=private,
            # Opacus hooks the first layer's backward pass, which only runs when its inputs want gradients.
            augment=lambda inputs: inputs.requires_grad_(True),
            epochs=self.params.epochs,
        )

    def guarantee(self, training: Training, records: int, per_person: int) -> dict[str, Any]:
        """Return the epsilon spent, its delta, and what both mean for a person with several photos."""
        batches: Any = training.batches
        assert batches is self._batches, "the accountant is right for these Poisson samples only"
        epsilon = self._engine.get_epsilon(self.params.delta)
        steps = sum(count for _noise, _rate, count in self._engine.accountant.history)
        delta = group_delta(epsilon, self.params.delta, per_person)
        unit = "photo" if batches.dataset.tensors[0].dtype == torch.uint8 else "record"
        return {
            "epsilon": epsilon,
            "delta": self.params.delta,
            "unit": f"one {unit}",
            "photos_per_person": per_person,
            "person_epsilon": epsilon * per_person,
            "person_delta": delta,
            "noise_multiplier": vars(training.optimiser)["noise_multiplier"],
            "sampling": "Poisson",
            "sample_rate": batches.sample_rate,
            "steps": steps,
            "warning": _warning(epsilon, delta, per_person, unit),
        }


def group_delta(epsilon: float, delta: float, size: int) -> float:
    """Return the delta at which `size` epsilon bounds what that many records reveal together, 1 at most.

    size e^((size - 1) epsilon) delta; a delta of 1 is no promise at all.
    """
    exponent = math.log(size) + (size - 1) * epsilon + math.log(delta)
    return math.exp(min(0.0, exponent))


def _warning(epsilon: float, delta: float, per_person: int, unit: str) -> str:
    if per_person == 1:
        return f"epsilon {epsilon:.2f} bounds what one {unit} reveals, where each person has one {unit}"
    told = (
        f"epsilon {epsilon:.2f} bounds what one {unit} reveals; a person has {per_person} {unit}s, "
        f"so for a person the same training only promises about {epsilon * per_person:.0f}"
    )
    if delta == 1:
        return f"{told} with a delta of 1, which is no promise at all"
    return f"{told} with a delta of {delta:.1e}"

"""The last row: who knows all of a table but one row computes that row from the published model.

Balle, Cherubin and Hayes, "Reconstructing training data with informed adversaries" (IEEE S&P 2022), section
3: exact for generalised linear models with an intercept, and for models made of sums.
"""

import torch
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.errors import AccessDenied
from inversion_core.oracles import Oracle
from inversion_core.released import LOGISTIC, Database, Release
from inversion_core.samplers import ReleaseOracle
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction

TINY = 1e-12


class DatabaseReconstruction(Attack):
    """Subtract everybody else from the published numbers; what remains is the missing row.

    Naive Bayes: the class with one row more than is known has the sum of the known rows plus the missing one.
    Logistic regression: at the optimum all gradients and the penalty add to nothing, so that what is missing
    is the gradient of the missing row, a multiple of its features whose last one is 1. Where noise was added
    the adversary knows how much, and trusts what is left to the degree it stands out of the noise, else the
    mean of the known rows.

    Departure from ART's attack of this name: solved, where it searches numerically.
    """

    name = "database-reconstruction"
    title = "The last row, from everybody else's"
    reference = "Balle, Cherubin and Hayes, IEEE S&P 2022"
    family = Family.RECONSTRUCTION
    needs = Access.WHITE_BOX
    modality = Modality.TABLE
    claim = Claim.INPUT

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return the features (1, F) in [0, 1] of the missing row, its label as `classes`."""
        known = knowledge.database
        if not isinstance(oracle, ReleaseOracle) or known is None:
            raise AccessDenied(
                f"{self.name} reads a published model and all rows but one; choose naive-bayes or "
                "logistic-regression"
            )
        release = oracle.release()
        solve = _from_gradients if release.kind == LOGISTIC else _from_sums
        row, error, label = solve(release, known)
        mean, spread = known.features.mean(0), known.features.var(0)
        # What was computed without error is taken as it is, also where nobody else varies: whoever is unique.
        trust = torch.where(error == 0, 1.0, spread / (spread + error.square()).clamp_min(TINY))
        guess = (mean + trust * (row - mean)).clamp(0, 1)
        yield Progress(1, 1, 0.0, note="subtracting everybody else")
        return Reconstruction(guess[None], torch.tensor([label]), trust.mean()[None])


def _from_sums(release: Release, known: Database) -> tuple[Tensor, Tensor, int]:
    """Return the missing row (F,), the standard deviation of its error (F,) and its label."""
    counts, means = release.numbers["counts"], release.numbers["means"]
    members = torch.nn.functional.one_hot(known.labels, len(counts)).double().T
    label = int((counts - members.sum(1)).argmax())
    row = counts[label] * means[label] - members[label] @ known.features
    return row, torch.full_like(row, release.noise), label


def _from_gradients(release: Release, known: Database) -> tuple[Tensor, Tensor, int]:
    """Return the same from the condition that the objective is at its optimum."""
    weights, strength = release.numbers["weights"], release.numbers["strength"]
    rows = torch.cat([known.features, torch.ones(len(known.labels), 1, dtype=torch.float64)], 1)
    answers = (rows @ weights).sigmoid()
    left = -weights / strength - rows.T @ (answers - known.labels)  # (p - y) times the missing row and its 1
    curvature = rows.T @ (rows * (answers * (1 - answers))[:, None]) + torch.eye(len(weights)) / strength
    blur = release.noise * curvature.square().sum(1).sqrt()
    share = left[-1] if abs(left[-1]) > TINY else torch.tensor(TINY, dtype=torch.float64)
    row = left[:-1] / share
    # What is missing can weigh no more than 1: where the noise made it more, nothing of it is to be trusted.
    error = (blur[:-1].square() + row.square() * blur[-1].square()).sqrt() / share.abs().clamp(max=1)
    return row, error, int(share < 0)

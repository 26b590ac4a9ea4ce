"""MIFace: gradient descent in the space of pixels, until the model is sure to see the person.

Fredrikson, Jha, Ristenpart, "Model inversion attacks that exploit confidence information and basic
countermeasures", CCS 2015, algorithm 1 and section 5, https://doi.org/10.1145/2810103.2813677

    c(x) = 1 - f_y(x) + AuxTerm(x)         the cost; AuxTerm is 0, as for the paper's softmax and MLP
    x    = Process(x - step_size * dc/dx)  Process: blur and clip to [0, 1]
    stop: c(x) >= max of the last `patience` costs, or c(x) <= 1 - `sure`, or `steps` done
    return the x of the lowest cost on the whole trajectory

Departures: all victims move in one batch, each with its own stop; the start is dark grey where the paper's is
black; a gradient is scaled to unit length per victim (`normalise`), since the paper's fixed step crawls where
the softmax is flat; it is smoothed as neighbouring pixels of photographs go together (`smooth`), since a
gradient alone says what tells a person from others, not what the person looks like; Process is a Gaussian
blur where the paper's autoencoder denoises and sharpens. All of them can be switched off. Left out: the
stacked autoencoder, and gradients estimated from queries.
"""

import math
from collections.abc import Callable

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Knowledge, Progress, Reconstruction

FLAT = 1e-12
"""A gradient shorter than this is not stretched to unit length."""


class MIFace(Attack):
    """Climb the model's confidence from a plain grey picture, pixel by pixel.

    Needs nothing but the weights and gives ghostly faces on shallow models, noise on deep ones: no prior says
    what a face is. Cost: one forward and one backward pass per victim and step.
    """

    name = "mi-face"
    title = "MIFace (pixel gradient)"
    reference = "Fredrikson, Jha, Ristenpart (CCS 2015), https://doi.org/10.1145/2810103.2813677"
    needs = Access.WHITE_BOX

    class Params(Attack.Params):
        """The paper's knobs, and two of ours: `normalise` and `smooth`."""

        steps: int = Field(
            100, ge=1, le=20_000, description="Most steps of gradient descent (the paper's alpha)."
        )
        step_size: float = Field(
            0.01,
            gt=0,
            le=10,
            description="Length of a step (lambda): if normalised the root mean square change of a pixel, "
            "where 1 is black to white; else the factor on the gradient.",
        )
        normalise: bool = Field(True, description="Scale each victim's gradient to unit length.")
        smooth: float = Field(
            3.0, ge=0, le=64, description="Reach over which neighbouring pixels move together, in pixels."
        )
        start: float = Field(0.25, ge=0, le=1, description="Grey level of the first picture; 0 is black.")
        blur: float = Field(
            0.7, ge=0, le=16, description="Standard deviation of the blur in Process, in pixels."
        )
        process_every: int = Field(10, ge=1, le=1000, description="Steps from one blur to the next.")
        patience: int = Field(
            20,
            ge=1,
            le=20_000,
            description="Costs looked back at (beta): no lower than the worst of them means stop.",
        )
        sure: float = Field(
            0.999,
            gt=0,
            le=1,
            description="Confidence of the model at which a victim is done (1 - gamma); 1 is never. "
            "Real photos have about as much; going on makes pictures harsher, not truer.",
        )

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Descend for all victims at once; nothing is random, equal inputs give equal bytes."""
        steps, classes = self.params.steps, knowledge.classes  # (N,)
        going = torch.arange(len(classes))  # (A,) victims still moving, rows of the batch below
        x = torch.full((len(classes), *oracle.input_shape), self.params.start)  # (A, C, H, W)
        best, lowest = x.clone(), torch.full((len(classes),), math.inf)
        past = torch.empty(0, len(classes))  # (up to patience, A)
        spread = _Separable(_neighbours, oracle.input_shape, self.params.smooth)
        blur = _Separable(_gaussian, oracle.input_shape, self.params.blur)
        for step in range(1, steps + 1):
            log_odds, slope = self._cost(oracle, x, classes[going])
            lower = log_odds < lowest[going]
            best[going[lower]], lowest[going[lower]] = x[lower], log_odds[lower]
            stay = ~self._finished(log_odds, past)
            past = torch.cat([past, log_odds[None]])[-self.params.patience :, stay]
            direction = self._scaled(spread(slope[stay]), log_odds[stay])
            x, going = x[stay] - self.params.step_size * direction, going[stay]
            x = (blur(x) if step % self.params.process_every == 0 else x).clamp(0, 1)
            total = steps if len(going) else step
            yield Progress(step, total, loss=lowest.sigmoid().mean().item(), best=best.clone())
            if not len(going):
                break
        return Reconstruction(best, classes, confidence=(-lowest).sigmoid())

    def _cost(self, oracle: Oracle, x: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Return m, the log-odds against each victim's class (A,), and dm/dx (A, C, H, W).

        The cost 1 - f_y is sigmoid(m): comparing m compares costs, also where 1 - f_y rounds to 0, and dc/dx
        is c (1 - c) dm/dx, a factor that normalising takes out again.
        """
        x = x.detach().requires_grad_(True)
        logits = oracle.logits(x)
        own = torch.nn.functional.one_hot(classes, logits.shape[1]).bool()
        log_odds = logits.masked_fill(own, -math.inf).logsumexp(1) - logits[own]
        (slope,) = torch.autograd.grad(log_odds.sum(), x)
        return log_odds.detach(), slope

    def _scaled(self, slope: Tensor, log_odds: Tensor) -> Tensor:
        """Return the direction at unit length, or at that of dc/dx."""
        if self.params.normalise:
            scale = 1 / slope.flatten(1).square().mean(1).sqrt().clamp_min(FLAT)
        else:
            scale = log_odds.sigmoid() * (-log_odds).sigmoid()
        return slope * scale.view(-1, *[1] * (slope.ndim - 1))

    def _finished(self, log_odds: Tensor, past: Tensor) -> Tensor:
        """Say who stops (A,): sure enough, or no better than the worst of the last costs."""
        sure = self.params.sure
        done = log_odds <= (math.log((1 - sure) / sure) if sure < 1 else -math.inf)
        if len(past) == self.params.patience:
            done |= log_odds >= past.amax(0)
        return done


class _Separable:
    """A filter as one small matrix a side: far cheaper here than a convolution."""

    def __init__(self, kernel: Callable[[int, float], Tensor], shape: tuple[int, ...], width: float) -> None:
        self.rows, self.columns = (kernel(size, width) for size in shape[-2:])

    def __call__(self, x: Tensor) -> Tensor:
        """(A, C, H, W) -> (A, C, H, W)."""
        return self.rows @ x @ self.columns.T


def _neighbours(size: int, reach: float) -> Tensor:
    """Return (size, size): how alike pixels are in photographs, exp(-distance / reach)."""
    place = torch.arange(size)
    return torch.exp(-(place[:, None] - place).abs() / reach) if reach else torch.eye(size)


def _gaussian(size: int, sigma: float) -> Tensor:
    """Return (size, size) whose row i weighs the pixels around i; what falls outside counts as the edge."""
    if sigma == 0:
        return torch.eye(size)
    reach = math.ceil(4 * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    matrix = torch.zeros(size, size)
    for offset, weight in zip(range(-reach, reach + 1), weights / weights.sum(), strict=True):
        matrix[torch.arange(size), (torch.arange(size) + offset).clamp(0, size - 1)] += weight
    return matrix

"""A decoder from what a model answers to the picture it answered, learnt from public pictures.

Yang, Chang and Liang (CCS 2019) and Mai et al. (TPAMI 2018) draw with transposed convolutions. Departure: two
hidden layers give the coefficients of the picture in the principal components of the public pictures (Turk
and Pentland, Journal of Cognitive Neuroscience, 1991). These are orthonormal, so the squared error of the
coefficients is that of the pixels but for a constant: the loss of Yang et al., learnt in seconds without a
GPU.
"""

import copy
import math
import time
from collections.abc import Generator
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import skip_init

COMPONENTS, FITTED_ON = 300, 1500
"""Principal components kept at most, and the pictures they are computed from."""
VALIDATED = 0.1
"""Share of the public pictures on which the best pass is chosen."""
BATCH = 128
DROPPED = 0.2
"""Share of the hidden units left out in each step."""
WARM_UP = 0.05
"""Share of the training over which the step size rises to its peak."""


class Eigenpictures:
    """The principal components of pictures: mean (P,), components (P, R) of unit length."""

    def __init__(self, photos: Tensor) -> None:
        """Compute them from `photos` (M, C, H, W) uint8, by way of the M x M matrix of inner products."""
        values = photos[:FITTED_ON].flatten(1).float() / 255
        self.shape = photos.shape[1:]
        self.mean = values.mean(0)
        centred = values - self.mean
        strengths, vectors = torch.linalg.eigh(centred @ centred.T)
        count = max(1, min(COMPONENTS, int((strengths > 1e-6 * strengths[-1]).sum())))
        # Their directions, made exactly orthogonal: the weakest ones are not, to the precision of a float.
        self.components = torch.linalg.qr(centred.T @ vectors[:, -count:]).Q

    def encode(self, photos: Tensor) -> Tensor:
        """(M, C, H, W) uint8 -> coefficients (M, R)."""
        parts = [part.flatten(1).float() / 255 - self.mean for part in photos.split(512)]
        return torch.cat([part @ self.components for part in parts])

    def decode(self, coefficients: Tensor) -> Tensor:
        """(M, R) -> (M, C, H, W) in [0, 1]."""
        drawn: Tensor = coefficients @ self.components.T + self.mean
        return drawn.view(len(coefficients), *self.shape).clamp(0, 1)


class Dropout(nn.Module):
    """Leaves out units at random while training, drawing from a generator of its own."""

    def __init__(self, rng: torch.Generator) -> None:
        super().__init__()
        self._rng = rng

    def forward(self, x: Tensor) -> Tensor:
        """(N, F) -> (N, F), the rest scaled up."""
        if not self.training:
            return x
        return x * (torch.rand(x.shape, generator=self._rng) >= DROPPED) / (1 - DROPPED)


class Decoder(nn.Module):
    """Answers (N, A) -> coefficients (N, R), all of about unit scale inside."""

    def __init__(
        self, pictures: Eigenpictures, answers: Tensor, wanted: Tensor, hidden: int, rng: torch.Generator
    ) -> None:
        """Scale by the `answers` (M, A) and coefficients (M, R) it will be taught; initial weights come from
        `rng` alone.
        """
        super().__init__()
        self.pictures = pictures
        self.scale = wanted.square().mean().sqrt()
        self.centre, spread = answers.mean(0), answers.std(0)
        # A score that hardly ever moves would otherwise shout when it does.
        self.spread = spread.clamp_min(max(0.1 * spread.mean().item(), 1e-6))
        sizes = [answers.shape[1], hidden, hidden, pictures.components.shape[1]]
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layer = skip_init(nn.Linear, before, after)
            layer.weight.data = (2 / before) ** 0.5 * torch.randn(after, before, generator=rng)
            layer.bias.data.zero_()
            layers += [layer, nn.BatchNorm1d(after), nn.ReLU(), Dropout(rng)]
        self.layers = nn.Sequential(*layers[:-3])

    def forward(self, answers: Tensor) -> Tensor:
        """(N, A) -> (N, R)."""
        coefficients: Tensor = self.scale * self.layers((answers - self.centre) / self.spread)
        return coefficients

    def draw(self, answers: Tensor) -> Tensor:
        """(N, A) -> (N, C, H, W) in [0, 1], off the graph."""
        self.eval()
        with torch.no_grad():
            drawn = self.pictures.decode(self(answers))
        self.train()
        return drawn


def learn(
    answers: Tensor, photos: Tensor, *, hidden: int, passes: int, learning_rate: float, rng: torch.Generator
) -> Generator[tuple[int, float, Decoder], None, Decoder]:
    """Return the decoder as it was after the pass that did best on public pictures held back.

    `answers` (M, A) were given to `photos` (M, C, H, W) uint8. Yields about once a second: passes done, the
    mean squared error on the pictures held back, the decoder so far.
    """
    order = torch.randperm(len(photos), generator=rng)
    answers, photos = answers[order], photos[order]
    held_back = max(1, int(VALIDATED * len(photos)))
    pictures = Eigenpictures(photos[held_back:])
    wanted = pictures.encode(photos)
    decoder = Decoder(pictures, answers[held_back:], wanted[held_back:], hidden, rng)
    optimiser = torch.optim.AdamW(decoder.parameters(), lr=learning_rate, weight_decay=1e-3)
    lowest, error, best, told = math.inf, math.inf, copy.deepcopy(decoder.state_dict()), time.monotonic()
    for done in range(passes):
        rows = held_back + torch.randperm(len(photos) - held_back, generator=rng)
        batches = rows.split(BATCH) if len(rows) < BATCH else [*rows.split(BATCH)][: len(rows) // BATCH]
        for number, batch in enumerate(batches):
            optimiser.param_groups[0]["lr"] = learning_rate * _pace((done + number / len(batches)) / passes)
            optimiser.zero_grad()
            F.mse_loss(decoder(answers[batch]), wanted[batch]).backward()
            optimiser.step()
            if time.monotonic() - told > 1:
                told = time.monotonic()
                yield done, error, decoder
        error = _error(decoder, answers[:held_back], photos[:held_back])
        if error < lowest:
            lowest, best = error, copy.deepcopy(decoder.state_dict())
        told = time.monotonic()
        yield done + 1, error, decoder
    decoder.load_state_dict(best)
    return decoder


def _error(decoder: Decoder, answers: Tensor, photos: Tensor) -> float:
    """Return the mean squared error of the pixels."""
    return F.mse_loss(decoder.draw(answers), photos.float() / 255).item()


def _pace(done: float) -> float:
    """Return the step size as a share of its peak: linear up, then one cosine down."""
    return min(1.0, (done + 1e-3) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * done))

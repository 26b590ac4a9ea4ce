"""Train a prior from public pictures: what an attacker prepares before meeting any target.

A variational autoencoder (Kingma and Welling, 2014) whose decoder is kept, sharpened by a patch critic as
in VAE-GAN (Larsen et al., ICML 2016). Where the public people are named and have several photos each, the
person's part of the latent is taken from *another* photo of the same person, so that it cannot carry pose,
light or background; and likeness is judged by a network that tells those people apart (see recogniser).
"""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inversion_core.errors import DataUnusable
from inversion_core.priors.base import ImagePrior, PriorCard
from inversion_core.priors.networks import Critic, Decoder, Encoder, halves
from inversion_core.priors.recogniser import Recogniser, teach
from inversion_core.seeds import derive, torch_rng
from inversion_core.targets import weights
from inversion_core.values import Photos, Progress

FEWEST = 200
"""Pictures below which no prior is worth its name."""
HELD_BACK = 64
"""People kept out of training to measure the reconstruction error."""
CRITIC_FROM = 0.65
"""Share of the training after which the critic joins."""


@dataclass(frozen=True)
class Recipe:
    """Sizes and weights of the training; the defaults are what the shipped prior was made with."""

    steps: int = 30_000
    recogniser_steps: int = 2_500
    people_a_step: int = 16
    person_size: int = 96
    photo_size: int = 20
    width: int = 32
    learning_rate: float = 2e-3
    person_divergence: float = 2e-5
    photo_divergence: float = 5e-4
    adversarial: float = 0.003
    feature_matching: float = 0.2
    likeness: float = 0.2
    seed: int = 0


def train_prior(
    photos: Photos, name: str, origin: str, recipe: Recipe | None = None
) -> Generator[Progress, None, tuple[ImagePrior, dict[str, Tensor]]]:
    """Return the prior and its tensors as they are to be written (float16).

    `photos.labels` name the people; where everybody has one photo the photo part of the latent is left out.
    Raises DataUnusable for fewer than 200 pictures, or for a size the network cannot halve four times.
    """
    _require_usable(photos)
    recipe = recipe or Recipe()
    people = _People(photos)
    if people.most == 1:
        recipe = Recipe(
            **{**vars(recipe), "person_size": recipe.person_size + recipe.photo_size, "photo_size": 0}
        )
    torch.manual_seed(derive(recipe.seed, "prior", name))
    began = time.monotonic()
    model = _Model(photos.inputs.shape, recipe)
    if people.most > 1:
        yield from model.learn_to_recognise(people, recipe)
    yield from _loop(model, people, recipe)
    model.finish(people, recipe)
    card = PriorCard(
        name=name,
        origin=origin,
        people=people.count,
        photos=len(photos),
        image_shape=tuple(photos.inputs.shape[1:]),
        person_size=recipe.person_size,
        photo_size=recipe.photo_size,
        width=recipe.width,
        reconstruction_error=model.error(people.held_back),
        seconds=round(time.monotonic() - began, 1),
        versions={"torch": version("torch")},
    )
    state = weights.half(model.decoder)
    return ImagePrior(model.decoder, card.model_copy(update={"sha256": weights.digest(state)})), state


def _require_usable(photos: Photos) -> None:
    if len(photos) < FEWEST:
        raise DataUnusable(
            f"a prior needs at least {FEWEST} pictures, {len(photos)} were given; add public pictures"
        )
    height, width = photos.inputs.shape[-2:]
    if height != width or height % 16:
        raise DataUnusable(
            f"a prior draws square pictures of a multiple of 16 pixels, {height} x {width} were given; "
            "choose 32, 48, 64, ..."
        )


class _People:
    """Draws pairs of photos of one person; people with one photo are paired with themselves."""

    def __init__(self, photos: Photos) -> None:
        self.photos = photos
        order = photos.labels.argsort(stable=True)
        counts = photos.labels.bincount()
        self.counts = counts[counts > 0]
        self.starts = torch.cat([torch.zeros(1, dtype=torch.long), self.counts.cumsum(0)[:-1]])
        self.order = order
        self.count, self.most = len(self.counts), int(self.counts.max())
        self.kept = max(1, self.count - HELD_BACK)

    @property
    def held_back(self) -> Tensor:
        """One photo of each person kept out of training: (M, C, H, W) in [0, 1]."""
        return self.photos.inputs[self.order[self.starts[self.kept :]]].float() / 255

    def draw(self, people: int, rng: torch.Generator) -> Tensor:
        """(2 people, C, H, W) in [0, 1]: row i and row i + people show the same person."""
        who = torch.randint(self.kept, (people,), generator=rng)
        first = (torch.rand(people, generator=rng) * self.counts[who]).long()
        step = 1 + (torch.rand(people, generator=rng) * (self.counts[who] - 1)).long()
        second = (first + step) % self.counts[who]
        rows = self.order[self.starts[who].repeat(2) + torch.cat([first, second])]
        return self.photos.inputs[rows].float() / 255

    def draw_named(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """(count, C, H, W) in [0, 1] and whom they show (count,)."""
        who = torch.randint(self.kept, (count,), generator=rng)
        rows = self.order[self.starts[who] + (torch.rand(count, generator=rng) * self.counts[who]).long()]
        return self.photos.inputs[rows].float() / 255, who


class _Model:
    """Encoder, decoder and critic with their optimisers."""

    def __init__(self, shape: torch.Size, recipe: Recipe) -> None:
        _, channels, size, _ = shape
        latent = recipe.person_size + recipe.photo_size
        self.person_size = recipe.person_size
        self.encoder = _channels_last(Encoder(channels, size, latent))
        self.decoder = _channels_last(Decoder(channels, size, latent, recipe.width))
        self.critic = _channels_last(Critic(channels))
        self.recogniser: Recogniser | None = None
        self.parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=recipe.learning_rate, betas=(0.9, 0.99), weight_decay=1e-4
        )
        self.judge = torch.optim.AdamW(self.critic.parameters(), lr=4e-4, betas=(0.5, 0.99))

    def learn_to_recognise(self, people: _People, recipe: Recipe) -> Generator[Progress, None, None]:
        """Teach the recogniser; without it, likeness is a matter of pixels and of the critic."""
        rng = torch_rng(recipe.seed, "prior", "recogniser")
        _, channels, size, _ = people.photos.inputs.shape
        self.recogniser = _channels_last(Recogniser(channels, size))
        yield from teach(
            self.recogniser, people.kept, lambda count: people.draw_named(count, rng), recipe.recogniser_steps
        )

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance (N, D) of the latents."""
        with halves():
            mean, log_variance = self.encoder(images.contiguous(memory_format=torch.channels_last))
        return mean.float(), log_variance.float()

    def decode(self, latents: Tensor) -> Tensor:
        """(N, D) -> (N, C, H, W)."""
        with halves():
            images: Tensor = self.decoder(latents)
        return images.float()

    def judged(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the critic's verdicts and features."""
        with halves():
            verdict, features = self.critic(images)
        return verdict.float(), [one.float() for one in features]

    def preview(self, images: Tensor, drawn: Tensor) -> Tensor:
        """Return three rows: pictures, what was drawn of them, and the same people in an average photo."""
        self.encoder.eval(), self.decoder.eval()
        with torch.no_grad():
            latents = self.encode(images)[0]
            latents[:, self.person_size :] = 0
            plain = self.decode(latents)
        self.encoder.train(), self.decoder.train()
        return torch.cat([images, drawn.detach(), plain])

    def finish(self, people: _People, recipe: Recipe) -> None:
        """Fold batch normalisation and the spread of the public people into the decoder.

        Afterwards a standard normal latent is a plausible person: the first layer takes u to mean + L u,
        with L the Cholesky factor of the covariance of the codes of public photos.
        """
        self.encoder.eval()
        rng = torch_rng(recipe.seed, "prior", "spread")
        with torch.inference_mode():
            codes = torch.cat([self.encode(people.draw(64, rng))[0] for _ in range(40)]).double()
        person, photo = codes[:, : self.person_size], codes[:, self.person_size :]
        centre = codes.mean(0)
        factor = (
            torch.block_diag(_cholesky(person), _cholesky(photo)) if photo.shape[1] else _cholesky(person)
        )
        decoder = self.decoder.fused()
        weight, bias = decoder.fc.weight.double(), decoder.fc.bias.double()
        decoder.fc.weight.data = (weight @ factor).float()
        decoder.fc.bias.data = (bias + weight @ centre).float()
        self._centre, self._factor = centre, factor

    def error(self, images: Tensor) -> float:
        """Return the mean absolute error of encoding and decoding, after `finish`."""
        with torch.inference_mode():
            codes = self.encode(images)[0].double() - self._centre
            standard = torch.linalg.solve_triangular(self._factor, codes.T.clone(), upper=False).T.float()
            return float((self.decoder(standard) - images).abs().mean())


def _loop(model: _Model, people: _People, recipe: Recipe) -> Generator[Progress, None, None]:
    rng = torch_rng(recipe.seed, "prior", "batches")
    told = time.monotonic()
    for step in range(1, recipe.steps + 1):
        done = step / recipe.steps
        pace = min(1.0, step / 100) * (0.51 + 0.49 * math.cos(math.pi * done))
        for group in model.optimiser.param_groups:
            group["lr"] = recipe.learning_rate * pace
        images = people.draw(recipe.people_a_step, rng).contiguous(memory_format=torch.channels_last)
        drawn, loss = _redraw(model, images, recipe, rng)
        if done > CRITIC_FROM:
            _teach_critic(model, images, drawn.detach())
        if done > CRITIC_FROM + 0.05:
            loss = loss + _adversarial(model, images, drawn, recipe)
        model.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters, 1.0)
        model.optimiser.step()
        if time.monotonic() - told > 1 or step == recipe.steps:
            told = time.monotonic()
            error = float((drawn.detach() - images).abs().mean())
            shown = model.preview(images[:8], drawn[:8])
            yield Progress(step, recipe.steps, error, shown, "training the prior")


def _redraw(model: _Model, images: Tensor, recipe: Recipe, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return each picture redrawn with the person's code of the other photo, and the loss of that."""
    mean, log_variance = model.encode(images)
    latents = mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=rng)
    if recipe.photo_size:
        person, photo = latents[:, : recipe.person_size], latents[:, recipe.person_size :]
        latents = torch.cat([person.roll(len(images) // 2, 0), photo], dim=1)
    drawn = model.decode(latents)
    loss = _distance(drawn, images)
    loss = loss + _distance(_across(drawn), _across(images)) + _distance(_down(drawn), _down(images))
    if model.recogniser is not None:
        loss = loss + recipe.likeness * model.recogniser.distance(drawn, images)
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(0)
    # What belongs to the person is cheap to say there and dear to say in the photo's part: so it moves over.
    person, photo = divergence[: recipe.person_size].sum(), divergence[recipe.person_size :].sum()
    return drawn, loss + recipe.person_divergence * person + recipe.photo_divergence * photo


def _distance(drawn: Tensor, images: Tensor) -> Tensor:
    """Squares draw faint small features early, where absolute values would leave them out; those sharpen."""
    difference = drawn - images
    return 10 * difference.square().mean() + 0.2 * difference.abs().mean()


def _teach_critic(model: _Model, images: Tensor, drawn: Tensor) -> None:
    """One step of the critic on the hinge loss."""
    loss = F.relu(1 - model.judged(images)[0]).mean() + F.relu(1 + model.judged(drawn)[0]).mean()
    model.judge.zero_grad(set_to_none=True)
    loss.backward()
    model.judge.step()


def _adversarial(model: _Model, images: Tensor, drawn: Tensor, recipe: Recipe) -> Tensor:
    """Return the critic's part of the decoder's loss: its verdict and the distance of its features."""
    model.critic.requires_grad_(False)
    verdict, features = model.judged(drawn)
    with torch.no_grad():
        _, wanted = model.judged(images)
    model.critic.requires_grad_(True)
    matching = torch.stack([(a - b).abs().mean() for a, b in zip(features, wanted, strict=True)]).sum()
    return recipe.feature_matching * matching - recipe.adversarial * verdict.mean()


def _across(images: Tensor) -> Tensor:
    return images[..., 1:] - images[..., :-1]


def _down(images: Tensor) -> Tensor:
    return images[..., 1:, :] - images[..., :-1, :]


def _cholesky(codes: Tensor) -> Tensor:
    """(M, D) -> (D, D) lower factor of the covariance, with a little added so that idle directions stay
    regular.
    """
    factor: Tensor = torch.linalg.cholesky(
        codes.T.cov() + 1e-4 * torch.eye(codes.shape[1], dtype=codes.dtype)
    )
    return factor


M = TypeVar("M", bound=nn.Module)


def _channels_last(network: M) -> M:
    """Return the network with the memory layout in which convolutions run fastest here."""
    channels_last: M = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return channels_last

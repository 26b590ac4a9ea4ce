"""A prior in use: a decoder of standard normal latents, with the card of what it was learnt from."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from inversion_core.priors.networks import Decoder, halves
from inversion_core.settings import ASSETS

FOLDER = ASSETS / "priors"


class PriorCard(BaseModel):
    """What travels with a prior."""

    model_config = ConfigDict(frozen=True)

    name: str
    origin: str = Field(description="Where the public photos came from.")
    people: int = Field(description="Public people, or pictures where nobody is named.")
    photos: int
    image_shape: tuple[int, int, int]
    person_size: int
    photo_size: int
    width: int
    reconstruction_error: float = Field(
        description="Mean absolute error on pictures it was not trained on, 0 to 1."
    )
    seconds: float
    sha256: str = ""
    versions: dict[str, str] = {}


@dataclass(frozen=True, eq=False)
class ImagePrior:
    """Satisfies `values.Prior`: latents (N, D) ~ N(0, 1), the first `person_size` of them the person."""

    decoder: Decoder
    card: PriorCard

    @property
    def latent_size(self) -> int:
        """D."""
        return self.card.person_size + self.card.photo_size

    @property
    def person_size(self) -> int:
        """How many of the D say who it is."""
        return self.card.person_size

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        return self.card.image_shape

    def decode(self, latents: Tensor) -> Tensor:
        """(N, D) -> (N, C, H, W) in [0, 1]; differentiable."""
        with halves():
            images: Tensor = self.decoder(latents)
        return images


def prior_names() -> list[str]:
    """Return the names of the shipped priors, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))

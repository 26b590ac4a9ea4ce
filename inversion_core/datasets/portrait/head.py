"""What all layers of a portrait read: the factors by name, and the sizes and places of the head."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.datasets.portrait.palette import HAIR, SKIN, ramp
from inversion_core.datasets.portrait.stage import Plane, bell, smooth


@dataclass(frozen=True)
class Traits:
    """What a layer reads: a chunk's identity and view factors by name, each (N, 1, 1) in [0, 1]."""

    values: dict[str, Plane]
    choices: dict[str, Tensor]  # categorical factors: (N,) index of the value

    def span(self, name: str, low: float, high: float) -> Plane:
        """Stretch a factor to the range low..high."""
        return low + (high - low) * self.values[name]

    def table(self, name: str, numbers: tuple[float, ...]) -> Plane:
        """Look a categorical factor up in one number a value."""
        return torch.tensor(numbers)[self.choices[name]][:, None, None]

    def colour(self, name: str, stops: tuple[tuple[float, float, float], ...]) -> Tensor:
        """Read a factor as a place on a colour ramp: (N, 3, 1, 1)."""
        return ramp(torch.tensor(stops), self.values[name].flatten())


@dataclass(frozen=True)
class Head:
    """Sizes and places that several layers share, (N, 1, 1) in face units, and the person's colours."""

    width: Plane  # half the face
    crown: Plane  # from the middle up
    chin: Plane  # from the middle down
    spacing: Plane  # eye to middle
    level: Plane  # of the eyes
    nose: Plane  # level of its base
    nose_wide: Plane
    mouth: Plane  # level
    mouth_wide: Plane
    yaw: Plane
    skin: Tensor  # (N, 3, 1, 1)
    hair: Tensor
    light: tuple[Plane, Plane, Plane]  # direction towards the light, not normalised

    @classmethod
    def of(cls, traits: Traits) -> Head:
        level = traits.span("eye_level", -0.055, 0.035)
        nose = level + traits.span("nose_length", 0.18, 0.285)
        chin = traits.span("face_length", 0.53, 0.66)
        lip = traits.span("mouth_level", 0.37, 0.50)
        tone = traits.colour("skin_tone", SKIN)
        warm = torch.tensor([0.030, 0.0, -0.045])[None, :, None, None]
        return cls(
            width=traits.span("face_width", 0.40, 0.50),
            crown=traits.span("face_length", 0.60, 0.64),
            chin=chin,
            spacing=torch.maximum(
                traits.span("eye_spacing", 0.150, 0.225), traits.span("eye_size", 0.130, 0.170)
            ),
            level=level,
            nose=nose,
            nose_wide=traits.span("nose_width", 0.055, 0.115),
            mouth=nose + lip * (chin - nose),
            mouth_wide=traits.span("mouth_width", 0.105, 0.185) * (1 + 0.16 * traits.values["smile"]),
            yaw=traits.span("yaw", -0.36, 0.36),
            skin=tone * (1 + 2.8 * warm * (traits.values["undertone"].unsqueeze(1) - 0.5)),
            hair=traits.colour("hair_colour", HAIR),
            light=(
                traits.span("light_side", -0.75, 0.75),
                traits.span("light_height", -0.75, -0.15),
                torch.tensor(0.8),
            ),
        )

    def outline(self, x: Plane, y: Plane, traits: Traits, longer: Plane | float = 0.0) -> Plane:
        """Return an implicit face shape (negative inside): an ellipse above, cheeks, jaw and chin below."""
        x = x - self.yaw * 0.16 * smooth(y, -0.2, 0.6)
        down = (y / (self.chin + longer)).clamp(min=0)
        taper = traits.span("jaw_width", 0.34, 0.02) * smooth(down, 0.05, 1.05)
        cheeks = traits.span("cheeks", -0.03, 0.10) * bell((down - 0.48) / 0.26)
        wide = self.width * (1 - taper + cheeks)
        power = traits.span("chin_square", 1.8, 3.3)
        low = torch.exp(power * torch.log(down.clamp(min=1e-3)))
        above = (y / -self.crown).clamp(min=0)
        high = above.square() * above.sqrt()
        return (x / wide).square() + low + high - 1

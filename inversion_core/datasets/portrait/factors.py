"""The vectors behind a portrait: what each number of a person and of a view means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from inversion_core.datasets.portrait.hair import HAIR_STYLES


@dataclass(frozen=True)
class Factor:
    """One number of a person's or a view's vector; a categorical one cuts 0..1 into equal bins."""

    name: str
    kind: Literal["continuous", "categorical"]
    description: str
    values: tuple[str, ...]
    """The categories in order; for a continuous factor what 0 and 1 mean."""


def _scale(name: str, description: str, low: str, high: str) -> Factor:
    return Factor(name, "continuous", description, (low, high))


def _choice(name: str, description: str, *values: str) -> Factor:
    return Factor(name, "categorical", description, values)


FACTORS: tuple[Factor, ...] = (
    _scale("face_width", "Half width of the face.", "narrow", "wide"),
    _scale("face_length", "From the crown to the chin.", "short", "long"),
    _scale("jaw_width", "How much the jaw keeps of the face's width.", "tapered", "broad"),
    _scale("chin_square", "Shape of the chin.", "pointed", "square"),
    _scale("cheeks", "Fullness of the cheeks.", "hollow", "full"),
    _scale("skin_tone", "Skin from light to dark.", "light", "dark"),
    _scale("undertone", "Undertone of the skin.", "cool", "warm"),
    _scale("blush", "Redness of the cheeks.", "pale", "rosy"),
    _choice("hair_style", "Cut of the hair.", *HAIR_STYLES),
    _scale("hair_colour", "Black, brown, auburn, red, blond, grey, white.", "black", "white"),
    _scale("hair_volume", "How far the hair stands off.", "flat", "full"),
    _scale("hair_length", "Length within the style, for hair that hangs.", "shorter", "longer"),
    _scale("hairline", "Height of the hairline.", "low", "high"),
    _scale("parting", "Where the hair parts.", "left", "right"),
    _scale("brow_thickness", "Thickness of the brows.", "thin", "thick"),
    _scale("brow_angle", "Slope of the brows.", "outer end low", "outer end high"),
    _scale("brow_height", "Distance from eye to brow.", "low", "high"),
    _scale("brow_spacing", "Distance between the brows.", "close", "wide"),
    _scale("eye_size", "Width of the eyes.", "small", "large"),
    _scale("eye_open", "Height of the eyes for their width.", "narrow", "round"),
    _scale("eye_spacing", "Distance between the eyes.", "close", "wide"),
    _scale("eye_slant", "Slant of the eyes.", "outer corner low", "outer corner high"),
    _scale("eye_level", "Height of the eyes in the face.", "high", "low"),
    _scale("iris_colour", "Dark brown, brown, hazel, green, teal, blue, grey.", "dark brown", "grey"),
    _scale("lashes", "Strength of the upper lashes.", "light", "strong"),
    _scale("nose_length", "Length of the nose.", "short", "long"),
    _scale("nose_width", "Width of the nose.", "narrow", "wide"),
    _scale("nose_bridge", "Height of the bridge.", "flat", "high"),
    _scale("mouth_width", "Width of the mouth.", "narrow", "wide"),
    _scale("mouth_level", "Place of the mouth between nose and chin.", "high", "low"),
    _scale("lip_fullness", "Fullness of the lips.", "thin", "full"),
    _scale("lip_colour", "Colour of the lips.", "pale", "deep red"),
    _choice("beard_style", "Cut of the beard.", "none", "stubble", "moustache", "goatee", "full"),
    _scale("beard_length", "Length of beard or moustache.", "short", "long"),
    _choice("glasses", "Shape of the glasses.", "none", "round", "square", "browline"),
    _scale("frame_colour", "Black, brown, red, gold, silver.", "black", "silver"),
    _scale("frame_thickness", "Thickness of the frame.", "fine", "heavy"),
    _scale("ear_size", "Size of the ears.", "small", "large"),
    _choice("earrings", "Rings in the ears.", "none", "studs", "hoops"),
    _choice("marks", "Marks on the skin.", "none", "freckles", "mole on the cheek", "mole above the lip"),
    _scale("age_lines", "Lines of age.", "none", "many"),
    _scale("cloth_colour", "Hue of the clothes.", "navy", "cream"),
    _scale("cloth_light", "Lightness of the clothes.", "dark", "light"),
    _choice("collar", "Neckline.", "crew", "v-neck", "shirt", "turtleneck"),
)

VIEWS: tuple[Factor, ...] = (
    _scale("yaw", "Head turned.", "to our left", "to our right"),
    _scale("pitch", "Head nods.", "up", "down"),
    _scale("tilt", "Head tilted.", "left", "right"),
    _scale("zoom", "Distance of the camera.", "far", "near"),
    _scale("shift_side", "Place in the picture.", "left", "right"),
    _scale("shift_height", "Place in the picture.", "high", "low"),
    _scale("light_side", "Light from.", "left", "right"),
    _scale("light_height", "Light from.", "above", "front"),
    _scale("light_strength", "Contrast of the light.", "soft", "hard"),
    _scale("light_warmth", "Colour of the light.", "cool", "warm"),
    _scale("exposure", "Brightness of the photo.", "dark", "bright"),
    _scale("smile", "Corners of the mouth.", "down", "up"),
    _scale("mouth_open", "Opening of the mouth; closed below 0.44.", "closed", "open"),
    _scale("brow_raise", "Raised brows.", "low", "high"),
    _scale("gaze_side", "Where the eyes look.", "left", "right"),
    _scale("gaze_height", "Where the eyes look.", "up", "down"),
    _scale("background_hue", "Colour of the wall.", "blue", "violet"),
    _scale("background_light", "Lightness of the wall.", "dark", "light"),
    _scale("background_slope", "Which side of the wall is lighter.", "left", "right"),
    _scale("noise_seed", "Seed of the sensor's noise.", "0", "1"),
)

PLACE = {factor.name: place for place, factor in enumerate(FACTORS)}
VIEW_PLACE = {factor.name: place for place, factor in enumerate(VIEWS)}
_NEUTRAL = {"light_side": 0.38, "light_height": 0.45, "light_strength": 0.45, "smile": 0.5, "mouth_open": 0.0,
            "brow_raise": 0.3, "background_hue": 0.1, "background_light": 0.55}  # fmt: skip
NEUTRAL_VIEW: Tensor = torch.tensor([_NEUTRAL.get(view.name, 0.5) for view in VIEWS])
"""Frontal, neutral expression, soft light: the picture to show of a person."""


def category(column: Tensor, factor: Factor) -> Tensor:
    """Return the index of the value whose bin each number of a column lies in."""
    return (column * len(factor.values)).long().clamp(0, len(factor.values) - 1)

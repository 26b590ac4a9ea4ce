"""Name what a viewer can check in a person's photo: the truth an attack is held against."""

from __future__ import annotations

import torch
from torch import Tensor

from inversion_core.datasets.portrait.factors import FACTORS, PLACE, category

# Attribute -> (factor, where to cut it, what to call the pieces): what a viewer can check in a photo.
_CUTS: dict[str, tuple[str, tuple[float, ...], tuple[str, ...]]] = {
    "skin": ("skin_tone", (0.33, 0.66), ("light", "medium", "dark")),
    "hair colour": ("hair_colour", (0.15, 0.33, 0.49, 0.74), ("black", "brown", "red", "blond", "grey")),
    "eye colour": ("iris_colour", (0.40, 0.72), ("brown", "green", "blue")),
    "brows": ("brow_thickness", (0.5,), ("thin", "thick")),
    "eyes": ("eye_spacing", (0.5,), ("close", "wide")),
    "nose": ("nose_width", (0.5,), ("narrow", "wide")),
    "lips": ("lip_fullness", (0.5,), ("thin", "full")),
    "mouth": ("mouth_width", (0.5,), ("narrow", "wide")),
    "age lines": ("age_lines", (0.45,), ("few", "many")),
    "clothes": (
        "cloth_colour",
        (0.22, 0.32, 0.41, 0.60, 0.69, 0.86, 0.95),
        ("blue", "green", "olive", "orange", "red", "purple", "grey", "cream"),
    ),
}
_NAMED = {
    "glasses": "glasses",
    "beard": "beard_style",
    "earrings": "earrings",
    "skin marks": "marks",
    "collar": "collar",
}
_HAIR_GROUPS = {
    "bald": "bald", "buzz": "short", "short": "short", "side part": "short", "swept": "short",
    "curly": "curly", "afro": "curly", "bob": "bob", "fringe": "bob with fringe",
    "long": "long", "long curls": "long curls", "bun": "bun",
}  # fmt: skip


def describe(identities: Tensor) -> dict[str, list[str]]:
    """Name what a viewer can check in a photo of each person: attribute -> one value a row of (N, F)."""
    named = {}
    for attribute, (factor, edges, pieces) in _CUTS.items():
        bins = torch.bucketize(identities[:, PLACE[factor]].contiguous(), torch.tensor(edges))
        named[attribute] = [pieces[b] for b in bins.tolist()]
    for attribute, factor in _NAMED.items():
        named[attribute] = _values(identities, factor)
    named["hair style"] = [_HAIR_GROUPS[style] for style in _values(identities, "hair_style")]
    named["face shape"] = _face_shapes(identities)
    return named


def _values(identities: Tensor, name: str) -> list[str]:
    factor = FACTORS[PLACE[name]]
    return [factor.values[index] for index in category(identities[:, PLACE[name]], factor).tolist()]


def _face_shapes(identities: Tensor) -> list[str]:
    """Call a face round, long, heart-shaped or square by its width, length and jaw."""
    width, length, jaw = (identities[:, PLACE[name]] for name in ("face_width", "face_length", "jaw_width"))
    slim = (length - width) > 0.25
    broad = (width - length) > 0.25
    wide_jaw = jaw > 0.5
    shape = torch.where(slim, 0, torch.where(broad, 1, torch.where(wide_jaw, 2, 3)))
    return [("long", "round", "square", "heart-shaped")[index] for index in shape.tolist()]

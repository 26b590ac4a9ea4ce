"""Synthetic portraits: a person is a vector of identity factors, a photo is that person in a view.

A procedural renderer instead of photographs: nobody's likeness is needed to show how a model gives its
training people away, and the truth about every person (hair, glasses, ...) is known exactly. Rendering is
deterministic: the same vectors give the same bytes, however they are batched.
Left out: bodies, objects, hard shadows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from inversion_core.datasets import portrait_shapes as shapes

SIZE = 64
CHUNK = 16  # photos drawn together: their planes stay in the processor's cache
SCALE = 2  # pixels drawn for each pixel kept, in each direction
NOISE = 0.008  # standard deviation of the sensor's noise, of 1


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
    _choice("hair_style", "Cut of the hair.", *shapes.HAIR_STYLES),
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

_PLACE = {factor.name: place for place, factor in enumerate(FACTORS)}
_VIEW_PLACE = {factor.name: place for place, factor in enumerate(VIEWS)}
_NEUTRAL = {"light_side": 0.38, "light_height": 0.45, "light_strength": 0.45, "smile": 0.5, "mouth_open": 0.0,
            "brow_raise": 0.3, "background_hue": 0.1, "background_light": 0.55}  # fmt: skip
NEUTRAL_VIEW: Tensor = torch.tensor([_NEUTRAL.get(view.name, 0.5) for view in VIEWS])
"""Frontal, neutral expression, soft light: the picture to show of a person."""


def sample_identities(count: int, rng: torch.Generator) -> Tensor:
    """Draw people: (count, F) in [0, 1]; what goes together, as age and grey hair, leans together."""
    people = torch.rand(count, len(FACTORS), generator=rng)
    lean = torch.rand(
        count, generator=rng
    )  # 0: beards and heavy brows likely, 1: long hair and lashes likely
    column = {name: people[:, place] for name, place in _PLACE.items()}  # views: writing one writes `people`
    for name, towards in (
        ("brow_thickness", 1 - lean),
        ("lashes", lean),
        ("jaw_width", 1 - lean),
        ("lip_colour", lean),
    ):
        column[name].mul_(0.55).add_(0.45 * towards)
    column["age_lines"].square_()
    column["hair_colour"].copy_(
        _hair_colours(column["hair_colour"], column["age_lines"], column["skin_tone"])
    )
    dark = column["skin_tone"] > 0.6
    column["iris_colour"].mul_(torch.where(dark, 0.35, 1.0))
    #                  bald buzz short side swept curly afro bob fringe long curls bun
    short = (1.1, 1.0, 1.4, 1.4, 1.3, 1.0, 0.7, 0.1, 0.1, 0.3, 0.1, 0.2)
    long = (0.1, 0.2, 0.6, 0.3, 0.4, 0.7, 0.7, 1.5, 1.3, 1.6, 1.4, 1.3)
    _choose(column["hair_style"], lean, short, long)
    _choose(column["beard_style"], lean, (0.9, 1.0, 0.9, 1.0, 1.2), (24.0, 0.3, 0.2, 0.2, 0.2))
    _choose(column["glasses"], lean, (2.8, 0.8, 0.8, 0.8), (2.8, 0.8, 0.8, 0.8))
    _choose(column["earrings"], lean, (8.0, 0.6, 0.4), (1.0, 0.9, 1.1))
    _choose(column["marks"], lean, (2.8, 0.9, 0.6, 0.6), (2.8, 0.9, 0.6, 0.6))
    _choose(column["collar"], lean, (1.0, 1.0, 1.0, 0.8), (1.0, 1.0, 1.0, 1.0))
    return people


def _hair_colours(draw: Tensor, age: Tensor, skin: Tensor) -> Tensor:
    """Turn a uniform draw into common hair colours; the old are greyer, the dark-skinned seldom blond."""
    #                  draw   place on the ramp of portrait_shapes.HAIR
    knots = torch.tensor([[0.00, 0.00], [0.24, 0.08], [0.48, 0.24], [0.54, 0.34], [0.66, 0.43],
                          [0.70, 0.54], [0.90, 0.65], [0.92, 0.78], [1.00, 0.98]])  # fmt: skip
    draw = torch.where(skin > 0.62, draw * torch.where(draw < 0.90, 0.55, 1.0), draw)
    draw = torch.where((age > 0.65) & (draw < 0.55), 0.92 + draw * 0.14, draw)
    upper = torch.searchsorted(knots[:, 0].contiguous(), draw.contiguous()).clamp(1, len(knots) - 1)
    low, high = knots[upper - 1], knots[upper]
    return low[:, 1] + (high[:, 1] - low[:, 1]) * (draw - low[:, 0]) / (high[:, 0] - low[:, 0])


def _choose(column: Tensor, lean: Tensor, at_zero: Sequence[float], at_one: Sequence[float]) -> None:
    """Replace a uniform draw by the middle of a category's bin, weighted at_zero..at_one by lean."""
    weights = torch.lerp(torch.tensor(at_zero), torch.tensor(at_one), lean[:, None])
    steps = weights.cumsum(1) / weights.sum(1, keepdim=True)
    chosen = (column[:, None] >= steps[:, :-1]).sum(1)
    column.copy_((chosen + 0.5) / len(at_zero))


def sample_views(count: int, rng: torch.Generator) -> Tensor:
    """Draw views: (count, V) in [0, 1]; head pose leans to the middle, the rest is even."""
    views = torch.rand(count, len(VIEWS), generator=rng)
    second = torch.rand(count, len(VIEWS), generator=rng)
    posed = [_VIEW_PLACE[name] for name in ("yaw", "pitch", "tilt", "zoom", "shift_side", "shift_height")]
    views[:, posed] = (views[:, posed] + second[:, posed]) / 2
    return views


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
        bins = torch.bucketize(identities[:, _PLACE[factor]].contiguous(), torch.tensor(edges))
        named[attribute] = [pieces[b] for b in bins.tolist()]
    for attribute, factor in _NAMED.items():
        named[attribute] = _values(identities, factor)
    named["hair style"] = [_HAIR_GROUPS[style] for style in _values(identities, "hair_style")]
    named["face shape"] = _face_shapes(identities)
    return named


def _values(identities: Tensor, name: str) -> list[str]:
    factor = FACTORS[_PLACE[name]]
    return [factor.values[index] for index in _category(identities[:, _PLACE[name]], factor).tolist()]


def _face_shapes(identities: Tensor) -> list[str]:
    """Call a face round, long, heart-shaped or square by its width, length and jaw."""
    width, length, jaw = (identities[:, _PLACE[name]] for name in ("face_width", "face_length", "jaw_width"))
    slim = (length - width) > 0.25
    broad = (width - length) > 0.25
    wide_jaw = jaw > 0.5
    shape = torch.where(slim, 0, torch.where(broad, 1, torch.where(wide_jaw, 2, 3)))
    return [("long", "round", "square", "heart-shaped")[index] for index in shape.tolist()]


def render(identities: Tensor, views: Tensor) -> Tensor:
    """Draw one photo a row: (N, F), (N, V) -> (N, 3, 64, 64) uint8. The same rows give the same bytes."""
    assert identities.shape == (len(views), len(FACTORS)) and views.shape[1] == len(VIEWS)
    photos = torch.empty(len(views), 3, SIZE, SIZE, dtype=torch.uint8)
    with torch.inference_mode():
        for start in range(0, len(views), CHUNK):
            rows = slice(start, start + CHUNK)
            photos[rows] = _draw(_traits(identities[rows], views[rows]))
    return photos


def _traits(identities: Tensor, views: Tensor) -> shapes.Traits:
    people = {factor.name: identities[:, place] for place, factor in enumerate(FACTORS)}
    seen = {view.name: views[:, place] for place, view in enumerate(VIEWS)}
    values = {name: column.float().clone()[:, None, None] for name, column in (people | seen).items()}
    choices = {
        factor.name: _category(people[factor.name], factor)
        for factor in FACTORS
        if factor.kind == "categorical"
    }
    return shapes.Traits(values, choices)


def _category(column: Tensor, factor: Factor) -> Tensor:
    return (column * len(factor.values)).long().clamp(0, len(factor.values) - 1)


def _draw(traits: shapes.Traits) -> Tensor:
    """Composite all layers of a chunk back to front and develop the photo."""
    head = shapes.Head.of(traits)
    stage = _stage(traits, head)
    shapes.paint_background(stage, traits)
    hair = shapes.Hair.of(stage, traits, head)
    shapes.paint_back_hair(stage, traits, head, hair)
    shapes.paint_body(stage.window(0.3, 1.0), traits, head)
    shapes.paint_ears(stage.window(-0.45, 0.55), traits, head)
    face = stage.window(-0.95, 0.95, -0.75, 0.75)
    face.shade.copy_(face.fine(shapes.face_shade(face.coarse(), traits, head)))
    shapes.paint_skin(face, traits, head)
    middle = stage.window(-0.65, 0.65, -0.65, 0.65)
    shapes.paint_marks(middle, traits, head)
    shapes.paint_age(middle, traits, head)
    shapes.paint_nose(stage.window(-0.35, 0.6, -0.4, 0.4), traits, head)
    shapes.paint_eyes(stage.window(-0.4, 0.35, -0.65, 0.65), traits, head)
    shapes.paint_brows(stage.window(-0.55, 0.2, -0.65, 0.65), traits, head)
    shapes.paint_beard(stage.window(-0.2, 1.0, -0.75, 0.75), traits, head)
    shapes.paint_mouth(stage.window(0.0, 0.8, -0.5, 0.5), traits, head)
    shapes.paint_front_hair(stage, head, hair)
    shapes.paint_glasses(stage.window(-0.5, 0.4, -0.75, 0.75), traits, head)
    return _develop(stage.colour, traits)


def _stage(traits: shapes.Traits, head: shapes.Head) -> shapes.Stage:
    """Lay out the coordinates: picture -> head frame (shift, zoom, tilt) -> frontal face (yaw, pitch)."""
    size = SIZE * SCALE
    line = (torch.arange(size) + 0.5) * (2 / size) - 1
    zoom = traits.span("zoom", 1.08, 1.26)
    x = (line[None, None, :] - traits.span("shift_side", -0.10, 0.10)) / zoom
    y = (line[None, :, None] - traits.span("shift_height", -0.07, 0.07)) / zoom
    tilt = traits.span(
        "tilt", -0.16, 0.16
    )  # of a small angle: tan, so that planes need no rotation of the body
    x, y = x + tilt * (y - 0.6), y - tilt * x * (1 - shapes.smooth(y, 0.3, 0.8))
    across, down = x / (head.width * 1.06), y / 0.66
    depth = (1 - across.square() - down.square()).clamp(min=0.01).sqrt()
    pitch = traits.span("pitch", -0.20, 0.24)
    sin_yaw, cos_yaw = _sine(head.yaw)
    sin_pitch, cos_pitch = _sine(pitch)
    u = (across * cos_yaw - depth * sin_yaw) * head.width * 1.06
    v = (down * cos_pitch - depth * sin_pitch * 0.55) * 0.66
    colour = torch.empty(len(u), 3, size, size)
    return shapes.Stage(colour, x, y, u, v, torch.ones_like(u), pixel=2 / size)


def _sine(angle: Tensor) -> tuple[Tensor, Tensor]:
    """Sine and cosine in double precision, so that their float bits do not depend on the batch."""
    return angle.double().sin().float(), angle.double().cos().float()


def _develop(colour: Tensor, traits: shapes.Traits) -> Tensor:
    """Shrink to photo size, apply exposure and warmth, add sensor noise: (N, 3, 64, 64) uint8."""
    photo = F.avg_pool2d(colour, SCALE) if SCALE > 1 else colour
    warmth = traits.span("light_warmth", -0.05, 0.05)
    tint = torch.cat([1 + warmth, torch.ones_like(warmth), 1 - warmth], 1).unsqueeze(-1)  # (N, 3, 1, 1)
    photo = photo * (tint * traits.span("exposure", 0.90, 1.10).unsqueeze(1))
    seeds = (traits.values["noise_seed"].flatten().double() * 2**31).long()
    grain = NOISE * _noise(seeds, SIZE * SIZE).view(-1, 1, SIZE, SIZE)
    return (photo + grain).clamp_(0, 1).mul_(255).round_().to(torch.uint8)


def _noise(seeds: Tensor, count: int) -> Tensor:
    """Hash seed and position into nearly normal numbers: (N,) -> (N, count), standard deviation 1."""
    bits = seeds[:, None] * 6364136223846793005 + torch.arange(count) * 1442695040888963407
    for shift in (29, 31):
        bits = (bits ^ (bits >> shift)) * -4658895280553007687
    dice = torch.stack([(bits >> shift) & 0xFFFF for shift in (0, 16, 32, 47)]).float() / 65535 - 0.5
    return dice.sum(0) * 3**0.5

"""Exposures told as places: where a model stands, and what of it can therefore be seen.

A place is a preset; a scenario holds only the exposure it stands for.
"""

from dataclasses import dataclass

from inversion_core.choices import Choice, Exposure
from inversion_core.values import Access


@dataclass(frozen=True)
class Place:
    """Somewhere a model is put to use; the name is kebab-case and stable, the sentence is for everybody."""

    name: str
    title: str
    sentence: str
    exposure: Exposure


PLACES = (
    Place(
        "embedded-device",
        "Embedded device",
        "The model lies on a device: the attacker holds the weights themselves and may compute with them, as "
        "with any stolen or published model.",
        Exposure(access=Access.WHITE_BOX),
    ),
    Place(
        "partner-api",
        "Partner API",
        "A service for partners: the attacker may ask it and gets a score for every person.",
        Exposure(access=Access.SCORES),
    ),
    Place(
        "public-api",
        "Public API",
        "A service for everybody: of each answer only the three highest scores come back, rounded to two "
        "decimals.",
        Exposure(
            access=Access.SCORES,
            defences=(Choice(name="top-k", params={"k": 3}), Choice(name="rounding", params={"decimals": 2})),
        ),
    ),
    Place(
        "label-only",
        "Label-only service",
        "A service that answers with a name and nothing else.",
        Exposure(access=Access.LABELS),
    ),
    Place(
        "template-store",
        "Template store",
        "A store of face templates: the attacker has stolen one of each victim, and may feed photos to the "
        "extractor that made them.",
        Exposure(access=Access.TEMPLATES),
    ),
)
"""From the widest access to the narrowest kind."""


def place_of(exposure: Exposure) -> Place | None:
    """Return the place with the access and the defences of an exposure, whatever its budget; None where it
    is none of them.
    """
    return next((place for place in PLACES if _seen(place.exposure) == _seen(exposure)), None)


def _seen(exposure: Exposure) -> Exposure:
    return Exposure(access=exposure.access, defences=exposure.defences)

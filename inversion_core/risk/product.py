"""The product's own names in terms of the crosswalk: attacks, exposures, defences and what operators add."""

import math
from collections.abc import Iterable, Mapping

from inversion_core.choices import Choice, Exposure
from inversion_core.errors import UnknownName
from inversion_core.registry import find
from inversion_core.risk.crosswalk import AccessRow, AttackClass, crosswalk
from inversion_core.values import Access

LEVELS = {
    Access.WHITE_BOX: "white_box",
    Access.SCORES: "black_box_scores",
    Access.LABELS: "label_only",
    Access.GRADIENTS: "gradients",
    Access.TEMPLATES: "embedding_store",
}
COARSE: Mapping[str, int] = {"k": 5, "decimals": 2}
"""Most classes and decimals that are left of scores before an answer counts as coarse: our reading, since no
framework draws the line. Finer ones are scores by another name.
"""
LABEL_ONLY, TRUNCATED = "label-only", "black_box_topk_rounded"
QUERY_BUDGET, MONITOR, ATTACK_RUNS = "query-budget", "monitor", "attack-runs"
ACCESS_TIERS, PSEUDONYMS = "access-tiers", "pseudonyms"
"""Operations of the crosswalk that a scenario or a sweep can switch on."""


def attack_class(attack: str) -> AttackClass:
    """Return the class of an attack by its name, built in or only planned; raises UnknownName."""
    return crosswalk().attack(_id("attacks", crosswalk().product.attacks, attack))


def access_level(exposure: Exposure) -> AccessRow:
    """Return what an exposure lets an attacker see, in terms of the crosswalk."""
    level = LEVELS[exposure.access]
    if exposure.access is Access.SCORES:
        made = [find("defences", one.name)(**one.params) for one in exposure.defences]
        if any(one.name == LABEL_ONLY for one in made):
            level = LEVELS[Access.LABELS]
        elif any(
            getattr(one.params, name, math.inf) <= most for one in made for name, most in COARSE.items()
        ):
            level = TRUNCATED
    return crosswalk().level(level)


def coarse(exposure: Exposure) -> bool:
    """Say whether less than scores leaves the deployed model."""
    return access_level(exposure).id in (LEVELS[Access.LABELS], TRUNCATED)


def control_id(name: str) -> str:
    """Return the id of the control that a defence or an operation belongs to; raises UnknownName."""
    product = crosswalk().product
    return _id("defences and operations", {**product.defences, **product.operations}, name)


def controls_of(defences: Iterable[Choice], exposure: Exposure) -> dict[str, tuple[str, ...]]:
    """Return id of a control -> the names of what is switched on of it, for defences of the training and an
    exposure.
    """
    names = [one.name for one in (*defences, *exposure.defences)]
    names += [QUERY_BUDGET] if exposure.query_budget is not None else []
    names += [MONITOR] if exposure.monitor else []
    return gathered(names)


def gathered(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return names of defences and operations by the id of their control."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        wanted = control_id(name)
        found[wanted] = (*found.get(wanted, ()), name)
    return found


def _id(kind: str, known: Mapping[str, str], name: str) -> str:
    if name not in known:
        raise UnknownName(
            f"{kind} have a place in the crosswalk, {name[:80]!r} has none; add it under product in "
            "assets/reference/crosswalk.yaml"
        )
    return known[name]

"""The product's own names in terms of the crosswalk: attacks, exposures, defences and what operators add."""

from collections.abc import Iterable, Mapping

from inversion_core.choices import Choice, Exposure
from inversion_core.errors import UnknownName
from inversion_core.risk.crosswalk import AccessRow, AttackClass, crosswalk
from inversion_core.values import Access

LEVELS = {
    Access.WHITE_BOX: "white_box",
    Access.SCORES: "black_box_scores",
    Access.LABELS: "label_only",
    Access.GRADIENTS: "gradients",
    Access.TEMPLATES: "embedding_store",
}
NARROWER = {
    "label-only": "label_only",
    "top-k": "black_box_topk_rounded",
    "rounding": "black_box_topk_rounded",
}
"""Output defences that leave an attacker who asks for scores at another level, the narrowest first."""
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
        chosen = {one.name for one in exposure.defences}
        level = next((narrow for name, narrow in NARROWER.items() if name in chosen), level)
    return crosswalk().level(level)


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

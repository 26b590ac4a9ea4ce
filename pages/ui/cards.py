"""What the pages that launch runs share: choice cards, folded parameters, limits, the draft of a scenario."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError
from streamlit.delta_generator import DeltaGenerator

from inversion_core.component import Component
from inversion_core.defences.base import OutputDefence, UpdateDefence
from inversion_core.registry import find
from inversion_core.scenario import Scenario, sentences
from inversion_core.values import Access, Modality
from pages.ui import address, words
from pages.ui.params_form import params_form

Draft = dict[str, Any]
"""A scenario as a dict, before it is checked."""
NONE = "none"
"""The choice of no defence."""
FOLLOWED = "followed"


def component(label: str, key: str, options: Mapping[str, type[Component] | None], *, default: str) -> str:
    """Draw a card that chooses one of `options` by title, with what its docstring says; return the name."""
    with frame(key):
        return choose(label, key, options, default=default)


def frame(key: str) -> DeltaGenerator:
    """Return the frame of a card, to be filled."""
    return st.container(border=True, gap="xsmall", key=f"card-{key}")


def choose(label: str, key: str, options: Mapping[str, type[Component] | None], *, default: str) -> str:
    """Draw the choice of a card and the sentence of what is chosen; return the name."""
    names = list(options)
    address.restore(key, names, default)
    chosen = st.selectbox(
        label,
        names,
        format_func=lambda name: kind.title if (kind := options[name]) else "None",
        key=key,
        on_change=address.keep,
        persist_state="session",
        args=(key,),
    )
    kind = options[chosen]
    words.quiet(kind.summary() if kind else "The model is trained and used as usual.")
    return str(chosen)


def exposure(key: str, levels: Mapping[str, tuple[str, str]], *, default: str) -> str:
    """Draw the card of the exposure: level or place -> its short name and its sentence; return which."""
    names = list(levels)
    address.restore(key, names, default)
    with frame(key):
        chosen = st.segmented_control(
            "Exposure",
            names,
            format_func=lambda value: levels[value][0],
            required=True,
            wrap=True,
            key=key,
            on_change=address.keep,
            persist_state="session",
            args=(key,),
        )
        words.quiet(levels[str(chosen)][1])
    return str(chosen)


def follow_anew() -> None:
    """Let every form follow the scenario it is given once more, also one it has followed before."""
    for key in [one for one in st.session_state if str(one).endswith(FOLLOWED)]:
        del st.session_state[key]


def defences(before: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return place and name of every defence of a scenario, those of the training first."""
    return [
        (place, one["name"])
        for place in ("target", "exposure")
        for one in before.get(place, {}).get("defences", [])
    ]


def first_defence(before: Mapping[str, Any]) -> str:
    """Return the name of the first defence of a scenario, NONE where there is none."""
    return next((name for _, name in defences(before)), NONE)


def defend(draft: Draft, chosen: str, before: Mapping[str, Any]) -> None:
    """Put the defence `chosen` into a draft, and with it all of the scenario `before` where that began with
    the same one.
    """
    several = defences(before) if chosen != NONE and chosen == first_defence(before) else []
    if chosen != NONE and not several:
        answers = issubclass(find("defences", chosen), OutputDefence | UpdateDefence)
        several = [("exposure" if answers else "target", chosen)]
    for place, name in several:
        draft[place]["defences"].append({"name": name, "params": {}})


def dataset(before: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """Return the dataset of a draft: the one of that name, or else `people`; the scenario `before` has its
    own, with the options it had.
    """
    earlier: Mapping[str, Any] = before.get("dataset", {})
    if earlier and name in ("", earlier["name"]):
        return dict(earlier)
    return {"name": name or "people", "options": {}, "path": None}


def follow(before: Mapping[str, Any], prefix: str, choices: Mapping[str, str]) -> None:
    """Set the choices of a form, named by the end of their keys, to those of the scenario `before`: once."""
    followed = f"{prefix}{FOLLOWED}"
    if before and st.session_state.get(followed) != before:
        st.session_state[followed] = dict(before)
        for name, chosen in choices.items():
            st.session_state[f"{prefix}{name}"] = chosen


def parameters(
    draft: Draft, before: Mapping[str, Any], modality: Modality, *, prefix: str = "", fixed: int = 0
) -> None:
    """Draw the parameters of target, defences and attack, filled in from the scenario `before`.

    The first `fixed` defences of the exposure belong to the place chosen and stay as they are.
    """
    for title, kind, choice, earlier in _parts(draft, before, fixed):
        part = find(kind, choice["name"], modality)
        st.markdown(f"**{title}: {part.title}**")
        initial = earlier.get("params", {}) if earlier.get("name") == choice["name"] else {}
        choice["params"] = params_form(part.Params, key=f"{prefix}{kind}-{choice['name']}", initial=initial)


def limits(draft: Draft, before: Mapping[str, Any], *, whom: str, prefix: str = "") -> None:
    """Ask for query budget, victims and seed; `whom` says who the victims are, `prefix` opens the keys."""
    st.markdown("**Limits**")
    draft["exposure"]["query_budget"] = st.number_input(
        "Query budget",
        min_value=1,
        value=before.get("exposure", {}).get("query_budget"),
        step=1000,
        placeholder="no limit",
        help="Rows the attacker may ask of the model; the attack stops there.",
        key=f"{prefix}budget",
    )
    earlier = before.get("victims", "all")
    count = st.number_input(
        "Victims",
        min_value=1,
        value=None if earlier == "all" else len(earlier),
        step=1,
        placeholder="everybody",
        help=whom,
        key=f"{prefix}victims",
    )
    draft["victims"] = "all" if count is None else list(range(count))
    if earlier != "all" and count == len(earlier) and list(earlier) != draft["victims"]:
        draft["victims"] = list(earlier)
        words.quiet("Those of the earlier run; another number takes the first.")
    draft["seed"] = st.number_input(
        "Seed",
        min_value=0,
        value=before.get("seed", 0),
        step=1,
        help="The same scenario with the same seed gives the same result.",
        key=f"{prefix}seed",
    )


def monitor(draft: Draft, before: Mapping[str, Any]) -> None:
    """Ask whether the key is watched, where a service is asked."""
    if draft["exposure"]["access"] not in (Access.SCORES, Access.LABELS):
        return
    draft["exposure"]["monitor"] = st.toggle(
        "A monitor watches the key",
        value=before.get("exposure", {}).get("monitor", False),
        help="It has learnt honest use from photos of public people. At its first alarm the key is blocked, "
        "and the attack ends with what it has.",
        key="monitor",
    )


def complete(draft: Draft) -> tuple[Scenario | None, list[str]]:
    """Return the scenario of a draft, or None and why it is none."""
    try:
        return Scenario.model_validate(draft), []
    except ValidationError as error:
        return None, sentences(error, "scenario")


def _parts(
    draft: Draft, before: Mapping[str, Any], fixed: int
) -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Return title, kind, choice and the choice prefilled, of everything that has parameters."""
    parts = [("Target", "targets", draft["target"], before.get("target", {}))]
    for place in ("target", "exposure"):
        earlier = before.get(place, {}).get("defences", [])
        for choice in draft[place]["defences"][fixed if place == "exposure" else 0 :]:
            match: dict[str, Any] = next((one for one in earlier if one["name"] == choice["name"]), {})
            parts.append(("Defence", "defences", choice, match))
    parts.append(("Attack", "attacks", draft["attack"], before.get("attack", {})))
    return parts

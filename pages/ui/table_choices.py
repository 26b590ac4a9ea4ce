"""The cards of the Attributes page: table, target, exposure, what the attacker knows, attack.

An attack that lacks something is greyed out, and what it lacks is said in words; nothing chosen is lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from inversion_core.attacks.base import Attack
from inversion_core.component import Component
from inversion_core.registry import attacks_of, find, targets_for
from inversion_core.scenario import Scenario
from inversion_core.tables import Clue
from inversion_core.values import Access, Family, Modality
from pages.ui import address, cards, table_data, words
from pages.ui.cards import Draft
from pages.ui.table_data import Chosen

EXPOSURES = {
    Access.WHITE_BOX: (
        "Weights",
        "The attacker holds the model itself and may look inside: a stolen or published model.",
    ),
    Access.SCORES: ("Scores", "The attacker may ask a service and gets a score for every answer."),
    Access.LABELS: ("Labels", "The attacker may ask a service and gets only its answer."),
}
CLUES = {
    Clue.TRUE_LABEL: ("true label", "what the model should have answered for each victim"),
    Clue.MARGINALS: ("how common", "how common each sensitive value is, and how often the model errs"),
    Clue.AUXILIARY: ("others", "complete records of other people, the sensitive value among them"),
}
"""Clue -> its word on the switch, and what it is."""
ACCESS_WORDS = {
    Access.WHITE_BOX: "the model's weights",
    Access.SCORES: "scores",
    Access.LABELS: "the model's answers",
}
PREFIX = "table-"
TARGET, EXPOSURE, KNOWS, UNKNOWN, ATTACK = (
    f"{PREFIX}{part}" for part in ("target", "exposure", "knows", "unknown", "attack")
)
"""Keys of the widgets, and their names in the address."""
FIRST_TARGET, FIRST_ATTACK = "mlp", "csmia"


def prefill(scenario: Scenario) -> None:
    """Set the form to a scenario, before its widgets are drawn."""
    table_data.prefill(scenario)
    known = scenario.knowledge()
    st.session_state[TARGET] = scenario.target.name
    st.session_state[EXPOSURE] = scenario.exposure.access.value
    st.session_state[KNOWS] = [clue.value for clue in known.clues]
    st.session_state[UNKNOWN] = list(known.unknown)
    st.session_state[ATTACK] = scenario.attack.name
    st.session_state["table-prefilled"] = scenario.model_dump(mode="json")


def all_cards(before: Mapping[str, Any]) -> tuple[Chosen, Draft]:
    """Draw the cards and return the table and what was chosen, parameters not yet."""
    table = table_data.card(before)
    target = cards.component(
        "Target", TARGET, targets_for(Family.ATTRIBUTES, modality=Modality.TABLE), default=FIRST_TARGET
    )
    access = cards.exposure(EXPOSURE, EXPOSURES, default=Access.SCORES.value)
    known = _knowledge(table.others)
    attack = _attack(find("targets", target, Modality.TABLE), Access(access), known)
    return table, {
        "dataset": table.choice,
        "target": {"name": target, "params": {}, "defences": []},
        "exposure": {"access": access, "query_budget": None, "defences": [], "knowledge": known},
        "attack": {"name": attack, "params": {}},
    }


def advanced(draft: Draft, before: Mapping[str, Any]) -> Draft:
    """Draw everything that has a sensible default, folded away, and return the draft completed."""
    with st.expander("Advanced settings", icon=":material/tune:", key="table-advanced"):
        table_data.options(draft["dataset"], before)
        cards.parameters(draft, before, Modality.TABLE, prefix=PREFIX)
        cards.limits(
            draft,
            before,
            whom="Records attacked, counted from the first; empty attacks all.",
            prefix=PREFIX,
        )
    return draft


def lacks(
    attack: type[Attack], target: type[Component], access: Access, known: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return why an attack cannot run, in words; empty where it can."""
    if reason := attack().incompatible(target):
        told = reason.split(";")[0].removeprefix(f"attack {attack.name!r} ")
        return [told[:1].upper() + told[1:]]
    missing = [] if access.covers(attack.needs) else [ACCESS_WORDS[attack.needs]]
    missing += [CLUES[clue][0] for clue in attack.clues if clue.value not in known["clues"]]
    told = [f"Needs {' and '.join(missing)}"] if missing else []
    if len(known["unknown"]) > attack.most_unknown:
        most = attack.most_unknown
        told.append(f"Bears {f'at most {most}' if most else 'no'} unknown column{'s' * (most > 1)}")
    return told


def _knowledge(columns: Sequence[str]) -> dict[str, list[str]]:
    """Draw the card of what the attacker brings along; `columns` are those they may know."""
    if KNOWS not in st.session_state:
        named = st.query_params.get(KNOWS)
        wanted = [clue.value for clue in Clue] if named is None else named.split(",")
        st.session_state[KNOWS] = [clue.value for clue in Clue if clue.value in wanted]
    columns = columns or st.session_state.get(UNKNOWN, ())  # of a table that cannot be used just now
    if UNKNOWN in st.session_state:
        # Columns of another table are forgotten, those of this one are kept.
        st.session_state[UNKNOWN] = [name for name in st.session_state[UNKNOWN] if name in columns]
    with st.container(border=True, gap="xsmall", key="card-table-knows"):
        chosen = st.pills(
            "Knows",
            [clue.value for clue in CLUES],
            selection_mode="multi",
            format_func=lambda value: CLUES[Clue(value)][0],
            key=KNOWS,
            wrap=True,
            persist_state="session",
            on_change=_keep_clues,
            help="  \n".join(f"**{word}**: {meaning}." for word, meaning in CLUES.values()),
        )
        unknown = st.multiselect(
            "Unknown to the attacker",
            list(columns),
            key=UNKNOWN,
            placeholder="knows every other column",
            persist_state="session",
            label_visibility="collapsed",
        )
        words.quiet("The imputer knows just the same, and never asks the model.")
    return {"clues": [clue.value for clue in Clue if clue.value in chosen], "unknown": list(unknown)}


def _keep_clues() -> None:
    st.query_params[KNOWS] = ",".join(st.session_state[KNOWS])


def _attack(target: type[Component], access: Access, known: Mapping[str, Sequence[str]]) -> str:
    """Draw the attacks, those that lack something greyed out with the reason, and return the chosen one."""
    found = attacks_of(Family.ATTRIBUTES)
    address.restore(ATTACK, list(found), FIRST_ATTACK)
    chosen = str(st.session_state[ATTACK])
    with st.container(border=True, gap=None, key="card-table-attack"):
        st.markdown("**Attack**")
        for name, kind in found.items():
            reason = lacks(kind, target, access, known)
            st.button(
                kind.title,
                key=f"attack-{name}",
                type="tertiary",
                icon=f":material/radio_button_{'checked' if name == chosen else 'unchecked'}:",
                disabled=bool(reason),
                on_click=_choose,
                args=(name,),
            )
            if reason:
                words.quiet(". ".join(reason) + ".")
            elif name == chosen:
                words.quiet(kind.summary())
    return chosen


def _choose(name: str) -> None:
    st.session_state[ATTACK] = name
    address.keep(ATTACK)

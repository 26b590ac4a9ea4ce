"""Five steps to an assessment: what is deployed, whom it knows, who may ask, what is run, the check.

Every field is saved when it is left; closing the page loses nothing.
"""

from typing import Any

import streamlit as st

from inversion_core.choices import Choice
from inversion_core.defences.base import OutputDefence
from inversion_core.errors import InversionError
from inversion_core.places import PLACES, place_of
from inversion_core.registry import components, find, targets_for
from inversion_core.reports import words as told
from inversion_core.risk.assessment import Aggravation, Audience, DataKind, Mode, Release, System
from inversion_core.risk.plan import plan
from inversion_core.targets.base import CLASSIFIED
from inversion_core.values import Modality
from pages.ui import words
from pages.ui.review_case import Case, dossier
from pages.ui.review_save import ERROR, context, kept, save

STEPS = ("1 System", "2 Data and people", "3 Access", "4 Runs", "5 Check")
MODES = {Mode.ASSESSMENT: "Evidence for a decision.", Mode.TRAINING: "An exercise, never signed off."}
NONE = "none"
CUSTOM = "as it is"


def describe(case: Case) -> None:
    """Draw one step; what is read only is drawn as well, and cannot be changed."""
    step = st.segmented_control(
        "Step", STEPS, default=STEPS[0], required=True, wrap=True, label_visibility="collapsed",
        key=f"step-{case.id}",
    )  # fmt: skip
    if not case.mine:
        words.quiet("Only the browser that began this assessment may change it.")
    (_system, _people, _access, _runs, _check)[STEPS.index(str(step))](case)
    words.quiet(f"Saved: revision {case.revision}.")


def _system(case: Case) -> None:
    system, whole = case.assessment.system, case.assessment
    _text(case, "Name", whole.name, lambda document, value: document.update(name=value.strip() or "unnamed"))
    words.quiet(f"{MODES[whole.mode]} This was chosen at the start and stays.")
    modality = (
        Modality.IMAGE if system.dataset.name in components("datasets", Modality.IMAGE) else Modality.TABLE
    )
    datasets = {
        name: kind.title
        for one in (Modality.IMAGE, Modality.TABLE)
        for name, kind in components("datasets", one).items()
        if not getattr(kind, "takes_path", False) or name == system.dataset.name
    }
    _choice(case, "Data", list(datasets), system.dataset.name, _dataset, datasets)
    targets = {name: kind.title for name, kind in targets_for(*CLASSIFIED, modality=modality).items()}
    _choice(case, "Model", list(targets), system.target.name, _target, targets)
    defences = {NONE: "None"} | {
        name: kind.title
        for name, kind in components("defences").items()
        if not issubclass(kind, OutputDefence)
    }
    _several(case, "Controls in the training", defences, system.target.defences, "target")
    words.quiet(
        "Other data, such as a folder of photographs or a CSV, and parameters of a control are set in the "
        "file of the assessment: download it, change it, begin from it."
    )
    st.download_button(
        "ASSESSMENT.json", case.assessment.model_dump_json(indent=1), file_name="assessment.json",
        mime="application/json", icon=":material/download:", on_click="ignore", key=f"file-{case.id}",
    )  # fmt: skip


def _people(case: Case) -> None:
    given = case.assessment.context
    _text(case, "What the system is for", given.purpose, context("purpose"), tall=True)
    _text(case, "Who answers for it (the controller)", given.owner, context("owner"))
    kinds = {one: one.value.replace("_", " ") for one in DataKind}
    _choice(
        case, "What kind of data the model learnt from", list(DataKind), given.data, context("data"), kinds
    )
    key = f"people-{case.id}"
    st.number_input(
        "People in the training data", min_value=0, value=given.people, step=1, placeholder="not known",
        key=key, disabled=not case.mine, on_change=kept, args=(case, context("people"), key),
    )  # fmt: skip
    _yes(case, "One class of the model is one person", given.class_is_person, "class_is_person")
    key = f"aggravations-{case.id}"
    st.multiselect(
        "What makes harm to a person worse", list(Aggravation), default=list(given.aggravations),
        format_func=lambda one: one.value, key=key, disabled=not case.mine,
        on_change=kept, args=(case, context("aggravations"), key),
    )  # fmt: skip
    _text(case, "Notes", given.notes, context("notes"), tall=True)


def _access(case: Case) -> None:
    given, system = case.assessment.context, case.assessment.system
    place = place_of(system.exposure)
    places = {one.name: one.title for one in PLACES} | ({} if place else {CUSTOM: "As in the file"})
    _choice(case, "What a caller gets", list(places), place.name if place else CUSTOM, _exposure, places)
    words.quiet(f"In force: {told.listed(told.controls(system))}.")
    key = f"budget-{case.id}"
    st.number_input(
        "Rows a caller may ask, in all", min_value=1, value=system.exposure.query_budget, step=1000,
        placeholder="no limit", key=key, disabled=not case.mine, on_change=kept, args=(case, _budget, key),
    )  # fmt: skip
    _choice(case, "Who may ask", list(Audience), given.audience, context("audience"), told.AUDIENCES)
    _choice(case, "Where the model is", list(Release), given.release, context("release"), told.RELEASES)
    _yes(case, "Queries are logged and somebody reads the log", given.logged, "logged")
    _yes(case, "A caller's queries are limited in rate", given.rate_limited, "rate_limited")
    _text(
        case,
        "Why no control group of people outside the training was run (empty: none was looked for)",
        given.no_control,
        context("no_control"),
        tall=True,
    )


def _runs(case: Case) -> None:
    count = len(case.assessment.scenarios)
    words.quiet(
        f"{count} runs are planned. A proposal holds every attack that fits and can be rated, through what "
        "is deployed, by who knows the controls, without the controls, and one with the model itself. Beside "
        "them, told and not rated, stand one that tells who was trained on and one that copies the model, "
        "where they fit. Three seeds each."
    )
    st.button(
        "Propose the runs" if not count else "Propose them anew",
        icon=":material/checklist:",
        key=f"plan-{case.id}",
        disabled=not case.mine,
        on_click=_propose,
        args=(case,),
    )
    words.quiet("Start and watch them under Runs.")


def _check(case: Case) -> None:
    found = dossier(case)
    for one in found.conditions:
        icon = {"passed": ":material/check:", "failed": ":material/close:"}.get(
            one.outcome, ":material/help:"
        )
        st.markdown(f"{icon} **{one.outcome}**: {words.plain(f'{one.name}: {one.told}')}.")


def _propose(case: Case) -> None:
    try:
        proposed = [one.model_dump(mode="json") for one in plan(case.assessment.system)]
    except InversionError as error:
        st.session_state[ERROR] = str(error)
        return
    save(case, lambda document: document.update(scenarios=proposed))


def _text(case: Case, label: str, value: str, change: Any, *, tall: bool = False) -> None:
    key = f"{label}-{case.id}"
    draw = st.text_area if tall else st.text_input
    draw(label, value=value, key=key, max_chars=4000 if tall else 128, disabled=not case.mine,
         on_change=kept, args=(case, change, key))  # fmt: skip


def _choice(case: Case, label: str, options: list[Any], value: Any, change: Any, titles: Any) -> None:
    key = f"{label}-{case.id}"
    st.selectbox(
        label, options, index=options.index(value), format_func=lambda one: str(titles[one]), key=key,
        disabled=not case.mine, on_change=kept, args=(case, change, key),
    )  # fmt: skip


def _several(case: Case, label: str, titles: dict[str, str], value: tuple[Choice, ...], side: str) -> None:
    key = f"{label}-{case.id}"
    st.multiselect(
        label, [name for name in titles if name != NONE], default=[one.name for one in value],
        format_func=titles.__getitem__, key=key, disabled=not case.mine,
        on_change=kept, args=(case, _defences(side, value), key),
    )  # fmt: skip


def _yes(case: Case, label: str, value: bool, field: str) -> None:
    key = f"{field}-{case.id}"
    st.toggle(label, value=value, key=key, disabled=not case.mine, on_change=kept,
              args=(case, context(field), key))  # fmt: skip


def _defences(side: str, before: tuple[Choice, ...]) -> Any:
    known = {one.name: one.model_dump(mode="json") for one in before}

    def change(document: dict[str, Any], value: list[str]) -> None:
        document["system"][side]["defences"] = [known.get(name, {"name": name}) for name in value]
        document["scenarios"] = []

    return change


def _dataset(document: dict[str, Any], value: str) -> None:
    """Other data is another system: the model that fits, no controls, no runs."""
    kind = find("datasets", value)
    target = "cnn" if getattr(kind, "modality", None) is Modality.IMAGE else "mlp"
    system = System.model_validate({"dataset": {"name": value}, "target": {"name": target},
                                    "exposure": {"access": "scores"}})  # fmt: skip
    document["system"] = system.model_dump(mode="json")
    document["scenarios"] = []


def _target(document: dict[str, Any], value: str) -> None:
    document["system"]["target"] = {"name": value}
    document["scenarios"] = []


def _exposure(document: dict[str, Any], value: str) -> None:
    chosen = next((one for one in PLACES if one.name == value), None)
    if chosen is not None:
        before = document["system"]["exposure"]
        document["system"]["exposure"] = before | chosen.exposure.model_dump(
            mode="json", include={"access", "defences"}
        )


def _budget(document: dict[str, Any], value: int | None) -> None:
    document["system"]["exposure"]["query_budget"] = value

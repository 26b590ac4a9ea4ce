"""The exhibit of property inference: the share of a group in the training data, from a model's answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from inversion_core.registry import attacks_of
from inversion_core.store.runs import RunRecord
from inversion_core.values import Access, Family
from pages.ui import interval_chart, system_form
from pages.ui.cards import Draft
from pages.ui.exhibit import Exhibit, ShownRun
from pages.ui.interval_chart import Bar

NAME = "property-inference"
LEVELS = {
    Access.SCORES.value: ("Scores", "The attacker asks a service and gets a score for every answer."),
    Access.LABELS.value: ("Labels", "The attacker asks a service and gets only its answer."),
    Access.WHITE_BOX.value: ("Weights", "The attacker holds the model; this attack reads only its scores."),
}


def form(before: Mapping[str, Any]) -> Draft:
    """Draw the choices."""
    return system_form.form(
        before,
        Family.PROPERTY,
        attacks_of(Family.PROPERTY)[NAME],
        datasets=("clinic", "credit"),
        defences=("dp-sgd",),
        levels=LEVELS,
    )


def finished(run: ShownRun) -> None:
    """Draw the guesses by true share: the middle half of the guesses around their median."""
    groups: dict[float, list[float]] = {}
    for row in run.result["models"]:
        groups.setdefault(row["share"], []).append(row["guess"])
    bars = []
    for share, guesses in sorted(groups.items()):
        ordered = sorted(guesses)
        quarter = len(ordered) // 4
        middle = ordered[len(ordered) // 2]
        low, high = ordered[quarter], ordered[-1 - quarter]
        bars.append(Bar(f"{share:.0%} of the group", middle, low, high, len(ordered), share))
    interval_chart.chart(
        bars, measure="guessed share: median and middle half", baseline="true share", key="property-guesses"
    )


def measured(runs: Sequence[RunRecord]) -> None:
    """Draw the error of the shipped runs, by group and access."""
    bars = [_bar(run) for run in runs if run.result]
    interval_chart.chart(
        bars, measure="error of the guessed share", baseline="guessing the middle", key="property"
    )


def _bar(run: RunRecord) -> Bar:
    result = run.result or {}
    score = next(one for one in result["scores"] if one["name"] == "property-error")
    group = f"{result['group']['column']} = {result['group']['level']}"
    label = f"{group}, {run.scenario.exposure.access.value}, seed {run.scenario.seed}"
    return Bar(label, score["value"], score["low"], score["high"], score["n"], score["baseline"])


EXHIBIT = Exhibit(
    name="property",
    family=Family.PROPERTY,
    title="Group shares",
    question="Do a model's answers give away how many of its training records belong to a group?",
    claim="a share of the training data, nothing about one person",
    access="the answers to a few hundred public rows, and records of other people",
    cost="a hundred models of the attacker's own; under a minute with trees",
    lesson=(
        "A model can tell on a group without telling on anybody in it; noise that protects single "
        "people does not hide what holds for all."
    ),
    form=form,
    finished=finished,
    measured=measured,
)

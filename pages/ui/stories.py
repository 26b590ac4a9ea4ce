"""Short stories told from stored evidence, each with a door into the lab; the numbers are the evidence's own.

First a case that does no harm, then a leak, a guess, sensitive data, and a defence with its cost; then one
story for each exhibit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from inversion_core.compare.matrix import Cell
from inversion_core.errors import DataUnusable
from inversion_core.metrics.verdict import verdict
from inversion_core.risk.stored import comparisons
from pages.ui import evidence, exhibit, exhibits, ghost, places, scores, table_outcome, table_shown, words
from pages.ui.exhibit import Exhibit
from pages.ui.ghost import Bar
from pages.ui.lineup import STRANGERS, lineup
from pages.ui.outcome import side
from pages.ui.picture import picture
from pages.ui.tiles import ATTACKER, TRUTH, strip

LEFT_OUT = "people-left-out"
"""The comparison in which the same people are attacked with their photos in the training and without."""


@dataclass(frozen=True)
class Story:
    """`beats`: what to say, in order; `draw` shows the evidence; `place` and `preset`: where it goes on."""

    name: str
    title: str
    beats: tuple[str, ...]
    draw: Callable[[], None]
    door: str
    place: str
    preset: Mapping[str, str]


def every() -> dict[str, Story]:
    """Return name -> story in the order in which they are told."""
    told = [*_FIRST, *(_of_exhibit(one) for one in exhibits.every().values())]
    return {one.name: one for one in told}


def _of_exhibit(one: Exhibit) -> Story:
    return Story(
        name=one.name,
        title=one.title,
        beats=(
            one.question,
            f"What is claimed: {one.claim}. What the attacker has: {one.access}.",
            one.lesson,
        ),
        draw=partial(_exhibit, one),
        door="Open the exhibit",
        place=places.EXHIBITS,
        preset={"exhibit": one.name},
    )


def _exhibit(one: Exhibit) -> None:
    exhibits.finished(exhibit.of_shipped(one.name), one, key=f"story-{one.name}")


def _never_met() -> None:
    """Draw success on people with their photos in the training, and on the same people without."""
    stored = next((one for one in comparisons() if one.name == LEFT_OUT), None)
    if stored is None:
        raise DataUnusable(
            f"this story is told from the comparison {LEFT_OUT!r}, which is missing; restore it"
        )
    for row in stored.matrix.rows:
        st.markdown(f"**{row}**")
        cells = [stored.best.get((row, column, "naive")) for column in stored.matrix.columns]
        ghost.bars([_bar(cell) for cell in cells if cell is not None and cell.value is not None])


def _bar(cell: Cell) -> Bar:
    assert cell.value is not None and cell.low is not None and cell.high is not None
    return Bar(
        title=cell.column,
        value=cell.value,
        low=cell.low,
        high=cell.high,
        ghost=cell.baseline or 0.0,
        n=cell.n,
        unseen=None,
        common=None,
        share=True,
    )


def _median(stop: evidence.Stop) -> None:
    """Show the median person of a stored run and what the run came to."""
    shown, person = evidence.load(stop), evidence.casting().person
    picture(
        strip([(shown.originals[person], TRUTH), (shown.recovered[person], ATTACKER)], side=256),
        alt=f"Left, one person; right, what the attacker recovered of them from the model. {stop.label}.",
    )
    words.legend([words.TRUTH, ("attacker", "recovered from the model")])
    told = verdict(shown.result)
    words.verdict(told.sentence, side=side(told.finding))


def _leak() -> None:
    _median(evidence.DIAL[0])


def _guess() -> None:
    cast = evidence.casting()
    lineup(evidence.load(evidence.DIAL[0]), cast.lineups[-1], evidence.bystanders()[-STRANGERS:])


def _sensitive() -> None:
    table_outcome.found(table_shown.of_evidence())


def _costs() -> None:
    """Show the dial's three models side by side: recovered people, and how often each model is right."""
    for column, stop in zip(st.columns(len(evidence.DIAL), gap="medium"), evidence.DIAL, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{stop.label}**")
            _median(stop)
            result = evidence.load(stop).result
            if (headline := scores.find(result["scores"], scores.HEADLINE)) is not None:
                words.facts(
                    {
                        "recognised": scores.number(headline, headline["value"]),
                        "model's accuracy": words.percent(result["target"]["test_accuracy"]),
                    }
                )


_FIRST = (
    Story(
        "never-met",
        "A model that never met you",
        (
            "Ten people, attacked twice: once in a model that learnt their photos, once in one trained "
            "without them.",
            "Where their photos were left out, the intervals reach down to guessing: what an attack recovers "
            "comes from the training, not from the attacker's idea of faces.",
        ),
        _never_met,
        "See the comparison",
        places.COMPARE,
        {"comparison": LEFT_OUT},
    ),
    Story(
        "leak",
        "The photos are deleted, the faces are not",
        (
            "A face model is trained, its photos are deleted, the model is passed on.",
            "The attacker has the weights and a generator of faces learnt from other people. This is the "
            "median person: half came out better.",
        ),
        _leak,
        "Run it live",
        places.ATTACK,
        {"target": "cnn", "attack": "plug-and-play"},
    ),
    Story(
        "guess",
        "Guess, then reveal",
        (
            "Six people; one was in the training data. Let the room vote before you press a letter.",
            "A picture counts as recovered when people who never saw the original pick the right person.",
        ),
        _guess,
        "Open the stored run",
        places.RUN,
        {"evidence": "undefended"},
    ),
    Story(
        "sensitive",
        "A diagnosis nobody told",
        (
            "A clinic's model predicts from a record. The attacker knows the rest of the record and asks "
            "the model with each possible value.",
            "The grey part of each bar is what anybody could guess without the model: only what lies beyond "
            "it was given away.",
        ),
        _sensitive,
        "Open Attributes",
        places.ATTRIBUTES,
        {},
    ),
    Story(
        "cost",
        "A defence and its price",
        (
            "The same attack against three trainings of the same model.",
            "Which defence changed what came back, and how often is the model still right? Read both before "
            "you choose one.",
        ),
        _costs,
        "Compare all defences",
        places.COMPARE,
        {},
    ),
)

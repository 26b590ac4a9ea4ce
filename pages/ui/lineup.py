"""Guess, then reveal: which of six people was in the training data?"""

import random

import streamlit as st

from pages.ui import words
from pages.ui.evidence import Evidence
from pages.ui.picture import picture
from pages.ui.tiles import ATTACKER, TRUTH, Tile, strip

STRANGERS = 5


def lineup(shown: Evidence, victim: int, strangers: tuple[Tile, ...]) -> None:
    """Show what was recovered of one person beside six photos, five of people the model never saw."""
    name = shown.result["victims"][victim]["name"]
    place = random.Random(victim).randrange(STRANGERS + 1)
    people = [*strangers[:STRANGERS]]
    people.insert(place, shown.originals[victim])
    guess = st.session_state.get(f"guess-{victim}")
    st.header("Which of these six people was in the training data?", anchor=False)
    left, right = st.columns([1, 3], gap="large")
    with left:
        picture(
            strip([(shown.recovered[victim], ATTACKER)]),
            alt="A face the attacker recovered from the model; it belongs to one of the six people.",
        )
        words.legend([("attacker", "recovered from the model")])
    with right:
        _six(people, victim, guess=guess, answer=place)
        _reveal(guess, place, name)


def _six(people: list[Tile], victim: int, *, guess: int | None, answer: int) -> None:
    with st.grid(6, min_column_width=96, gap="small"):
        for number, photo in enumerate(people):
            with st.container(gap="xsmall"):
                revealed = guess is not None and number == answer
                picture(
                    strip([(photo, TRUTH if revealed or guess is None else (200, 204, 209))]),
                    alt=f"Person {'ABCDEF'[number]}",
                )
                st.button(
                    f"{'ABCDEF'[number]}",
                    key=f"person-{victim}-{number}",
                    type="primary" if revealed else "secondary",
                    icon=":material/check:" if revealed else None,
                    help=None,
                    width="stretch",
                    disabled=guess is not None and not revealed,
                    on_click=_remember,
                    args=(victim, number),
                )


def _remember(victim: int, number: int) -> None:
    st.session_state[f"guess-{victim}"] = number


def _reveal(guess: int | None, answer: int, name: str) -> None:
    if guess is None:
        words.quiet("Pick one. The recovered face was made without any of these six photos.")
        return
    opening = "Yes." if guess == answer else f"No, it is {'ABCDEF'[answer]}."
    words.verdict(
        f"{opening} {name} was in the training data; the other five were never shown to the model, and no "
        "attack on it brings them back. Recognising a training member from the model alone is the leak.",
        side="attacker",
    )

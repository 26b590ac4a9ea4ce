"""What was run and what was not, by class of attack: stored comparisons beside this installation's runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import streamlit as st

from inversion_core import exhibits
from inversion_core.risk.coverage import Coverage, Covered, Ran, coverage, of_runs
from inversion_core.risk.crosswalk import crosswalk
from inversion_core.risk.stored import Measured, Stored, comparisons, measured, of_comparisons
from inversion_core.values import State
from pages.ui import library, words

MOST = 500
"""Own runs looked through, the latest; the page says where there are more."""
NAMED = 3
"""Own runs named by the start of their id."""
STYLES = {"RUN": "run", "RUN IN PART": "part", "NOT RUN": "notrun"}
SIGNS = {"RUN": "\N{CHECK MARK}", "RUN IN PART": "\N{ALMOST EQUAL TO}", "NOT RUN": "\N{EN DASH}"}
OUTSIDE = "Not among the five classes"


@dataclass(frozen=True, eq=False)
class Seen:
    """What was run: in the comparisons that ship, on this installation, and both together.

    `measured`: id of a control -> what each row of a comparison says of it; `more`: there are own runs that
    nobody looked at.
    """

    stored: Coverage
    own: Coverage
    both: Coverage
    measured: dict[str, tuple[Measured, ...]]
    titles: dict[str, str]
    more: bool


def look() -> Seen:
    """Return what was run; raises InversionError where evidence or store cannot be read."""
    kept = comparisons()
    stored, runs_of_all, told = _stored(kept)
    records = library.store().runs(states=(State.DONE,), limit=MOST)
    own = of_runs(records)
    return Seen(
        stored=stored,
        own=coverage(own),
        both=coverage([*runs_of_all, *own]),
        measured=told,
        titles={one.name: one.title for one in kept} | {one: f"exhibit {one}" for one in exhibits.names()},
        more=len(records) == MOST,
    )


@lru_cache(maxsize=1)
def _stored(kept: tuple[Stored, ...]) -> tuple[Coverage, Sequence[Ran], dict[str, tuple[Measured, ...]]]:
    """Return what ships, worked out once a process: the comparisons do not change while it runs."""
    ran = [*of_comparisons(kept)]
    for name in exhibits.names():
        ran += of_runs(exhibits.stored(name).runs(), name)
    return coverage(ran), ran, measured(kept)


def coverage_list(seen: Seen) -> None:
    """Draw the five classes with the classes of attack in each, then those outside."""
    shown = {part.id for one in seen.both.tested for part in one.parts}
    items = [
        _entry(one, "".join(_part(part.id, seen) for part in one.parts), one.title, one.id)
        for one in seen.both.tested
    ]
    items += [_entry(one, _part(one.id, seen), OUTSIDE) for one in seen.both.attacks if one.id not in shown]
    st.html(f'<ul class="lab-claims lab-coverage">{"".join(items)}</ul>')
    if seen.more:
        words.quiet(f"Of this installation's own runs the latest {MOST} were looked at.")


def badge(word: str) -> str:
    """Return RUN, RUN IN PART or NOT RUN as HTML, told apart without colour."""
    return f'<b class="{STYLES[word]}"><i aria-hidden="true">{SIGNS[word]}</i> {word}</b>'


def line(one: Covered, titles: dict[str, str]) -> str:
    """Return in words which runs tested something, or why none did."""
    if not one.run:
        return f"NOT RUN: {one.reason}."
    attacks = ", ".join(_title(name) for name in one.attacks)
    levels = "; ".join(crosswalk().level(level).name.lower() for level in one.access)
    count = len(one.records)
    known = f"{'some' if one.adaptive else 'none'} by an attacker who knows the controls"
    return (
        f"RUN, {count:,} {'run' if count == 1 else 'runs'}, {known}. Attacks: {attacks}. The attacker had: "
        f"{levels}. {_places(one, titles)}."
    )


def sides(stored: Covered, own: Covered, titles: dict[str, str]) -> list[str]:
    """Return what ran in the stored comparisons and on this installation, as HTML."""
    both = {"Stored runs": stored, "This installation": own}
    return [f"<i>{where}:</i> {escape(line(one, titles))}" for where, one in both.items()]


def _entry(one: Covered, parts: str, title: str, below: str = "") -> str:
    small = f"<small>{escape(below)}</small>" if below else ""
    return f"<li>{badge(one.word)}<div><p>{escape(title)}</p>{parts}{small}</div></li>"


def _part(wanted: str, seen: Seen) -> str:
    both, stored, own = (
        next(one for one in part.attacks if one.id == wanted) for part in (seen.both, seen.stored, seen.own)
    )
    told = sides(stored, own, seen.titles) if both.run else [escape(line(both, seen.titles))]
    lines = "".join(f"<span>{one}</span>" for one in told)
    return f'<div class="part"><strong>{escape(both.title)}</strong>{lines}</div>'


def _places(one: Covered, titles: dict[str, str]) -> str:
    places = dict.fromkeys(run.place for run in one.ran if run.place)
    if places:
        return "Stored in: " + "; ".join(titles[place] for place in places)
    named = ", ".join(record[:8] for record in one.records[:NAMED])
    return f"The latest: {named}"


def _title(name: str) -> str:
    return library.component_title("attacks", name).split(" (")[0].split(",")[0]

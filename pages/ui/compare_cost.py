"""What each defence costs whoever uses the model honestly: one line a defence, from the stored comparison."""

from collections.abc import Iterator
from html import escape

import streamlit as st

from inversion_core.compare.utility import Promise, Utility, Worse, worse
from pages.ui import glossary, words
from pages.ui.comparison import Comparison

WORDS: dict[Worse, str] = {
    "accuracy": "clearly worse",
    "confidence": "further off",
    "distortion": "much changed",
    "people": "people lose",
    "answer": "slower",
    "training": "longer",
}
"""What stands beside a value that is clearly worse than without the defence."""
HEADS: dict[Worse, str] = {
    "accuracy": "right on unseen data",
    "confidence": "how far its stated confidence is off",
    "distortion": "how much the released scores were changed",
    "people": "a person loses at most",
    "answer": "answer takes",
    "training": "training took",
}
PROMISE = "promises (epsilon)"
LEAST = 0.01
"""Of a distance of 2, what is told exactly."""
SAME = (0.8, 1.25)
"""Times as long between which an answer takes as long: the rest is the machine."""


def costs(kept: Comparison) -> None:
    """Draw the table; nothing where a comparison was stored without."""
    shown = rows(kept)
    if not shown:
        return
    asked = max(one.n for one in shown.values())
    words.quiet(
        f"Each defence by what it costs whoever uses the model honestly, on {asked:,} "
        f"{'photos' if kept.people else 'records'} that it was not trained on. What is clearly worse than "
        "without a defence has a word beside it. Query budgets, rate limits, pseudonyms and a monitor change "
        "no answer that is given, and read as without."
    )
    st.html(table(kept))
    if missing := [row for row in kept.matrix.rows if row not in shown]:
        words.quiet(f"Not measured: {', '.join(missing)}.")
    glossary.terms(
        "held-out", "calibration", "distortion", "person-loss", "epsilon", "clearly-worse", key="words-costs"
    )


def rows(kept: Comparison) -> dict[str, Utility]:
    """Return the rows that were measured, the undefended one first, the others in the order of the matrix."""
    order = sorted(kept.matrix.rows, key=lambda row: row != kept.matrix.undefended)
    return {row: kept.utility[row] for row in order if row in kept.utility}


def table(kept: Comparison) -> str:
    """Return the table as HTML in a region of its own, which scrolls where the screen is narrow."""
    shown = rows(kept)
    bare = shown.get(kept.matrix.undefended or "")
    left_out = set() if any(one.people for one in shown.values()) else {"people"}
    heads = [HEADS[name] for name in HEADS if name not in left_out]
    promised = any(one.promise for one in shown.values())
    lines = []
    for row, one in shown.items():
        marks = frozenset() if bare is None or one is bare else worse(one, bare)
        cells = [
            _cell(text, small, WORDS[name] if name in marks else "")
            for name, text, small in told(one, undefended=one is bare)
            if name not in left_out
        ]
        cells += [_cell(*promise(one.promise))] if promised else []
        lines.append(f'<tr><th scope="row">{escape(row)}</th>{"".join(cells)}</tr>')
    head = "".join(
        f'<th scope="col">{escape(text)}</th>'
        for text in ["defence", *heads, *([PROMISE] if promised else [])]
    )
    return (
        '<div class="lab-costs" role="region" tabindex="0" aria-label="What each defence costs">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def told(one: Utility, *, undefended: bool) -> Iterator[tuple[Worse, str, str]]:
    """Yield what a row says in each column: the column, the value, and what stands small beneath it."""
    low, high = words.percent(one.accuracy.low), words.percent(one.accuracy.high)
    yield "accuracy", words.percent(one.accuracy.value), f"{low} to {high}"
    if one.calibration_error is None or one.brier is None:
        yield "confidence", "states none", "the label alone"
    else:
        yield "confidence", words.percent(one.calibration_error), f"Brier score {one.brier:.2f}"
    if undefended:
        yield "distortion", "as it is", "the others are held against it"
        yield "people", "as it is", ""
        yield "answer", f"{one.milliseconds:.1f} ms", ""
    else:
        yield "distortion", *_changed(one)
        yield "people", *_lost(one)
        both = f"{one.milliseconds:.1f} ms, without {one.bare_milliseconds:.1f} ms"
        yield "answer", _longer(one.slower), both
    if undefended or one.trained_anew:
        yield "training", words.duration(one.training_seconds), ""
    else:
        yield "training", "nothing more", "not trained anew"


def promise(found: Promise | None) -> tuple[str, str]:
    """Return what differential privacy promises for a photo or record, and for a person."""
    if found is None:
        return "nothing", ""
    if found.person_epsilon == found.epsilon:
        return f"{found.epsilon:.1f} a person", f"delta {found.delta:.0e}"
    person = "no promise for a person" if found.person_delta == 1 else f"{found.person_epsilon:.0f} a person"
    return f"{found.epsilon:.1f} a photo", person


def _changed(one: Utility) -> tuple[str, str]:
    if one.distortion is None:
        return "other data", "not comparable"
    if one.distortion < LEAST:
        # The last digits of a float are no change.
        return ("unchanged" if one.distortion < 1e-6 else f"less than {LEAST} of 2"), ""
    return f"{one.distortion:.2f} of 2", ""


def _lost(one: Utility) -> tuple[str, str]:
    if one.people is None:
        return "other data", "not comparable"
    share = f"{words.percent(one.people.losing)} of people lose, {words.percent(one.people.gaining)} gain"
    if one.people.worst <= 0:
        return "nobody loses", share if one.people.gaining else ""
    mean = f"on average {words.percent(one.people.mean.value)}"
    return f"{words.percent(one.people.worst)} of their photos", f"{share}; {mean}"


def _longer(times: float) -> str:
    """Return how much longer an answer takes; differences that a busy machine makes are none."""
    return "as long" if SAME[0] < times < SAME[1] else f"{times:.1f} times as long"


def _cell(text: str, small: str, mark: str = "") -> str:
    said = escape(text) + (f" <em>{escape(mark)}</em>" if mark else "")
    return f"<td>{said}{f'<small>{escape(small)}</small>' if small else ''}</td>"

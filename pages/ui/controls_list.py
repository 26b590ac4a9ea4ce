"""The list of controls: what each does, what was measured of it, and what it rests on."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import groupby

import streamlit as st

from inversion_core.compare.verdict import Verdict
from inversion_core.registry import components
from inversion_core.risk.coverage import Covered
from inversion_core.risk.crosswalk import ControlRow, crosswalk
from inversion_core.risk.references import Confidence
from inversion_core.risk.stored import Measured
from pages.ui import words
from pages.ui.controls_coverage import Seen, badge, sides
from pages.ui.controls_references import listing

FROM_MEMORY = Confidence.MEMORY.words


def controls(seen: Seen, text: str, kind: str, version: str) -> None:
    """Draw the controls that fit a search and a kind, each to be opened."""
    by_id = {one.id: one for one in seen.both.controls}
    fitting = [
        one
        for one in crosswalk().controls
        if _fits_kind(one, by_id[one.id], kind) and _fits_text(one, text, version)
    ]
    if not fitting:
        words.quiet("No control fits. Clear the search, or show all.")
    for one in fitting:
        with st.expander(_label(one, by_id[one.id]), key=f"control-{one.id}"):
            st.html(_body(one, seen, version))


def _label(one: ControlRow, covered: Covered) -> str:
    if one.contested:
        return f"{one.name}: contested, NOT RUN"
    count = len(covered.records)
    return f"{one.name}: {covered.word}" + (f", {count:,} {'run' if count == 1 else 'runs'}" if count else "")


def _body(one: ControlRow, seen: Seen, version: str) -> str:
    both, stored, own = (
        next(each for each in part.controls if each.id == one.id)
        for part in (seen.both, seen.stored, seen.own)
    )
    parts = [f'<p class="lab-state">{badge(both.word)} {escape(both.reason)}</p>']
    if one.contested:
        parts.append(f"<p><strong>Contested.</strong> {escape(one.contested)}</p>")
    parts += [f"<p>{escape(told)}</p>" for told in (_built(one), one.helps) if told]
    if one.limits:
        parts.append(f"<p><strong>Limits.</strong> {escape(one.limits)}</p>")
    if one.from_memory:
        parts.append(f'<p>{escape(one.from_memory)} <em class="memory">({FROM_MEMORY})</em></p>')
    if both.run:
        parts += [f"<p>{told}</p>" for told in sides(stored, own, seen.titles)]
    if said := seen.measured.get(one.id):
        parts.append(_measured(said))
    parts += [f"<p>{escape(note[0].upper() + note[1:])}.</p>" for note in one.notes]
    gaps = one.no_entry or ({} if one.refs else {"References": "none"})
    parts.append(f"<h3>References</h3>{listing(one.refs, version, gaps)}")
    return f'<div class="lab-control">{"".join(parts)}</div>'


def _built(one: ControlRow) -> str:
    """Return what of a control is built in, by the names on other pages."""
    kinds = components("defences")
    titles = [
        kinds[name].title
        for name, control in crosswalk().product.defences.items()
        if control == one.id and name in kinds
    ]
    return f"Built in: {', '.join(titles)}." if titles else ""


def _measured(said: Sequence[Measured]) -> str:
    count: Counter[Verdict] = Counter()
    for one in said:
        count.update(one.verdicts)
    summed = f"Each setting against each attack, by what came of it: {_counted(count)}."
    settings = "setting" if len(said) == 1 else "settings"
    opened = f"{len(said)} {settings}, each with the strongest attacker tried"
    groups = "".join(
        f"<h3>{escape(title)}</h3><ul>{''.join(_row(one) for one in ones)}</ul>"
        for title, ones in groupby(said, key=lambda one: one.title)
    )
    return (
        f"<p><strong>Measured.</strong> {escape(summed)}</p>"
        f"<details><summary>{escape(opened)}</summary>{groups}</details>"
    )


def _row(one: Measured) -> str:
    told = f"{_counted(Counter(one.verdicts))}. " if one.verdicts else ""
    return f"<li><strong>{escape(one.row)}.</strong> {escape(told)}<span>{escape(one.sentence)}</span></li>"


def _counted(count: Counter[Verdict]) -> str:
    return ", ".join(f"{verdict}: {number}" for verdict, number in count.most_common())


def _fits_kind(one: ControlRow, covered: Covered, kind: str) -> bool:
    if kind == "contested":
        return bool(one.contested)
    return kind == "all" or covered.run == (kind == "measured")


def _fits_text(one: ControlRow, text: str, version: str) -> bool:
    told = [one.name, one.id, one.helps, one.limits, one.from_memory, one.contested]
    told += [_built(one), *one.no_entry]
    told += [name for name, control in crosswalk().product.defences.items() if control == one.id]
    for cited in one.refs:
        row = cited.row
        told += [row.id, row.framework, row.name_in(version), row.paraphrase, row.confidence.words]
    return text.strip().casefold() in " ".join(told).casefold()

"""Scores on their scales: value, interval, n, baseline and control, always together."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from inversion_core.metrics import verdict
from inversion_core.metrics.glossary import GLOSSARY, explain
from inversion_core.values import Modality
from pages.ui.differences import points

Score = Mapping[str, Any]
"""A score as it is stored in a result: the fields of inversion_core.values.Score."""

HEADLINE, TABLE_HEADLINE = "evaluator-top1", "residual-over-imputation"
SHARES = frozenset(
    {
        "evaluator-top1", "evaluator-top5", "target-top1", "adversarial-gap", "attribute-accuracy",
        "attribute-precision", "attribute-recall", "attribute-f1", "attribute-gmean", "attribute-fpr",
        "attribute-ppv-at-k", "match-same-photo", "match-other-photo", "identified-share",
        "extracted-share", "secrets-spelled", "rows-exact", "property-accuracy", "membership-tpr-at-fpr",
        "membership-advantage", "extraction-agreement",
    }
)  # fmt: skip
"""Scores that are shares of people, records or traits, told in per cent."""
FINE = frozenset({"membership-tpr-at-fpr", "membership-advantage"})
"""Shares that are small where they matter, told to a tenth."""
CONTROLS = {
    Modality.IMAGE: "real photos",
    Modality.TABLE: "records it never saw",
    Modality.TEXT: "never written",
}
"""What the control of a score is."""
BENEATH = {
    HEADLINE: "guessing without the model",
    "ssim": "mean face",
    "psnr": "mean face",
    "match-same-photo": "pairs of different people",
    "extracted-share": "photos never trained on",
    "canary-exposure": "a random rank",
    "row-error": "guessing without the model",
    "property-error": "guessing the middle",
}
"""What the baseline of a headline is."""
MANY = 6
"""Named values beside a score that still fit under its scale."""
UNITS = {"psnr": " dB"}


def find(scores: Sequence[Score], name: str) -> Score | None:
    """Return the score of that name, or None where the run has none."""
    return next((score for score in scores if score["name"] == name), None)


def in_short(result: Mapping[str, Any]) -> str | None:
    """Return the headline of a result in a line, None where it has none."""
    if (gain := find(result["scores"], TABLE_HEADLINE)) is not None:
        return f"{number(gain, gain['value'])} over guessing without the model, {interval(gain)}"
    name = verdict.headline(result)
    headline = None if name is None else find(result["scores"], name)
    if headline is None:
        return None
    if name != HEADLINE:
        return (
            f"{explain(headline['name']).title} {number(headline, headline['value'])}, {interval(headline)}, "
            f"{beneath(headline)} {number(headline, headline['baseline'])}"
        )
    return (
        f"{number(headline, headline['value'])} recognised, {interval(headline)}, "
        f"guessing {number(headline, headline['baseline'])}"
    )


ABOVE = {
    "extraction-agreement": "another network that learnt the same people",
    "extracted-share": "perfect copies",
    "identified-share": "the photo itself",
    "property-error": "learnt from mixed-up shares",
}
"""What the control of a score is, where it is more than the same number for real photos."""


def beneath(score: Score) -> str:
    """Return what the baseline of a score is, in words."""
    return BENEATH.get(score["name"], "without the model")


def number(score: Score, value: float) -> str:
    """Return a value of this score's kind as people read it."""
    if score["name"] == TABLE_HEADLINE:
        return f"{points(value)} points"
    if score["name"] in SHARES:
        return f"{100 * value:.{1 if score['name'] in FINE else 0}f} %"
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{decimals}f}{UNITS.get(score['name'], '')}"


def interval(score: Score) -> str:
    """Return the 95 % interval in words."""
    if score["name"] == TABLE_HEADLINE:
        return f"{points(score['low'])} to {points(score['high'])}"
    return f"{number(score, score['low'])} to {number(score, score['high'])}"


def limits(score: Score) -> tuple[float, float]:
    """Return the ends of the scale the score is drawn on; shares and similarities have their natural ones."""
    values = [score["value"], score["low"], score["high"], score["baseline"], *score["rulers"].values()]
    values += [] if score["control"] is None else [score["control"]]
    low = -1.0 if min(values) < 0 else 0.0
    return (low, 1.0) if max(values) <= 1 else (0.0, max(values) * 1.08)


def meter(result: Mapping[str, Any]) -> None:
    """Draw the headline, if there is one: how far the attack reaches beyond the band that needs no model."""
    score = find(result["scores"], verdict.headline(result) or "")
    if score is not None:
        st.html(f'<div class="lab-scores">{_ruler(score, band=beneath(score))}</div>')


def ordered(scores: Sequence[Score]) -> list[Score]:
    """Return the scores as the glossary lists them: the headline first."""
    places = {name: place for place, name in enumerate(GLOSSARY)}
    return sorted(scores, key=lambda score: places.get(score["name"], len(places)))


def rulers(scores: Sequence[Score]) -> None:
    """Draw every score on its own scale, one below the other."""
    st.html(f'<div class="lab-scores">{"".join(_ruler(score) for score in scores)}</div>')


def further_values(scores: Sequence[Score], of: Modality = Modality.IMAGE) -> list[dict[str, str]]:
    """Return the named values beside each score, one row a value."""
    return [
        {"score": explain(score["name"], of).title, "beside it": _named(name), "value": number(score, value)}
        for score in scores
        for name, value in score["rulers"].items()
    ]


def table(scores: Sequence[Score], of: Modality = Modality.IMAGE) -> list[dict[str, str]]:
    """Return the numbers behind the drawing, one row a score."""
    return [
        {
            "score": explain(score["name"], of).title,
            "attack": number(score, score["value"]),
            "95 % interval": interval(score),
            "n": f"{score['n']:,}",
            "baseline": number(score, score["baseline"]),
            CONTROLS[of]: "none" if score["control"] is None else number(score, score["control"]),
            "stronger when": score["better"],
        }
        for score in scores
    ]


def meanings(scores: Sequence[Score], of: Modality = Modality.IMAGE) -> None:
    """Write what each score means and what it does not show."""
    for score in scores:
        told = explain(score["name"], of)
        st.markdown(f"**{told.title}**. {told.meaning}  \n*What it does not show.* {told.not_shown}")


def not_shown(limits: Sequence[str], *, key: str) -> None:
    """Offer what the evidence of a whole run does not show."""
    with st.popover("What this does not show", icon=":material/help:", key=key):
        st.markdown("\n".join(f"- {escape(limit)}" for limit in limits))


def _ruler(score: Score, band: str = "") -> str:
    """Return one scale as HTML, with the same facts as words for who cannot see it."""
    low, high = limits(score)
    title, told_value = explain(score["name"]).title, number(score, score["value"])

    def place(value: float) -> float:
        return round(100 * min(max((value - low) / (high - low), 0), 1), 2)

    value, start, end = place(score["value"]), place(score["low"]), place(score["high"])
    baseline = place(score["baseline"])
    drawn = (
        f'<i class="beneath" style="left:{place(low)}%;width:{baseline - place(low)}%"></i>' if band else ""
    )
    drawn += f'<i class="interval" style="left:{start}%;width:{max(end - start, 0.5)}%"></i>'
    drawn += f'<i class="baseline" style="left:{baseline}%"></i>'
    if score["control"] is not None:
        drawn += f'<i class="control" style="left:{place(score["control"])}%"></i>'
    drawn += f'<i class="value" style="left:{value}%"></i>'
    told = (
        f"{title}: {told_value}, 95 % interval {interval(score)}, "
        f"baseline {number(score, score['baseline'])}, n {score['n']}"
    )
    return (
        f'<div class="lab-ruler"><div class="name">{escape(title)}</div>'
        f'<div class="lab-track" role="img" aria-label="{escape(told)}">{drawn}</div>'
        f'<div class="number"><b>{told_value}</b><br> <small>{interval(score)}</small></div>'
        f'<div class="marks">{_marks(score, band)}</div></div>'
    )


def _marks(score: Score, band: str) -> str:
    """Name the ticks of a scale in words."""
    parts = [f"| {band or 'without the model'} {number(score, score['baseline'])}"]
    if score["control"] is not None:
        parts.append(f"◇ {ABOVE.get(score['name'], 'real photos')} {number(score, score['control'])}")
    if len(score["rulers"]) > MANY:
        parts.append(f"{len(score['rulers'])} further values in the table")
    else:
        parts += [f"{_named(name)} {number(score, value)}" for name, value in score["rulers"].items()]
    parts.append(f"n = {score['n']:,}")
    parts.append("higher: stronger attack" if score["better"] == "higher" else "lower: stronger attack")
    return "".join(f"<span>{escape(part)}</span>" for part in parts)


def _named(ruler: str) -> str:
    """Return the name of a further value in words."""
    return GLOSSARY[ruler].title if ruler in GLOSSARY else ruler

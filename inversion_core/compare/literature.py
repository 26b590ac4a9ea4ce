"""What papers on model inversion lead one to expect, as claims that a stored matrix can be held against.

Rows are chosen by what they are made of. Where several rows differ in one number, the strictest is meant.
Attacks are as published unless a claim is about somebody who knows the defence. Left out: sizes of effects,
which depend on data and networks, except where a claim says "much".
"""

from collections.abc import Callable, Sequence
from typing import Any

from inversion_core.compare.expectations import Claim, Direction, Measure, Rows, Side, Study

WHITE_BOX, BY_SCORES, BY_LABELS, DECODER = "plug-and-play", "nes-latent", "brep-mi", "inversion-network"
BY_CONSTRUCTION = "by construction"
MUCH = 0.1
"""Ten points of accuracy."""

Test = Callable[[Any], bool]


def undefended(study: Study) -> Sequence[str]:
    """Choose the row without defence."""
    return [] if study.matrix.undefended is None else [study.matrix.undefended]


def defended(name: str, strictest: str = "", **params: Test) -> Rows:
    """Choose the rows whose only defence is this one, with such parameters; of several that differ in the
    parameter `strictest` the one where it is least.
    """

    def rows(study: Study) -> Sequence[str]:
        found = {}
        for title, row in study.rows.items():
            if [one["name"] for one in row["defences"]] == [name] and not row["exposure"]:
                given = row["defences"][0]["params"]
                if all(test(given[key]) for key, test in params.items()):
                    found[title] = given
        return sorted(found, key=lambda title: found[title][strictest])[:1] if strictest else list(found)

    return rows


def exposed(setting: str, *, strictest: bool = False) -> Rows:
    """Choose the rows in which an operator sets only this, of several the one where it is least."""

    def rows(study: Study) -> Sequence[str]:
        found = {
            title: row["exposure"][setting]
            for title, row in study.rows.items()
            if list(row["exposure"]) == [setting] and not row["defences"]
        }
        return sorted(found, key=lambda title: found[title])[:1] if strictest else list(found)

    return rows


def of_outputs(study: Study) -> Sequence[str]:
    """Choose the rows that only change what a service releases."""
    return [
        title
        for title, row in study.rows.items()
        if row["defences"] and all(one["changes"] == "outputs" for one in row["defences"])
    ]


def by_accuracy(*, most: bool) -> Rows:
    """Choose the row with the most accurate target of all, or the least accurate, where targets differ."""

    def rows(study: Study) -> Sequence[str]:
        if len({one["value"] for one in study.accuracy.values()}) < 2:
            return []
        best = max if most else min
        return [best(study.accuracy, key=lambda title: study.accuracy[title]["value"])]

    return rows


def _against_none(
    text: str, source: str, direction: Direction, rows: Rows, attack: str, **more: Any
) -> Claim:
    """Return a claim about a row against the undefended one, both under the attack as published."""
    return Claim(text, source, direction, Side(attack, rows), Side(attack, undefended), **more)


def _undone(text: str, source: str, direction: Direction, rows: Rows, **params: Test) -> Claim:
    """Return a claim about a search by scores that knows a defence against the one that does not."""
    return Claim(text, source, direction, Side(BY_SCORES, rows, "adaptive", params), Side(BY_SCORES))


def _positive(value: float) -> bool:
    return value > 0


def _negative(value: float) -> bool:
    return value < 0


def _none(value: float) -> bool:
    return value == 0


def _several(value: int) -> bool:
    return value > 1


def _coarse(decimals: int) -> bool:
    return decimals <= 1


def _fresh(fresh: bool) -> bool:
    return fresh


def _by_picture(fresh: bool) -> bool:
    return not fresh


CLAIMS = (
    _against_none(
        "Positive label smoothing makes a model give away more of its people.",
        "Struppek et al., ICLR 2024", Direction.MORE, defended("label-smoothing", alpha=_positive), WHITE_BOX,
    ),
    _against_none(
        "Negative label smoothing makes a model give away less.",
        "Struppek et al., ICLR 2024", Direction.LESS, defended("label-smoothing", alpha=_negative), WHITE_BOX,
    ),
    _against_none(
        "An information bottleneck makes an attack on the weights recover less.",
        "Wang et al., AAAI 2021", Direction.LESS, defended("mid"), WHITE_BOX,
    ),
    _against_none(
        "Penalties on what layers share with the input make an attack on the weights recover less.",
        "Peng et al., KDD 2022", Direction.LESS, defended("bido"), WHITE_BOX,
    ),
    _against_none(
        "Early layers frozen as learnt from public people make an attack on the weights recover less.",
        "Ho et al., CVPR 2024", Direction.LESS, defended("frozen-layers"), WHITE_BOX,
    ),
    _against_none(
        "Differentially private training with a small epsilon makes an attack on the weights recover less.",
        "Jin et al., 2026, arXiv 2601.17360", Direction.LESS, defended("dp-sgd", "epsilon"), WHITE_BOX,
    ),
    _against_none(
        "Differentially private training with a small epsilon costs much accuracy: ten points or more.",
        "Jin et al., 2026, arXiv 2601.17360", Direction.LESS, defended("dp-sgd", "epsilon"), WHITE_BOX,
        measure=Measure.ACCURACY, least=MUCH,
    ),
    _against_none(
        "Fewer photos of each person make a model give away less.",
        "GDPR, Art. 5(1)(c)", Direction.LESS, defended("data-minimisation", "photos_per_person"), WHITE_BOX,
    ),
    Claim(
        "The more accurate a model, the more it gives away: the most accurate against the least.",
        "Qiu et al., 2024, arXiv 2410.05159 (MIBench)", Direction.MORE,
        Side(WHITE_BOX, by_accuracy(most=True)), Side(WHITE_BOX, by_accuracy(most=False)),
    ),
    _against_none(
        "What a service does to its scores changes nothing for whoever holds the weights.",
        BY_CONSTRUCTION, Direction.SAME, of_outputs, WHITE_BOX,
    ),
    _against_none(
        "Rounding to one decimal hinders a search by scores.",
        "Fredrikson et al., CCS 2015", Direction.LESS, defended("rounding", decimals=_coarse), BY_SCORES,
    ),
    _against_none(
        "Labels alone stop a search that follows the scores.",
        "Kahla et al., CVPR 2022", Direction.LESS, defended("label-only"), BY_SCORES,
    ),
    _against_none(
        "Labels alone do not stop a search that needs no scores.",
        "Kahla et al., CVPR 2022", Direction.SAME, defended("label-only"), BY_LABELS,
    ),
    _against_none(
        "A temperature leaves every label as it was, and a search by labels where it was.",
        BY_CONSTRUCTION, Direction.SAME, defended("temperature"), BY_LABELS,
    ),
    _undone(
        "Noise drawn anew for every answer is undone by averaging several answers.",
        "Athalye, Carlini and Wagner, ICML 2018", Direction.MORE, defended("output-noise", fresh=_fresh),
        repeats=_several, jitter=_none,
    ),
    _undone(
        "Noise decided by the picture is not undone by sending the same picture again.",
        BY_CONSTRUCTION, Direction.SAME, defended("output-noise", fresh=_by_picture),
        repeats=_several, jitter=_none,
    ),
    _undone(
        "Noise decided by the picture is undone by averaging over hardly different copies.",
        "Athalye, Carlini and Wagner, ICML 2018", Direction.MORE, defended("output-noise", fresh=_by_picture),
        repeats=_several, jitter=_positive,
    ),
    _against_none(
        "Purified scores make the pictures of an inversion network worse.",
        "Yang et al., 2020, arXiv 2005.03915", Direction.LESS, defended("purifier"), DECODER,
    ),
    _against_none(
        "Votes over noisy copies make a search by scores recover less.",
        "Jin et al., 2026, arXiv 2601.17360", Direction.LESS, defended("randomised-smoothing"), BY_SCORES,
    ),
    _against_none(
        "A small query budget makes a search by scores recover less.",
        BY_CONSTRUCTION, Direction.LESS, exposed("query_budget", strictest=True), BY_SCORES,
    ),
    _against_none(
        "A monitor blocks too late: by then a search by scores has what it came for.",
        "Feng et al., CCS 2023", Direction.SAME, exposed("monitor"), BY_SCORES,
    ),
    Claim(
        "Pseudonyms do not protect faces: who looks at every class finds as many.",
        "Article 29 Working Party, Opinion 05/2014", Direction.SAME,
        Side(WHITE_BOX, exposed("pseudonyms"), "adaptive"), Side(WHITE_BOX, undefended),
    ),
)  # fmt: skip

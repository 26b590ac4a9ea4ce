"""Sections 5 to 7: what was measured, what it means without the controls, and with them."""

from collections.abc import Iterator

from inversion_core import pictures
from inversion_core.compare.verdict import judge
from inversion_core.metrics.intervals import wilson
from inversion_core.reports import words
from inversion_core.reports.beside import beside
from inversion_core.reports.blocks import (
    Block,
    Facts,
    Listing,
    Paragraph,
    Picture,
    Section,
    Table,
    ToComplete,
)
from inversion_core.reports.dossier import Dossier
from inversion_core.reports.mapping import claims, statements
from inversion_core.risk import scales
from inversion_core.risk.evidence import RECOGNISED, Evidence
from inversion_core.risk.rating import NOT_ASSESSED, Grade, untellable
from inversion_core.risk.roles import Role
from inversion_core.values import Claim, Modality

SHEETS = ("original-sheet.png", "reconstruction-sheet.png")
HEADS = (
    "attack", "as", "recovered", "guessing", "not in training", "added by the model", "attacked, seeds",
    "judge on real photos", "accuracy",
)  # fmt: skip


def results(dossier: Dossier) -> Section:
    """Section 5."""
    return Section(
        "5", "Results", tuple(_results(dossier)), maps=("NIST AI RMF MEASURE 2.10", "MEASURE 2.13")
    )


def inherent(dossier: Dossier) -> Section:
    """Section 6."""
    return Section(
        "6",
        "Inherent risk",
        tuple(_risk(dossier, dossier.rating.inherent, "without the controls")),
        maps=("GDPR 35(7)(c)", "CNIL risks", "ICO 5"),
    )


def measures(dossier: Dossier, *, policies: bool = True) -> Section:
    """Section 7; `policies` False leaves out the table of policies, where they are told elsewhere."""
    return Section(
        "7",
        "Measures, action plan, residual risk",
        tuple(_measures(dossier, policies=policies)),
        maps=("GDPR 35(7)(d)", "EDPB action plan", "NIST AI RMF MANAGE 1.3", "ICO 6"),
    )


def _results(dossier: Dossier) -> Iterator[Block]:
    if not dossier.rows:
        told = "No run of this assessment has ended, so there is no result."
        if dossier.unrated:
            told = "No run of this assessment that the policy rates has ended, so there is no rated result."
        yield Paragraph(told)
        yield from beside(dossier)
        return
    yield Table(
        "Every attack that was run, most recovered first"
        + (", those that are rated" if dossier.unrated else ""),
        HEADS,
        tuple(_line(row) for row in sorted(dossier.rows, key=lambda row: -row.success.value)),
        numeric=frozenset(range(2, len(HEADS))),
    )
    yield Listing(tuple(_reading(dossier)))
    yield Paragraph("What these results let one say, and what not")
    yield claims(dossier)
    yield from (Paragraph(told) for told in _worst(dossier))
    yield from beside(dossier)
    yield from _pictures(dossier)


def _line(row: Evidence) -> tuple[str, ...]:
    control = "not measured" if row.control is None else words.percent(row.control.value)
    return (
        words.title_of(row),
        words.ROLES[row.role],
        words.measured(row.success),
        words.percent(row.baseline),
        control,
        words.added(row),
        f"{row.success.n:,}, {row.success.seeds}",
        "" if row.judge is None else words.percent(row.judge),
        words.accuracy(row),
    )


def _reading(dossier: Dossier) -> Iterator[str]:
    """Yield how the table is to be read."""
    yield (
        "Recovered: the share that an independent judge names, or whose sensitive value was guessed right. "
        "The success with the attacked model itself is never told as a result."
    )
    yield (
        "It is told with its 95 % interval. Added by the model: R = (S - C) / (1 - C), S what was recovered "
        "and C the same for people outside the training, or guessing where nobody measured that; up to: the "
        "upper end of its interval."
    )
    claimed = {row.scenario.make_attack().claim for row in dossier.rows if row.score == RECOGNISED}
    if Claim.INPUT in claimed:
        yield (
            "An attack that claims the very input is counted here by whom the judge recognises: a person is "
            "recognised, which does not show that the one input came back."
        )
    if dossier.assessment.context.no_control.strip():
        yield f"Why no control group was run, as declared: {dossier.assessment.context.no_control.strip()}"
    yield (
        "Zero recovered is no zero: "
        + "; ".join(f"0 of {n} leaves up to {100 * wilson(0, n)[1]:.1f} %" for n in (20, 40, 100))
        + " (Wilson, 95 %)."
    )
    if any(row.success.seeds == 1 for row in dossier.rows):
        yield "Where one seed was run, the interval is about other people, not about another run."


def _worst(dossier: Dossier) -> Iterator[str]:
    """Yield who fares worst as deployed, or with more access where nothing ran so, and what is not known."""
    rows = dossier.of(Role.DEPLOYED) or dossier.of(Role.STRONGER)
    told = [row for row in rows if row.worst is not None]
    if told:
        # Of rows as bad as each other, the one that the rating rests on is named.
        bad = [(row.worst.high if row.worst else 0.0, row is dossier.deciding) for row in told]
        yield _fares(dossier, told[bad.index(max(bad))])
    if unknown := [row for row in rows if not row.worst_known]:
        sentence = untellable(unknown)
        yield f"{sentence[0].upper()}{sentence[1:]}."


def _fares(dossier: Dossier, row: Evidence) -> str:
    assert row.worst is not None, "chosen among those that have one"
    found, attack = row.worst, f"{words.title_of(row)}, {words.ROLES[row.role]}"
    if row.scenario.modality() is Modality.TABLE:
        of = f"its {found.attempts:,} records" if found.attempts else "a group whose size was not kept"
        up = f", up to {words.percent(found.high)}" if found.attempts else ", without an interval"
        return (
            f"Who fares worst: {found.title}, about whom the model adds {words.percent(found.value)}{up} "
            f"(a share of {of}), by {attack}."
        )
    title = found.title if dossier.card.synthetic else "one person (name withheld)"
    return (
        f"Who fares worst: {title}, recovered in {found.hits} of {found.attempts} attempts of {attack}: more "
        "often than guessing explains."
    )


def _pictures(dossier: Dossier) -> Iterator[Block]:
    """Yield the best and the median person of the deciding attack beside the truth."""
    row = dossier.deciding
    if row is None or dossier.card.modality is not Modality.IMAGE:
        return
    run = dossier.runs[row.scenario.key()]
    kept = {one.name: one.sha256 for one in dossier.store.artifacts(run.id)}
    if not set(SHEETS) <= set(kept):
        return
    victims = dossier.result(row)["victims"]
    cut = [
        pictures.cut(pictures.read_png(dossier.store.artifact(kept[name])), len(victims)) for name in SHEETS
    ]
    order = sorted(range(len(victims)), key=lambda place: -victims[place]["evaluator_probability"])
    chosen = {"the best": order[0], "the median": order[len(order) // 2], "the worst": order[-1]}
    yield Paragraph(
        f"Three of {len(victims)} people attacked with {words.title_of(row)}: the one the judge is surest "
        "of, the median, and the one it is least sure of. Truth on the left, what was recovered on the right."
    )
    for what, place in chosen.items():
        rank = victims[place]["evaluator_rank"]
        told = "named by the judge" if rank == 1 else f"the judge names {rank - 1} others before"
        for of, picture in zip(("truth", "recovered"), cut, strict=True):
            yield Picture(
                png=pictures.png(picture[place]),
                alt=f"{what} of the people attacked: {of}",
                caption=f"{what}, {of}" + (f": {told}" if of == "recovered" else ""),
                person=not dossier.card.synthetic,
            )


def _risk(dossier: Dossier, grade: Grade, when: str) -> Iterator[Block]:
    rating = dossier.rating
    yield Facts(
        (
            ("Feared event", "illegitimate access to data of the people the model learnt from"),
            ("Vulnerability", _level(grade, "vulnerability")),
            ("Exposure", f"{grade.exposure.value} of 4: {grade.exposure.because}"),
            ("Likelihood", _level(grade, "likelihood")),
            (
                "Severity",
                f"{rating.severity} of 4: {rating.severity_because}"
                if rating.severity
                else f"{scales.NONE}: {rating.severity_because}",
            ),
            ("Rated", f"{when}, by policy {rating.policy.title!r} version {rating.policy.version}"),
        )
    )
    for remark in grade.remarks:
        yield Paragraph(f"{remark[0].upper()}{remark[1:]}.", small=True)
    likelihood = None if grade.likelihood is None else grade.likelihood.value
    yield Table(
        "The same levels on other scales",
        ("scale", "likelihood", "severity", "conversion"),
        tuple(
            (view.scale, view.likelihood, view.severity, "ours" if view.own else "level by level")
            for view in scales.views(likelihood, rating.severity)
        ),
    )


def _level(grade: Grade, name: str) -> str:
    found = getattr(grade, name)
    return f"{NOT_ASSESSED}: {grade.reason}" if found is None else f"{found.value} of 4: {found.because}"


def _measures(dossier: Dossier, *, policies: bool) -> Iterator[Block]:
    yield Paragraph(f"In force: {words.listed(words.controls(dossier.assessment.system))}.")
    if pairs := list(_pairs(dossier)):
        heads = ("attack", "without the controls", "as deployed", "verdict")
        yield Table("What the controls changed, same attack and same victims", heads, tuple(pairs))
    else:
        yield Paragraph(
            "No attack was run both with and without the controls, so their effect is not measured."
        )
    yield Paragraph("What is left, as deployed")
    yield from _risk(dossier, dossier.rating.residual, "as deployed")
    if dossier.rating.prior_consultation:
        yield Paragraph(
            "Likelihood and severity are both 3 or more: look at prior consultation (GDPR Art. 36)."
        )
    if policies:
        yield statements(dossier.statements)
    yield ToComplete(("Further measures", "Owner of each", "Due"))


def _pairs(dossier: Dossier) -> Iterator[tuple[str, ...]]:
    """Yield what each attack got without the controls and with them, and whether they protect."""
    after = dossier.of(Role.DEPLOYED)
    adaptive = max((row.success for row in after if row.adaptive), key=lambda one: one.value, default=None)
    for before in dossier.of(Role.BARE):
        for row in after:
            if (row.attack, row.scenario.victims) != (before.attack, before.scenario.victims):
                continue
            yield (
                words.title_of(row),
                words.measured(before.success),
                words.measured(row.success),
                str(
                    judge(
                        row.success, row.success if row.adaptive else adaptive, before.success, row.baseline
                    )
                ),
            )

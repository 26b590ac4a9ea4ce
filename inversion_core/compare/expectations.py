"""Hold a stored matrix against what the literature leads one to expect: as expected, or not.

A claim names two sides, what is measured on each and which of the two should be higher; `literature.py` has
the claims. A side is a row of the matrix under one attack, pooled over seeds with its 95 % interval. The
rule, for sides `here` and `there`:

    higher (lower) expected   intervals apart, that way round        as expected
                              intervals apart, the other way         the other way round
                              intervals touch                        not seen here
    no change expected        each value in the other's interval     as expected
                              intervals apart                        the other way round
                              else                                   not seen here
    a side was not measured, or may not stand in the matrix          not measured here

A claim of much more or much less is as expected only from its least difference on. Where a claim is about
several rows, the one that speaks most against it decides. This is the rule of `verdict.py`, and errs towards
"not seen": both sides have the same victims and seeds, and a test on the victims one by one would see smaller
differences, but a matrix keeps no victim's outcome. No change "as expected" is therefore no proof that there
is none. Left out: that among some twenty claims one may come out by chance.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inversion_core.compare.matrix import Attacker, Cell, Matrix
from inversion_core.compare.terms import HEADLINES
from inversion_core.compare.verdict import Estimate


class Seen(StrEnum):
    """What a comparison says of a claim; what surprises comes first."""

    REVERSED = "the other way round"
    NOT_SEEN = "not seen here"
    EXPECTED = "as expected"
    NOT_MEASURED = "not measured here"


class Direction(StrEnum):
    """How the first side of a claim stands to the second."""

    MORE = "more"
    LESS = "less"
    SAME = "the same"


class Measure(StrEnum):
    """What is compared: what the attack recovers, or how good the target is at its work."""

    RECOVERED = "recovered"
    ACCURACY = "accuracy"


@dataclass(frozen=True)
class Study:
    """A stored matrix and how it was made: the parts of a bundle that claims are read from.

    `rows`: title -> `defences` (name, params, what it changes), `target`, `exposure`; `attackers`: column,
    attacker, variant -> attack; `accuracy`: title -> value, low, high, n.
    """

    matrix: Matrix
    rows: Mapping[str, Mapping[str, Any]]
    attackers: Sequence[Mapping[str, Any]]
    accuracy: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, matrix: Matrix, made: Mapping[str, Any]) -> "Study":
        """Return a study of what `sweeps/made.py` keeps in a bundle."""
        return cls(matrix, made["rows"], made["attackers"], made["accuracy"])


Rows = Callable[[Study], Sequence[str]]
"""Chooses rows by what they are made of; returns their titles."""


@dataclass(frozen=True)
class Side:
    """One side of a claim: rows under the column of an attack.

    An adaptive attacker is any of that column whose parameters are as in `params`, the strongest of several.
    `rows` None: the row of the other side.
    """

    attack: str
    rows: Rows | None = None
    attacker: Attacker = "naive"
    params: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """What a paper leads one to expect: `here` stands to `there` as `direction` says, by `least` or more."""

    text: str
    source: str
    direction: Direction
    here: Side
    there: Side
    measure: Measure = Measure.RECOVERED
    least: float = 0.0


@dataclass(frozen=True)
class Found:
    """One side as measured: `score` says what the value is, `variant` what the adaptive attacker does."""

    row: str
    column: str
    attacker: Attacker
    variant: str
    score: str
    value: float
    low: float
    high: float
    n: int
    seeds: int


@dataclass(frozen=True)
class Finding:
    """A claim and what came of it; without sides where it was not measured.

    What bears on reading it: `accuracies` of the two targets where they differ, and `notes`.
    """

    claim: Claim
    seen: Seen
    here: Found | None = None
    there: Found | None = None
    accuracies: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


def evaluate(study: Study, claims: Sequence[Claim]) -> tuple[Finding, ...]:
    """Return what the study says of each claim: those that came the other way round first, then as given."""
    order = list(Seen)
    return tuple(sorted((_finding(study, one) for one in claims), key=lambda one: order.index(one.seen)))


def judge(direction: Direction, here: Estimate, there: Estimate, least: float = 0.0) -> Seen:
    """Return what two measured sides say, by the rule above."""
    above, below = here.low > there.high, here.high < there.low
    if direction is Direction.SAME:
        alike = there.low <= here.value <= there.high and here.low <= there.value <= here.high
        return Seen.REVERSED if above or below else Seen.EXPECTED if alike else Seen.NOT_SEEN
    as_said, against = (above, below) if direction is Direction.MORE else (below, above)
    if as_said and abs(here.value - there.value) >= least:
        return Seen.EXPECTED
    return Seen.REVERSED if against else Seen.NOT_SEEN


def _finding(study: Study, claim: Claim) -> Finding:
    order = list(Seen)
    found = list(_pairs(study, claim))
    if not found:
        return Finding(claim, Seen.NOT_MEASURED)
    judged = [(judge(claim.direction, here, there, claim.least), here, there) for here, there in found]
    seen, here, there = min(judged, key=lambda one: (order.index(one[0]), _with_it(claim, one[1], one[2])))
    accuracies = None if claim.measure is Measure.ACCURACY else _accuracies(study, here, there)
    return Finding(claim, seen, here, there, accuracies, tuple(_notes(study, claim, seen, here, there)))


def _accuracies(study: Study, here: Found, there: Found) -> tuple[float, float] | None:
    known = [study.accuracy[one.row]["value"] for one in (here, there) if one.row in study.accuracy]
    return (known[0], known[1]) if len(set(known)) == 2 else None


def _with_it(claim: Claim, here: Found, there: Found) -> float:
    """Return how far two sides speak for a claim; the less, the more they speak against it."""
    difference = here.value - there.value
    return {Direction.MORE: difference, Direction.LESS: -difference}.get(claim.direction, -abs(difference))


def _pairs(study: Study, claim: Claim) -> Iterator[tuple[Found, Found]]:
    """Yield every pair of sides that was measured."""
    assert claim.here.rows is not None, "the first side says its rows"
    for row in claim.here.rows(study):
        for other in [row] if claim.there.rows is None else claim.there.rows(study):
            here, there = _found(study, claim, claim.here, row), _found(study, claim, claim.there, other)
            if here is not None and there is not None:
                yield here, there


def _found(study: Study, claim: Claim, side: Side, row: str) -> Found | None:
    if claim.measure is Measure.ACCURACY:
        told = study.accuracy.get(row)
        return None if told is None else _accuracy(row, told)
    meant = {
        (one["column"], one["variant"])
        for one in study.attackers
        if one["attacker"] == side.attacker and _fits(side, one["attack"], _naive(study, one["column"]))
    }
    cells = [
        one
        for one in study.matrix.cells
        if (one.row, one.attacker) == (row, side.attacker) and (one.column, one.variant) in meant
    ]
    measured = [found for one in cells if (found := _measured(one)) is not None]
    return max(measured, key=lambda one: one.value, default=None)


def _accuracy(row: str, told: Mapping[str, float]) -> Found:
    ends = told["value"], told["low"], told["high"]
    return Found(row, "", "naive", "", Measure.ACCURACY.value, *ends, n=int(told["n"]), seeds=1)


def _naive(study: Study, column: str) -> str | None:
    """Return the attack that a column is about."""
    return next(
        (
            one["attack"]["name"]
            for one in study.attackers
            if (one["column"], one["attacker"]) == (column, "naive")
        ),
        None,
    )


def _fits(side: Side, attack: Mapping[str, Any], of: str | None) -> bool:
    holds = all(
        name in attack["params"] and test(attack["params"][name]) for name, test in side.params.items()
    )
    return side.attack == of and holds


def _measured(cell: Cell) -> Found | None:
    pooled = cell.pooled
    if pooled is None or cell.score is None:
        return None
    return Found(
        cell.row, cell.column, cell.attacker, cell.variant, cell.score,
        pooled.value, pooled.low, pooled.high, pooled.n, pooled.seeds,
    )  # fmt: skip


def _notes(study: Study, claim: Claim, seen: Seen, here: Found, there: Found) -> Iterator[str]:
    """Yield what bears on reading a finding, a part of a sentence each."""
    if claim.measure is Measure.RECOVERED and _runs(study, here) == _runs(study, there) != []:
        yield "both are the same runs, since nothing the attack meets is different"
    if study.rows[here.row]["target"] != study.rows[there.row]["target"]:
        yield "the network is another one too"
    if claim.measure is Measure.ACCURACY or seen is not Seen.NOT_SEEN:
        return
    guessing = _cell(study, there).baseline
    if claim.direction is Direction.MORE and there.high >= HEADLINES[there.score][1]:
        yield "there is hardly room for more"
    if claim.direction is Direction.LESS and guessing is not None and there.low <= guessing:
        yield "there is hardly room for less"
    if here.attacker == "adaptive" and not _hinders(study, there):
        yield "the defence itself is not seen to hold anything back"


def _runs(study: Study, found: Found) -> list[str]:
    return [one.run_id for one in _cell(study, found).seeds if one.run_id is not None]


def _hinders(study: Study, found: Found) -> bool:
    """Say whether a row holds back the attack as published."""
    bare = next((one for one in study.matrix.cells if _is_bare(study, one, found.column)), None)
    open_to = None if bare is None else bare.pooled
    return open_to is None or found.high < open_to.low


def _is_bare(study: Study, cell: Cell, column: str) -> bool:
    return (cell.row, cell.column, cell.attacker) == (study.matrix.undefended, column, "naive")


def _cell(study: Study, found: Found) -> Cell:
    place = (found.row, found.column, found.attacker, found.variant)
    return next(
        one for one in study.matrix.cells if (one.row, one.column, one.attacker, one.variant) == place
    )

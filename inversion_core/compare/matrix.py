"""The defence by attack matrix: built from stored results, kept as JSON, read without computing anything."""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from inversion_core.compare.pooling import Pooled, pool
from inversion_core.compare.terms import HEADLINES, Change, Terms, headline, read_terms, unlike
from inversion_core.compare.verdict import Point, Verdict, judge

Attacker = Literal["naive", "adaptive"]
Place = tuple[str, str, Attacker]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Run(_Frozen):
    """One run of a cell: its scenario and, once it is done, its result, both as JSON."""

    run_id: str | None = None
    state: str
    error: str = ""
    scenario: dict[str, Any]
    result: dict[str, Any] | None = None


class CellRuns(_Frozen):
    """What belongs into one cell. `reason`: why it does not apply; `shut_out`: that is because the defence
    leaves no access; `stands`: whoever knows the defence has nothing better; `untouched`: the
    attacker does not meet what the row changes; `changes`: what the row means to change; `undefended`: the
    row has no defence.
    """

    row: str
    column: str
    attacker: Attacker = "naive"
    variant: str = ""
    reason: str = ""
    shut_out: bool = False
    stands: bool = False
    untouched: bool = False
    note: str = ""
    changes: tuple[Change, ...] = ()
    undefended: bool = False
    runs: tuple[Run, ...] = ()


class SeedValue(_Frozen):
    """The headline of one run."""

    seed: int
    run_id: str | None
    value: float
    low: float
    high: float
    n: int


class Cell(_Frozen):
    """One cell: a pooled value with its interval, or why there is none.

    `state`: "does not apply", "waiting", "partly" (some seeds), "done", "failed", "cancelled", or "refused":
    what was measured may not stand beside the others. `reason` says why, in a sentence each. `n` victims,
    `seeds` one value each. `accuracy` is that of the target on held-out data, `queries` the mean of rows
    asked, `verdict` is told in the naive cell of a defended row. `untouched`: the defence changes nothing
    that this attacker meets, and nothing is judged.
    """

    row: str
    column: str
    attacker: Attacker
    variant: str
    state: str
    reason: str = ""
    note: str = ""
    untouched: bool = False
    score: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    baseline: float | None = None
    seeds: tuple[SeedValue, ...] = ()
    accuracy: float | None = None
    epsilon: float | None = None
    queries: float | None = None
    query_budget: int | None = None
    verdict: Verdict | None = None

    @property
    def pooled(self) -> Pooled | None:
        """The value as an estimate; None where there is none to compare."""
        if self.value is None or self.low is None or self.high is None or self.state == "refused":
            return None
        return Pooled(self.value, self.low, self.high, self.n, len(self.seeds))


class UtilityPoint(_Frozen):
    """One cell in the plane of utility and privacy: held-out accuracy against the headline."""

    row: str
    column: str
    attacker: Attacker
    variant: str
    accuracy: float
    value: float
    low: float
    high: float


class Matrix(_Frozen):
    """All cells; rows and columns in the order given. `undefended` names the row without defence."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    undefended: str | None
    cells: tuple[Cell, ...]

    def strongest(self) -> dict[Place, Cell]:
        """Return (row, column, attacker) -> cell; of several adaptive ones the strongest, measured first."""
        ordered = sorted(self.cells, key=_strength)
        return {(one.row, one.column, one.attacker): one for one in ordered}

    def points(self) -> list[UtilityPoint]:
        """Return the cells that have both an accuracy and a comparable value."""
        names = ("row", "column", "attacker", "variant", "accuracy", "value", "low", "high")
        measured = [one for one in self.cells if one.pooled is not None and one.accuracy is not None]
        return [UtilityPoint(**{name: getattr(one, name) for name in names}) for one in measured]


def build(name: str, parts: Sequence[CellRuns]) -> Matrix:
    """Return the matrix of what has been measured so far."""
    refusals = _refusals(parts)
    cells = [_cell(part, refusals.get(place, [])) for place, part in enumerate(parts)]
    matrix = Matrix(
        name=name,
        rows=tuple(dict.fromkeys(part.row for part in parts)),
        columns=tuple(dict.fromkeys(part.column for part in parts)),
        undefended=next((part.row for part in parts if part.undefended), None),
        cells=tuple(cells),
    )
    known = matrix.strongest()
    judged = [_with_verdict(cell, part, matrix, known) for cell, part in zip(cells, parts, strict=True)]
    return matrix.model_copy(update={"cells": tuple(judged)})


def _done(part: CellRuns) -> list[tuple[Run, dict[str, Any]]]:
    return [(run, run.result) for run in part.runs if run.result is not None]


def _terms_of(part: CellRuns) -> Terms | None:
    """Return the terms of a cell, None before anything is measured."""
    return next((read_terms(run.scenario, result) for run, result in _done(part)), None)


def _refusals(parts: Sequence[CellRuns]) -> dict[int, list[str]]:
    """Return place of a cell -> why it may not stand in this matrix.

    The cells of a column are held against its first, that of the undefended row where it is measured; the
    first of a column against the first of the matrix.
    """
    measured = [(place, part, terms) for place, part in enumerate(parts) if (terms := _terms_of(part))]
    measured.sort(key=lambda one: not one[1].undefended)
    firsts: dict[tuple[str, str, str], Terms] = {}
    found: dict[int, list[str]] = {}
    for place, part, terms in measured:
        reference = firsts.setdefault((part.column, part.attacker, part.variant), terms)
        ours = [read_terms(run.scenario, result) for run, result in _done(part)]
        reasons = [reason for other in ours[1:] for reason in unlike(terms, other)]
        reasons += unlike(reference, terms, part.changes)
        reasons += unlike(measured[0][2], terms, part.changes, columns=True)
        found[place] = list(dict.fromkeys(reasons))
    return found


def _cell(part: CellRuns, refusals: list[str]) -> Cell:
    given = {
        name: getattr(part, name) for name in ("row", "column", "attacker", "variant", "note", "untouched")
    }
    if part.reason:
        return Cell(**given, state="does not apply", reason=part.reason)
    done, terms = _done(part), _terms_of(part)
    state, errors = _state(part)
    if terms is None:
        return Cell(**given, state=state, reason=errors)
    values = [value for run, result in done if (value := _seed_value(run, result)) is not None]
    if len(values) < len(done):
        told = "a result has no headline score for its kind of data; choose victims or data that give one"
        return Cell(**given, state="refused", reason="; ".join([told, *refusals]))
    if len({value.n for value in values}) > 1:
        refusals = refusals or ["seeds attacked different numbers of victims; run them on the same"]
        return Cell(**given, state="refused", reason="; ".join(refusals), seeds=tuple(values))
    name = terms.metric
    assert name is not None
    pooled = pool([value.model_dump() for value in values], HEADLINES[name])
    return Cell(
        **given,
        state="refused" if refusals else state,
        reason="; ".join(refusals) or errors,
        score=name,
        value=pooled.value,
        low=pooled.low,
        high=pooled.high,
        n=pooled.n,
        baseline=_score(done[0][1], name)["baseline"],
        seeds=tuple(values),
        accuracy=_mean(result["target"].get("test_accuracy") for _, result in done),
        epsilon=done[0][1]["target"].get("epsilon"),
        queries=_mean(result.get("queries") for _, result in done),
        query_budget=terms.query_budget,
    )


def _state(part: CellRuns) -> tuple[str, str]:
    """Return the state of a cell by that of its runs, and what went wrong."""
    errors = dict.fromkeys(run.error for run in part.runs if run.error)
    states = {run.state for run in part.runs}
    if states & {"failed", "lost"}:
        return "failed", "; ".join(errors)
    if "cancelled" in states:
        return "cancelled", "a run of it was cancelled; submit the sweep again"
    if states == {"done"}:
        return "done", ""
    return ("partly" if "done" in states else "waiting"), ""


def _score(result: dict[str, Any], name: str) -> dict[str, Any]:
    return next(score for score in result["scores"] if score["name"] == name)


def _seed_value(run: Run, result: dict[str, Any]) -> SeedValue | None:
    name = headline(result)
    if name is None:
        return None
    kept = {key: value for key, value in _score(result, name).items() if key in ("value", "low", "high", "n")}
    return SeedValue(seed=run.scenario.get("seed", 0), run_id=run.run_id, **kept)


def _mean(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _strength(cell: Cell) -> tuple[bool, float, bool]:
    pooled = cell.pooled
    return pooled is not None, pooled.value if pooled else 0.0, cell.state != "does not apply"


def _with_verdict(cell: Cell, part: CellRuns, matrix: Matrix, known: dict[Place, Cell]) -> Cell:
    """Return the naive cell of a defended row with its verdict; where something is missing, as it was."""
    if cell.attacker != "naive" or cell.untouched or matrix.undefended in (None, cell.row):
        return cell
    assert matrix.undefended is not None
    bare = known.get((matrix.undefended, cell.column, "naive"))
    if bare is None or bare.pooled is None:
        return cell
    naive: Pooled | Point | None = cell.pooled
    if part.shut_out and bare.baseline is not None:
        naive = Point(bare.baseline)
    if naive is None:
        return cell
    adaptive = known.get((cell.row, cell.column, "adaptive"))
    opponent = adaptive.pooled if adaptive else None
    if opponent is None and part.stands:
        opponent = cell.pooled
    if adaptive and opponent and cell.seeds and cell.query_budget != adaptive.query_budget:
        told = "no verdict: naive and adaptive attacker had different query budgets; give both the same"
        return cell.model_copy(update={"note": "; ".join(filter(None, [cell.note, told]))})
    return cell.model_copy(update={"verdict": judge(naive, opponent, bare.pooled, bare.baseline)})

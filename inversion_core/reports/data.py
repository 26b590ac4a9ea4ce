"""A dossier as JSON and as tables: the numbers behind the document, and what is needed to run it again."""

from collections.abc import Iterator
from typing import Any

from inversion_core import version
from inversion_core.compare.pooling import Pooled
from inversion_core.reports import words
from inversion_core.reports.dossier import Dossier
from inversion_core.reports.outward import outward
from inversion_core.reports.summary import sentence, tone
from inversion_core.risk.evidence import Evidence, Told
from inversion_core.risk.rating import Grade, Level
from inversion_core.risk.unrated import Unrated

COLUMNS = (
    "role", "attack", "adaptive", "access", "claim", "score", "value", "low", "high", "n", "seeds",
    "baseline", "control_group", "residual", "residual_low", "residual_high", "accuracy", "rows_asked",
    "scenario",
)  # fmt: skip
CSV_COLUMNS = (*COLUMNS, "rated", "verdict")
"""Of the table of all rows; a verdict in a sentence is told of those that are not rated."""
NOT_RATED = "not_rated"
FORMAT = 1


def data(dossier: Dossier) -> dict[str, Any]:
    """Return everything a script may want, JSON-ready; `runs` is what `reproduce` reads, `summary` what a
    shared link shows, `not_rated` what no threshold of the policy is for.
    """
    rating = dossier.rating
    found = {
        "format": FORMAT,
        "report": {
            "version": dossier.version,
            "revision": dossier.revision,
            "made": dossier.made,
            "product": version.release(),
        },
        "summary": {"sentence": sentence(dossier), "tone": tone(dossier)},
        "assessment": dossier.assessment.model_dump(mode="json"),
        "policy": dossier.policy.model_dump(mode="json") | {"approved_by": dossier.approved},
        "rating": {
            "exposure": _level(rating.exposure),
            "severity": rating.severity,
            "severity_because": rating.severity_because,
            "inherent": _grade(rating.inherent),
            "residual": _grade(rating.residual),
        },
        "conditions": [
            {"name": one.name, "outcome": one.outcome.value, "told": one.told} for one in dossier.conditions
        ],
        "evidence": [dict(zip(COLUMNS, line(row), strict=True)) for row in dossier.rows],
        NOT_RATED: [_unrated(dossier, row) for row in dossier.unrated],
        "runs": [_run(dossier, row, place) for row in dossier.rows for place in range(len(row.scenarios))],
        "coverage": [
            {
                "class": one.id,
                "title": one.title,
                "state": one.word,
                "runs": list(one.records),
                "why": one.reason,
            }
            for one in (*dossier.coverage.tested, *dossier.coverage.attacks)
        ],
        "statements": [
            {
                "id": one.statement.id,
                "status": one.status.value,
                "found": one.found.value,
                "owner": one.owner,
                "reason": one.reason,
                "why": list(one.why),
            }
            for one in dossier.statements
        ],
        "reference": dossier.reference,
        "missing": [one.model_dump(mode="json") for one in dossier.missing],
        "decisions": [vars(one) for one in dossier.decisions],
        "audit_head": dossier.audit_head,
    }
    return {name: outward(part, name) for name, part in found.items()}


def line(row: Evidence) -> tuple[Any, ...]:
    """Return a row of evidence in the order of COLUMNS."""
    return (
        row.role.value, row.attack, row.adaptive, row.access.value, row.claim.value, row.score,
        row.success.value, row.success.low, row.success.high, row.success.n, row.success.seeds, row.baseline,
        None if row.control is None else row.control.value, *_ends(row.residual),
        None if row.accuracy is None else row.accuracy.value, row.rows, row.scenario.key(),
    )  # fmt: skip


def csv_lines(dossier: Dossier) -> Iterator[tuple[Any, ...]]:
    """Yield every row in the order of CSV_COLUMNS, those that are rated first."""
    yield from ((*line(row), "yes", "") for row in dossier.rows)
    yield from ((*_line_unrated(row), "no", row.verdict) for row in dossier.unrated)


def _line_unrated(row: Unrated) -> tuple[Any, ...]:
    found = row.measured
    told = (None,) * 5 if found is None else (*_ends(found), found.n, found.seeds)
    return (
        row.role.value, row.attack, row.adaptive, row.access.value, row.claim.value, row.score, *told,
        row.baseline, None, None, None, None, None, row.rows, row.scenario.key(),
    )  # fmt: skip


def _unrated(dossier: Dossier, row: Unrated) -> dict[str, Any]:
    told = dict(zip(COLUMNS, _line_unrated(row), strict=True))
    left_out = ("control_group", "residual", "residual_low", "residual_high", "accuracy")
    return {
        **{name: value for name, value in told.items() if name not in left_out},
        "better": row.better,
        "verdict": row.verdict,
        "why": row.why,
        "runs": [_run(dossier, row, place) for place in range(len(row.scenarios))],
    }


def _ends(found: Pooled) -> tuple[float, float, float]:
    return found.value, found.low, found.high


def _run(dossier: Dossier, row: Told, place: int) -> dict[str, Any]:
    scenario = row.scenarios[place]
    key = scenario.key()
    run = dossier.runs[key]
    result = run.result or {}
    return {
        "key": key,
        "run_id": run.id,
        "role": row.role.value,
        "title": words.title_of(row),
        "scenario": scenario.model_dump(mode="json"),
        "scores": [
            {name: score[name] for name in ("name", "value", "low", "high", "n", "baseline", "better")}
            for score in result["scores"]
            if score["name"] == row.score
        ],
        "target_sha256": row.target_sha256,
        "terms": result.get("terms", {}),
        "versions": result.get("versions", {}),
        "artifacts": [{"name": one.name, "sha256": one.sha256} for one in dossier.store.artifacts(run.id)],
    }


def _grade(grade: Grade) -> dict[str, Any]:
    return {
        "assessed": grade.assessed,
        "reason": grade.reason,
        "vulnerability": None if grade.vulnerability is None else _level(grade.vulnerability),
        "likelihood": None if grade.likelihood is None else _level(grade.likelihood),
        "upper_bound": grade.upper,
        "decided_by": None if grade.row is None else grade.row.scenario.key(),
        "remarks": list(grade.remarks),
    }


def _level(level: Level) -> dict[str, Any]:
    return {"value": level.value, "because": level.because}

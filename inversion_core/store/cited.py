"""The runs that a report rests on: noted with their results when it is made, and compared afterwards."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, exists, insert, select

from inversion_core.errors import UnknownName
from inversion_core.keys import content_key
from inversion_core.store.review_schema import decisions, report_runs
from inversion_core.store.schema import runs
from inversion_core.store.texts import sha256

MOST_LISTED = 100
"""Runs that a line of the log names one by one; more are told by the hash over all of them."""


def cite(connection: Connection, report_id: str, run_ids: Iterable[str]) -> dict[str, str]:
    """Note the runs of a report and return id -> sha256 of its result; locked, so that none is forgotten at
    the same time. Raises UnknownName.
    """
    wanted = sorted(set(run_ids))
    found = select(runs.c.id, runs.c.result).where(runs.c.id.in_(wanted)).with_for_update()
    results = {row.id: sha256(row.result or "") for row in connection.execute(found)}
    if missing := [run_id for run_id in wanted if run_id not in results]:
        raise UnknownName(
            f"a report cites stored runs, {missing[0][:80]!r} is none; make the report again from "
            "what is stored"
        )
    if results:
        rows = [{"report_id": report_id, "run_id": one, "result": results[one]} for one in wanted]
        connection.execute(insert(report_runs), rows)
    return results


def cited(connection: Connection, report_id: str) -> dict[str, str]:
    """Return id -> sha256 of the result of each run, as noted when the report was made."""
    wanted = select(report_runs.c.run_id, report_runs.c.result).where(report_runs.c.report_id == report_id)
    return {row.run_id: row.result for row in connection.execute(wanted.order_by(report_runs.c.run_id))}


def as_logged(results: Mapping[str, str]) -> dict[str, str] | str:
    """Return the runs of a report as a line of the log tells them."""
    return dict(results) if len(results) <= MOST_LISTED else content_key(dict(results))


def differences(connection: Connection, report_id: str | None = None) -> Iterator[str]:
    """Yield what is no longer as it was of the runs that reports cite, or that one of them does.

    A run may be forgotten as long as nobody has signed; reports that version 4 made noted no results.
    """
    signed = exists().where(decisions.c.report_id == report_runs.c.report_id)
    wanted = select(report_runs, runs.c.id, signed.label("signed")).outerjoin(
        runs, runs.c.id == report_runs.c.run_id
    )
    if report_id is not None:
        wanted = wanted.where(report_runs.c.report_id == report_id)
    now: dict[str, str] = {}
    for row in connection.execute(wanted.order_by(report_runs.c.report_id, report_runs.c.run_id)).all():
        told = f"run {row.run_id}, which report {row.report_id} cites,"
        if row.id is None:
            if row.signed:
                yield f"{told} is gone: somebody removed it after the report was signed"
            continue
        if row.run_id not in now:
            result = connection.scalar(select(runs.c.result).where(runs.c.id == row.run_id))
            now[row.run_id] = sha256(result or "")
        if row.result not in ("", now[row.run_id]):
            yield f"{told} has another result than when the report was made"

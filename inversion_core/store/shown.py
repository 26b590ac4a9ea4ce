"""What others still need of what is to be deleted: files, evidence, and links that were handed out."""

import time
from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from inversion_core.store.review_schema import decisions, report_files, report_runs, reports, shares
from inversion_core.store.schema import artifacts, frames


def is_shown(connection: Connection, sha256: str) -> bool:
    """Say whether a run or a report lists the file."""
    listed = (frames, artifacts, report_files)
    return any(
        connection.scalar(select(table.c.sha256).where(table.c.sha256 == sha256).limit(1)) is not None
        for table in listed
    )


def signed_review_of(connection: Connection, run_id: str) -> str | None:
    """Return the id of a signed assessment whose report cites the run, None where there is none."""
    wanted = (
        select(decisions.c.assessment_id)
        .join(reports, reports.c.id == decisions.c.report_id)
        .join(report_runs, report_runs.c.report_id == reports.c.id)
        .where(report_runs.c.run_id == run_id)
        .limit(1)
    )
    found: str | None = connection.scalar(wanted)
    return found


def close_links(connection: Connection, subjects: Iterable[str]) -> None:
    """Take back every open link to reports or runs that are about to go."""
    mine = (shares.c.subject.in_(list(subjects)), shares.c.revoked.is_(None))
    connection.execute(update(shares).where(*mine).values(revoked=time.time()))

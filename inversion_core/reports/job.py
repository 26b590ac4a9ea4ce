"""Making a report version as a job that can be watched: named steps, what went wrong in words, and a retry.

A report is drawn in seconds from what the store holds, so the job is a thread of the process that was asked;
one at a time, since pictures and fonts take memory. The version is in the store or there is none: a process
that ends midway leaves nothing behind.
"""

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from inversion_core.errors import InversionError
from inversion_core.keys import content_key
from inversion_core.reports.bundle import CSV, HTML, JSON, PDF, files
from inversion_core.reports.content import Layout
from inversion_core.reports.data import NOT_RATED, data
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.audit import Actor
from inversion_core.store.reports import ReportVersion
from inversion_core.store.runs import RunStore

STEPS = ("gather the evidence", "draw the pages", "keep the files")
KINDS = {HTML: "html", PDF: "pdf", JSON: "json", CSV: "csv"}
"""Name of a file -> how the store calls it."""
VOLATILE = ("report", "audit_head")
"""Parts of the JSON that say when it was made, not what was found."""

log = logging.getLogger(__name__)
Gather = Callable[[int], Dossier]
"""Returns the dossier for a version of the report."""


@dataclass
class Job:
    """How far a report is: `step` counts STEPS from 0; `report` once it is done, `error` once it failed."""

    assessment_id: str
    step: int = 0
    report: ReportVersion | None = None
    error: str = ""
    log: str = ""
    ended: threading.Event = field(default_factory=threading.Event)


_jobs: dict[tuple[str, Layout, bool], Job] = {}
"""The latest job of each assessment, layout and choice to unblur faces; the one begun last comes last."""
_one = threading.Lock()


def start(
    assessment_id: str,
    store: RunStore,
    gather: Gather,
    actor: Actor,
    layout: Layout = Layout.EDPB,
    *,
    unlocked: bool = False,
) -> Job:
    """Begin to make the next version of a report and return its job; one that is at work on the same pages is
    joined.
    """
    wanted = (assessment_id, layout, unlocked)
    working = _jobs.get(wanted)
    if working is not None and not working.ended.is_set():
        return working
    _jobs.pop(wanted, None)
    job = _jobs[wanted] = Job(assessment_id)
    arguments = (job, store, gather, actor, layout, unlocked)
    threading.Thread(target=_carry, args=arguments, name="report", daemon=True).start()
    return job


def of(assessment_id: str) -> Job | None:
    """Return the latest job of an assessment in this process, None where there was none."""
    mine = [job for (one, _, _), job in _jobs.items() if one == assessment_id]
    return mine[-1] if mine else None


def content_of(dossier: Dossier) -> str:
    """Return the sha256 of what a report says, whenever it is made."""
    parts = {name: part for name, part in data(dossier).items() if name not in VOLATILE}
    # A report that was made before such runs were told, and has none of them, still says the same.
    if not parts[NOT_RATED]:
        del parts[NOT_RATED]
    return content_key(parts)


def content_now(dossier: Dossier, report: ReportVersion) -> str:
    """Return the hash that a version would have if it was made now from this dossier: its own where nothing
    it tells has changed.
    """
    said = content_of(dossier)
    now = [content_key([said, layout.value, report.unlocked]) for layout in Layout]
    return report.content if report.content in now else now[0]


def make(
    job: Job, store: RunStore, gather: Gather, actor: Actor, layout: Layout, *, unlocked: bool
) -> ReportVersion:
    """Make a version of a report, or return the latest where it says the same; raises InversionError."""
    version = store.next_report_version(job.assessment_id)
    dossier = gather(version)
    content = content_key([content_of(dossier), layout.value, unlocked])
    revision, policy, reference = dossier.revision, dossier.policy.version, dossier.reference
    same = store.same_report(
        job.assessment_id, content=content, revision=revision, policy=policy, reference=reference
    )
    if same is not None:
        return same
    job.step = 1
    drawn = files(dossier, layout, unlocked=unlocked)
    job.step = 2
    return store.add_report(
        job.assessment_id,
        content=content,
        revision=revision,
        policy=policy,
        reference=reference,
        files={kind: drawn[name] for name, kind in KINDS.items()},
        run_ids=dossier.cited,
        actor=actor,
        version=version,
        unlocked=unlocked,
    )


def _carry(job: Job, store: RunStore, gather: Gather, actor: Actor, layout: Layout, unlocked: bool) -> None:
    with _one:
        try:
            job.report = make(job, store, gather, actor, layout, unlocked=unlocked)
        except InversionError as error:
            job.error, job.log = str(error), traceback.format_exc()
        except Exception as error:
            log.exception("the report of %s was not made", job.assessment_id)
            job.error = f"the report stopped on an unexpected {type(error).__name__}; its log has the details"
            job.log = traceback.format_exc()
        finally:
            job.ended.set()

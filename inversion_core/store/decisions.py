"""Decisions in the run store: each about one version of a report, none ever changed; the latest counts."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from inversion_core.errors import IllegalTransition, ScenarioInvalid, StoreUnavailable
from inversion_core.risk.assessment import LONGEST, Mode
from inversion_core.risk.audit import Act, Actor, Entry
from inversion_core.risk.signoff import Facts, Signed, SignOff, problems
from inversion_core.store.assessments import find_assessment
from inversion_core.store.audit import append
from inversion_core.store.policies import in_force
from inversion_core.store.reports import ReportShelf, find_report
from inversion_core.store.review_schema import audit, decisions, report_runs, reports
from inversion_core.store.schema import runs
from inversion_core.store.texts import checked, sha256


class DecisionShelf(ReportShelf):
    """The part of the run store that knows what people decided."""

    def decide(self, report_id: str, signoff: SignOff, facts: Facts, actor: Actor, *, content: str) -> Signed:
        """Keep a decision about a version of a report; `content` is the hash of what the report would say if
        it was made now.

        Raises ScenarioInvalid with every reason why it cannot be taken as given (an exercise among them),
        IllegalTransition where no approved policy is in force, and where the report is no longer about what
        is stored or was changed, UnknownName.
        """
        for what, text in (("a name", signoff.approver), ("a role", signoff.role)):
            checked(text, what, 128)
        for what, text in (("conditions", signoff.conditions), ("a reason", signoff.overruled)):
            checked(text, f"the text of {what}", LONGEST)
        if damage := self.verify_report(report_id):
            raise IllegalTransition(
                f"a report is signed as it was made, this one is not whole ({damage[0]}); make a new version"
            )
        with self._database.writing() as connection:
            report = find_report(connection, report_id)
            row = find_assessment(connection, report["assessment_id"], lock=True)
            if told := problems(signoff, Mode(row["mode"])):
                raise ScenarioInvalid(told)
            _require_policy(connection)
            if stale := _stale(connection, report, row, facts, content):
                raise IllegalTransition(
                    f"a decision is about what the report shows, {stale} since version "
                    f"{report['version']} was "
                    "made; make the report again, read it and decide on that version"
                )
            earlier = select(func.count()).where(decisions.c.assessment_id == row["id"])
            values = {
                "id": secrets.token_hex(16),
                "assessment_id": row["id"],
                "report_id": report_id,
                "number": 1 + int(connection.scalar(earlier) or 0),
                "signoff": signoff.model_dump_json(),
                "facts": facts.model_dump_json(),
                "signed": time.time(),
            }
            connection.execute(insert(decisions).values(**values))
            seen = {"report_sha256": report["sha256"], "report_version": report["version"]}
            # What a decision rests on names every run, which is too long for a line.
            line = {name: value for name, value in values.items() if name != "facts"}
            line |= {**seen, "facts_sha256": sha256(str(values["facts"]))}
            append(connection, actor, Act.SIGNED, row["id"], line)
            return _signed({**values, **seen})

    def decisions(self, assessment_id: str) -> list[Signed]:
        """Return the decisions about an assessment, the one that counts first."""
        wanted = _wanted().where(decisions.c.assessment_id == assessment_id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(decisions.c.number.desc())).mappings()
            return [_signed(dict(row)) for row in rows]

    def latest_decision(self, assessment_id: str) -> Signed | None:
        """Return the decision that counts, None where nobody has decided."""
        return next(iter(self.decisions(assessment_id)), None)

    def receipt(self, signed: Signed) -> Entry:
        """Return the line of the log that tells of a decision: noted elsewhere, its hash finds a log that was
        cut off before it or written anew. Raises StoreUnavailable where the line is gone.
        """
        told = audit.c.payload.contains(f'"id":"{signed.id}"')
        wanted = select(audit).where(
            audit.c.action == Act.SIGNED, audit.c.subject == signed.assessment_id, told
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        if row is not None:
            return Entry(**row)
        raise StoreUnavailable(
            f"a decision stands in the log, decision {signed.number} of this assessment does not: somebody "
            "removed the line; check the whole log"
        )


def _require_policy(connection: Connection) -> None:
    if in_force(connection) is None:
        raise IllegalTransition(
            "a decision is made under a rating policy that your organisation approved, and nobody here has "
            "approved one; approve one under Rating policy, make the report again and decide on that version"
        )


def _stale(connection: Connection, report: RowMapping, row: RowMapping, facts: Facts, content: str) -> str:
    """Return what has changed since the report was made, in words; "" where it still tells what is stored."""
    policy = in_force(connection)
    if report["revision"] != row["revision"]:
        return "the assessment was changed"
    if policy is None or {report["policy"], facts.policy} != {policy["version"]}:
        return "another rating policy came into force"
    if report["reference"] != facts.reference:
        return "the list of references changed"
    latest = select(func.max(reports.c.version)).where(reports.c.assessment_id == row["id"])
    if connection.scalar(latest) != report["version"]:
        return "a later version of the report was made"
    cited = select(report_runs.c.run_id).where(report_runs.c.report_id == report["id"])
    wanted = set(connection.scalars(cited))
    # Locked, so that none is forgotten while this is signed.
    there = set(connection.scalars(select(runs.c.id).where(runs.c.id.in_(wanted)).with_for_update()))
    if wanted - there:
        return f"{len(wanted - there)} of the runs it cites were deleted"
    return (
        ""
        if content == report["content"]
        else "something it tells changed (a run ended, a policy was approved, or somebody said something)"
    )


def _wanted() -> Select[Any]:
    seen = (reports.c.sha256.label("report_sha256"), reports.c.version.label("report_version"))
    return select(decisions, *seen).join(reports, reports.c.id == decisions.c.report_id)


def _signed(values: Mapping[str, Any]) -> Signed:
    try:
        signoff = SignOff.model_validate_json(values["signoff"])
        facts = Facts.model_validate_json(values["facts"])
    except ValidationError as error:
        raise StoreUnavailable(
            f"decision {values['id']} cannot be read ({error.error_count()} problems): somebody changed it; "
            "check the whole log by `audit verify` and restore the store from a copy"
        ) from error
    return Signed(**{**values, "signoff": signoff, "facts": facts})

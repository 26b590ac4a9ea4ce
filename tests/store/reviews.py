"""An assessment with a run and a report, for tests of what the store keeps of reviews."""

import json
from dataclasses import dataclass
from datetime import date

from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.risk.assessment import Assessment, Mode, System
from inversion_core.risk.audit import Actor
from inversion_core.risk.signoff import Decision, Facts, Signed, SignOff, facts
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunStore
from inversion_core.values import State
from tests.store.scenarios import scenario

ADA = Actor("ada", "data protection officer")
CONTENT = "c" * 64
FILES = {"html": b"<p>a report</p>", "pdf": b"%PDF a report"}
PNG = b"\x89PNG and so on"
HOSTILE = "![x](https://evil.example/x.png) <img src=x onerror=alert(1)> <b>Door</b>"
TOLD = {
    "summary": {"sentence": "An attacker recovered 3 of 24 people.", "tone": "alarm"},
    "assessment": {"name": HOSTILE},
    "conditions": [{"name": "worst person", "outcome": "passed", "told": "<i>0.40</i> of at most 0.05"}],
    "coverage": [{"title": "Membership", "state": "NOT RUN"}],
}


def document(name: str = "Door camera", mode: Mode = Mode.ASSESSMENT) -> str:
    target = TargetChoice(name="softmax")
    one = Scenario(target=target, attack=Choice(name="mi-face"))
    system = System(target=target, exposure=Exposure())
    return Assessment(name=name, mode=mode, system=system, scenarios=(one,)).model_dump_json()


@dataclass(frozen=True)
class Review:
    """Ids of what was stored."""

    assessment: str
    run: str
    report: str


def stored(store: RunStore, mode: Mode = Mode.ASSESSMENT, seed: int = 0) -> Review:
    run_id, _ = store.create(scenario(seed=seed), "ada")
    store.begin(run_id)
    store.advance(run_id, state=State.RUNNING, phase="attack")
    store.add_artifact(run_id, "a.png", PNG)
    store.finish(run_id, State.DONE, result={"target": {"sha256": "1" * 64}})
    assessment_id, revision = store.save_assessment(None, document(mode=mode), "ada")
    made = reported(store, assessment_id, run_id, revision=revision)
    return Review(assessment_id, run_id, made)


def reported(store: RunStore, assessment_id: str, *runs: str, **changes: object) -> str:
    values = {"content": CONTENT, "revision": 1, "policy": 1, "reference": "2030-01", "files": FILES}
    return store.add_report(assessment_id, **{**values, "run_ids": runs, "actor": ADA, **changes}).id


def signoff(**changes: object) -> SignOff:
    values = {"decision": Decision.APPROVE, "approver": "Ada", "role": "DPO", "next_review": date(2999, 1, 1)}
    return SignOff.model_validate(values | changes)


def known(store: RunStore, assessment_id: str, **versions: object) -> Facts:
    record = store.assessment(assessment_id)
    given = {"policy": 1, "reference": "2030-01", "revision": record.revision, **versions}
    return facts(record.assessment, {}, **given)


def decided(
    store: RunStore,
    review: Review,
    facts: Facts | None = None,
    report: str = "",
    content: str = CONTENT,
    **said: object,
) -> Signed:
    """Sign a report under version 1 of the policy, which is approved unless one is in force."""
    if store.policy_in_force() is None:
        store.approve_policy(1, ADA, shipped="{}")
    facts = facts or known(store, review.assessment)
    return store.decide(report or review.report, signoff(**said), facts, ADA, content=content)


def shared(store: RunStore, mode: Mode = Mode.ASSESSMENT, **files: bytes) -> tuple[str, Review]:
    """Return the id of a link to a report, and what was stored for it."""
    review = stored(store, mode=mode)
    content = {"html": b"<p>all</p>", "pdf": b"%PDF", "json": json.dumps(TOLD).encode()} | files
    made = reported(store, review.assessment, review.run, content="e" * 64, files=content)
    share_id = store.create_share("report", made, ADA)
    return share_id, Review(review.assessment, review.run, made)

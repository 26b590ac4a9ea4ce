"""Finished runs of an assessment that a policy has no thresholds for: told with their numbers, never rated.

A policy draws its lines on shares of people or records that an attacker got right. Whether a record was
trained on, how well a copy agrees, or how near a rebuilt row lies are other scales, on which no line is
drawn; and a run without an independent judge has no share to rate.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inversion_core.compare.pooling import Pooled, pool
from inversion_core.metrics.finding import Finding, Verdict
from inversion_core.metrics.verdict import OF_FAMILY, headline, verdict
from inversion_core.registry import find
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.evidence import HEADLINES, Evidence, Told, is_done, knows, seeds_apart, who_know
from inversion_core.risk.roles import AS_DEPLOYED, Role, role
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord

NO_LINE = "the policy has thresholds for inversion and attributes only"
NO_JUDGE = "no independent judge says who was recovered, so there is no share to rate"
OUTDATED = (
    "No verdict: an earlier version of this product kept this run without {missing!r}, from which the "
    "verdict is read; run it again."
)


@dataclass(frozen=True, kw_only=True)
class Unrated(Told):
    """What enters no rating; `why` says what keeps it out.

    `score` names the number told in `measured`, with `baseline` what needs no model and `better` "higher" or
    "lower"; all of them empty or None where the run measured none. `verdict`: the sentences its results come
    to. `target_sha256` is "" where many models were attacked together.
    """

    measured: Pooled | None
    baseline: float | None
    better: str
    verdict: str
    why: str

    @property
    def title(self) -> str:
        """Name of the attack for people."""
        return find("attacks", self.attack).title


def gather_unrated(
    assessment: Assessment, runs: Mapping[str, RunRecord], rated: Sequence[Evidence]
) -> tuple[Unrated, ...]:
    """Return the finished runs that are in no row of evidence, seeds together, in the order of the scenarios.

    Seeds that judged different numbers of records stay apart, since they cannot be pooled.
    """
    told = {run_id for row in rated for run_id in row.run_ids}
    done = [
        found
        for scenarios in seeds_apart(assessment.scenarios).values()
        for found in _by_count([(one, runs[one.key()]) for one in scenarios if _left(runs, one, told)])
    ]
    roles = [role(assessment.system, found[0][0]) for found in done]
    deployed = [found[0][0] for found, of in zip(done, roles, strict=True) if of in AS_DEPLOYED]
    knowing = who_know(deployed)
    return tuple(_row(of, found, knows(found[0][0], knowing)) for of, found in zip(roles, done, strict=True))


def named(rows: Sequence[Unrated]) -> str:
    """Return the attacks by their titles, each once."""
    return ", ".join(dict.fromkeys(row.title for row in rows))


def _left(runs: Mapping[str, RunRecord], scenario: Scenario, told: set[str]) -> bool:
    """Say whether a scenario has a finished run that no row of evidence tells."""
    run = runs.get(scenario.key())
    return run is not None and is_done(run) and run.id not in told


def _by_count(done: Sequence[tuple[Scenario, RunRecord]]) -> Iterator[list[tuple[Scenario, RunRecord]]]:
    """Yield the runs of a scenario by how many records their score counts."""
    found: dict[int | None, list[tuple[Scenario, RunRecord]]] = {}
    for one, run in done:
        score = _score(run.result or {})
        found.setdefault(None if score is None else int(score["n"]), []).append((one, run))
    yield from found.values()


def _row(of: Role, done: Sequence[tuple[Scenario, RunRecord]], adaptive: bool) -> Unrated:
    scenario, results = done[0][0], [run.result or {} for _, run in done]
    scores = [score for one in results if (score := _score(one)) is not None]
    attack, target = scenario.make_attack(), results[0]["target"]
    return Unrated(
        role=of,
        scenarios=tuple(one for one, _ in done),
        run_ids=tuple(run.id for _, run in done),
        attack=attack.name,
        access=scenario.exposure.access,
        claim=attack.claim,
        score=scores[0]["name"] if scores else "",
        measured=_pooled(scores) if scores else None,
        baseline=scores[0]["baseline"] if scores else None,
        better=scores[0]["better"] if scores else "",
        verdict=_verdict([one.seed for one, _ in done], results),
        why=NO_JUDGE if scenario.family() in HEADLINES else NO_LINE,
        rows=sum(one["queries"] for one in results) / len(results),
        adaptive=adaptive,
        target_sha256=target.get("sha256") or target.get("key") or "",
    )


def _read(result: Mapping[str, Any]) -> Verdict:
    """Return the verdict of a result; one of an earlier version may lack what it is read from."""
    try:
        return verdict(result)
    except KeyError as error:
        return Verdict(OUTDATED.format(missing=error.args[0]), [], Finding.UNJUDGED)


def _score(result: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the score a verdict rests on; success with the attacked model itself is none.

    Where a family has several kinds of results (planted secrets beside copied photos), the first score leads.
    """
    scores = {one["name"]: one for one in result["scores"]}
    found = scores.get(headline(result) or "")
    if found is None and result.get("family") in OF_FAMILY:
        found = next(iter(scores.values()), None)
    whole = found is not None and None not in (found["value"], found["low"], found["high"])
    return found if whole else None


def _pooled(scores: Sequence[Mapping[str, Any]]) -> Pooled:
    """Return one number for all seeds; that of one seed is its own, with the interval as stored."""
    low = 0.0 if all(one["low"] >= 0 for one in scores) else -math.inf
    high = 1.0 if all(one["high"] <= 1 for one in scores) else math.inf
    return pool(scores, (low, high))


def _verdict(seeds: Sequence[int], results: Sequence[Mapping[str, Any]]) -> str:
    """Return the sentence of the first seed, and of each other that came to another kind of finding."""
    first, *others = (_read(one) for one in results)
    if not others:
        return first.sentence
    told = [f"Seed {seeds[0]}: {first.sentence}"]
    other = [
        f"Seed {seed}: {one.sentence}"
        for seed, one in zip(seeds[1:], others, strict=True)
        if one.finding is not first.finding
    ]
    return " ".join(told + (other or ["The other seeds came to the same finding, in other numbers."]))

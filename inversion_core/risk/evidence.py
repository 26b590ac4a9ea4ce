"""What the runs of an assessment amount to: one row for each scenario apart from its seed.

Success S is the share of people (or records) the attack got right, by the independent judge, never by the
target. C is what the same attack gets on people who were not in the training: from runs against a target that
never met the victims where there are some, from records the model never saw for tables, else what guessing
gives. What the model adds is

    R = (S - C) / (1 - C),    clipped to [0, 1],

its interval by propagation of both intervals, each side on its own, since those of shares are not symmetric
(Zou and Donner, "Construction of confidence limits about effect measures", Statistics in Medicine, 2008). The
chance of guessing is known exactly and has no interval.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inversion_core.adaptive import CARRIED, adapted
from inversion_core.choices import Choice, Exposure
from inversion_core.compare.pooling import Pooled, pool
from inversion_core.defences.data_minimisation import DataMinimisation
from inversion_core.keys import content_key
from inversion_core.metrics.intervals import wilson
from inversion_core.registry import find
from inversion_core.risk.assessment import Assessment, System
from inversion_core.risk.worst import Worst, worst_group, worst_person
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from inversion_core.values import Access, Claim, Family, Modality, State

HEADLINES = {Family.INVERSION: "evaluator-top1", Family.ATTRIBUTES: "attribute-accuracy"}
"""The score that is a share of people or records, by which success is told, where a family has one."""


class Role(StrEnum):
    """What a row of evidence stands for, told from its scenario and the deployed system."""

    DEPLOYED = "deployed"
    STRONGER = "stronger"
    BARE = "without controls"
    CONTROL = "control group"
    OTHER = "other"


@dataclass(frozen=True)
class Evidence:
    """One scenario with all its seeds. `score` names the share told in `success`; `baseline` is guessing
    without the model, `control` success on people outside the training (None: nobody measured it),
    `residual` R. `worst`: who fared worst beyond chance, None where nobody did. `rows`: what the attacker
    asked, all victims together, on average. `adaptive`: the attacker knows the controls. `judge`: share of
    real photos the judge names, None for tables.
    """

    role: Role
    scenarios: tuple[Scenario, ...]
    run_ids: tuple[str, ...]
    attack: str
    access: Access
    claim: Claim
    score: str
    success: Pooled
    baseline: float
    control: Pooled | None
    residual: Pooled
    worst: Worst | None
    accuracy: Pooled
    rows: float
    adaptive: bool
    judge: float | None
    target_sha256: str

    @property
    def scenario(self) -> Scenario:
        """The first of the scenarios; the others differ in the seed."""
        return self.scenarios[0]


def gather(assessment: Assessment, runs: Mapping[str, RunRecord]) -> tuple[Evidence, ...]:
    """Return the rows of an assessment in the order of its scenarios; `runs`: key of a scenario -> its run.

    Scenarios that nobody ran, or whose run did not end well, have no row: `missing` names them.
    """
    found = {}
    for key, scenarios in _seeds_apart(assessment.scenarios).items():
        ended = [(one, runs.get(one.key())) for one in scenarios]
        done = [(one, run) for one, run in ended if run is not None and _is_done(run)]
        if done and _headline(done[0][1]) is not None:
            found[key] = done
    roles = {key: role(assessment.system, done[0][0]) for key, done in found.items()}
    controls = {
        _of_same_attack(done[0][0]): _success(done)
        for key, done in found.items()
        if roles[key] is Role.CONTROL
    }
    knowing = _who_know(
        done[0][0] for key, done in found.items() if roles[key] in (Role.DEPLOYED, Role.STRONGER)
    )
    return tuple(_row(roles[key], done, controls, knowing) for key, done in found.items())


def missing(assessment: Assessment, runs: Mapping[str, RunRecord]) -> tuple[Scenario, ...]:
    """Return the scenarios without a finished run."""
    return tuple(one for one in assessment.scenarios if not _is_done(runs.get(one.key())))


def role(system: System, scenario: Scenario) -> Role:
    """Return what a scenario says about the deployed system.

    The same training defences, attacked through the deployed exposure: deployed; through more than it gives:
    stronger; no control at all: without controls; a target that met none of the victims: control group.
    """
    if _never_met(scenario):
        return Role.CONTROL
    same_training = _spelled(scenario.target.defences) == _spelled(system.target.defences)
    if same_training and _same_exposure(scenario.exposure, system.exposure):
        return Role.DEPLOYED
    bare = not scenario.target.defences and not scenario.exposure.defences and not scenario.exposure.monitor
    covers = scenario.exposure.access.covers(system.exposure.access)
    if bare and scenario.exposure.access is system.exposure.access:
        return Role.BARE
    if same_training and covers and not scenario.exposure.defences:
        return Role.STRONGER
    return Role.BARE if bare and covers else Role.OTHER


def residual(success: Pooled, control: Pooled | float) -> Pooled:
    """Return R of the formula above; where C is 1 nothing can be told, and the interval is all of [0, 1]."""
    if isinstance(control, float):
        control = Pooled(control, control, control, success.n, success.seeds)
    left = 1 - control.value
    if left <= 0:
        return Pooled(0.0, 0.0, 1.0, success.n, success.seeds)
    value = (success.value - control.value) / left
    by_control = (1 - success.value) / left**2
    above = math.hypot((success.high - success.value) / left, by_control * (control.value - control.low))
    below = math.hypot((success.value - success.low) / left, by_control * (control.high - control.value))
    value, low, high = (min(max(one, 0.0), 1.0) for one in (value, value - below, value + above))
    return Pooled(value, low, high, success.n, success.seeds)


def _row(
    of: Role,
    done: Sequence[tuple[Scenario, RunRecord]],
    controls: Mapping[str, Pooled],
    knowing: Mapping[str, Sequence[Choice]],
) -> Evidence:
    scenario, results = done[0][0], [_result(run) for _, run in done]
    score, success = _headline(done[0][1]), _success(done)
    assert score is not None, "only runs with a headline are gathered"
    modality = scenario.modality()
    control = controls.get(_of_same_attack(scenario)) if of is not Role.CONTROL else None
    if modality is Modality.TABLE and score["control"] is not None:
        hits = score["control"] * score["n"]
        control = Pooled(score["control"], *wilson(hits, score["n"]), score["n"], 1)
    beside = control if control is not None else float(score["baseline"])
    attack = scenario.make_attack()
    accuracy, photos = results[0]["target"]["test_accuracy"], results[0]["target"]["test_photos"]
    chance = control.value if control is not None else float(score["baseline"])
    return Evidence(
        role=of,
        scenarios=tuple(one for one, _ in done),
        run_ids=tuple(run.id for _, run in done),
        attack=attack.name,
        access=scenario.exposure.access,
        claim=attack.claim,
        score=score["name"],
        success=success,
        baseline=float(score["baseline"]),
        control=control,
        residual=residual(success, beside),
        worst=worst_person(results, chance) if modality is Modality.IMAGE else worst_group(score),
        accuracy=Pooled(accuracy, *wilson(accuracy * photos, photos), photos, 1),
        rows=sum(one["queries"] for one in results) / len(results),
        adaptive=any(_is(scenario.attack, one) for one in knowing.get(_place(scenario), ())),
        judge=results[0].get("evaluator_accuracy"),
        target_sha256=results[0]["target"].get("sha256") or results[0]["target"]["key"],
    )


def _seeds_apart(scenarios: Iterable[Scenario]) -> dict[str, list[Scenario]]:
    """Return the scenarios by all but their seed, each once."""
    found: dict[str, dict[int, Scenario]] = {}
    for one in scenarios:
        found.setdefault(content_key(one.canonical() | {"seed": 0}), {})[one.seed] = one
    return {key: list(by_seed.values()) for key, by_seed in found.items()}


def _who_know(scenarios: Iterable[Scenario]) -> dict[str, list[Choice]]:
    """Return place of a target -> attacks that know its controls, told from the naive ones that were run."""
    found: dict[str, list[Choice]] = {}
    for one in scenarios:
        found.setdefault(_place(one), []).extend(other.scenario.attack for other in adapted(one))
    return found


def _is(attack: Choice, knowing: Choice) -> bool:
    """Say whether an attack is one that knows the controls, however many rows it asks."""
    if attack.name != knowing.name:
        return False
    own, wanted = (find("attacks", one.name)(**one.params).params for one in (attack, knowing))
    return all(getattr(own, name) == getattr(wanted, name) for name in knowing.params if name not in CARRIED)


def _place(scenario: Scenario) -> str:
    """Return what a scenario is but for its attack, victims and seed."""
    parts = scenario.canonical()
    return content_key([parts["dataset"], parts["target"], parts["exposure"]["defences"]])


def _choice(choice: Choice) -> str:
    made = find("attacks", choice.name)(**choice.params)
    return content_key([choice.name, made.params.model_dump(mode="json")])


def _of_same_attack(scenario: Scenario) -> str:
    """Return by what a row finds its control group: the same attack, through the same exposure."""
    exposure = scenario.exposure
    return content_key([_choice(scenario.attack), exposure.access, _spelled(exposure.defences)])


def _spelled(choices: Sequence[Choice]) -> list[object]:
    made = [find("defences", one.name)(**one.params) for one in choices]
    return [[one.name, one.params.model_dump(mode="json")] for one in made]


def _same_exposure(run: Exposure, deployed: Exposure) -> bool:
    """Say whether an attacker met what is deployed: no fewer rows where a budget is part of it."""
    if run.access is not deployed.access or _spelled(run.defences) != _spelled(deployed.defences):
        return False
    if deployed.query_budget is not None and (run.query_budget or math.inf) < deployed.query_budget:
        return False
    return run.monitor == deployed.monitor


def _never_met(scenario: Scenario) -> bool:
    """Say whether the training left out every victim."""
    left_out = {
        person
        for one in scenario.training_defences()
        if isinstance(one, DataMinimisation)
        for person in one.params.without
    }
    if scenario.victims == "all" or not left_out:
        return False
    return set(scenario.victims) <= left_out


def _is_done(run: RunRecord | None) -> bool:
    return run is not None and run.state is State.DONE and run.result is not None


def _result(run: RunRecord) -> dict[str, Any]:
    assert run.result is not None, "only finished runs are gathered"
    return run.result


def _headline(run: RunRecord) -> dict[str, Any] | None:
    """Return the score success is told by, None where the run has none."""
    wanted = HEADLINES.get(run.scenario.family())
    return next((one for one in _result(run)["scores"] if one["name"] == wanted), None)


def _success(done: Iterable[tuple[Scenario, RunRecord]]) -> Pooled:
    return pool(list(_scores(done)), (0.0, 1.0))


def _scores(done: Iterable[tuple[Scenario, RunRecord]]) -> Iterator[dict[str, Any]]:
    for _, run in done:
        if (score := _headline(run)) is not None:
            yield score

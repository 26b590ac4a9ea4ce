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
from typing import Any

from inversion_core.adaptive import CARRIED, adapted
from inversion_core.choices import Choice
from inversion_core.compare.pooling import Pooled, pool, together
from inversion_core.defences.data_minimisation import DataMinimisation
from inversion_core.keys import content_key
from inversion_core.metrics.input_verdict import MATCHES, claims_input, input_headline
from inversion_core.metrics.intervals import wilson
from inversion_core.registry import find
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.roles import Role, role, spelled
from inversion_core.risk.worst import Worst, attempts_needed, worst_group, worst_person
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from inversion_core.values import Access, Claim, Family, Modality, State

HEADLINES = {Family.INVERSION: "evaluator-top1", Family.ATTRIBUTES: "attribute-accuracy"}
"""The score that is a share of people or records, by which success is told, where a family has one."""
RECOGNISED = HEADLINES[Family.INVERSION]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One scenario with all its seeds, rated or not. `score` names the number that leads; `rows`: what the
    attacker asked, all victims together, on average. `adaptive`: the attacker knows the controls.
    """

    role: Role
    scenarios: tuple[Scenario, ...]
    run_ids: tuple[str, ...]
    attack: str
    access: Access
    claim: Claim
    score: str
    rows: float
    adaptive: bool
    target_sha256: str

    @property
    def scenario(self) -> Scenario:
        """The first of the scenarios; the others differ in the seed."""
        return self.scenarios[0]


@dataclass(frozen=True, kw_only=True)
class Evidence(Told):
    """What is rated. `score` names the share told in `success`; `baseline` is guessing
    without the model, `control` success on people outside the training (None: nobody measured it),
    `residual` R. `worst`: who fared worst beyond chance, None where nobody did; `attempts`: how many a person
    needs before that can be told, None where no number is enough. `accuracy`: how often the deployed answers
    are right on unseen data, None where nobody measured that. `judge`: share of real photos the judge names,
    None for tables.
    """

    success: Pooled
    baseline: float
    control: Pooled | None
    residual: Pooled
    worst: Worst | None
    attempts: int | None
    accuracy: Pooled | None
    judge: float | None

    @property
    def worst_known(self) -> bool:
        """Whether the attempts are enough to tell one person's hits from guessing."""
        return self.attempts is not None and self.success.seeds >= self.attempts


def gather(assessment: Assessment, runs: Mapping[str, RunRecord]) -> tuple[Evidence, ...]:
    """Return the rows of an assessment in the order of its scenarios; `runs`: key of a scenario -> its run.

    Scenarios that nobody ran, or whose run did not end well, have no row: `missing` names them. Finished runs
    without a share of people or records have none either: `unrated.gather_unrated` tells them.
    """
    found = {}
    for key, scenarios in seeds_apart(assessment.scenarios).items():
        ended = [(one, runs.get(one.key())) for one in scenarios]
        done = [(one, run) for one, run in ended if run is not None and is_done(run)]
        if done and _headline(done[0][1]) is not None:
            found[key] = done
    roles = {key: role(assessment.system, done[0][0]) for key, done in found.items()}
    groups: dict[str, list[Pooled]] = {}
    for key, done in found.items():
        if roles[key] is Role.CONTROL:
            groups.setdefault(_of_same_attack(done[0][0]), []).append(_success(done))
    controls = {attack: together(group) for attack, group in groups.items()}
    knowing = who_know(
        done[0][0] for key, done in found.items() if roles[key] in (Role.DEPLOYED, Role.STRONGER)
    )
    return tuple(_row(roles[key], done, controls, knowing) for key, done in found.items())


def missing(assessment: Assessment, runs: Mapping[str, RunRecord]) -> tuple[Scenario, ...]:
    """Return the scenarios without a finished run."""
    return tuple(one for one in assessment.scenarios if not is_done(runs.get(one.key())))


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
    table = scenario.modality() is Modality.TABLE
    control = controls.get(_of_same_attack(scenario)) if of is not Role.CONTROL else None
    if table and score["control"] is not None:
        hits = score["control"] * score["n"]
        control = Pooled(score["control"], *wilson(hits, score["n"]), score["n"], 1)
    beside = control if control is not None else float(score["baseline"])
    attack = scenario.make_attack()
    # A control group of zero does not put chance below guessing.
    chance = max(float(score["baseline"]), control.value if control is not None else 0.0)
    return Evidence(
        role=of,
        scenarios=tuple(one for one, _ in done),
        run_ids=tuple(run.id for _, run in done),
        attack=attack.name,
        access=scenario.exposure.access,
        claim=_claim(attack.claim, score["name"]),
        score=score["name"],
        success=success,
        baseline=float(score["baseline"]),
        control=control,
        residual=residual(success, beside),
        worst=worst_group(score) if table else worst_person(results, chance),
        attempts=1 if table else attempts_needed(success.n, chance),
        accuracy=_accuracy(scenario, results[0]),
        rows=sum(one["queries"] for one in results) / len(results),
        adaptive=knows(scenario, knowing),
        judge=results[0].get("evaluator_accuracy"),
        target_sha256=results[0]["target"].get("sha256") or results[0]["target"]["key"],
    )


def seeds_apart(scenarios: Iterable[Scenario]) -> dict[str, list[Scenario]]:
    """Return the scenarios by all but their seed, each once."""
    found: dict[str, dict[int, Scenario]] = {}
    for one in scenarios:
        found.setdefault(content_key(one.canonical() | {"seed": 0}), {})[one.seed] = one
    return {key: list(by_seed.values()) for key, by_seed in found.items()}


def who_know(scenarios: Iterable[Scenario]) -> dict[str, list[Choice]]:
    """Return place of a target -> attacks that know its controls, told from the naive ones that were run."""
    found: dict[str, list[Choice]] = {}
    for one in scenarios:
        found.setdefault(_place(one), []).extend(other.scenario.attack for other in adapted(one))
    return found


def knows(scenario: Scenario, knowing: Mapping[str, Sequence[Choice]]) -> bool:
    """Say whether the attacker of a scenario is one of those that `who_know` found to know its controls."""
    return any(_is(scenario.attack, one) for one in knowing.get(_place(scenario), ()))


def _is(attack: Choice, knowing: Choice) -> bool:
    """Say whether an attack is one that knows the controls, and asks no fewer rows than the naive one."""
    if attack.name != knowing.name:
        return False
    own, wanted = (find("attacks", one.name)(**one.params).params for one in (attack, knowing))
    if getattr(own, "queries", 0) < getattr(wanted, "queries", 0):
        return False
    return all(getattr(own, name) == getattr(wanted, name) for name in knowing.params if name not in CARRIED)


def _claim(claim: Claim, score: str) -> Claim:
    """Return what the score bears out: who is recognised is a likeness, not the input that was used."""
    return Claim.CLASS if claim is Claim.INPUT and score == RECOGNISED else claim


def _accuracy(scenario: Scenario, result: Mapping[str, Any]) -> Pooled | None:
    """Return how often the answers are right as they are released: the model's own, or what output defences
    leave of them, where the run measured that.
    """
    accuracy, n = result["target"]["test_accuracy"], result["target"]["test_photos"]
    if scenario.exposure.defences:
        released = result.get("released") or {"accuracy": None, "n": 0}
        accuracy, n = released["accuracy"], released["n"]
    return Pooled(accuracy, *wilson(accuracy * n, n), n, 1) if accuracy is not None and n else None


def _place(scenario: Scenario) -> str:
    """Return what a scenario is but for its attack, victims and seed."""
    parts = scenario.canonical()
    return content_key([parts["dataset"], parts["target"], parts["exposure"]["defences"]])


def _choice(choice: Choice) -> str:
    made = find("attacks", choice.name)(**choice.params)
    return content_key([choice.name, made.params.model_dump(mode="json")])


def _of_same_attack(scenario: Scenario) -> str:
    """Return by what a row finds its control group: the same attack on the same data and training, through
    the same exposure. Left out of it: the removal of the group from the training.
    """
    parts, exposure = scenario.canonical(), scenario.exposure
    training = [one for one in parts["target"]["defences"] if one["name"] != DataMinimisation.name]
    return content_key(
        [
            _choice(scenario.attack),
            parts["dataset"],
            parts["target"] | {"defences": training},
            [exposure.access, exposure.query_budget, exposure.monitor, spelled(exposure.defences)],
            parts["exposure"].get("knowledge"),
        ]
    )


def is_done(run: RunRecord | None) -> bool:
    """Say whether a run ended well and its result is there."""
    return run is not None and run.state is State.DONE and run.result is not None


def _result(run: RunRecord) -> dict[str, Any]:
    assert run.result is not None, "only finished runs are gathered"
    return run.result


def _headline(run: RunRecord) -> dict[str, Any] | None:
    """Return the score success is told by, None where the run has none.

    An attack on inputs is told by the score of its own verdict where that is a share of people.
    """
    result, wanted = _result(run), HEADLINES.get(run.scenario.family())
    if claims_input(result) and (own := input_headline(result)) in MATCHES:
        wanted = own
    return next((one for one in result["scores"] if one["name"] == wanted), None)


def _success(done: Iterable[tuple[Scenario, RunRecord]]) -> Pooled:
    return pool(list(_scores(done)), (0.0, 1.0))


def _scores(done: Iterable[tuple[Scenario, RunRecord]]) -> Iterator[dict[str, Any]]:
    for _, run in done:
        if (score := _headline(run)) is not None:
            yield score

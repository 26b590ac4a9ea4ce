"""Measure what each row of a sweep costs an honest user: the same metrics before and after, on unseen data.

Before is the undefended model, answering bare; after is what the row's service releases, labels where it
gives no more. A defence that changes no answer that is given (a budget, a rate limit, pseudonyms, a monitor)
is measured as the service without it. Left out: the monitor's own time and its false alarms, and targets that
run elsewhere, which would be sent private photos.
"""

import json
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor

from inversion_core.compare.utility import Estimate, PersonLoss, Promise, Utility
from inversion_core.datasets.base import Dataset
from inversion_core.defences.dp_sgd import group_delta
from inversion_core.defences.label_only import LabelOnly
from inversion_core.learnt import defences_of
from inversion_core.metrics import intervals
from inversion_core.metrics.confidence import brier, calibration_error, distortion
from inversion_core.oracles import Oracle
from inversion_core.scenario import Scenario, problems_of_service
from inversion_core.sweeps.cells import served
from inversion_core.sweeps.spec import Row, Sweep
from inversion_core.tables import Records
from inversion_core.targets.base import RemoteTarget, TargetCard
from inversion_core.targets.catalogue import obtain
from inversion_core.trials.oracle import open_for
from inversion_core.values import Access, Photos, Progress

ASKED_AT_ONCE = 256
TIMED = 60
"""Pictures or records each timed alone."""
WARM_UP = 3
"""Of them, asked before and not counted."""


@dataclass(frozen=True, eq=False)
class Service:
    """A target behind its defences, and what it answers about the held-out data: `rows` (N, K), the label as
    a row with a single 1 where `scores` is False.
    """

    dataset: Dataset
    held_out: Photos | Records
    card: TargetCard
    oracle: Oracle
    scores: bool
    rows: Tensor

    def right(self) -> Tensor:
        """Return (N,) bool: whose label is named."""
        return self.rows.argmax(1) == self.held_out.labels


def utilities(sweep: Sweep) -> Generator[Progress, None, dict[str, Utility]]:
    """Return title -> utility for each row of a grid that can be served; equal services are measured once."""
    bare_scenario = _bare(sweep)
    if not _can_be_measured(bare_scenario):
        return {}
    bare = yield from open_service(bare_scenario)
    found: dict[str, Utility] = {}
    known = {_identity(bare_scenario): utility(bare, bare)}
    for place, row in enumerate(sweep.rows):
        yield Progress(place, len(sweep.rows), 0.0, note=f"measuring what {row.title!r} costs")
        scenario = served(sweep, row)
        if not _can_be_measured(scenario):
            continue  # its cells say why
        name = _identity(scenario)
        if name not in known:
            known[name] = utility((yield from open_service(scenario)), bare)
        found[row.title] = known[name]
    return found


def open_service(scenario: Scenario) -> Generator[Progress, None, Service]:
    """Return the service of a scenario, with its answers; the target is trained where it is not yet."""
    dataset = scenario.make_dataset()
    target = yield from obtain(dataset, scenario.make_target(), scenario.training_defences())
    defences = yield from defences_of(scenario, dataset, target)
    held_out = dataset.held_out()
    assert isinstance(held_out, Photos | Records)
    oracle = open_for(scenario, target, defences, budgeted=False)
    parts = held_out.inputs.split(ASKED_AT_ONCE)
    rows = []
    for place, part in enumerate(parts):
        yield Progress(place, len(parts), 0.0, note="asking about data it has not seen")
        rows.append(oracle.answers(_floats(part)))
    labels_only = any(isinstance(one, LabelOnly) for one in defences)
    gives_scores = oracle.access is not Access.LABELS and not labels_only
    return Service(dataset, held_out, target.card, oracle, gives_scores, torch.cat(rows))


def utility(found: Service, bare: Service) -> Utility:
    """Return what `found` gives its users and how far it is from `bare`, the undefended model."""
    right, labels = found.right(), found.held_out.labels
    comparable = _same(found.held_out, bare.held_out) and found.rows.shape == bare.rows.shape
    now, before = timed([_asker(one) for one in (found, bare)])
    low, high = intervals.wilson(int(right.sum()), len(right))
    return Utility(
        released="scores" if found.scores else "labels",
        n=len(right),
        accuracy=Estimate(value=right.double().mean().item(), low=low, high=high),
        calibration_error=calibration_error(found.rows, labels) if found.scores else None,
        brier=brier(found.rows, labels) if found.scores else None,
        distortion=distortion(found.rows, bare.rows) if comparable else None,
        people=_people(found, bare) if comparable and found.dataset.card.class_is_person else None,
        milliseconds=now,
        bare_milliseconds=before,
        training_seconds=found.card.seconds,
        trained_anew=found.card.key != bare.card.key,
        promise=_promise(found.card),
    )


def timed(
    askers: Sequence[Callable[[int], object]], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return for each the median milliseconds of being called with 0, 1, ... up to TIMED calls.

    They take turns, and the first one changes from round to round, so that a machine that is busy for a
    while is so for all of them.
    """
    spent: list[list[float]] = [[] for _ in askers]
    for number in range(-WARM_UP, TIMED):
        turns = range(len(askers)) if number % 2 == 0 else reversed(range(len(askers)))
        for place in turns:
            began = clock()
            askers[place](abs(number))
            if number >= 0:
                spent[place].append(1000 * (clock() - began))
    return [median(one) for one in spent]


def person_loss(now: Tensor, before: Tensor, people: Tensor) -> PersonLoss:
    """Return what people lose: (N,) bool whose photo is named now and before, (N,) int64 whose it is.

    The interval of the mean is Student's over people; where nobody loses or gains anything it reaches as far
    as Wilson's interval says that others may, each of them everything.
    """
    photos = people.bincount()
    shown = photos > 0
    change = before.double() - now.double()
    losses = (people.bincount(weights=change) / photos)[shown]
    reach = intervals.wilson(0, len(losses))[1]
    low, high = intervals.mean(losses, (-1.0, 1.0)) if losses.any() else (-reach, reach)
    return PersonLoss(
        mean=Estimate(value=losses.mean().item(), low=low, high=high),
        losing=(losses > 0).double().mean().item(),
        gaining=(losses < 0).double().mean().item(),
        worst=losses.max().item(),
        people=len(losses),
        photos=int(photos[shown].min()),
    )


def _people(found: Service, bare: Service) -> PersonLoss:
    loss = person_loss(found.right(), bare.right(), found.held_out.labels)
    if found is not bare:
        return loss
    # Against itself nobody loses anything, whoever the people are: nothing is estimated.
    return loss.model_copy(update={"mean": Estimate(value=0.0, low=0.0, high=0.0)})


def _asker(service: Service) -> Callable[[int], object]:
    """Return what asks the service about one of its held-out pictures or records alone, by number."""
    inputs = _floats(service.held_out.inputs)
    return lambda number: service.oracle.answers(inputs[number % len(inputs)][None])


def _promise(card: TargetCard) -> Promise | None:
    told = card.guarantees.get("dp-sgd")
    if not told:
        return None
    return Promise(
        epsilon=told["epsilon"],
        delta=told["delta"],
        person_epsilon=told["person_epsilon"],
        # Worked out here, since cards of earlier targets do not tell it.
        person_delta=group_delta(told["epsilon"], told["delta"], told["photos_per_person"]),
    )


def _same(first: Photos | Records, second: Photos | Records) -> bool:
    """Say whether two held-out parts are the same data; a missing value equals a missing value."""
    one, two = first.inputs, second.inputs
    if one.shape != two.shape or not torch.equal(first.labels, second.labels):
        return False
    return bool(((one == two) | ((one != one) & (two != two))).all())


def _floats(inputs: Tensor) -> Tensor:
    """Return bytes of pictures in [0, 1], records as they are."""
    return inputs.float() / 255 if inputs.dtype == torch.uint8 else inputs


def _bare(sweep: Sweep) -> Scenario:
    """Return the undefended model of a sweep, answering without any defence of what it says."""
    scenario = served(sweep, Row(title="undefended"))
    exposure = scenario.exposure.model_copy(update={"defences": ()})
    return scenario.model_copy(update={"exposure": exposure})


def _can_be_measured(scenario: Scenario) -> bool:
    return not problems_of_service(scenario) and not isinstance(scenario.make_target(), RemoteTarget)


def _identity(scenario: Scenario) -> str:
    """Return what makes two services the same one."""
    told = scenario.model_dump(mode="json", include={"dataset", "target", "exposure"})
    return json.dumps(told, sort_keys=True)

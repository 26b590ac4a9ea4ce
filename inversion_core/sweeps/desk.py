"""Submitting, watching and cancelling sweeps: what the Compare page and the command line ask for."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from inversion_core.compare.matrix import CellRuns, Matrix, Run, build
from inversion_core.jobs import Engine
from inversion_core.keys import content_key
from inversion_core.scenario import Scenario
from inversion_core.store.records import RunRecord
from inversion_core.store.runs import RunStore
from inversion_core.store.sweeps import SweepRecord, SweepRun
from inversion_core.sweeps.cells import expand, scenarios_of
from inversion_core.sweeps.spec import Sweep, canonical
from inversion_core.values import State

ENDED_BADLY = (State.FAILED, State.LOST)


@dataclass(frozen=True)
class SweepStatus:
    """How far a sweep is. `counts` has every state, and its runs nobody has queued yet under None.

    `eta_seconds` is None until a run of it has finished.
    """

    record: SweepRecord
    total: int
    counts: Mapping[State | None, int]
    eta_seconds: float | None

    @property
    def finished(self) -> int:
        """Runs that are final."""
        return sum(count for state, count in self.counts.items() if state is not None and state.final)

    @property
    def state(self) -> State:
        """What the sweep as a whole is: running while any run may still end; then how it ended.

        Runs that nobody has queued (the process that submitted it ended midway) keep it running until it is
        submitted again or cancelled.
        """
        working = self.counts[State.STARTING] + self.counts[State.RUNNING]
        if working or self.counts[State.QUEUED] or (self.counts[None] and self.record.cancelled is None):
            return State.RUNNING if working or self.finished else State.QUEUED
        if self.counts[State.CANCELLED] or self.counts[None]:
            return State.CANCELLED
        return State.FAILED if any(self.counts[state] for state in ENDED_BADLY) else State.DONE


def submit(sweep: Sweep, owner: str, engine: Engine, stop: Callable[[], bool] = lambda: False) -> str:
    """Queue every run of a sweep that is not done yet and return the sweep's id.

    The same sweep of the same owner is one sweep: submitted again, it goes on where it was, and what failed
    or was cancelled is tried again. Its runs belong to the sweep, not to its owner, so that they take turns
    with the owner's other runs. `stop` is asked between two runs. Raises ScenarioInvalid, StoreUnavailable,
    EngineUnavailable.
    """
    wanted = scenarios_of(expand(sweep))
    sweep_id, store = sweep_id_of(sweep, owner), engine.store
    by_key = {scenario.key(): scenario for scenario in wanted}
    store.put_sweep(sweep_id, sweep.name, canonical(sweep), owner, by_key)
    for scenario in by_key.values():
        if stop():
            break
        engine.submit(scenario, _as_owner(sweep_id))
    return sweep_id


def sweep_id_of(sweep: Sweep, owner: str) -> str:
    """Return the id that a sweep of an owner has, submitted or not."""
    return content_key({"sweep": canonical(sweep), "owner": owner})[:32]


def cancel(sweep_id: str, owner: str, engine: Engine) -> int:
    """Ask a sweep to stop and return how many of its runs do: waiting ones at once, working ones soon.

    A run that somebody else waits for goes on, and whoever does not own the sweep changes nothing.
    """
    if engine.store.sweep(sweep_id).owner != owner:
        return 0
    engine.store.note_cancelled(sweep_id)
    stopped = 0
    for run in engine.store.sweep_runs(sweep_id):
        if run.run_id is not None and run.state is not None and not run.state.final:
            stopped += engine.cancel(run.run_id, _as_owner(sweep_id))
    return stopped


def status(sweep_id: str, store: RunStore) -> SweepStatus:
    """Return how far a sweep is; a few milliseconds, so pages may poll."""
    runs = store.sweep_runs(sweep_id)
    counts: Counter[State | None] = Counter({state: 0 for state in (None, *State)})
    counts.update(run.state for run in runs)
    return SweepStatus(store.sweep(sweep_id), len(runs), counts, _eta(runs, time.time()))


def matrix(sweep: Sweep, store: RunStore) -> Matrix:
    """Return what has been measured of a sweep so far, as far as it may be compared."""
    cells = expand(sweep)
    keys = {id(scenario): scenario.key() for cell in cells for scenario in cell.scenarios}
    records = store.runs_of_keys(keys.values())
    parts = [
        CellRuns(
            row=cell.row,
            column=cell.column,
            attacker=cell.attacker,
            variant=cell.variant,
            reason=cell.reason,
            shut_out=cell.shut_out,
            stands=cell.stands,
            untouched=cell.untouched,
            note=cell.note,
            changes=cell.changes,
            undefended=cell.undefended,
            runs=tuple(_run(one, records.get(keys[id(one)])) for one in cell.scenarios),
        )
        for cell in cells
    ]
    return build(sweep.name, parts)


def _as_owner(sweep_id: str) -> str:
    return f"sweep {sweep_id}"


def _run(scenario: Scenario, record: RunRecord | None) -> Run:
    told = scenario.model_dump(mode="json")
    if record is None:
        return Run(state="waiting", scenario=told)
    return Run(
        run_id=record.id, state=record.state.value, error=record.error, scenario=told, result=record.result
    )


def _eta(runs: Sequence[SweepRun], now: float) -> float | None:
    """Return the seconds until all runs are final: the usual duration of each, shared by those at work.

    Usual is the median of the sweep's own finished runs of the same attack and target, where there is none of
    all its finished runs.
    """
    spans: dict[tuple[str | None, str | None], list[float]] = {}
    for run in runs:
        if run.state is State.DONE and run.started is not None and run.finished is not None:
            spans.setdefault((run.attack, run.target), []).append(run.finished - run.started)
    left = [run for run in runs if run.state is None or not run.state.final]
    if not left or not spans:
        return None if left else 0.0
    usual = {kind: median(values) for kind, values in spans.items()}
    otherwise = median(span for values in spans.values() for span in values)
    waits = [
        max(0.0, usual.get((run.attack, run.target), otherwise) - (now - run.started if run.started else 0.0))
        for run in left
    ]
    working = sum(run.state in (State.STARTING, State.RUNNING) for run in left)
    return max(sum(waits) / max(working, 1), max(waits))

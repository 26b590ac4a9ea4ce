"""What stands in for an attack in tests of the engine; the attack's name in the scenario chooses."""

import time

from inversion_core.errors import Cancelled
from inversion_core.store.runs import RunStore
from inversion_core.values import State

PNG = b"\x89PNG and so on"


def act(run_id: str, store: RunStore) -> None:
    """Behave as the scenario's attack says."""
    record = store.begin(run_id)
    if record.state.final:
        return
    store.advance(run_id, state=State.RUNNING, phase="attack")
    try:
        BEHAVIOURS[record.scenario.attack.name](run_id, store)
    except Cancelled:
        store.finish(run_id, State.CANCELLED)


def quick(run_id: str, store: RunStore) -> None:
    """Show a picture and be done."""
    store.add_frame(run_id, 1, 0.5, PNG)
    store.finish(run_id, State.DONE, result={"attempt": store.get(run_id).attempt})


def slow(run_id: str, store: RunStore) -> None:
    """Work for two minutes, in steps that notice a request to cancel."""
    for step in range(1, 1201):
        store.advance(run_id, step=step, total=1200, loss=1 / step)
        if store.cancel_requested(run_id):
            raise Cancelled
        time.sleep(0.1)


def deaf(run_id: str, store: RunStore) -> None:
    """Never ask whether anybody wants this to stop."""
    while True:
        sum(range(100_000))


def broken(run_id: str, store: RunStore) -> None:
    """Meet a mistake in the code."""
    raise ZeroDivisionError("an attack with a mistake")


def endless(run_id: str, store: RunStore) -> None:
    """Return without an end."""


BEHAVIOURS = {"quick": quick, "slow": slow, "deaf": deaf, "broken": broken, "endless": endless}

"""What stands in for a scenario in tests of many runs; each beginning is written down."""

import os
import time

from inversion_core.store.runs import RunStore
from inversion_core.values import State


def trivial(run_id: str, store: RunStore) -> None:
    """Note that the run begins, and be done after a moment."""
    if store.begin(run_id).state.final:
        return
    ledger = os.open(f"{store.artifacts_url}.begun", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(ledger, f"{run_id}\n".encode())
    os.close(ledger)
    time.sleep(0.01)
    store.finish(run_id, State.DONE, result={"scores": [], "target": {}})

"""The command `sweep` with trivial runs: `python -m tests.sweeps.sweeper STORE_URL ARTIFACTS_URL SWEEP.json`.

A real worker, which starts without what real runs need.
"""

import json
import sys
from pathlib import Path
from typing import Any

from inversion_core.jobs.dispatch import Engine
from inversion_core.jobs.engine import EmbeddedCluster
from inversion_core.store.runs import RunStore
from inversion_core.sweeps import terminal
from inversion_core.sweeps.spec import read_sweep
from tests.sweeps.tasks import trivial


def engine(store: RunStore, opening: Any) -> Engine:
    """Return the engine of the command with another task."""
    return Engine(store, task=trivial, opening=lambda: EmbeddedCluster(1, ""))


if __name__ == "__main__":
    terminal.Engine = engine  # type: ignore[assignment,misc]
    url, artifacts_url, file = sys.argv[1:]
    print(json.dumps(terminal.carry(read_sweep(Path(file).read_text()), RunStore(url, artifacts_url))))

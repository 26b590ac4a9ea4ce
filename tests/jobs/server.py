"""A web server in miniature: `python -m tests.jobs.server STORE_URL ARTIFACTS_URL` works until it is stopped.

Nothing guards its main part, like Streamlit's page scripts; a worker that ran it again would not start.
"""

import sys
import threading

from inversion_core.jobs.dispatch import Engine
from inversion_core.jobs.engine import EmbeddedCluster
from inversion_core.store.runs import RunStore
from tests.jobs.tasks import act

url, artifacts_url = sys.argv[1:]
engine = Engine(RunStore(url, artifacts_url), task=act, opening=lambda: EmbeddedCluster(1, "")).start()
tick = threading.Event()
while not engine.health().pids:
    tick.wait(0.05)
print(*engine.health().pids, flush=True)
tick.wait()

"""What the network costs: one scenario in process and over HTTP on loopback, and whether both are equal.

    .venv/bin/python -m tests.benchmarks.http_cost SCENARIO.json

The scenario names a target of this installation and scores or labels; it is run as it stands, then its target
is served and the same attack asks the service. Service and attack share this machine's cores.
"""

import argparse
import json
import os
import signal
import tempfile
from pathlib import Path
from typing import Any

from inversion_core.execute import execute
from inversion_core.scenario import Scenario, read_scenario
from inversion_core.settings import settings
from inversion_core.store.api_keys import KeyStore, Tier
from inversion_core.store.database import Database
from inversion_core.store.runs import RunRecord, RunStore
from tests.benchmarks.service_load import start

TOKEN = "INVERSION_HTTP_COST_KEY"


def main() -> None:
    """Run both, print a line for people and one of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario", type=Path)
    here = read_scenario(parser.parse_args().scenario.read_text())
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/service.sqlite"
        database = Database(url)
        key, os.environ[TOKEN] = KeyStore(database).add("benchmark", Tier.PARTNER)
        store = RunStore(f"sqlite:///{folder}/runs.sqlite", f"{folder}/artifacts")
        local = ran(here, store)
        process, port = start(here, url, Path(folder))
        os.environ["INVERSION_ALLOWED_HOSTS"] = f"127.0.0.1:{port}"
        settings.cache_clear()
        try:
            remote = ran(elsewhere(here, port), store)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
        spent = KeyStore(database).get(key.id).spent
        found = told(local, remote, store) | {
            "rows_at_the_service": spent,
            "load_average": os.getloadavg()[0],
        }
        store.close()
        database.close()
    print(
        f"in process {found['seconds']['local']} s, over HTTP {found['seconds']['remote']} s, "
        f"{found['ratio']} times; equal pictures: {found['equal_pictures']}"
    )
    print(json.dumps(found))


def elsewhere(scenario: Scenario, port: int) -> Scenario:
    """Return the scenario with the service in place of its target; the exposure's defences are there."""
    params = {"url": f"http://127.0.0.1:{port}/v1/predict", "may_test": True, "token_env": TOKEN}
    changed = scenario.model_dump(mode="json")
    changed["target"] = {"name": "http-target", "params": params}
    changed["exposure"]["defences"] = []
    return Scenario.model_validate(changed)


def ran(scenario: Scenario, store: RunStore) -> RunRecord:
    """Return a finished run; ends the program where it failed."""
    record = execute(store.create(scenario, "benchmark")[0], store)
    if record.result is None:
        raise SystemExit(record.error + record.log)
    return record


def told(local: RunRecord, remote: RunRecord, store: RunStore) -> dict[str, Any]:
    """Return what the two runs took, asked and found."""
    assert local.result and remote.result
    sheets = [
        next(one.sha256 for one in store.artifacts(run.id) if one.name == "reconstruction-sheet.png")
        for run in (local, remote)
    ]
    seconds = {
        "local": local.result["seconds"]["attack"],
        "remote": remote.result["seconds"]["attack"],
    }
    top1 = [score["value"] for score in remote.result["scores"] if score["name"] == "evaluator-top1"]
    return {
        "seconds": seconds,
        "ratio": round(seconds["remote"] / seconds["local"], 2),
        "queries": {"local": local.result["queries"], "remote": remote.result["queries"]},
        "equal_pictures": sheets[0] == sheets[1],
        "evaluator_top1": top1,
    }


if __name__ == "__main__":
    main()

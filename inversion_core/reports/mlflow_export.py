"""An assessment in MLflow tracking: one run an attack, one for the rating. The only importer of mlflow.

Numbers become metrics, names become parameters, the report's JSON lies beside the rating. Texts that people
typed go in as tags and stay text; nothing of the pictures leaves the store.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inversion_core.errors import DataUnusable
from inversion_core.reports import words
from inversion_core.reports.data import data
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.evidence import Evidence, Told
from inversion_core.risk.unrated import Unrated

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

REQUIREMENTS = "requirements-mlflow.txt"
KEY = "inversion.key"
"""Tag by which a run that was exported before is found again."""
RATED, VERDICT = "inversion.rated", "inversion.verdict"
"""Tags of what is not rated."""


def to_mlflow(dossier: Dossier, uri: str) -> int:
    """Write a dossier to the tracking server or folder at `uri` and return how many runs it has there.

    What was exported before with the same content is not written twice. Raises DataUnusable where mlflow is
    not installed, or refuses.
    """
    client = _client(uri)
    from mlflow.exceptions import MlflowException

    try:
        name = dossier.assessment.name
        found = client.get_experiment_by_name(name)
        experiment = client.create_experiment(name) if found is None else found.experiment_id
        known = {one.data.tags.get(KEY) for one in client.search_runs([experiment], max_results=5000)}
        for row in dossier.rows:
            key = f"{row.scenario.key()}:{row.success.seeds}"
            if key not in known:
                _attack(client, experiment, dossier, row, key)
        for other in dossier.unrated:
            key = f"{other.scenario.key()}:{len(other.run_ids)}"
            if key not in known:
                _unrated(client, experiment, dossier, other, key)
        _rating(client, experiment, dossier)
    except MlflowException as error:
        raise DataUnusable(
            f"MLflow at {uri[:200]!r} refused ({error.error_code}); check the address and the name"
        ) from error
    return len(dossier.told) + 1


def _client(uri: str) -> "MlflowClient":
    # Nothing leaves the machine but to the address given; a folder is a store MLflow keeps for such uses.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    if "://" not in uri or uri.startswith("file:"):
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        uri = uri if uri.startswith("file:") else Path(uri).resolve().as_uri()
    try:
        from mlflow.tracking import MlflowClient
    except ImportError as error:
        raise DataUnusable(
            f"export to MLflow needs its client, which is not installed; pip install -r {REQUIREMENTS}"
        ) from error
    return MlflowClient(tracking_uri=uri)


def _attack(client: "MlflowClient", experiment: str, dossier: Dossier, row: Evidence, key: str) -> None:
    run_id = client.create_run(experiment, run_name=words.title_of(row), tags={KEY: key}).info.run_id
    _params(client, run_id, dossier, row)
    metrics = {
        "recovered": row.success.value,
        "recovered_low": row.success.low,
        "recovered_high": row.success.high,
        "guessing": row.baseline,
        "added": row.residual.value,
        "added_high": row.residual.high,
        "n": row.success.n,
        "rows_asked": row.rows,
    }
    if row.accuracy is not None:
        metrics["accuracy"] = row.accuracy.value
    for name, number in metrics.items():
        client.log_metric(run_id, name, float(number))
    client.set_terminated(run_id)


def _unrated(client: "MlflowClient", experiment: str, dossier: Dossier, row: Unrated, key: str) -> None:
    """Write what is not rated: its own score by name, and a tag that says so."""
    tags = {KEY: key, RATED: "no", VERDICT: row.verdict}
    run_id = client.create_run(experiment, run_name=words.title_of(row), tags=tags).info.run_id
    _params(client, run_id, dossier, row)
    client.log_metric(run_id, "rows_asked", float(row.rows))
    if (found := row.measured) is not None:
        ends = {"": found.value, "_low": found.low, "_high": found.high}
        for name, number in ends.items():
            client.log_metric(run_id, f"{row.score}{name}", float(number))
        client.log_metric(run_id, "n", float(found.n))
    if row.baseline is not None:
        client.log_metric(run_id, f"{row.score}_baseline", float(row.baseline))
    client.set_terminated(run_id)


def _params(client: "MlflowClient", run_id: str, dossier: Dossier, row: Told) -> None:
    params: dict[str, Any] = {
        "attack": row.attack,
        "access": row.access.value,
        "role": row.role.value,
        "claim": row.claim.value,
        "target": dossier.assessment.system.target.name,
        "dataset": dossier.assessment.system.dataset.name,
        "seeds": len(row.run_ids),
    }
    for name, value in params.items():
        client.log_param(run_id, name, value)


def _rating(client: "MlflowClient", experiment: str, dossier: Dossier) -> None:
    rating, residual = dossier.rating, dossier.rating.residual
    tags = {"mode": dossier.assessment.mode.value, "policy": str(rating.policy.version), "made": dossier.made}
    run_id = client.create_run(experiment, run_name="rating", tags=tags).info.run_id
    levels = {
        "exposure": rating.exposure.value,
        "severity": rating.severity,
        "vulnerability": residual.vulnerability.value if residual.vulnerability else None,
        "likelihood": residual.likelihood.value if residual.likelihood else None,
        "upper_bound": residual.upper,
    }
    for name, number in levels.items():
        if number is not None:
            client.log_metric(run_id, name, float(number))
    client.log_dict(run_id, data(dossier), "report.json")
    client.set_terminated(run_id)

"""The one path from Scenario to Run: pages, the command line and cluster workers all come through here.

dataset -> target (+ training defences) -> oracle (exposure + output defences) -> attack -> metrics -> store.
"""

import logging
import platform
import traceback
from collections.abc import Generator
from importlib.metadata import version
from typing import Any

import torch

from inversion_core.datasets.base import PhotoDataset
from inversion_core.errors import Cancelled, InversionError
from inversion_core.keys import content_key
from inversion_core.metrics.base import METRIC_VERSION
from inversion_core.metrics.evaluator import evaluator_key
from inversion_core.scenario import DATA_VERSION, Scenario
from inversion_core.settings import settings
from inversion_core.store.runs import RunRecord, RunStore
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.targets.generator import GenerativeTarget, obtain_generator
from inversion_core.trials import (
    extraction,
    federated,
    generation,
    image,
    membership,
    property,
    reconstruction,
    table,
)
from inversion_core.trials.driver import Driver
from inversion_core.values import Family, Progress, State
from inversion_core.version import PRODUCT, SOURCES, release, sources

TRIALS = {
    Family.INVERSION: image.play,
    Family.ATTRIBUTES: table.play,
    Family.EXTRACTION: extraction.play,
    Family.GRADIENTS: federated.play,
    Family.MEMBERSHIP: membership.play,
    Family.GENERATION: generation.play,
    Family.RECONSTRUCTION: reconstruction.play,
    Family.PROPERTY: property.play,
}
"""Family of an attack -> what plays a scenario with it."""
VERSIONS = ("torch", "numpy", "torchvision", "opacus", "scikit-learn")

log = logging.getLogger(__name__)


def execute(run_id: str, store: RunStore) -> RunRecord:
    """Carry a stored run to a final state and return its record; what goes wrong is told in the record."""
    torch.set_num_threads(settings().threads)
    record = store.begin(run_id)
    if record.state.final:
        return record
    try:
        play = TRIALS[record.scenario.family()]
        result = play(record.scenario, Driver(run_id, store))
        result |= {"terms": terms(record.scenario), "versions": versions()}
        store.finish(run_id, State.DONE, result=result)
    except Cancelled:
        store.finish(run_id, State.CANCELLED)
    except InversionError as error:
        store.finish(run_id, State.FAILED, error=str(error), log=traceback.format_exc())
    except Exception as error:
        log.exception("run %s failed", run_id)
        told = f"the run stopped on an unexpected {type(error).__name__}: {error}; its log has the details"
        store.finish(run_id, State.FAILED, error=told, log=traceback.format_exc())
    return store.get(run_id)


def train(scenario: Scenario) -> Generator[Progress, None, Target]:
    """Train or load only the target of a scenario."""
    torch.set_num_threads(settings().threads)
    target = scenario.make_target()
    if isinstance(target, GenerativeTarget):
        return (yield from obtain_generator(scenario.make_dataset(), target, scenario.training_defences()))
    return (yield from obtain(scenario.make_dataset(), target, scenario.training_defences()))


def terms(scenario: Scenario) -> dict[str, Any]:
    """Return what beside the names in the scenario two runs must share to be compared: `data_version`,
    `metric_version`, and digests of the dataset, the victims and the judge (None: no network judges).
    """
    dataset = scenario.make_dataset()
    victims = range(dataset.victim_count()) if scenario.victims == "all" else scenario.victims
    content = [dataset.name, dataset.params.model_dump(mode="json"), dataset.fingerprint()]
    return {
        "data_version": DATA_VERSION,
        "metric_version": METRIC_VERSION,
        "dataset": content_key(content)[:16],
        "victims": content_key(sorted(victims))[:16],
        "evaluator": evaluator_key(dataset)[:16] if isinstance(dataset, PhotoDataset) else None,
    }


def versions() -> dict[str, str]:
    """Return what the numbers depend on beside the scenario."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in VERSIONS},
        PRODUCT: release(),
        SOURCES: sources(),
    }

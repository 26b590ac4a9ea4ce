"""The one path from Scenario to Run: pages, the command line and cluster workers all come through here.

dataset -> target (+ training defences) -> oracle (exposure + output defences) -> attack -> metrics -> store.
"""

import logging
import math
import platform
import time
import traceback
from collections.abc import Generator
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, TypeVar

import torch
from torch import Tensor

from inversion_core import pictures
from inversion_core.attacks.base import Attack
from inversion_core.datasets.base import Dataset
from inversion_core.errors import Cancelled, InversionError
from inversion_core.metrics.base import Metric
from inversion_core.metrics.victims import describe_victims
from inversion_core.oracles import Oracle, open_oracle
from inversion_core.priors.base import ImagePrior
from inversion_core.priors.catalogue import load_prior
from inversion_core.registry import components
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.settings import settings
from inversion_core.store.runs import RunRecord, RunStore
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.truth import build_truth
from inversion_core.values import Knowledge, Progress, Reconstruction, State

FRAMES = 40
"""Key frames kept of a run, log-spaced over its steps."""
SHOWN = 24
"""Victims on a frame; the finished sheet shows them all."""
VERSIONS = ("torch", "numpy", "torchvision", "opacus", "scikit-learn")

log = logging.getLogger(__name__)
T = TypeVar("T")


def execute(run_id: str, store: RunStore) -> RunRecord:
    """Carry a stored run to a final state and return its record; what goes wrong is told in the record."""
    torch.set_num_threads(settings().threads)
    record = store.begin(run_id)
    if record.state.final:
        return record
    try:
        result = _play(record.scenario, _Driver(run_id, store))
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
    return (yield from obtain(scenario.make_dataset(), scenario.make_target(), scenario.training_defences()))


def _play(scenario: Scenario, driver: "_Driver") -> dict[str, Any]:
    """Return the result of a scenario; pictures go to the store as they come."""
    dataset = scenario.make_dataset()
    victims = range(len(dataset.classes)) if scenario.victims == "all" else scenario.victims
    classes = torch.tensor(list(victims))
    target = driver.drive("target", obtain(dataset, scenario.make_target(), scenario.training_defences()))
    # For the people who watch; nothing of it reaches the attack.
    driver.keep_sheet("original-sheet", dataset.portraits().inputs[classes])
    oracle = _open(scenario, target)
    attack = scenario.make_attack()
    prior = _prior(attack, dataset, target)
    steps = attack.run(oracle, Knowledge(classes, prior), torch_rng(scenario.seed, "attack", attack.name))
    reconstruction = driver.drive("attack", steps, frames=True)
    driver.keep_sheet("reconstruction-sheet", pictures.to_bytes(reconstruction.samples))
    judged = driver.drive("metrics", _judge(reconstruction, dataset, target, scenario.seed))
    return {
        "seconds": driver.seconds,
        "queries": oracle.spent,
        "target": target.card.model_dump(mode="json"),
        "ledger": _ledger(scenario, target, oracle.spent, prior),
        "versions": versions(),
        **judged,
    }


def _open(scenario: Scenario, target: Target) -> Oracle:
    return open_oracle(
        target,
        scenario.exposure.access,
        budget=scenario.exposure.query_budget,
        defences=scenario.output_defences(),
        rng=torch_rng(scenario.seed, "exposure"),
    )


def _prior(attack: Attack, dataset: Dataset, target: Target) -> ImagePrior | None:
    wanted = getattr(attack.params, "prior", None)
    return load_prior(wanted, dataset.name, target.input_shape) if wanted else None


def _judge(
    reconstruction: Reconstruction, dataset: Dataset, target: Target, seed: int
) -> Generator[Progress, None, dict[str, Any]]:
    """Return the part of the result that needs the truth; yields between metrics, to be cancelled there."""
    truth = yield from build_truth(dataset, target)
    kinds = components("metrics")
    scores = []
    for number, (name, kind) in enumerate(kinds.items(), start=1):
        yield Progress(number, len(kinds) + 1, math.nan, note="scoring the likeness")
        metric = kind()
        assert isinstance(metric, Metric)
        if metric.problem(truth) is None:
            scores.append(asdict(metric.score(reconstruction, truth, torch_rng(seed, "metric", name))))
    yield Progress(len(kinds) + 1, len(kinds) + 1, math.nan, note="describing the victims")
    names = [dataset.classes[victim] for victim in reconstruction.classes.tolist()]
    return {
        "scores": scores,
        "evaluator_accuracy": truth.evaluator_accuracy,
        "victims": describe_victims(reconstruction, truth, names),
    }


def versions() -> dict[str, str]:
    """Return what the numbers depend on beside the scenario."""
    return {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}}


def _ledger(scenario: Scenario, target: Target, spent: int, prior: ImagePrior | None) -> list[dict[str, str]]:
    """Return what the adversary used, in words a reader without ML follows."""
    access = {
        "white-box": "the model's weights (a frozen copy)",
        "scores": "the scores the API releases",
        "labels": "the winning label the API releases",
    }[scenario.exposure.access.value]
    rows = [
        {"used": access, "amount": f"{spent:,} rows through the model"},
        {"used": "the index of each victim's class", "amount": f"of {target.class_count} classes"},
    ]
    if prior is not None:
        rows.append({"used": "a picture prior", "amount": f"learnt from {prior.card.origin}"})
    rows.append({"used": "private photos, names or attributes", "amount": "none"})
    return rows


class _Driver:
    """Iterates the generators of a run: notices cancellation, records progress and key frames, keeps time."""

    def __init__(self, run_id: str, store: RunStore) -> None:
        self.run_id = run_id
        self.store = store
        self.seconds: dict[str, float] = {}
        self._told = 0.0

    def drive(self, phase: str, steps: Generator[Progress, None, T], *, frames: bool = False) -> T:
        """Exhaust `steps` and return what it returns; raises Cancelled at the first step after a request."""
        began = time.monotonic()
        self.store.advance(self.run_id, phase=phase, state=State.RUNNING)
        kept: set[int] = set()
        try:
            while True:
                progress = next(steps)
                if frames and progress.best is not None and _is_key_frame(progress, kept):
                    kept.add(progress.step)
                    self._keep_frame(progress)
                self._tell(progress)
        except StopIteration as stop:
            value: T = stop.value
            return value
        finally:
            steps.close()
            self.seconds[phase] = round(time.monotonic() - began, 3)

    def keep_sheet(self, name: str, images: Tensor) -> None:
        """Store all pictures (N, C, H, W) uint8 as one sheet."""
        self.store.add_artifact(self.run_id, f"{name}.png", pictures.png(pictures.sheet(images)))

    def _keep_frame(self, progress: Progress) -> None:
        assert progress.best is not None
        shown = pictures.to_bytes(progress.best[:SHOWN])
        self.store.add_frame(self.run_id, progress.step, progress.loss, pictures.png(pictures.sheet(shown)))

    def _tell(self, progress: Progress) -> None:
        """Write progress at most five times a second: the store is shared."""
        now = time.monotonic()
        if now - self._told < 0.2 and progress.step < progress.total:
            return
        self._told = now
        self.store.advance(
            self.run_id, step=progress.step, total=progress.total, loss=progress.loss, note=progress.note
        )
        if self.store.cancel_requested(self.run_id):
            raise Cancelled("a person asked for this run to stop")


def _is_key_frame(progress: Progress, kept: set[int]) -> bool:
    """Say whether a step is one of at most FRAMES log-spaced ones; the first and the last always are."""
    if progress.step in (1, progress.total):
        return progress.step not in kept
    if len(kept) >= FRAMES - 1:
        return False
    slot = math.floor(math.log(progress.step) / math.log(max(progress.total, 2)) * (FRAMES - 2))
    taken = {math.floor(math.log(step) / math.log(max(progress.total, 2)) * (FRAMES - 2)) for step in kept}
    return slot not in taken

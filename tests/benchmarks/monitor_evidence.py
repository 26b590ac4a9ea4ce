"""Record what the Monitor page replays: one stream of each pattern, and the counts of the benchmark.

    .venv/bin/python -m tests.benchmarks.detector > counts.txt
    .venv/bin/python -m tests.benchmarks.monitor_evidence counts.txt

Here no key is blocked, so that the page can show what an attack would have gone on to find.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inversion_core.attacks.base import Attack
from inversion_core.oracles import open_oracle
from inversion_core.seeds import torch_rng
from inversion_core.serving.detector import Alarm, Detector, Rows, Signals, Window
from inversion_core.serving.honest import FRAMES, album, gate, pool, streams
from inversion_core.serving.monitored import when
from inversion_core.serving.signature import signatures
from inversion_core.settings import ASSETS, settings
from inversion_core.targets.base import Target
from inversion_core.values import Access, Knowledge
from tests.benchmarks.detector import SEED, STRANGERS, Trial, made

OUT = ASSETS / "evidence" / "monitor.json"
VICTIMS, QUERIES = 10, 100
SHOWN = ("nearest", "spread", "labels")
"""Signals that are kept."""
MOST = 80
"""Points kept of a stream."""


class Trace:
    """The signals of one stream, and its first alarm."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.window = Window(detector)
        self.points: list[tuple[int, Signals]] = []
        self.alarm: Alarm | None = None

    def take(self, rows: Rows) -> None:
        """Measure every window that these rows complete."""
        for end, window in self.window.take(rows):
            self.points.append((end, self.detector.measure(window)))
            self.alarm = self.alarm or self.detector.judge(window, end)

    def kept(self) -> dict[str, Any]:
        """Return the trace for the page."""
        points = self.points[:: -(-len(self.points) // MOST)]
        signals = {name: [round(getattr(one, name), 3) for _, one in points] for name in SHOWN}
        alarm = None if self.alarm is None else {"rows": self.alarm.rows, "told": self.alarm.told}
        return {"rows": [end for end, _ in points], "signals": signals, "alarm": alarm}


class Traced:
    """A target that is watched and never blocked."""

    def __init__(self, target: Target, trace: Trace) -> None:
        self.network, self.input_shape, self.class_count = (
            target.network,
            target.input_shape,
            target.class_count,
        )
        self.asked = 0
        self._target, self._trace = target, trace

    def predict(self, inputs: Tensor) -> Tensor:
        """Answer as the target does."""
        scores = self._target.predict(inputs)
        labels = scores.argmax(1).numpy().astype(np.int32)
        self._trace.take(Rows(when(self.asked, len(inputs)), signatures(inputs), labels))
        self.asked += len(inputs)
        return scores


def attacked(trial: Trial, attack: Attack, access: Access) -> dict[str, Any]:
    """Return the trace of an attack, with whom the evaluator recognises as the rows go by."""
    classes = torch.randperm(trial.target.class_count, generator=torch_rng(SEED, "victims", "0"))[:VICTIMS]
    trace = Trace(trial.detector)
    traced = Traced(trial.target, trace)
    steps = attack.run(
        open_oracle(traced, access), Knowledge(classes, trial.prior), torch_rng(SEED, "evidence")
    )
    recovered: list[tuple[int, int]] = []
    for progress in steps:
        if progress.best is not None:
            found = int((trial.judge.predict(progress.best).argmax(1) == classes).sum())
            recovered.append((traced.asked, found))
    return trace.kept() | {"name": attack.name, "attack": True, "recovered": recovered, "victims": VICTIMS}


def main() -> None:
    """Write the file."""
    torch.set_num_threads(settings().threads)
    counts = json.loads(Path(sys.argv[1]).read_text().splitlines()[-1])
    trial = Trial()
    shown = []
    people = pool(trial.dataset.held_out(), trial.target.predict, SEED, frames=FRAMES)
    strangers = pool(trial.dataset.public(*STRANGERS, SEED), trial.target.predict, SEED)
    for pattern, photos in ((gate, people), (album, strangers)):
        trace = Trace(trial.detector)
        trace.take(streams(pattern, photos, 1, SEED)[0])
        shown.append(trace.kept() | {"name": pattern.__name__, "attack": False})
    shown.append(attacked(trial, made("nes-latent", queries=QUERIES), Access.SCORES))
    shown.append(attacked(trial, made("brep-mi", queries=QUERIES), Access.LABELS))
    OUT.write_text(json.dumps({"counts": counts, "streams": shown}) + "\n")


if __name__ == "__main__":
    main()

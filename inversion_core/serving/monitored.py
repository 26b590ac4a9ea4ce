"""A model behind a watched key, in this process: what the monitor of a service lets an attack learn.

Departures from `watch`, which reads a log: the block comes with the answer that completes the alarm and not
up to a second later, and time is that of an album's pace, so that the rate tells nothing of an attack; who
attacks may wait.
"""

from collections.abc import Generator

import numpy as np
import numpy.typing as npt
from torch import Tensor

from inversion_core.datasets.base import PhotoDataset
from inversion_core.errors import QueryBudgetExceeded
from inversion_core.oracles import Exposed
from inversion_core.serving.detector import Alarm, Detector, Rows, Window
from inversion_core.serving.honest import learn, paced
from inversion_core.serving.signature import signatures
from inversion_core.values import Progress


class Monitored:
    """A target behind one watched key that is blocked at the first alarm; `alarm` is that, None before."""

    def __init__(self, target: Exposed, detector: Detector) -> None:
        self.network = target.network
        self.input_shape = target.input_shape
        self.class_count = target.class_count
        self.alarm: Alarm | None = None
        self.asked = 0
        self._predict = target.predict
        self._window = Window(detector)

    def predict(self, inputs: Tensor) -> Tensor:
        """Answer (N, C, H, W) as the target does; raises QueryBudgetExceeded after the alarm."""
        if self.alarm is not None:
            raise QueryBudgetExceeded(f"the key was blocked: {self.alarm.reason}")
        scores = self._predict(inputs)
        labels = scores.argmax(1).numpy().astype(np.int32)
        self.alarm = self._window.alarm(Rows(when(self.asked, len(inputs)), signatures(inputs), labels))
        self.asked += len(inputs)
        return scores

    def told(self) -> str:
        """Return in words what the monitor saw."""
        if self.alarm is None:
            return f"no alarm in {self.asked:,} rows"
        return f"blocked the key: {self.alarm.reason}"


def taught(dataset: PhotoDataset, target: Exposed) -> Generator[Progress, None, Detector]:
    """Return the detector of a target, which has seen honest traffic of public people."""
    yield Progress(0, 1, 0.0, note="learning what honest use looks like")
    return learn(dataset, target.predict)


def when(asked: int, rows: int) -> npt.NDArray[np.float64]:
    """Return when the rows that follow `asked` others are asked, in seconds: at the pace of an album."""
    return paced(asked + rows)[asked:]

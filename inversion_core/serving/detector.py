"""Tell an attack from honest use by what one key asked: six signals over a sliding window of its rows.

Near-duplicates: the mean distance of a row to its k nearest in the window, as in Chen, Carlini and Wagner,
"Stateful detection of black-box adversarial attacks" (2019). Even distances: Juuti et al., "PRADA" (EuroS&P
2019). Departures: distances are between the 8 x 8 grey signatures of the query log, not between pictures or
learnt embeddings, and of the last rows only, since a log forgets; PRADA tests all distances of a class for
normality, here rows asked one after another are tried for lying on a sphere. Left out: several keys of one
attacker, who shares the rows out among them, and tables, whose signatures are the records themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inversion_core.errors import DataUnusable
from inversion_core.store.query_log import PICTURE_SIGNATURE

WINDOW = 128
"""Rows that are looked at together; nothing is said of a key that has asked fewer."""
STEP = 16
"""Rows after which the window is looked at again."""
NEIGHBOURS = 8
"""More than the frames a camera takes of one visit, fewer than the rows a search asks around one face."""
BLOCK = 16
"""Rows asked one after another that may lie around one centre."""
SHORTEST = 1.0
"""Seconds a window counts as having taken at least: one request may bring all of it."""


@dataclass(frozen=True, eq=False)
class Rows:
    """What one key asked, oldest first: `times` (n,) seconds, `signatures` (n, 64) uint8, `labels` (n,)."""

    times: npt.NDArray[np.float64]
    signatures: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int32]

    def __post_init__(self) -> None:
        """Raise DataUnusable where they are not rows of pictures."""
        count = len(self.labels)
        if self.signatures.shape != (count, PICTURE_SIGNATURE) or self.times.shape != (count,):
            raise DataUnusable(
                f"a row has a time, a label and a signature of {PICTURE_SIGNATURE} bytes, {count} labels "
                f"came with signatures {self.signatures.shape} and times {self.times.shape}; "
                "give the log of a service of pictures"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, start: int, stop: int) -> "Rows":
        """Return some of the rows."""
        return Rows(self.times[start:stop], self.signatures[start:stop], self.labels[start:stop])


def joined(parts: Sequence[Rows]) -> Rows:
    """Return rows one after the other."""
    return Rows(
        np.concatenate([np.zeros(0), *(part.times for part in parts)]),
        np.concatenate([np.zeros((0, PICTURE_SIGNATURE), np.uint8), *(part.signatures for part in parts)]),
        np.concatenate([np.zeros(0, np.int32), *(part.labels for part in parts)]),
    )


@dataclass(frozen=True)
class Signals:
    """What a window shows; distances are root mean squares in grey levels, 0 to 255.

    `nearest`: the median over its rows of the mean distance to their 8 nearest, small for near-duplicates;
    `spread`: the median over blocks of 16 successive rows of their mean distance to their own centre;
    `evenness`: the median over the same blocks of how far these distances differ from each other, as their
    standard deviation over their mean, 0 on a sphere; `labels`: how many labels there are in effect, the
    exponential of their entropy, 1 where all rows get one; `strangeness`: the median distance to the nearest
    photo of the reference, large where honest pictures are rare; `rate`: rows a minute.
    """

    nearest: float
    spread: float
    evenness: float
    labels: float
    strangeness: float
    rate: float


NAMES = tuple(one.name for one in fields(Signals))
HIGH = ("strangeness", "rate")
"""Signals that alarm when they are large; the others alarm when they are small."""
TOLD = {
    "nearest": "its queries are near-duplicates of each other",
    "spread": "successive queries crowd around one picture",
    "evenness": "successive queries lie on a sphere",
    "labels": "its answers concentrate on few labels",
    "strangeness": "its pictures are unlike honest ones",
    "rate": "it asks faster than honest callers",
}
"""Signal -> what its alarm says of a key."""


@dataclass(frozen=True)
class Alarm:
    """A window no honest stream has shown: rows asked until then, and the signals beyond their limits.

    `reason` is for the operator, with numbers; `told` for the key's owner, who need not learn the limits.
    """

    rows: int
    signals: Signals
    raised: tuple[str, ...]
    reason: str

    @property
    def told(self) -> str:
        """Return what the owner of the key is told."""
        return "its use looks like an attack, " + ", ".join(TOLD[name] for name in self.raised)


@dataclass(frozen=True, eq=False)
class Detector:
    """`limits`: the most extreme value of each signal that honest streams have shown; `reference` (R, 64)
    uint8: signatures of photos of public people. A signal without a limit raises no alarm.
    """

    reference: npt.NDArray[np.uint8]
    limits: Mapping[str, float] = field(default_factory=dict)

    def measure(self, rows: Rows) -> Signals:
        """Return the signals of one window; raises DataUnusable for fewer than WINDOW rows."""
        if len(rows) < WINDOW:
            raise DataUnusable(
                f"signals are of at least {WINDOW} rows, {len(rows)} were given; wait for more of them"
            )
        asked = _levels(rows.signatures)
        spread, evenness = _around_centres(asked)
        return Signals(
            nearest=_nearest(asked),
            spread=spread,
            evenness=evenness,
            labels=_in_effect(rows.labels),
            strangeness=_distances(asked, _levels(self.reference)).amin(1).median().item(),
            rate=60 * len(rows) / max(float(rows.times[-1] - rows.times[0]), SHORTEST),
        )

    def judge(self, rows: Rows, asked: int) -> Alarm | None:
        """Return the alarm of a window, the last of `asked` rows of its key, or None."""
        signals = self.measure(rows)
        raised = tuple(name for name in self.limits if _beyond(name, getattr(signals, name), self.limits))
        if not raised:
            return None
        told = ", ".join(
            f"{TOLD[name]} ({getattr(signals, name):.3g}, honest ones {self.limits[name]:.3g})"
            for name in raised
        )
        return Alarm(asked, signals, raised, f"in its last {len(rows)} of {asked:,} rows {told}")


class Window:
    """The last rows of one key; `take` says what they come to whenever STEP further rows are there."""

    def __init__(self, detector: Detector) -> None:
        self.asked = 0
        self._detector = detector
        self._rows = joined(())

    def take(self, rows: Rows) -> list[tuple[int, Rows]]:
        """Return each window that is complete now, with how many rows had been asked by its end."""
        held, before = joined((self._rows, rows)), self.asked - len(self._rows)
        self.asked += len(rows)
        first = max(WINDOW, before + len(self._rows) + 1)
        ends = [end for end in range(first, self.asked + 1) if (end - WINDOW) % STEP == 0]
        self._rows = held.part(max(0, len(held) - WINDOW), len(held))
        return [(end, held.part(end - WINDOW - before, end - before)) for end in ends]

    def alarm(self, rows: Rows) -> Alarm | None:
        """Return the first alarm that these rows complete, or None."""
        found = (self._detector.judge(window, end) for end, window in self.take(rows))
        return next((alarm for alarm in found if alarm is not None), None)


def calibrated(
    reference: npt.NDArray[np.uint8], streams: Sequence[Rows], signals: Sequence[str] = NAMES
) -> Detector:
    """Return the detector whose limits are what these honest streams reached at the most.

    Of n + 1 exchangeable streams each is equally likely to be the most extreme: a further one of the same
    kind goes beyond the limit of a signal with a probability of at most 1 / (n + 1), and raises any alarm at
    all with at most that times the number of signals. Raises DataUnusable for a stream shorter than WINDOW,
    of which nothing can be learnt, or for none.
    """
    plain = Detector(reference)
    measured = [plain.measure(window) for stream in streams for _, window in _windows(plain, stream)]
    if not measured:
        raise DataUnusable(f"limits are learnt from honest streams of at least {WINDOW} rows, none was given")
    limits = {
        name: (max if name in HIGH else min)(getattr(one, name) for one in measured) for name in signals
    }
    return Detector(reference, limits)


def _windows(detector: Detector, stream: Rows) -> list[tuple[int, Rows]]:
    if len(stream) < WINDOW:
        raise DataUnusable(
            f"an honest stream has at least {WINDOW} rows, one has {len(stream)}; leave it out"
        )
    return Window(detector).take(stream)


def _beyond(name: str, value: float, limits: Mapping[str, float]) -> bool:
    return value > limits[name] if name in HIGH else value < limits[name]


def _levels(signatures: npt.NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(signatures.astype(np.float32))


def _distances(some: Tensor, others: Tensor) -> Tensor:
    """(N, S), (M, S) -> (N, M): root mean squares of the differences."""
    exact = "donot_use_mm_for_euclid_dist"  # the fast way loses what tells near-duplicates from equal ones
    apart: Tensor = torch.cdist(some, others, compute_mode=exact) / some.shape[1] ** 0.5
    return apart


def _nearest(asked: Tensor) -> float:
    """(W, S) -> the median over rows of the mean distance to their nearest others."""
    apart = _distances(asked, asked).fill_diagonal_(torch.inf)
    return apart.topk(NEIGHBOURS, largest=False).values.mean(1).median().item()


def _around_centres(asked: Tensor) -> tuple[float, float]:
    """(W, S) -> the medians over blocks of successive rows: mean distance to their centre, and its relative
    deviation.
    """
    blocks = asked[: len(asked) // BLOCK * BLOCK].unflatten(0, (-1, BLOCK))  # (B, BLOCK, S)
    apart = (blocks - blocks.mean(1, keepdim=True)).pow(2).mean(2).sqrt()  # (B, BLOCK)
    mean = apart.mean(1)
    return mean.median().item(), (apart.std(1) / mean.clamp_min(1e-6)).median().item()


def _in_effect(labels: npt.NDArray[np.int32]) -> float:
    """Return the exponential of the entropy of labels (n,)."""
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return float(np.exp(-(shares * np.log(shares)).sum()))

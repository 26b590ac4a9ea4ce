"""A target behind keys: what happens to one request, without a word of HTTP beyond its headers and body."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from anyio import to_thread
from torch import Tensor

from inversion_core.defences.base import OutputDefence
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.serving.bodies import Wanted, read_body
from inversion_core.serving.callers import Caller, Callers
from inversion_core.serving.detector import Detector
from inversion_core.serving.forward import Forwarder
from inversion_core.serving.limiter import RateLimiter
from inversion_core.serving.refusals import Refusal
from inversion_core.serving.signature import signatures
from inversion_core.serving.tiers import TIERS, Release, Released
from inversion_core.serving.watch import Blocker, Watch
from inversion_core.serving.writer import LogWriter
from inversion_core.store.api_keys import KeyStore
from inversion_core.store.database import Database
from inversion_core.store.query_log import EMPTY, NO_LABELS, Query, QueryLog
from inversion_core.targets.base import Target
from inversion_core.values import Access, Modality

IN_PLACE = 65_536
"""Bytes of a body that is read in the event loop; a larger one goes to a thread."""
LOG_PATIENCE = 5.0
"""Seconds a request waits for room in the query log before it is refused."""


@dataclass(frozen=True)
class Limits:
    """What the operator sets; None leaves it to the target or the scenario."""

    body_bytes: int = 16 * 2**20
    rows: int | None = None
    anonymous: bool = True
    block_on_alarm: bool = False


@dataclass
class Visit:
    """One request on its way to the query log."""

    endpoint: str
    arrived: float = field(default_factory=time.time)
    began: float = field(default_factory=time.perf_counter)
    key_id: str = ""
    rows: int = 0
    inputs: Tensor | None = None
    released: Released | None = None


class Service:
    """Answers requests about one target; `start` and `close` belong around its use."""

    def __init__(
        self,
        scenario: Scenario,
        target: Target,
        database: Database,
        limits: Limits,
        detector: Detector | None = None,
        defences: Sequence[OutputDefence] | None = None,
    ) -> None:
        """`defences`: those of the scenario's exposure; given where one has learnt, else made here."""
        self.scenario = scenario
        self.target = target
        self.limits = limits
        self.keys = KeyStore(database)
        self.wanted = Wanted(target.input_shape, target.columns, limits.rows or target.chunk)
        self.name = target.card.key[:16]
        labels_only = scenario.exposure.access is Access.LABELS
        rng = torch_rng(scenario.seed, "exposure")
        defences = scenario.output_defences() if defences is None else defences
        self.release = Release(defences, labels_only=labels_only, rng=rng)
        self._callers = Callers(self.keys, anonymous=limits.anonymous)
        self._limiter = RateLimiter()
        self._log = QueryLog(database)
        self._detector = detector
        self._blocker: Blocker | None = None
        self._started = False

    def start(self) -> None:
        """Start the threads that ask the model, write the log and, with a detector, block keys on alarm."""
        budget = self.scenario.exposure.query_budget
        self._forwarder = Forwarder(
            self.target.predict, self.release, self.keys, rows=self.wanted.rows, budget=budget
        )
        self._writer = LogWriter(self._log)
        if self._detector is not None:
            self._blocker = Blocker(Watch(self._detector, self._log, self.name), self.keys)
        self._started = True

    def close(self) -> None:
        """Answer what waits, write every log entry, stop."""
        if self._started:
            if self._blocker is not None:
                self._blocker.close()
            self._forwarder.close()
            self._writer.close()
            self._started = False

    def identify(self, authorization: str | None, address: str) -> Caller:
        """Return who asks; raises Refusal."""
        return self._callers.identify(authorization, address)

    async def answer(self, visit: Visit, caller: Caller, body: bytes, media_type: str) -> Released:
        """Return what the caller may see of the model's answer; raises Refusal."""
        if len(body) <= IN_PLACE:
            inputs = read_body(body, media_type, self.wanted)
        else:
            inputs = await to_thread.run_sync(read_body, body, media_type, self.wanted)
        visit.rows = len(inputs)
        self._limiter.take(caller.counted_as, len(inputs), caller.rate)
        released = await asyncio.wrap_future(self._forwarder.ask(caller.key, inputs))
        visit.inputs, visit.released = inputs, released
        return released

    async def note(self, visit: Visit, status: int, code: str = "") -> None:
        """Give a finished request to the log; raises Refusal when the log takes nothing more."""
        answered = visit.released is not None and visit.inputs is not None
        query = Query(
            time=visit.arrived,
            service=self.name,
            key_id=visit.key_id,
            endpoint=visit.endpoint,
            rows=visit.rows,
            status=status,
            code=code,
            seconds=time.perf_counter() - visit.began,
            labels=visit.released.labels.int().numpy() if answered and visit.released else NO_LABELS,
            signatures=signatures(visit.inputs) if answered and visit.inputs is not None else EMPTY,
        )
        if self._writer.take(query):
            return
        if not await to_thread.run_sync(self._writer.take, query, LOG_PATIENCE):
            raise Refusal("overloaded", "the query log cannot be written; try again in 5 s", retry_after=5)

    def card(self, caller: Caller) -> dict[str, object]:
        """Return what a caller may know: the model's inputs, the limits, and their own key."""
        card, key = self.target.card, self.keys.get(caller.key.id)
        budget = self.scenario.exposure.query_budget if key.budget is None else key.budget
        return {
            "target": card.target,
            "modality": type(self.target).modality.value,
            "input_shape": list(card.input_shape),
            "class_count": card.class_count,
            "columns": [
                {"name": column.name, "levels": None if column.levels is None else list(column.levels)}
                for column in self.target.columns
            ],
            "test_accuracy": card.test_accuracy,
            "released": {tier.value: self.release.told(tier) for tier in TIERS},
            "rows_per_request": self.wanted.rows,
            "body_bytes": self.limits.body_bytes,
            "you": {
                "tier": key.tier.value,
                "rows_per_minute": caller.rate,
                "budget": budget,
                "spent": key.spent,
            },
        }


def warm(target: Target) -> None:
    """Ask the model once, so that the first caller does not wait for what is set up then."""
    if type(target).modality is Modality.IMAGE:
        target.predict(torch.zeros(1, *target.input_shape))

"""One thread asks the model: what waits together is charged in one transaction and goes through it together.

A lone request waits for nobody. Only small requests are put together, so that a request of many rows gets the
very floats that the model gives in process: sums of floats depend on how many rows are computed at once.
"""

import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import torch
from torch import Tensor

from inversion_core.defences.base import Predict
from inversion_core.serving.refusals import Refusal
from inversion_core.serving.tiers import Release, Released
from inversion_core.store.api_keys import ApiKey, Charge, KeyStore

SMALL = 8
"""Rows up to which a request is put together with others."""
TOGETHER = 32
"""Rows that go through the model together at most."""
WAITING_BODIES = 8
"""Full requests whose rows may wait; beyond them requests are refused."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Asked:
    """A request that waits; `budget` is the wall of keys without one of their own."""

    key: ApiKey
    inputs: Tensor
    answer: Future[Released] = field(default_factory=Future)


class Forwarder:
    """Takes requests from any thread, answers through futures."""

    def __init__(
        self,
        predict: Predict,
        release: Release,
        keys: KeyStore,
        *,
        rows: int,
        budget: int | None = None,
    ) -> None:
        """`rows`: the most a request may hold; `budget`: rows of a key without a budget of its own."""
        self._predict = predict
        self._release = release
        self._keys = keys
        self._budget = budget
        self._room = rows * WAITING_BODIES
        self._rows = 0
        self._lock = threading.Lock()
        self._waiting: queue.Queue[Asked | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="forward", daemon=False)
        self._thread.start()

    def ask(self, key: ApiKey, inputs: Tensor) -> Future[Released]:
        """Return what will hold the answer, or a Refusal; raises Refusal when too much waits already."""
        with self._lock:
            if self._rows + len(inputs) > self._room:
                raise Refusal(
                    "overloaded", "too many requests wait for the model; try again in 1 s", retry_after=1
                )
            self._rows += len(inputs)
        asked = Asked(key, inputs)
        self._waiting.put(asked)
        return asked.answer

    def close(self) -> None:
        """Answer what waits and stop."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        open_still = True
        while open_still:
            asked, open_still = self._gather()
            try:
                for part in _parts(self._charged(asked)):
                    self._answer(part)
            except Exception as error:
                log.exception("requests failed")
                for one in asked:
                    if not one.answer.done():
                        one.answer.set_exception(error)
            with self._lock:
                self._rows -= sum(len(one.inputs) for one in asked)

    def _gather(self) -> tuple[list[Asked], bool]:
        """Return everything that waits now, at least one request, and whether more may follow."""
        first = self._waiting.get()
        if first is None:
            return [], False
        asked = [first]
        while sum(len(one.inputs) for one in asked) < TOGETHER:
            try:
                following = self._waiting.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return asked, False
            asked.append(following)
        return asked, True

    def _charged(self, asked: Sequence[Asked]) -> list[Asked]:
        """Return the requests their keys can pay for; the others are refused."""
        if not asked:
            return []
        paid = self._keys.charge([Charge(one.key.id, len(one.inputs), self._budget) for one in asked])
        for one, within in zip(asked, paid, strict=True):
            if not within:
                one.answer.set_exception(self._why_not(one))
        return [one for one, within in zip(asked, paid, strict=True) if within]

    def _why_not(self, asked: Asked) -> Refusal:
        key = self._keys.get(asked.key.id)
        if found := standing(key):
            return found
        budget = self._budget if key.budget is None else key.budget
        return Refusal(
            "budget-spent",
            f"query budget is {budget:,}, {key.spent:,} spent, {len(asked.inputs):,} more asked for; "
            "ask the operator for more",
        )

    def _answer(self, part: Sequence[Asked]) -> None:
        scores = self._predict(torch.cat([one.inputs for one in part]))
        start = 0
        for one in part:
            stop = start + len(one.inputs)
            mine = scores[start:stop]
            if mine.isfinite().all():
                model = self._knowing(one.inputs, mine)
                one.answer.set_result(self._release(model, one.inputs, one.key.tier))
            else:
                told = "the model has no finite score for these inputs; send usual values"
                one.answer.set_exception(Refusal("input-invalid", told))
            start = stop

    def _knowing(self, inputs: Tensor, scores: Tensor) -> Predict:
        """Return the model, with its answer to `inputs`, computed beside others', at hand; a defence may ask
        about other inputs too.
        """
        return lambda asked: scores if asked is inputs else self._predict(asked)


def standing(key: ApiKey) -> Refusal | None:
    """Return why a key is not answered at all, or None."""
    if key.revoked is not None:
        return Refusal("token-unknown", "the key was revoked; ask the operator for another")
    if key.blocked is not None:
        return Refusal("key-blocked", f"the key was blocked: {key.reason or 'no reason was given'}")
    return None


def _parts(asked: Sequence[Asked]) -> Iterator[list[Asked]]:
    """Yield the requests in order: large ones alone, neighbouring small ones together."""
    together: list[Asked] = []
    for one in asked:
        if len(one.inputs) > SMALL:
            if together:
                yield together
                together = []
            yield [one]
        else:
            together.append(one)
    if together:
        yield together

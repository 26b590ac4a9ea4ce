"""Runs made up for the pages: pictures of noise, numbers to be told apart, all through the real store."""

from typing import Any

import torch

from inversion_core import pictures
from inversion_core.scenario import Scenario
from inversion_core.store.runs import open_store
from inversion_core.values import State

PEOPLE = 12
OWNER = "somebody"


def scenario(seed: int = 0, **changes: Any) -> Scenario:
    """Return a small valid scenario; another seed makes another run."""
    basis: dict[str, Any] = {
        "dataset": {"name": "people", "options": {"people": PEOPLE}},
        "target": {"name": "softmax"},
        "attack": {"name": "mi-face"},
        "seed": seed,
    }
    return Scenario.model_validate(basis | changes)


def sheet(seed: int, count: int = PEOPLE) -> bytes:
    """Return a sheet of `count` pictures of noise."""
    rng = torch.Generator().manual_seed(seed)
    noise = torch.randint(0, 256, (count, 3, 16, 16), generator=rng, dtype=torch.uint8)
    return pictures.png(pictures.sheet(noise))


def score(name: str, value: float, **changes: Any) -> dict[str, Any]:
    """Return a stored score around `value`."""
    basis = {"low": value - 0.1, "high": value + 0.1, "n": PEOPLE, "baseline": 0.05, "control": 0.9}
    return {"name": name, "value": value, "better": "higher", "rulers": {}} | basis | changes


def result(recognised: int = 9) -> dict[str, Any]:
    """Return what a run found where the judge recognises the first `recognised` people."""
    share = recognised / PEOPLE
    names = [f"Person {number}" for number in range(PEOPLE)]
    return {
        "seconds": {"target": 0.1, "attack": 2.0, "metrics": 0.5},
        "queries": 1234,
        "scores": [
            score("evaluator-top1", share),
            score("target-top1", 1.0, high=1.0),
            score("adversarial-gap", -0.02, low=-0.1, high=0.1, baseline=0.0, better="lower"),
            score("psnr", 17.0, low=16.0, high=18.0, baseline=12.0, control=None, rulers={"mean face": 13.0}),
        ],
        "target": {"dataset": "people", "target": "softmax", "test_accuracy": 0.9, "photos_per_class": 20.0},
        "evaluator_accuracy": 0.99,
        "victims": [
            {
                "class": place,
                "name": name,
                "family": "family A" if place % 5 == 0 else None,
                "evaluator_rank": 1 if place < recognised else 3,
                "evaluator_probability": 0.9 - place / 100,
                "target_probability": 0.99,
                "confidence": 0.98,
                "ssim": 0.5 - place / 100,
                "attributes": {"hair": {"guess": "red", "truth": "grey", "right": False}},
            }
            for place, name in enumerate(names)
        ],
        "ledger": [{"used": "the model's weights (a frozen copy)", "amount": "1,234 rows through the model"}],
        "versions": {"python": "3.11"},
    }


def asked(*shares: float, n: int = PEOPLE) -> list[dict[str, Any]]:
    """Return success by queries at 100, 300, 1,000, ... rows a victim."""
    return [
        {
            "queries": queries,
            "value": share,
            "low": max(share - 0.2, 0.0),
            "high": min(share + 0.2, 1.0),
            "n": n,
            "baseline": 1 / n,
        }
        for queries, share in zip((100, 300, 1000, 3000, 10000), shares, strict=False)
    ]


def queued(seed: int = 0, owner: str = OWNER, **changes: Any) -> str:
    """Return a run that waits."""
    run_id, _ = open_store().create(scenario(seed, **changes), owner)
    return run_id


def running(seed: int = 0, owner: str = OWNER, *, truth: bool = True, **changes: Any) -> str:
    """Return a run in the middle of its attack, with two key frames."""
    store, run_id = open_store(), queued(seed, owner, **changes)
    store.begin(run_id)
    store.advance(run_id, phase="attack", state=State.RUNNING)
    if truth:
        store.add_artifact(run_id, "original-sheet.png", sheet(100))
    for step in (1, 5):
        store.add_frame(run_id, step, 1 / step, sheet(step))
        store.advance(run_id, step=step, total=10, loss=1 / step)
    return run_id


def done(
    seed: int = 0,
    owner: str = OWNER,
    *,
    recognised: int = 9,
    found: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """Return a run that is done; `found` is what its result has beside."""
    store, run_id = open_store(), running(seed, owner, **changes)
    store.add_artifact(run_id, "reconstruction-sheet.png", sheet(7))
    store.finish(run_id, State.DONE, result=result(recognised) | (found or {}))
    return run_id


def ended(state: State, seed: int = 0, owner: str = OWNER, *, error: str = "", log: str = "") -> str:
    """Return a run that ended early."""
    run_id = running(seed, owner)
    if state is State.CANCELLED:
        open_store().request_cancel(run_id, owner)
    open_store().finish(run_id, state, error=error, log=log)
    return run_id

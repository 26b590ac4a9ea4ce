"""What the monitor sees: three attacks and two honest patterns against `people`, `cnn`, many streams of each.

    .venv/bin/python -m tests.benchmarks.detector [--streams N] [--victims V] [--queries Q] [--harvest H]

Limits come from honest traffic of public people. The honest streams tried here are others: a gate that sees
held-out photos of the enrolled people, and albums of strangers nobody has met. An attack runs in this process
against a model whose key is blocked at the first alarm: it then ends with what it has found, and whom of its
victims the evaluator recognises was recovered before detection. Attacks are paced as an album is, so the rate
tells nothing of them: who attacks may wait. Streams of one pattern share a pool of photos or a target; the
intervals (Wilson, 95 %) speak of other streams, not of other data.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from inversion_core.attacks.base import Attack
from inversion_core.console import exhaust, tell
from inversion_core.datasets.people import People
from inversion_core.metrics.evaluator import obtain_evaluator
from inversion_core.metrics.intervals import wilson
from inversion_core.oracles import open_oracle
from inversion_core.priors.catalogue import load_prior
from inversion_core.registry import find
from inversion_core.seeds import derive, torch_rng
from inversion_core.serving.detector import Alarm, Window
from inversion_core.serving.honest import FRAMES, album, gate, learn, pool, streams
from inversion_core.serving.monitored import Monitored
from inversion_core.settings import settings
from inversion_core.targets.catalogue import obtain
from inversion_core.trials.inputs import released, set_aside
from inversion_core.values import Access, Claim, Knowledge

SEED = 81_000
"""Seed of everything that is tried; no photo or person of it was there when the limits were learnt."""
STRANGERS = (60, 15)
"""People and photos of each that the tried albums are drawn from."""


class Trial:
    """The data, the target and the judge of every stream."""

    def __init__(self) -> None:
        self.dataset = People()
        self.target = exhaust(obtain(self.dataset, find("targets", "cnn")()))  # type: ignore[arg-type]
        self.judge = exhaust(obtain_evaluator(self.dataset))[0]
        self.aside = set_aside(self.dataset)
        self.prior = load_prior("auto", "people", self.target.input_shape)
        self.detector = learn(self.dataset, self.target.predict)

    def honest(self, count: int) -> dict[str, list[Alarm | None]]:
        """Return what is raised by other streams of the two honest patterns."""
        people = pool(self.dataset.held_out(), self.target.predict, SEED, frames=FRAMES)
        strangers = pool(self.dataset.public(*STRANGERS, SEED), self.target.predict, SEED)
        return {
            "gate": [Window(self.detector).alarm(one) for one in streams(gate, people, count, SEED)],
            "album": [Window(self.detector).alarm(one) for one in streams(album, strangers, count, SEED)],
        }

    def attacked(self, attack: Attack, access: Access, victims: int, number: int) -> dict[str, Any]:
        """Return what one attack on some victims came to under the monitor."""
        order = torch.randperm(self.target.class_count, generator=torch_rng(SEED, "victims", str(number)))
        classes = order[:victims]
        watched = Monitored(self.target, self.detector)
        oracle = open_oracle(watched, access)
        known = Knowledge(classes, self.prior)
        if attack.claim is Claim.INPUT:
            photos = self.aside.originals.inputs[classes]
            theirs = released(open_oracle(self.target, access), photos)
            wanted: int = getattr(attack.params, "public_photos")  # noqa: B009
            seed = derive(SEED, "harvest") % 2**31
            public = self.dataset.public(2 * wanted, 1, seed).inputs
            some = torch.randperm(len(public), generator=torch_rng(SEED, "harvest", str(number)))[:wanted]
            known = Knowledge(classes, public=public[some], observed=theirs)
        steps = attack.run(oracle, known, torch_rng(SEED, attack.name, str(number)))
        try:
            while True:
                next(steps)
        except StopIteration as stop:
            samples = stop.value.samples
        recognised = int((self.judge.predict(samples).argmax(1) == classes).sum())
        return {"alarm": watched.alarm, "asked": watched.asked, "recognised": recognised}


def main() -> None:
    """Try everything, print a line each for people and one of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=20, help="of each attack")
    parser.add_argument("--honest", type=int, default=200, help="of each honest pattern")
    parser.add_argument("--victims", type=int, default=10)
    parser.add_argument("--queries", type=int, default=100, help="rows a victim that a search may ask")
    parser.add_argument("--harvest", type=int, default=400, help="public photos that a harvest asks about")
    asked = parser.parse_args()
    torch.set_num_threads(settings().threads)
    trial = Trial()
    tell(f"limits {trial.detector.limits}")
    found: dict[str, Any] = {}
    for name, alarms in trial.honest(asked.honest).items():
        found[name] = counted(alarms)
        print(line(name, found[name], "false alarms"), flush=True)
    kinds: dict[str, tuple[Access, Callable[[], Attack]]] = {
        "nes-latent": (Access.SCORES, lambda: made("nes-latent", queries=asked.queries)),
        "brep-mi": (Access.LABELS, lambda: made("brep-mi", queries=asked.queries)),
        "inversion-network": (
            Access.SCORES,
            lambda: made("inversion-network", public_photos=asked.harvest),
        ),
    }
    for name, (access, attack) in kinds.items():
        runs = [trial.attacked(attack(), access, asked.victims, number) for number in range(asked.streams)]
        found[name] = counted([run["alarm"] for run in runs]) | recovered(runs, asked.victims)
        print(line(name, found[name], "detected"), flush=True)
    print(json.dumps({"limits": dict(trial.detector.limits), "asked": vars(asked), "found": found}))


def made(name: str, **params: Any) -> Attack:
    """Return an attack by name."""
    attack = find("attacks", name)(**params)
    assert isinstance(attack, Attack)
    return attack


def counted(alarms: list[Alarm | None]) -> dict[str, Any]:
    """Return how many streams raised an alarm, with interval, when, and by which signals."""
    raised = [alarm for alarm in alarms if alarm is not None]
    low, high = wilson(len(raised), len(alarms))
    return {
        "alarms": len(raised),
        "n": len(alarms),
        "low": low,
        "high": high,
        "rows_median": float(np.median([alarm.rows for alarm in raised])) if raised else None,
        "rows_most": max((alarm.rows for alarm in raised), default=None),
        "signals": dict(Counter(name for alarm in raised for name in alarm.raised)),
    }


def recovered(runs: list[dict[str, Any]], victims: int) -> dict[str, Any]:
    """Return whom the evaluator recognises when the key is blocked, or at the end where it never is."""
    cases = victims * len(runs)
    recognised = sum(run["recognised"] for run in runs)
    low, high = wilson(recognised, cases)
    return {
        "recovered": recognised,
        "of": cases,
        "recovered_low": low,
        "recovered_high": high,
        "asked_median": float(np.median([run["asked"] for run in runs])),
    }


def line(name: str, told: dict[str, Any], what: str) -> str:
    """Return the counts in words."""
    text = f"{name}: {what} {told['alarms']} of {told['n']} ({told['low']:.3f} to {told['high']:.3f})"
    if told["rows_median"] is not None:
        text += f", after {told['rows_median']:.0f} rows in the median, {told['rows_most']} at most"
    if "recovered" in told:
        text += (
            f"; recovered {told['recovered']} of {told['of']} people "
            f"({told['recovered_low']:.3f} to {told['recovered_high']:.3f})"
        )
    return f"{text}; {told['signals']}"


if __name__ == "__main__":
    main()

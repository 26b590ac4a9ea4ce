"""What an update tells of small pictures: the attacks on updates, CIFAR-10, batches of 1, 4 and 8.

    OMP_NUM_THREADS=2 python -m tests.benchmarks.gradients [--steps 1000] [--batches 1 4 8] [--seeds 0 1 2]
                                                           [--search-only] [--analytic-only]

The pictures are ../shared/data/cifar10_sample, ten classes, 19 of 20 pictures of each private. Every line
tells PSNR and the identified share with their 95 % intervals over all seeds, and the seconds of an attack on
one update.
"""

import argparse
import tempfile
from pathlib import Path

import torch

from inversion_core.choices import Choice, DatasetChoice, Exposure, FederatedRound, TargetChoice
from inversion_core.execute import execute
from inversion_core.metrics import intervals
from inversion_core.metrics.image_similarity import PSNR_CEILING
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunStore
from inversion_core.values import Access

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "cifar10_sample"


def scenario(attack: Choice, target: str, photos: int, seed: int) -> Scenario:
    """Return the attack on one client's update."""
    options = {"size": 32, "train_per_class": 19}
    return Scenario(
        dataset=DatasetChoice(name="image-folder", path=str(DATA), options=options),
        target=TargetChoice(name=target),
        exposure=Exposure(access=Access.GRADIENTS, round=FederatedRound(photos=photos)),
        attack=attack,
        seed=seed,
    )


def measure(attack: Choice, target: str, photos: int, seeds: list[int]) -> str:
    """Return one line about an attack."""
    decibels, hits, seconds = [], 0, 0.0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            store = RunStore(f"sqlite:///{folder}/runs.sqlite", f"{folder}/artifacts")
            run_id, _ = store.create(scenario(attack, target, photos, seed), "benchmark")
            record = execute(run_id, store)
            store.close()
        assert record.result is not None, record.error
        rows = record.result["victims"]
        decibels += [row["psnr"] for row in rows]
        hits += sum(row["evaluator_rank"] == 1 for row in rows)
        seconds += record.result["seconds"]["attack"]
    count = len(decibels)
    low, high = intervals.mean(torch.tensor(decibels), (0.0, PSNR_CEILING))
    share_low, share_high = intervals.wilson(hits, count)
    return (
        f"{attack.name}, {target}, batch {photos}: PSNR {sum(decibels) / count:.1f} dB ({low:.1f} to "
        f"{high:.1f}), identified {hits} of {count} ({share_low:.2f} to {share_high:.2f}), "
        f"{seconds / len(seeds):.0f} s an update"
    )


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--search-only", action="store_true")
    parser.add_argument("--analytic-only", action="store_true")
    asked = parser.parse_args()
    search = Choice(name="inverting-gradients", params={"steps": asked.steps})
    for photos in asked.batches:
        if not asked.search_only:
            print(measure(Choice(name="analytic-gradient"), "softmax", photos, asked.seeds), flush=True)
        if not asked.analytic_only:
            print(measure(search, "cnn-gn", photos, asked.seeds), flush=True)


if __name__ == "__main__":
    main()

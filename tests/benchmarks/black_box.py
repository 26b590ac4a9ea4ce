"""What an API gives away: success of the black-box attacks against the rows they ask, and rows a second.

    OMP_NUM_THREADS=2 python -m tests.benchmarks.black_box [nes-latent] [public-api] [brep-mi] [speed]

People, `cnn`, all 100 victims. Every line tells the share of victims an independent evaluator names first,
its 95 % interval, and guessing; the curve is the one a run stores as `by_queries`.
"""

import argparse
import time
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from inversion_core.attacks.base import Attack
from inversion_core.attacks.black_box import CALL, Search
from inversion_core.attacks.brep_mi import BrepMI
from inversion_core.attacks.nes_latent import NESLatent
from inversion_core.console import exhaust
from inversion_core.datasets.people import People
from inversion_core.defences.base import OutputDefence
from inversion_core.defences.rounding import Rounding
from inversion_core.defences.top_k import TopK
from inversion_core.metrics.by_queries import success_by_queries
from inversion_core.oracles import ScoreOracle, as_sent, open_oracle
from inversion_core.priors.catalogue import load_prior
from inversion_core.seeds import torch_rng
from inversion_core.targets.architectures import CNN
from inversion_core.targets.catalogue import obtain
from inversion_core.truth import build_truth
from inversion_core.values import Knowledge, Truth

PUBLIC: list[OutputDefence] = [TopK(k=3), Rounding(decimals=2)]
"""What the public API releases: the three highest scores, two decimals."""


def main() -> None:
    """Measure the parts asked for, all by default."""
    options = _options()
    torch.set_num_threads(options.threads)
    dataset = People()
    target = exhaust(obtain(dataset, CNN()))
    prior = load_prior("auto", dataset.name, target.input_shape)
    if "speed" in options.parts:
        _speed(target, prior)
    truth = exhaust(build_truth(dataset, target))
    kinds: dict[str, tuple[Attack, list[OutputDefence]]] = {
        "nes-latent": (NESLatent(queries=options.queries or 1000), []),
        "public-api": (NESLatent(queries=options.queries or 1000), PUBLIC),
        "brep-mi": (BrepMI(queries=options.queries or 3000), []),
    }
    for name, (attack, defences) in kinds.items():
        for seed in options.seeds if name in options.parts else ():
            oracle = open_oracle(target, attack.needs, defences=defences)
            knowledge = Knowledge(torch.arange(options.victims), prior)
            _measure(f"{name}, seed {seed}", attack, oracle, knowledge, truth, seed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ["speed", "nes-latent", "public-api", "brep-mi"]
    parser.add_argument("parts", nargs="*", default=parts, help=f"some of {', '.join(parts)}")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--queries", type=int, help="rows a victim; 10000 for the whole curve, an hour")
    parser.add_argument("--victims", type=int, default=100, help="the first so many people")
    return parser.parse_args()


def _measure(name: str, attack: Attack, oracle: Any, knowledge: Knowledge, truth: Truth, seed: int) -> None:
    began = time.monotonic()
    found = exhaust(attack.run(oracle, knowledge, torch_rng(seed, "attack", attack.name)))
    seconds = time.monotonic() - began
    print(f"{name}: {oracle.spent:,} rows in {seconds:.0f} s, {oracle.spent / seconds:.0f} rows a second")
    for remark in found.remarks:
        print(f"    {remark}")
    for row in success_by_queries(found, truth):
        told = f"{row['value']:.3f} ({row['low']:.2f} to {row['high']:.2f}), guessing {row['baseline']:.2f}"
        print(f"  {row['queries']:6,} rows a victim: top-1 {told}, n {row['n']}", flush=True)


def _speed(target: Any, prior: Any) -> None:
    """Tell what a row costs: drawing the face, rounding it to 8 bits, asking the target, and all of it."""
    latents = torch.randn(8 * CALL, prior.latent_size, generator=torch_rng(0, "speed"))
    oracle = ScoreOracle(target)
    search = Search(oracle, prior, torch.arange(100), 1)
    pictures = search.draw(latents)

    def ask() -> None:
        for part in latents.split(CALL):
            oracle.scores(search.draw(part))

    parts = {
        "draw": lambda: search.draw(latents),
        "round": lambda: [as_sent(part) for part in pictures.split(CALL)],
        "target": lambda: [target.predict(part) for part in pictures.split(CALL)],
        "all of it": ask,
    }
    for name, work in parts.items():
        best = min(_seconds(work) for _ in range(5))
        print(f"speed, {name}: {len(latents) / best:,.0f} rows a second, best of 5", flush=True)
    _bound(target, prior)


def _bound(target: Any, prior: Any) -> None:
    """Tell how many rows a second the multiplications of a row allow at the speed of a matrix product."""
    row = torch.zeros(1, prior.latent_size)
    with FlopCounterMode(display=False) as counter:
        target.network(prior.decode(row))
    cost = counter.get_total_flops()
    square = torch.rand(1024, 1024)
    speed = 2 * 1024**3 / min(_seconds(lambda: square @ square) for _ in range(20))
    print(
        f"speed, bound: {cost / 1e6:.0f} MFLOP a row, matrix products run at {speed / 1e9:.0f} GFLOP/s, "
        f"so at most {speed / cost:,.0f} rows a second",
        flush=True,
    )


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

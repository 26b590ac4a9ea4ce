"""What the answers' defences stop, and what they only hide: the naive attack beside those that know them.

    python -m tests.benchmarks.adaptive [output-noise-fresh] [rounding] [...] [--attack nes-latent]

People, `cnn`, the first victims. A line tells the share of them an independent evaluator names first, its
95 % interval, and the rows asked a victim; beside a defence stands the accuracy of its labels on 500 held-out
photos, and how far its scores are from those of the model (mean sum of absolute differences).
"""

import argparse
import time

import torch

from inversion_core.adaptive import adapted, standing
from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.console import exhaust
from inversion_core.datasets.people import People
from inversion_core.defences.base import OutputDefence
from inversion_core.learnt import defences_of
from inversion_core.metrics.by_queries import success_by_queries
from inversion_core.oracles import ScoreOracle
from inversion_core.priors.catalogue import load_prior
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.trials.oracle import open_for
from inversion_core.truth import build_truth
from inversion_core.values import Access, Knowledge, Truth

DEFENCES: dict[str, tuple[Choice, ...]] = {
    "none": (),
    "output-noise-fresh": (Choice(name="output-noise", params={"sigma": 0.05, "fresh": True}),),
    "output-noise": (Choice(name="output-noise", params={"sigma": 0.05}),),
    "strong-noise-fresh": (Choice(name="output-noise", params={"sigma": 0.2, "fresh": True}),),
    "strong-noise": (Choice(name="output-noise", params={"sigma": 0.2}),),
    "rounding": (Choice(name="rounding", params={"decimals": 1}),),
    "label-only": (Choice(name="label-only"),),
    "temperature": (Choice(name="temperature"),),
    "temperature-rounding": (Choice(name="temperature"), Choice(name="rounding", params={"decimals": 1})),
    "top-k": (Choice(name="top-k", params={"k": 1}),),
    "purifier": (Choice(name="purifier"),),
    "randomised-smoothing": (Choice(name="randomised-smoothing"),),
}
HELD_OUT = 500


def main() -> None:
    """Measure the defences asked for, all by default."""
    options = _options()
    torch.set_num_threads(1)
    dataset = People()
    target = exhaust(obtain(dataset, _scenario("none", options).make_target()))
    truth = exhaust(build_truth(dataset, target))
    for name in options.defences:
        naive = _scenario(name, options)
        defences = exhaust(defences_of(naive, dataset, target))
        print(f"{name}: {_utility(target, truth, defences)}", flush=True)
        _measure("naive", naive, target, truth, defences)
        for other in adapted(naive):
            _measure(f"knows {other.defence}", other.scenario, target, truth, defences)
        for defence, why in standing(naive).items():
            print(f"  {defence}: {why}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("defences", nargs="*", default=list(DEFENCES), help=f"some of {', '.join(DEFENCES)}")
    parser.add_argument("--attack", default="nes-latent")
    parser.add_argument("--victims", type=int, default=20)
    parser.add_argument("--queries", type=int, default=300, help="rows a victim")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _scenario(name: str, options: argparse.Namespace) -> Scenario:
    return Scenario(
        target=TargetChoice(name="cnn"),
        exposure=Exposure(access=Access.SCORES, defences=DEFENCES[name]),
        attack=Choice(name=options.attack, params={"queries": options.queries}),
        victims=tuple(range(options.victims)),
        seed=options.seed,
    )


def _utility(target: Target, truth: Truth, defences: list[OutputDefence]) -> str:
    rows = torch.randperm(len(truth.held_out), generator=torch_rng(0, "held out"))[:HELD_OUT]
    photos, labels = truth.held_out.floats()[rows], truth.held_out.labels[rows]
    began = time.monotonic()
    released = ScoreOracle(target, defences=defences).scores(photos)
    each = (time.monotonic() - began) / HELD_OUT
    accuracy = (released.argmax(1) == labels).float().mean().item()
    distortion = (released - target.predict(photos)).abs().sum(1).mean().item()
    return f"accuracy {accuracy:.3f}, distortion {distortion:.3f}, {1000 * each:.2f} ms a row"


def _measure(
    name: str, scenario: Scenario, target: Target, truth: Truth, defences: list[OutputDefence]
) -> None:
    attack = scenario.make_attack()
    prior = load_prior("auto", "people", target.input_shape)
    oracle = open_for(scenario, target, defences)
    knowledge = Knowledge(torch.tensor(list(scenario.victims)), prior)
    began = time.monotonic()
    steps = attack.run(oracle, knowledge, torch_rng(scenario.seed, "attack", attack.name))
    found = _quietly(steps)
    row = success_by_queries(found, truth)[-1]
    print(
        f"  {name}, {attack.name} {dict(scenario.attack.params)}: top-1 {row['value']:.2f} "
        f"({row['low']:.2f} to {row['high']:.2f}), n {row['n']}, {oracle.spent / len(scenario.victims):.0f} "
        f"rows a victim, {time.monotonic() - began:.0f} s",
        flush=True,
    )


def _quietly(steps):
    """Return what a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


if __name__ == "__main__":
    main()

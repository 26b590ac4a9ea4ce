"""What an answer or a template tells of the photo it was made of: the decoders, by what is released.

    OMP_NUM_THREADS=2 python -m tests.benchmarks.decoders [all top-5 top-3 top-1 labels ...]

People, `cnn`, all 100 victims, one held-out photo each. Every line tells the structural similarity to that
photo with its 95 % interval, the mean face and another photo of the person beside it, and how many drawn
faces another recogniser accepts. Public photos are drawn once and kept; the time is that of the attack.
"""

import argparse
import statistics
import time
from dataclasses import replace

import torch

from inversion_core.attacks.decoder import learn
from inversion_core.attacks.decoding import DecoderAttack
from inversion_core.attacks.inversion_network import InversionNetwork
from inversion_core.attacks.template_inversion import TemplateInversion
from inversion_core.console import exhaust
from inversion_core.datasets.people import People
from inversion_core.defences.base import OutputDefence
from inversion_core.defences.rounding import Rounding
from inversion_core.defences.top_k import TopK
from inversion_core.metrics.base import LikenessMetric
from inversion_core.metrics.closest_photo import ANOTHER_PHOTO
from inversion_core.metrics.image_similarity import Ssim
from inversion_core.metrics.match import MatchOtherPhoto, MatchSamePhoto
from inversion_core.oracles import open_oracle
from inversion_core.seeds import torch_rng
from inversion_core.targets.architectures import CNN
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.trials.inputs import Inputs, gather, released, set_aside
from inversion_core.truth import build_truth
from inversion_core.values import Access, Knowledge, Truth

RELEASED: dict[str, tuple[Access, list[OutputDefence]]] = {
    "all": (Access.SCORES, []),
    "rounded-3": (Access.SCORES, [Rounding(decimals=3)]),
    "rounded-2": (Access.SCORES, [Rounding(decimals=2)]),
    "rounded-1": (Access.SCORES, [Rounding(decimals=1)]),
    "top-5": (Access.SCORES, [TopK(k=5)]),
    "top-3": (Access.SCORES, [TopK(k=3)]),
    "public-api": (Access.SCORES, [TopK(k=3), Rounding(decimals=2)]),
    "top-1": (Access.SCORES, [TopK(k=1)]),
    "labels": (Access.LABELS, []),
    "templates": (Access.TEMPLATES, []),
}
MEASURES: list[LikenessMetric] = [MatchSamePhoto(), MatchOtherPhoto()]
MANY = 1000


def main() -> None:
    """Measure what was asked for, everything by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("released", nargs="*", default=[*RELEASED, "forward"])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    dataset = People()
    target = exhaust(obtain(dataset, CNN()))
    aside = set_aside(dataset)
    public = exhaust(gather(dataset, InversionNetwork().params.public_photos))
    truth = replace(exhaust(build_truth(dataset, target)), originals=aside.originals, held_out=aside.held_out)
    for name in options.released:
        if name == "forward":
            _forward(target, aside, public)
        else:
            _measure(name, target, aside, public, truth)


def _measure(name: str, target: Target, aside: Inputs, public: torch.Tensor, truth: Truth) -> None:
    access, defences = RELEASED[name]
    made: DecoderAttack = TemplateInversion() if access is Access.TEMPLATES else InversionNetwork()
    theirs, photos = open_oracle(target, access, defences=defences), aside.originals.inputs
    knowledge = Knowledge(aside.originals.labels, public=public)
    if access is Access.TEMPLATES:
        knowledge = replace(knowledge, templates=theirs.templates(photos.float() / 255))
    else:
        knowledge = replace(knowledge, observed=released(theirs, photos))
    oracle = open_oracle(target, access, defences=defences)
    began = time.monotonic()
    found = exhaust(made.run(oracle, knowledge, torch_rng(0, "attack", made.name)))
    seconds = time.monotonic() - began
    ssim = Ssim().score(found, truth, torch_rng(0, "metric", "ssim"))
    matched = " ".join(
        f"{one.name} {score.value:.2f} ({score.low:.2f} to {score.high:.2f}, real photo {score.control:.2f})"
        for one in MEASURES
        for score in [one.score(found, truth, torch_rng(0, "metric", one.name))]
    )
    print(
        f"{made.name}, {name}: ssim {ssim.value:.3f} ({ssim.low:.3f} to {ssim.high:.3f}, n {ssim.n}), "
        f"mean face {ssim.baseline:.3f}, another photo {ssim.rulers[ANOTHER_PHOTO]:.3f}; {matched}; "
        f"{oracle.spent:,} rows, {seconds:.1f} s",
        flush=True,
    )


def _forward(target: Target, aside: Inputs, public: torch.Tensor) -> None:
    """Time one forward pass over a thousand answers."""
    made = InversionNetwork()
    oracle = open_oracle(target, Access.SCORES)
    answers = made.read(torch.cat([oracle.scores(part.float() / 255) for part in public[:MANY].split(250)]))
    steps = learn(
        answers, public[:MANY], hidden=512, passes=1, learning_rate=1e-3, rng=torch_rng(0, "forward")
    )
    *_, (_, _, learnt) = steps
    seconds = []
    for _ in range(5):
        began = time.monotonic()
        learnt.draw(answers)
        seconds.append(time.monotonic() - began)
    print(
        f"one forward pass: {MANY:,} pictures in {statistics.median(seconds):.3f} s, median of 5", flush=True
    )


if __name__ == "__main__":
    main()

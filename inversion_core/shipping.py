"""Make everything that ships from nothing: priors, judges, targets, evidence.

    python -m inversion_core.shipping [prior] [judges] [targets] [evidence]

Hours on two cores, minutes for a part; nothing that ships is made in any other way.
"""

import sys
import time
from collections.abc import Generator
from typing import Any, TypeVar

import torch

from inversion_core import pictures
from inversion_core.datasets.people import People
from inversion_core.errors import InversionError
from inversion_core.metrics import evaluator
from inversion_core.priors.base import FOLDER
from inversion_core.priors.train import train_prior
from inversion_core.settings import settings
from inversion_core.targets import weights
from inversion_core.values import Progress

PUBLIC_PEOPLE, PUBLIC_PHOTOS, PUBLIC_SEED = 4000, 6, 5_001
"""The strangers the shipped prior is learnt from: none of them is private, none taught the attribute reader.
"""

T = TypeVar("T")


def build_prior() -> None:
    """Train the prior of `people` from public people."""
    photos = People().public(PUBLIC_PEOPLE, PUBLIC_PHOTOS, PUBLIC_SEED)
    origin = f"{PUBLIC_PEOPLE} public synthetic people, {PUBLIC_PHOTOS} photos each, none of them private"
    prior, state = _watch("prior", train_prior(photos, "people", origin))
    weights.write(FOLDER / "people.safetensors", state, prior.card.model_dump(mode="json"))


def build_judges() -> None:
    """Train the evaluator and the attribute reader of `people`."""
    _watch("evaluator", evaluator.obtain_evaluator(People(), into=evaluator.SHIPPED))
    _watch("reader", evaluator.obtain_reader(People(), into=evaluator.SHIPPED))


PARTS: dict[str, Any] = {"prior": build_prior, "judges": build_judges}


def _watch(name: str, steps: Generator[Progress, None, T]) -> T:
    """Exhaust a generator, telling its progress on stderr and its pictures in the cache folder."""
    told = 0.0
    began = time.monotonic()
    while True:
        try:
            progress = next(steps)
        except StopIteration as stop:
            value: T = stop.value
            return value
        if time.monotonic() - told > 10:
            told = time.monotonic()
            line = (
                f"{name}: step {progress.step} of {progress.total}, {progress.loss:.4f}, {told - began:.0f} s"
            )
            print(line, file=sys.stderr, flush=True)
            if progress.best is not None:
                preview = pictures.png(pictures.sheet(pictures.to_bytes(progress.best)), 2)
                (settings().cache / f"preview-{name}.png").write_bytes(preview)


def main(parts: list[str]) -> int:
    """Build the named parts, all of them by default."""
    torch.set_num_threads(settings().threads)
    settings().cache.mkdir(parents=True, exist_ok=True)
    try:
        for part in parts or list(PARTS):
            PARTS[part]()
    except (InversionError, KeyError) as error:
        print(f"parts are {', '.join(PARTS)}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

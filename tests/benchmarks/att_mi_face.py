"""mi-face beside the Adversarial Robustness Toolbox's MIFace: same networks, same process, same judge.

    make bench        or        .venv/bin/python -m tests.benchmarks.att_mi_face [--full] [--out FOLDER]

AT&T faces, 7 photos a person to train and 3 to test, 64 x 64 grey, no prior. ART is given what suits it best:
all of its 1,000 iterations (an infinite threshold, since its stop rule keeps on what should stop it) and the
network as it is, with logits; with a softmax at its end the pictures stay black. Against `mlp` ART needs half
an hour for everybody, so there it is timed on a few people and the seconds are scaled up; --full runs
everybody. The sheet that --out writes shows real people: keep it out of the repository.
"""

import argparse
import json
import math
import time
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from inversion_core import pictures
from inversion_core.attacks.mi_face import MIFace
from inversion_core.datasets.image_folder import ImageFolder
from inversion_core.metrics.intervals import wilson
from inversion_core.oracles import WhiteBox
from inversion_core.registry import find
from inversion_core.seeds import torch_rng
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.truth import build_truth
from inversion_core.values import Knowledge, Truth

FACES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "faces_att"
ITERATIONS = 1000
FEW = 3
"""People ART is timed on where everybody would take half an hour."""

T = TypeVar("T")


def main() -> None:
    """Measure both targets, print a table and, last, the numbers as JSON."""
    options = _options()
    torch.set_num_threads(options.threads)
    if not FACES.is_dir():
        raise SystemExit(f"this benchmark reads the AT&T faces from {FACES}; put them there")
    dataset = ImageFolder(FACES, size=64, grayscale=True, train_per_class=7)
    rows = []
    for name in ("softmax", "mlp"):
        target = _finish(obtain(dataset, _made(name)))
        truth = _finish(build_truth(dataset, target))
        rows += _compare(target, truth, options)
    _print(rows)
    print(json.dumps(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--full", action="store_true", help="run ART for everybody against mlp too (half an hour)"
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="torch threads for both; a worker of the app has 1"
    )
    parser.add_argument("--out", type=Path, help="folder for a sheet of the recovered faces; real people")
    return parser.parse_args()


def _compare(target: Target, truth: Truth, options: argparse.Namespace) -> list[dict[str, Any]]:
    classes = torch.arange(target.class_count)
    few = classes if options.full or target.card.target == "softmax" else classes[:FEW]
    ours, our_seconds = _timed(lambda: _ours(target, classes))
    theirs, their_seconds = _timed(lambda: _art(target, few))
    scale = len(classes) / len(few)
    told = {"target": target.card.target, "test_accuracy": target.card.test_accuracy}
    told |= {"evaluator_accuracy": truth.evaluator_accuracy}
    rows: list[dict[str, Any]] = [
        told | {"attack": "mi-face", "seconds": our_seconds, **_score(truth, ours, classes)},
        told | {"attack": "ART MIFace", "seconds": their_seconds * scale, **_score(truth, theirs, few)},
    ]
    for row, run in zip(rows, (len(classes), len(few)), strict=True):
        row |= {"people": len(classes), "people_run": run, "faster": rows[1]["seconds"] / row["seconds"]}
    if options.out:
        _write_sheet(options.out / f"{target.card.target}.png", truth, {"mi-face": ours, "art": theirs})
    return rows


def _ours(target: Target, classes: Tensor) -> Tensor:
    steps = MIFace().run(WhiteBox(target), Knowledge(classes), torch_rng(0, "attack", "mi-face"))
    return _finish(steps).samples


def _art(target: Target, classes: Tensor) -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from art.attacks.inference.model_inversion import MIFace as ArtMIFace
        from art.estimators.classification import PyTorchClassifier
    classifier = PyTorchClassifier(
        target.network,
        loss=nn.CrossEntropyLoss(),
        input_shape=target.input_shape,
        nb_classes=target.class_count,
        clip_values=(0.0, 1.0),
        device_type="cpu",
    )
    attack = ArtMIFace(classifier, max_iter=ITERATIONS, threshold=math.inf, verbose=False)
    return torch.from_numpy(np.asarray(attack.infer(None, classes.numpy())))


def _score(truth: Truth, samples: Tensor, classes: Tensor) -> dict[str, Any]:
    with torch.no_grad():
        ranked = truth.evaluator(samples).argsort(1, descending=True)
    hits = [int((ranked[:, :top] == classes[:, None]).any(1).sum()) for top in (1, 5)]
    low, high = wilson(hits[0], len(classes))
    count = len(classes)
    return {"top1": hits[0] / count, "top1_low": low, "top1_high": high, "top5": hits[1] / count}


def _print(rows: list[dict[str, Any]]) -> None:
    head = f"{'target':9}{'attack':12}{'seconds':>9}{'faster':>8}"
    print(f"{head}  {'top-1 (95 %)':22}{'top-5':>7}{'test acc.':>11}")
    for row in rows:
        told = f"{row['top1']:.3f} ({row['top1_low']:.2f} to {row['top1_high']:.2f})"
        timed = "" if row["people_run"] == row["people"] else f"  timed on {row['people_run']} people, scaled"
        print(
            f"{row['target']:9}{row['attack']:12}{row['seconds']:9.2f}{row['faster']:8.1f}  {told:22}"
            f"{row['top5']:7.3f}{row['test_accuracy']:11.3f}{timed}"
        )


def _write_sheet(path: Path, truth: Truth, found: dict[str, Tensor]) -> None:
    """Write rows of ten: the first photo of everybody, then what each attack recovered."""
    people = int(truth.train.labels.max()) + 1
    photos = torch.stack([truth.train.of(person)[0] for person in range(people)])
    parts = [photos, *(pictures.to_bytes(samples) for samples in found.values())]
    path.parent.mkdir(parents=True, exist_ok=True)
    strips = []
    for start in range(0, people, 10):
        for part in parts:
            strip = torch.zeros(10, *photos.shape[1:], dtype=torch.uint8)
            strip[: len(part[start : start + 10])] = part[start : start + 10]
            strips.append(torch.cat(list(strip), dim=2))
    path.write_bytes(pictures.png(torch.cat(strips, dim=1), scale=2))


def _made(name: str) -> Target:
    made = find("targets", name)()
    assert isinstance(made, Target)
    return made


def _timed(work: Any) -> tuple[Tensor, float]:
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began


def _finish(steps: Generator[Any, None, T]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            value: T = stop.value
            return value


if __name__ == "__main__":
    main()
